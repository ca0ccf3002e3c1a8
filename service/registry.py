"""The registry: what each noun adds to the application."""

from service.accounts import (
    confirm_routes,
    look_routes,
    name_routes,
    second_routes,
    sign_in_routes,
    sign_out_routes,
)
from service.accounts import routes as accounts_routes
from service.accounts import shown as accounts_shown
from service.accounts.proofs import Proofs, SecondSteps, by_code, by_password, code_as_step
from service.administration import routes as administration_routes
from service.audit import routes as audit_routes
from service.bots import routes as bots_routes
from service.bots import shown as bots_shown
from service.bots import token_routes as bot_token_routes
from service.factors import routes as factors_routes
from service.joining import (
    address_routes,
    email_routes,
    invite_routes,
    join_routes,
    registration_routes,
    setup_routes,
)
from service.messages import (
    link_routes,
    mention_routes,
    messages,
    preview_routes,
    quote_routes,
    search_routes,
    writing_routes,
)
from service.messages import routes as messages_routes
from service.messages import shown as messages_shown
from service.mine import routes as mine_routes
from service.oidc import linking_routes
from service.oidc import routes as oidc_routes
from service.options import routes as options_routes
from service.passkeys import confirm_routes as passkey_confirm_routes
from service.passkeys import routes as passkeys_routes
from service.passkeys import sign_in_routes as passkey_sign_in_routes
from service.people import changing_routes, forgetting
from service.people import routes as people_routes
from service.people import shown as people_shown
from service.pins import pins
from service.pins import routes as pins_routes
from service.pins import shown as pins_shown
from service.reactions import reactions
from service.reactions import routes as reactions_routes
from service.reactions import shown as reactions_shown
from service.resets import routes as resets_routes
from service.rooms import emptying as rooms_emptying
from service.rooms import member_routes
from service.rooms import page_routes as rooms_pages
from service.rooms import routes as rooms_routes
from service.rooms import shown as rooms_shown
from service.threads import routes as threads_routes
from service.threads import shown as threads_shown
from service.threads import threads
from service.tokens import routes as tokens_routes
from service.unread import marking_routes
from service.unread import routes as unread_routes
from service.watch import health
from service.web import docs, well_known

# The most asked for first.
MODULES = (
    health,
    marking_routes,
    unread_routes,  # before the rooms: none has a slug like its addresses
    rooms_pages,
    messages_routes,
    writing_routes,
    preview_routes,
    quote_routes,
    search_routes,
    mention_routes,
    reactions_routes,
    pins_routes,
    threads_routes,
    sign_in_routes,
    sign_out_routes,
    second_routes,
    accounts_routes,
    confirm_routes,
    factors_routes,
    name_routes,
    look_routes,
    tokens_routes,
    rooms_routes,
    member_routes,
    setup_routes,
    address_routes,
    join_routes,
    invite_routes,
    audit_routes,
    mine_routes,
    options_routes,
    people_routes,
    changing_routes,
    bots_routes,
    bot_token_routes,
    resets_routes,
    administration_routes,
    registration_routes,
    email_routes,
    oidc_routes,
    linking_routes,
    passkey_sign_in_routes,
    passkeys_routes,
    passkey_confirm_routes,
    link_routes,  # below a room, any other word goes before a number
    docs,
    well_known,
)

# Ways to prove again who one is, and to go on after the right password.
PROOFS = Proofs(
    (by_password, passkey_confirm_routes.by_passkey, by_code, linking_routes.by_provider)
)
SECOND_STEPS = SecondSteps((passkey_confirm_routes.passkey_as_step, code_as_step))

# What nouns add to all templates.
LOOKS = (
    accounts_shown.look,
    messages_shown.look,
    reactions_shown.look,
    pins_shown.look,
    threads_shown.look,
    people_shown.look,
    bots_shown.look,
)

# What nouns show on messages.
messages.ADDITIONS["pins"] = pins.on_messages
messages_shown.ALWAYS["pins"] = "pinned"
messages.ADDITIONS["reactions"] = reactions.on_messages
messages.ADDITIONS["threads"] = threads.on_messages
messages_shown.ALWAYS["threads"] = "replies"

# What empties what is deleted, after it was.
EMPTIED = (forgetting.batches, rooms_emptying.batches)

# The nouns that open pages are told of.
NOUNS = (
    messages_shown.noun,
    reactions_shown.noun,
    pins_shown.noun,
    threads_shown.noun,
    accounts_shown.noun,
    rooms_shown.noun,
)
