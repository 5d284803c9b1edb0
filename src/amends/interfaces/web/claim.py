"""A claim on its way to being one: what the buyer chose so far, and what is open to them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from amends.domain.cases.dues import FREIGHT
from amends.domain.cases.model import Case, Goods, State
from amends.domain.custody.model import Custody
from amends.domain.orders import Line, Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option, free_units, options, taken_units
from amends.domain.policy.parameters import SEVERITIES
from amends.domain.policy.severity import Suggestion
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.reasons import REASONS
from amends.interfaces.web import vocabulary
from amends.interfaces.web.suggesting import SuggestedRow, suggested_rows
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

CLOSED: dict[str, str] = {
    "not_for_reason": N_("Not offered for this reason."),
    "not_for_buyer": N_("Only the seller can give this reason."),
    "unit_taken": N_("There is a case about this item already."),
    "nothing_left": N_("Everything paid for it has been refunded."),
    "not_shipped": N_("It has not been shipped yet."),
    "already_shipped": N_("It has been shipped already."),
    "not_open_yet": N_("It is too early for this."),
    "window_closed": N_("The time for this is over."),
    "receipt_confirmed": N_("You have confirmed that you have it."),
    "not_late": N_("It was not late."),
    "not_offered": N_("The seller does not offer this."),
    "unreturnable": N_("This kind of item cannot be returned."),
    "no_return_needed": N_("You need not send it back: a refund is open to you without that."),
    "return_required": N_("It has to be sent back for a full refund."),
    "not_exchangeable": N_("Not exchanged for this reason."),
    "no_earlier_return": N_("There is no earlier return of this item."),
    "bundle_whole": N_("It is part of a set that comes back as a whole: choose its other parts too."),
}


# Amounts among the facts of an option that add up over lines.
_SUMMED = ("shipping_charge", "restocking", "hold")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """The order a claim is about, and everything the answer to it depends on.

    ``cases`` are those that hold units: drafts hold none. ``draft`` is the one being written on, ``terms``
    are those of every line by its id.
    """

    custody: Custody
    cases: tuple[Case, ...]
    terms: Mapping[str, Terms]
    draft: Case | None = None


class OptionCard(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy as the buyer sees it before filing."""

    remedy: str
    title: str
    open: bool
    amount: str
    facts: tuple[tuple[str, str], ...]
    why: str
    clause: ClauseText | None
    bands: tuple[SuggestedRow, ...]


def setting(
    custody: Custody, cases: Iterable[Case], terms: Mapping[str, Terms], draft: Case | None = None
) -> Setting:
    """Where a claim starts; ``terms`` are those the lines name, by their own ids."""
    return Setting(
        custody=custody,
        cases=tuple(case for case in cases if case.state is not State.DRAFTING),
        terms={line.line_id: terms[line.terms_id] for line in custody.order.lines},
        draft=draft,
    )


def claimable(at: Setting, line: Line, reason: str) -> tuple[Unit, ...]:
    """The units of a line that can be asked about for a reason.

    That are those no case has; for what went wrong with a return, those an earlier case let go back.
    """
    if REASONS[reason].family != "return":
        return free_units(at.custody, at.cases, line.line_id)
    taken = taken_units(at.custody, [case for case in at.cases if case.live])
    back = {unit for case in at.cases if not case.live and case.shipment is not None for unit in case.units}
    return tuple(unit for unit in _every(line) if unit in back and unit not in taken)


def _every(line: Line) -> tuple[Unit, ...]:
    return tuple(Unit(line.line_id, index) for index in range(line.quantity))


def probed(at: Setting, line: Line, reason: str) -> tuple[Unit, ...]:
    """The units to judge a reason by where none was chosen yet: all that can be asked about, else all."""
    return claimable(at, line, reason) or _every(line)


def judged(visit: Visit, at: Setting, reason: str, units: tuple[Unit, ...]) -> tuple[Option, ...]:
    """Every remedy of a claim, open or closed: for units of several lines, what all of them allow."""
    return tuple(o for o in _weighed(visit, at, reason, units) if o.remedy != "cancellation")


def cancelling(visit: Visit, at: Setting, reason: str, units: tuple[Unit, ...]) -> Option:
    """What cancelling one unit or more comes to, or why that is closed."""
    return next(o for o in _weighed(visit, at, reason, units) if o.remedy == "cancellation")


def _weighed(visit: Visit, at: Setting, reason: str, units: tuple[Unit, ...]) -> tuple[Option, ...]:
    by_line: dict[str, list[Unit]] = {}
    for unit in units:
        by_line.setdefault(unit.line_id, []).append(unit)
    lists = [
        options(
            at.custody,
            at.cases,
            tuple(of_line),
            reason,
            terms=at.terms[line_id],
            now=visit.now,
            calendars=visit.parts.calendars,
            beside=tuple(unit for unit in units if unit.line_id != line_id),
        )
        for line_id, of_line in by_line.items()
    ]
    return tuple(_together(tuple(by_line), each) for each in zip(*lists, strict=True))


def apart(visit: Visit, at: Setting, reason: str, units: tuple[Unit, ...]) -> bool:
    """Whether items that allow nothing together allow something one by one."""
    lines = {unit.line_id for unit in units}
    return len(lines) > 1 and any(
        option.open
        for line_id in lines
        for option in judged(visit, at, reason, tuple(u for u in units if u.line_id == line_id))
    )


def _together(line_ids: tuple[str, ...], listed: tuple[Option, ...]) -> Option:
    """One remedy for several lines; the first line that closes it closes it for all."""
    first = listed[0]
    if len(listed) == 1:
        return first
    for line_id, option in zip(line_ids, listed, strict=True):
        if not option.open:
            return replace(option, facts={**option.facts, "line_id": line_id})
    deadlines = [option.deadline for option in listed if option.deadline is not None]
    etas = [option.eta for option in listed if option.eta is not None]
    facts = dict(first.facts)
    bands = [option.facts.get("bands") for option in listed]
    if all(isinstance(each, dict) for each in bands):
        facts["bands"] = {
            severity: tuple(sum(each[severity][end] for each in bands) for end in (0, 1))  # type: ignore[index]
            for severity in SEVERITIES
        }
        kept: list[dict[str, dict[str, Any]]] = [option.facts["suggestions"] for option in listed]  # type: ignore[misc]
        facts["suggestions"] = {
            severity: {**of_first, "amount": sum(each[severity]["amount"] for each in kept)}
            for severity, of_first in kept[0].items()
        }
    for name in _SUMMED:
        amounts = [option.facts.get(name) for option in listed]
        if any(isinstance(amount, int) for amount in amounts):
            facts[name] = sum(amount for amount in amounts if isinstance(amount, int))
    return replace(
        first,
        amount=sum(option.amount for option in listed),
        goods=Goods.RETURN if any(option.goods is Goods.RETURN for option in listed) else Goods.KEEP,
        deadline=min(deadlines, default=None),
        eta=(max(eta[0] for eta in etas), max(eta[1] for eta in etas)) if etas else None,
        facts=facts,
    )


def all_closed(visit: Visit, offered: Iterable[Option]) -> str:
    """Why nothing can be asked, in words; empty where something can."""
    listed = tuple(offered)
    if any(option.open for option in listed):
        return ""
    # What concerns the reason as a whole is said of each of its remedies.
    telling = [option for option in listed if option.why_closed != "not_for_reason"]
    return why_closed(visit, telling[0]) if telling else ""


def why_closed(visit: Visit, option: Option) -> str:
    """Why a remedy is closed, with the date where a date closed it."""
    words = visit.words
    if option.why_closed == "window_closed" and option.deadline is not None:
        return words.say(N_("The time for this ended on %(day)s."), day=words.moment(option.deadline))
    return words.say(CLOSED.get(option.why_closed, N_("Closed.")))


def cards(visit: Visit, at: Setting, offered: tuple[Option, ...], reason: str = "") -> tuple[OptionCard, ...]:
    """The remedies for a reason in words, those that are open first."""
    ordered = sorted(offered, key=lambda option: not option.open)
    postage, flawless = reason == FREIGHT, reason in REASONS and not REASONS[reason].fault
    return tuple(_card(visit, at, option, postage=postage, flawless=flawless) for option in ordered)


def _which_first(visit: Visit, option: Option, currency: str) -> str:
    """When the replacement is sent, and what is put down where that is before the goods are back."""
    words, hold = visit.words, option.facts.get("hold")
    if option.facts.get("return_first", True):
        return words.say(N_("sent once yours is back"))
    if not isinstance(hold, int) or not hold:
        return words.say(N_("sent first"))
    amount = words.money(hold, currency)
    return words.say(N_("sent first; you put down %(amount)s until yours is back"), amount=amount)


def _card(visit: Visit, at: Setting, option: Option, *, postage: bool, flawless: bool) -> OptionCard:
    """``postage``: it is about what the way back cost, not about the goods. ``flawless``: nothing is wrong
    with them, so that they have to come back as they were."""
    words, currency = visit.words, at.custody.order.currency
    facts: list[tuple[str, str]] = []
    if option.open and option.goods is Goods.RETURN:
        who = N_("you") if option.freight_payer is Role.BUYER else N_("the seller")
        facts.append((words.say(N_("Return postage")), words.say(N_("paid by %(who)s"), who=words.say(who))))
        state = _text(at, str(option.facts.get("condition_clause", "")))
        if flawless and state is not None:
            facts.append((words.say(N_("Condition of returns")), words.say(state.sentence)))
        if option.remedy == "exchange":
            facts.append((words.say(N_("The replacement")), _which_first(visit, option, currency)))
    elif option.open and not postage:
        facts.append((words.say(N_("The item")), words.say(N_("you keep it"))))
    if option.open and option.deadline is not None:
        facts.append((words.say(N_("Ask by")), words.moment(option.deadline)))
    if option.open and postage:
        facts.append((words.say(N_("Money back")), words.say(N_("on your balance, as soon as it is agreed"))))
    elif option.eta is not None:
        first, last = (words.day(at) for at in option.eta)
        facts.append(
            (
                words.say(N_("Money back")),
                words.say(N_("%(first)s to %(last)s, if agreed now"), first=first, last=last),
            )
        )
    why = "" if option.open else why_closed(visit, option)
    line = at.custody.order.line(str(option.facts.get("line_id", "")))
    if why and line is not None:
        why = words.say(N_("%(item)s: %(why)s"), item=line.title, why=why)
    return OptionCard(
        remedy=option.remedy,
        title=words.say(
            N_("Your postage back") if option.open and postage else vocabulary.REMEDIES[option.remedy]
        ),
        open=option.open,
        amount=words.money(option.amount, currency) if option.open and option.remedy != "exchange" else "",
        facts=tuple(facts),
        why=why,
        clause=_text(at, option.clause),
        bands=_bands(visit, at, option, currency),
    )


def _text(at: Setting, clause: str) -> ClauseText | None:
    return next((terms.clauses[clause] for terms in at.terms.values() if clause in terms.clauses), None)


def _bands(visit: Visit, at: Setting, option: Option, currency: str) -> tuple[SuggestedRow, ...]:
    """What is usual for how bad it is, where the terms suggest amounts."""
    bands, listed = option.facts.get("bands"), option.facts.get("suggestions")
    if not isinstance(bands, dict) or not isinstance(listed, dict):
        return ()
    found = [
        Suggestion(severity=severity, low=bands[severity][0], high=bands[severity][1], **listed[severity])
        for severity in SEVERITIES
        if severity in bands
    ]
    return suggested_rows(visit.words, currency, found, next(iter(at.terms.values())))
