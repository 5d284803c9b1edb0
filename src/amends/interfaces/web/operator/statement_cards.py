"""Evidence sent in a bank's dispute, in words: what became of it, and until when it is wanted."""

from datetime import datetime

import msgspec

from amends.application.ports.rebuttals import Rebuttal
from amends.application.rebuttals import UNDER_WAY
from amends.domain.custody.model import Chargeback, Custody
from amends.domain.parties import Role
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_STATES: dict[str, tuple[str, str]] = {
    "proposed": (N_("Waits for a second person"), "turn"),
    "approved": (N_("On its way to the provider"), "them"),
    "sent": (N_("Sent to the provider"), "good"),
    "refused": (N_("Turned down by the provider"), "bad"),
    "dropped": (N_("Not agreed to"), "plain"),
}
_ENDED = N_("The dispute had ended before it was sent.")


class StatementRow(msgspec.Struct, frozen=True, kw_only=True):
    """One try to send evidence."""

    badge: Badge
    note: str
    who: str
    agreed: str
    why: str
    reference: str
    at: datetime
    waits: bool
    mine: bool


class StatementCard(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent in a dispute, newest first. ``sendable``: something can be sent now."""

    rows: tuple[StatementRow, ...]
    sendable: bool
    wanted_by: str


async def statement_card(visit: Visit, custody: Custody, dispute: Chargeback) -> StatementCard:
    """The evidence of one dispute, as the reader may go on with it."""
    work, words = visit.parts.rebuttals, visit.words
    found = await work.of_dispute(custody.order.order_id, dispute.dispute_id)
    provider = work.takes(custody, dispute)
    news = await visit.parts.disputes.book.of_dispute(provider, dispute.dispute_id) if provider else ()
    due = next((one.news.answer_by for one in reversed(news) if one.news.answer_by), None)
    under_way = bool(found) and found[-1].state in UNDER_WAY
    open_ = dispute.state == "open"
    return StatementCard(
        rows=tuple(_row(visit, one) for one in reversed(found)),
        sendable=open_ and bool(provider) and not under_way,
        wanted_by=words.say(N_("The provider wants it by %(until)s."), until=words.moment(due))
        if due and open_
        else "",
    )


def _row(visit: Visit, one: Rebuttal) -> StatementRow:
    words = visit.words
    text, tone = _STATES[one.state]
    agreed = ""
    if one.agreed_by and one.state != "dropped":
        agreed = words.say(N_("Agreed to by %(who)s"), who=visit.name_of(Role.OPERATOR, one.agreed_by))
    return StatementRow(
        badge=Badge(words.say(text), tone),
        note=one.note,
        who=visit.name_of(Role.OPERATOR, one.by),
        agreed=agreed,
        why=words.say(_ENDED) if one.why == "ended" else one.why,
        reference=one.reference,
        at=one.done_at or one.at,
        waits=one.state == "proposed",
        mine=one.by == visit.actor.id,
    )
