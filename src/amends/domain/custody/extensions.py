"""Extensions: the seller offers more time to return, the buyer accepts, and the terms say so from then on.

What was frozen at purchase stays; the agreement is laid over it as a clause that binds like a floor. Source:
D315-317.
"""

from datetime import date, timedelta

from msgspec.structs import replace

from amends.domain.cases.hearing import Hearing
from amends.domain.custody import commands as c
from amends.domain.custody import decide as rules
from amends.domain.custody import events as e
from amends.domain.custody.model import Custody, Extension, Stage
from amends.domain.policy.terms import ClauseText, Terms, extend
from amends.domain.policy.windows import return_window
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.domain.time import start_of

LONGEST = timedelta(days=366)
OPEN = frozenset({Stage.AWAITING_SHIPMENT, Stage.AWAITING_DELIVERY, Stage.PROTECTED})


def amended(terms: Terms, extension: Extension) -> Terms:
    """The terms with the agreement on them; the same agreement gives the same terms."""
    text = ClauseText(
        f"extension.{extension.extension_id}",
        f"Seller and buyer agreed that a return or refund may be asked for until {extension.until}.",
        f"agreement on the order, offered on {extension.at.date().isoformat()}",
    )
    return extend(terms, "return.extension_until", extension.until, text)


def offer(h: Hearing, command: c.OfferExtension) -> list[e.Event] | Refused:
    """The seller offers a later last day. The same offer again changes nothing."""
    custody = h.custody
    known = find(custody, command.extension_id)
    if known is not None:
        same = (known.until, known.note) == (command.until, command.note)
        return [] if same else _invalid("Another offer has this id.", "/extension_id")
    refusal = _not_now(custody) or _date_refused(h, command.until)
    if refusal is not None:
        return refusal
    fresh = Extension(extension_id=command.extension_id, until=command.until, note=command.note, at=h.now)
    return [e.ExtensionOffered(state=custody.stage, waiting=custody.waiting, extension=fresh)]


def answer(h: Hearing, command: c.AnswerExtension) -> list[e.Event] | Refused:
    """The buyer accepts, and every line gets its amended terms; or declines."""
    custody = h.custody
    known = find(custody, command.extension_id)
    if known is None or known.state != "offered":
        return Refused(
            kind="not_possible_now",
            detail=f"No extension {command.extension_id} waits for an answer.",
            facts={"extension_id": command.extension_id},
            pointer="/extension_id",
        )
    if not command.agreed:
        declined = replace(known, state="declined")
        return [e.ExtensionAnswered(state=custody.stage, waiting=custody.waiting, extension=declined)]
    refusal = _not_now(custody)
    if refusal is not None:
        return refusal
    fresh = {line.line_id: amended(h.rules.terms[line.terms_id], known) for line in custody.order.lines}
    terms = {**h.rules.terms, **{one.terms_id: one for one in fresh.values()}}
    lines = tuple(replace(line, terms_id=fresh[line.line_id].terms_id) for line in custody.order.lines)
    told = replace(custody, order=replace(custody.order, lines=lines))
    later = replace(h, custody=told, rules=Rules(terms, h.rules.calendars))
    stage, waiting, ends = rules.under_other_terms(later)
    return [
        e.ExtensionAnswered(
            state=stage,
            waiting=waiting,
            extension=replace(known, state="accepted"),
            terms={line_id: one.terms_id for line_id, one in fresh.items()},
            protection_ends_at=ends,
        )
    ]


def find(custody: Custody, extension_id: str) -> Extension | None:
    """The extension of that id, offered, accepted or declined."""
    return next((one for one in custody.extensions if one.extension_id == extension_id), None)


def _date_refused(h: Hearing, until: str) -> Refused | None:
    try:
        day = date.fromisoformat(until)
    except ValueError:
        return _invalid("Write the last day as 2027-01-31.", "/until")
    order = h.custody.order
    for line in order.lines:
        terms = h.rules.terms[line.terms_id]
        ends = return_window(h.custody, line, "", terms, h.rules.calendars).closes_at
        over = start_of(day + timedelta(days=1), terms.period("return.window").zone)
        if over <= h.now or (ends is not None and over <= ends):
            told = f"It is open until {ends.isoformat()} already." if ends else "That day is over."
            return _invalid(f"An extension ends later than the time there is. {told}", "/until")
        if over > h.now + LONGEST:
            return _invalid("An extension ends within a year.", "/until")
    return None


def _not_now(custody: Custody) -> Refused | None:
    if custody.stage in OPEN:
        return None
    return Refused(
        kind="not_possible_now",
        detail="The money is no longer held, so the time cannot be extended here.",
        facts={"stage": custody.stage.value},
    )


def _invalid(detail: str, pointer: str) -> Refused:
    return Refused(kind="invalid", detail=detail, pointer=pointer)
