"""A claim on its way to being one: what the buyer chose so far, and what is open to them."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from amends.domain.cases.model import Case, EvidenceItem, Goods, Remedy
from amends.domain.custody.model import Custody
from amends.domain.orders import Line, Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option, free_units, options
from amends.domain.policy.parameters import SEVERITIES
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.reasons import REASONS
from amends.interfaces.web import vocabulary
from amends.interfaces.web.forms import Form
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
}
_SEVERITY: dict[str, str] = {
    "cosmetic": N_("Cosmetic, it works"),
    "flaw": N_("Works, with a flaw"),
    "impaired": N_("Its main use is impaired"),
    "useless": N_("Useless"),
}
#: The fields a claim is made of, in the order of its questions.
FIELDS = ("reason", "quantity", "remedy", "amount", "variant", "story", "kind", "evidence", "url", "draft")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """The line a claim is about, and everything the answer to it depends on."""

    custody: Custody
    cases: tuple[Case, ...]
    line: Line
    free: tuple[Unit, ...]
    terms: Terms


class ReasonRow(msgspec.Struct, frozen=True):
    """A leaf of the tree: ``closed`` says why nothing can be asked for this reason now, if so."""

    code: str
    title: str
    closed: str


class Family(msgspec.Struct, frozen=True):
    name: str
    title: str
    reasons: tuple[ReasonRow, ...]
    closed: str


class OptionCard(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy as the buyer sees it before filing."""

    remedy: str
    title: str
    open: bool
    amount: str
    facts: tuple[tuple[str, str], ...]
    why: str
    clause: ClauseText | None
    bands: tuple[tuple[str, str], ...]


def setting(custody: Custody, cases: Iterable[Case], line: Line, terms: Terms, but: str = "") -> Setting:
    """Where a claim starts; the draft ``but`` does not stand in its own way."""
    others = tuple(case for case in cases if case.case_id != but)
    return Setting(
        custody=custody, cases=others, line=line, free=free_units(custody, others, line.line_id), terms=terms
    )


def families(visit: Visit, at: Setting) -> tuple[Family, ...]:
    """The reasons a buyer can give about something shipped, by branch, those open now first."""
    found: dict[str, list[ReasonRow]] = {}
    for reason in REASONS.values():
        if reason.family == "cancel" or reason.who_asks is not Role.BUYER:
            continue
        offered = judged(visit, at, reason.code, at.free)
        row = ReasonRow(
            reason.code, visit.words.say(vocabulary.REASONS[reason.code]), _all_closed(visit, offered)
        )
        found.setdefault(reason.family, []).append(row)
    listed = []
    for name, rows in found.items():
        rows.sort(key=lambda row: bool(row.closed))
        closed = rows[0].closed if all(row.closed for row in rows) else ""
        listed.append(Family(name, visit.words.say(vocabulary.FAMILIES[name]), tuple(rows), closed))
    return tuple(sorted(listed, key=lambda family: bool(family.closed)))


def judged(visit: Visit, at: Setting, reason: str, units: tuple[Unit, ...]) -> tuple[Option, ...]:
    """Every remedy of a claim, open or closed."""
    if not units:
        return ()
    offered = options(
        at.custody, at.cases, units, reason, terms=at.terms, now=visit.now, calendars=visit.parts.calendars
    )
    return tuple(option for option in offered if option.remedy != "cancellation")


def _all_closed(visit: Visit, offered: tuple[Option, ...]) -> str:
    if any(option.open for option in offered):
        return ""
    # What concerns the reason as a whole is said of each of its remedies.
    telling = [option.why_closed for option in offered if option.why_closed != "not_for_reason"]
    return visit.words.say(CLOSED[telling[0]]) if telling else ""


def cards(visit: Visit, at: Setting, offered: tuple[Option, ...]) -> tuple[OptionCard, ...]:
    """The remedies in words, those that are open first."""
    return tuple(_card(visit, at, option) for option in sorted(offered, key=lambda option: not option.open))


def _card(visit: Visit, at: Setting, option: Option) -> OptionCard:
    words, currency = visit.words, at.custody.order.currency
    facts: list[tuple[str, str]] = []
    if option.open and option.goods is Goods.RETURN:
        who = N_("you") if option.freight_payer is Role.BUYER else N_("the seller")
        facts.append((words.say(N_("Return postage")), words.say(N_("paid by %(who)s"), who=words.say(who))))
    elif option.open:
        facts.append((words.say(N_("The item")), words.say(N_("you keep it"))))
    if option.open and option.deadline is not None:
        facts.append((words.say(N_("Ask by")), words.moment(option.deadline)))
    if option.eta is not None:
        first, last = (words.day(at) for at in option.eta)
        facts.append(
            (
                words.say(N_("Money back")),
                words.say(N_("%(first)s to %(last)s, if agreed now"), first=first, last=last),
            )
        )
    why = words.say(CLOSED.get(option.why_closed, N_("Closed."))) if not option.open else ""
    if option.why_closed == "window_closed" and option.deadline is not None:
        why = words.say(N_("The time for this ended on %(day)s."), day=words.moment(option.deadline))
    return OptionCard(
        remedy=option.remedy,
        title=words.say(vocabulary.REMEDIES[option.remedy]),
        open=option.open,
        amount=words.money(option.amount, currency) if option.open and option.remedy != "exchange" else "",
        facts=tuple(facts),
        why=why,
        clause=at.terms.clauses.get(option.clause),
        bands=_bands(visit, option, currency),
    )


def _bands(visit: Visit, option: Option, currency: str) -> tuple[tuple[str, str], ...]:
    """What is usual for how bad it is, where the terms suggest amounts."""
    bands = option.facts.get("bands")
    if not isinstance(bands, dict):
        return ()
    words = visit.words
    return tuple(
        (
            words.say(_SEVERITY[severity]),
            words.say(
                N_("%(low)s to %(high)s"),
                low=words.money(bands[severity][0], currency),
                high=words.money(bands[severity][1], currency),
            ),
        )
        for severity in SEVERITIES
        if severity in bands
    )


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What will be asked, once every answer is there."""

    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    story: str
    evidence: tuple[EvidenceItem, ...]


def quantity(form: Form, at: Setting) -> tuple[Unit, ...]:
    """The units asked about: the first free ones of the line."""
    if not at.free:
        return ()
    if len(at.free) == 1 or not form.raw("quantity"):
        return at.free
    count = form.whole("quantity", len(at.free), N_("Enter how many pieces this is about."))
    return at.free[:count]


def read(form: Form, at: Setting, option: Option, units: tuple[Unit, ...], *, draft: bool) -> Claim | None:
    """The claim of a filled form; None where something is missing or wrong.

    A draft may lack its story.
    """
    currency = at.custody.order.currency
    amount, variant = option.amount, ""
    if option.remedy == "partial":
        amount = form.amount("amount", currency, option.amount)
    if option.remedy == "exchange":
        variant = form.text("variant", N_("Say what you want instead, for example another size."), 200)
    story = form.text("story", "" if draft else N_("Say what happened, in your own words."))
    evidence = form.evidence(Role.BUYER)
    if form.errors:
        return None
    wanted = Remedy(
        amount=amount, goods=option.goods, exchange_variant=variant, freight_payer=option.freight_payer
    )
    return Claim(reason=form.raw("reason"), units=units, wanted=wanted, story=story, evidence=evidence)


def typed_of(draft: Case, visit: Visit, most: int) -> dict[str, list[str]]:
    """A saved draft as the fields of its form; ``most`` is what can be refunded for its units."""
    wanted = draft.wanted
    remedy = "refund" if wanted.amount >= most else "partial"
    if wanted.exchange_variant or wanted.goods is Goods.RETURN:
        remedy = "exchange" if wanted.exchange_variant else "return"
    item = draft.evidence[0] if draft.evidence else None
    return {
        "reason": [draft.reason],
        "quantity": [str(len(draft.units))],
        "remedy": [remedy],
        "amount": [visit.words.amount_field(draft.wanted.amount, draft.currency)],
        "variant": [draft.wanted.exchange_variant],
        "story": [draft.story],
        "kind": [item.kind if item else "statement"],
        "evidence": [item.note if item else ""],
        "url": [item.url if item else ""],
        "draft": [draft.case_id],
    }


def window_of(offered: tuple[Option, ...]) -> datetime | None:
    """Until when the reason may be given at all."""
    return max((option.deadline for option in offered if option.open and option.deadline), default=None)
