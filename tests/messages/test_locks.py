"""What may have to wait for others does so before it has the counter of events, that all need."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts.accounts import Account
from service.data import db, events
from service.data.tables import BOARD, Reaction, Room, User
from service.messages import writing
from service.people import people
from service.pins import pins
from service.reactions import reactions
from service.rooms.places import BOARD_PLACE
from service.threads import threads
from tests.at_once import DEADLINE, is_waited_for
from tests.people import ON_POSTGRESQL, add_person
from tests.rooms import add_room
from tests.servers import within

pytestmark = ON_POSTGRESQL


def test_who_pins_waits_for_a_change_of_their_account(account: Account) -> None:
    said = writing.post(account.id, "Hello")
    with ThreadPoolExecutor() as pool:
        with db.write():
            list(db.locked(User.select()))
            pinning = pool.submit(pins.pin, Member(account.id), said.id, BOARD)
            within(DEADLINE, is_waited_for)
            events.take()
        assert pinning.result(DEADLINE).id == said.id


@pytest.mark.parametrize(("name", "text"), [("alice", "@bob"), ("mo", "@bob @room")])
def test_who_is_called_is_asked_for_in_the_order_of_accounts(
    account: Account, other_account: Account, name: str, text: str
) -> None:
    author = account if name == "alice" else add_person(name, "moderator")
    with ThreadPoolExecutor() as pool:
        with db.write():  # as who changes the roles of both
            list(db.locked(User.select().where(User.id == account.id)))
            posting = pool.submit(writing.post, author.id, text)
            within(DEADLINE, is_waited_for)
            list(db.locked(User.select().where(User.id == other_account.id)))
        called = dict(posting.result(DEADLINE).called)
    assert called[other_account.id] == "bob"


def test_texts_that_are_emptied_do_not_wait_for_a_change_of_their_room(account: Account) -> None:
    """PostgreSQL looks for the room of a row that is changed twice in a transaction."""
    me = Member(account.id)
    root = writing.post(account.id, "Hello")
    threads.reply(me, root.id, writing.draft(me, "Nobody answers", place=BOARD_PLACE))
    with ThreadPoolExecutor() as pool, db.write():
        list(db.locked(Room.select()))
        assert pool.submit(writing.delete_some, account.id).result(DEADLINE) is not None


def test_who_goes_waits_for_nobody_while_they_have_the_counter(account: Account) -> None:
    said, gone = writing.post(account.id, "Hello"), add_person("gone")
    reactions.add(Member(gone.id), said.id, "👍", BOARD)
    add_room("diary", "private", gone.id)  # goes, too, and says so
    with ThreadPoolExecutor() as pool:
        with db.write():  # as who empties the message
            Reaction.delete().execute()
            going = pool.submit(people.delete, OPERATOR, gone.id)
            within(DEADLINE, is_waited_for)
            events.take()
        going.result(DEADLINE)
