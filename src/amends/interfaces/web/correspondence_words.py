"""What messages, notices, deadlines and webhooks are called on the pages."""

from amends.application.deadlines import Deadline
from amends.application.words import Words
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.words import N_

DONE: dict[str, str] = {
    "message": N_("Your message was sent."),
    "note": N_("The note is kept. The parties never see it."),
    "notices-read": N_("Everything is marked as read."),
    "preferences": N_("Your choices are saved."),
    "calendar-closed": N_("The address of your calendar leads nowhere now."),
    "webhook-removed": N_("Nothing is sent there any more."),
    "webhook-changed": N_("The endpoint is saved."),
    "webhook-pinged": N_("A test event is on its way."),
    "webhook-replayed": N_("The event is sent once more."),
}

WINDOWS: dict[str, str] = {
    "cancel.free_period": N_("Last chance to cancel at once"),
    "cancel.request_period": N_("Last chance to ask for a cancellation"),
    "ship.handling": N_("Ship the order"),
    "not_received": N_("Last chance to report that it has not arrived"),
    "protection": N_("Buyer protection ends"),
    "protection.return": N_("Last chance to return it or report a problem; buyer protection ends"),
    "protection.not_received": N_("Last chance to report that it has not arrived; buyer protection ends"),
    "return.window": N_("Last chance to return it or report a problem"),
    "free_return.window": N_("Last chance to return it free of charge"),
    "withdrawal.window": N_("Last chance to withdraw from the purchase"),
    "return.faults": N_("Last chance to report a fault"),
}


def described(one: Deadline, words: Words) -> tuple[str, str]:
    """A deadline as (what it is, what happens then)."""
    what = WINDOWS.get(one.what) or _case(one)
    goods = one.title or one.order_id
    title = words.say(N_("%(what)s: %(goods)s"), what=words.say(what), goods=goods)
    defaults = vocabulary.DEFAULTS.get(one.default)
    if defaults is None:
        return title, words.say(N_("After this it is too late."))
    which = {Role.BUYER: 0, Role.SELLER: 1}.get(one.reader, 2)
    return title, words.say(defaults[which], remedy=words.say(N_("what was asked for")))


def _case(one: Deadline) -> str:
    states = {state.value: state for state in vocabulary.STATES}
    state = states[one.what]
    if one.mine:
        return vocabulary.TASKS.get(state, N_("Your turn"))
    return vocabulary.STATES[state]
