"""What is unread where there are threads."""

from service.access.visible import Member
from service.accounts.accounts import Account
from service.messages import writing
from service.rooms.places import Place
from service.threads import threads
from service.unread.marks import Marks
from tests.people import PAGE, Person, post
from tests.threads.doing import replied
from tests.unread.made import mention, room, say, shown


def answer(user: int, place: Place, root: int) -> int:
    me = Member(user)
    return threads.reply(me, root, writing.draft(me, "Yes", place=place)).id


def test_a_reply_makes_a_room_unread_until_its_list_is_read(
    account: Account, other_account: Account
) -> None:
    alice, bob, marks = account.id, other_account.id, Marks()
    place = room("garden", alice, bob)
    root = say(alice, place).id
    answer(bob, place, root)
    assert shown(alice, place, marks) == (True, 0)
    marks.read(Member(alice), place.slug, root)  # all that the list shows
    assert shown(alice, place, marks) == (False, 0)
    answer(alice, place, root)
    assert shown(bob, place, marks) == (True, 0)


def test_a_reply_that_calls_stays_until_its_thread_is_read(
    account: Account, other_account: Account
) -> None:
    alice, bob, marks = account.id, other_account.id, Marks()
    place = room("garden", alice, bob)
    root = say(alice, place).id
    number = answer(bob, place, root)
    mention(place, number, alice)
    marks.read(Member(alice), place.slug, root)
    assert shown(alice, place, marks) == (True, 1)
    marks.read(Member(alice), place.slug, number)  # the newest reply of the open thread
    assert shown(alice, place, marks) == (False, 0)


def test_a_direct_message_counts_replies(account: Account, other_account: Account) -> None:
    alice, bob, marks = account.id, other_account.id, Marks()
    place = room("talk", alice, bob, kind="direct")
    root = say(alice, place).id
    for _ in range(2):
        answer(bob, place, root)
    assert shown(alice, place, marks) == (True, 2)
    marks.read(Member(alice), place.slug, root + 1)
    assert shown(alice, place, marks) == (False, 0)


def test_without_a_script_a_threads_page_marks_what_it_shows(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = replied(bob, root, "Noodles")
    field = '<input type="hidden" name="number" value="{}">'
    assert field.format(root) in alice.get("/msgs", headers=PAGE).text
    assert field.format(number) in alice.get(f"/msgs/{root}/thread", headers=PAGE).text
    other = post(alice, "Tea?")["id"]
    assert field.format(other) in alice.get(f"/msgs/{root}/thread", headers=PAGE).text
