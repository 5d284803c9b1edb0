"""Guided help: a few questions about an order that end in the right thing to do, with its facts."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from amends.application.ports.purchases import PurchaseFilter
from amends.domain.cases.model import Case, RefundStage, State
from amends.domain.orders import Line
from amends.domain.parties import Role
from amends.interfaces.web import claim as claims
from amends.interfaces.web import vocabulary
from amends.interfaces.web.claim import OptionCard, Setting
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_ORDERS = 20
_TOPICS: Mapping[str, str] = {
    "missing": N_("It has not arrived"),
    "wrong": N_("Something is wrong with it"),
    "unwanted": N_("I do not want to keep it"),
    "late": N_("It came too late"),
    "cancel": N_("I want to cancel it"),
    "money": N_("I am waiting for my money"),
    "other": N_("Something else"),
}
# What is asked next, and the reasons of a claim that the answers are.
_DETAILS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "missing": (
        N_("What does the tracking say?"),
        (
            "not_received.overdue",
            "not_received.shown_delivered",
            "not_received.tracking_invalid",
            "not_received.no_tracking",
            "not_received.returned_to_sender",
        ),
    ),
    "wrong": (
        N_("What is wrong with it?"),
        (
            "quality.damaged_in_transit",
            "quality.not_working",
            "quality.defective",
            "not_as_described.wrong_item",
            "not_as_described.look",
            "not_as_described.size",
            "not_as_described.parts_missing",
            "fake.counterfeit",
        ),
    ),
    "unwanted": (N_("Why?"), ("no_reason.changed_mind", "no_reason.wrong_size_ordered")),
    "late": ("", ("late.after_promise",)),
}
_ARTICLES: Mapping[str, tuple[str, ...]] = {
    "missing": ("not-arrived",),
    "wrong": ("evidence", "returns"),
    "unwanted": ("returns", "unreturnable"),
    "late": ("not-arrived",),
    "cancel": ("cancelling",),
    "money": ("refunds",),
    "other": ("disputes",),
}


class Choice(msgspec.Struct, frozen=True):
    """One answer to a question, and the address it leads to."""

    title: str
    href: str
    note: str = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """Where the questions lead: what to do, the facts it rests on, and the button that does it."""

    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    cards: tuple[OptionCard, ...] = ()
    href: str = ""
    label: str = ""


@get("/help/guide")
async def guide(
    visit: NamedDependency[Visit],
    order: Annotated[str, QueryParameter(max_length=64)] = "",
    line: Annotated[str, QueryParameter(max_length=64)] = "",
    topic: Annotated[str, QueryParameter(max_length=20)] = "",
    detail: Annotated[str, QueryParameter(max_length=60)] = "",
) -> Response[str]:
    """The next question, or where it leads."""
    visit.require(Role.BUYER)
    if not order:
        return await _which_order(visit)
    custody, cases = await visit.scene(order)
    terms = await visit.parts.reader.terms_of([one.terms_id for one in custody.order.lines])
    at = claims.setting(custody, cases, terms)
    so_far = {"order": order}
    if topic not in _TOPICS:
        choices = [Choice(visit.words.say(title), _to(so_far, topic=code)) for code, title in _TOPICS.items()]
        return _ask(visit, at, N_("What is it about?"), choices)
    so_far["topic"] = topic
    if topic not in _DETAILS:
        return await _end(visit, at, topic, _without_claim(visit, at, cases, topic))
    lines = custody.order.lines
    chosen = lines[0] if len(lines) == 1 else custody.order.line(line)
    if chosen is None:
        choices = [Choice(one.title, _to(so_far, line=one.line_id), one.variant) for one in lines]
        return _ask(visit, at, N_("Which item is it about?"), choices)
    so_far["line"] = chosen.line_id
    asked, reasons = _DETAILS[topic]
    if detail not in reasons and len(reasons) > 1:
        said = [Choice(visit.words.say(vocabulary.REASONS[one]), _to(so_far, detail=one)) for one in reasons]
        return _ask(visit, at, asked, said)
    reason = detail if detail in reasons else reasons[0]
    return await _end(visit, at, topic, _claim(visit, at, cases, chosen, reason))


async def _which_order(visit: Visit) -> Response[str]:
    wanted = PurchaseFilter(buyer_id=visit.actor.id)
    page = await visit.parts.purchases.orders(wanted, lambda _: True, "", _ORDERS)
    choices = [
        Choice(
            visit.words.listing([one.title for one in custody.order.lines[:3]]),
            _to({}, order=custody.order.order_id),
            visit.words.say(
                N_("Order %(id)s of %(day)s"),
                id=custody.order.order_id,
                day=visit.words.day(custody.order.placed_at),
            ),
        )
        for custody in page.orders
    ]
    return visit.page(
        "help_guide.html",
        question=visit.words.say(N_("Which order is it about?")),
        choices=choices,
        more=bool(page.next),
        ending=None,
        order=None,
        articles=(),
    )


def _ask(visit: Visit, at: Setting, question: str, choices: list[Choice]) -> Response[str]:
    return visit.page(
        "help_guide.html",
        question=visit.words.say(question),
        choices=choices,
        more=False,
        ending=None,
        order=at.custody.order,
        articles=(),
    )


async def _end(visit: Visit, at: Setting, topic: str, ending: Ending) -> Response[str]:
    listed = {one.id: one for one in await visit.parts.help.articles(visit.words)}
    return visit.page(
        "help_guide.html",
        question="",
        choices=(),
        more=False,
        ending=ending,
        order=at.custody.order,
        articles=[listed[one] for one in _ARTICLES[topic]],
    )


def _to(so_far: Mapping[str, str], **more: str) -> str:
    return f"/help/guide?{urlencode({**so_far, **more})}"


def _claim(visit: Visit, at: Setting, cases: list[Case], line: Line, reason: str) -> Ending:
    """What can be asked for the item and the reason: its open case, a claim, or why there is none."""
    say, order = visit.words.say, at.custody.order
    free = claims.claimable(at, line, reason)
    about = [case for case in cases if case.live and any(unit.line_id == line.line_id for unit in case.units)]
    if about and not free:
        return _case(visit, about[0])
    offered = claims.judged(visit, at, reason, claims.probed(at, line, reason))
    why = claims.all_closed(visit, offered)
    shown = claims.cards(visit, at, tuple(one for one in offered if one.why_closed != "not_for_reason"))
    if not why:
        return Ending(
            title=say(N_("You can ask for this now")),
            text=say(vocabulary.REASONS[reason]),
            cards=tuple(card for card in shown if card.open),
            href=f"/orders/{order.order_id}/claim?{urlencode({'line': line.line_id, 'reason': reason})}",
            label=say(N_("Ask for it")),
        )
    return Ending(
        title=say(N_("This is not open to you now")),
        text=why,
        cards=shown[:1],
        href=_support(order.order_id),
        label=say(N_("Write to support")),
    )


def _case(visit: Visit, case: Case) -> Ending:
    say = visit.words.say
    facts = [(say(N_("State")), say(vocabulary.STATES[case.state]))]
    if case.waiting is not None and case.waiting.until is not None:
        facts.append((say(N_("Until")), visit.words.moment(case.waiting.until)))
    return Ending(
        title=say(N_("You have a case about this already")),
        text=say(vocabulary.REASONS.get(case.reason, N_("Case"))),
        facts=tuple(facts),
        href=f"/cases/{case.case_id}",
        label=say(N_("Open the case")),
    )


def _without_claim(visit: Visit, at: Setting, cases: list[Case], topic: str) -> Ending:
    say, order = visit.words.say, at.custody.order
    if topic == "cancel" and any(order.shipped_at(line.line_id) is None for line in order.lines):
        return Ending(
            title=say(N_("What has not been shipped can be cancelled")),
            text=say(N_("The next page shows what cancelling comes to before you confirm anything.")),
            href=f"/orders/{order.order_id}/cancellation",
            label=say(N_("Cancel the order")),
        )
    if topic == "cancel":
        return Ending(
            title=say(N_("It has been shipped already")),
            text=say(N_("Wait until it arrives; then you can ask to send it back.")),
            href=_to({"order": order.order_id}, topic="unwanted"),
            label=say(N_("What can I do then?")),
        )
    if topic == "money":
        return _money(visit, cases, order.order_id)
    return Ending(
        title=say(N_("Ask support")),
        text=say(N_("Say in a few words what it is. The order is named already.")),
        href=_support(order.order_id),
        label=say(N_("Write to support")),
    )


def _money(visit: Visit, cases: list[Case], order_id: str) -> Ending:
    say = visit.words.say
    owed = [
        (case, refund)
        for case in cases
        for refund in case.refunds
        if refund.stage not in {RefundStage.CONFIRMED, RefundStage.REDIRECTED}
    ]
    if owed:
        case = owed[0][0]
        total = sum(refund.amount for _, refund in owed)
        facts = [(say(N_("On its way")), visit.words.money(total, case.currency))]
        return Ending(
            title=say(N_("Your refund is under way")),
            text=say(
                N_("Your refunds page shows each step, when it should arrive, and the bank’s reference.")
            ),
            facts=tuple(facts),
            href="/my-refunds",
            label=say(N_("See my refunds")),
        )
    live = [case for case in cases if case.live and case.state is not State.DRAFTING]
    if live:
        return _case(visit, live[0])
    return Ending(
        title=say(N_("No refund is open on this order")),
        text=say(
            N_("What was paid back is on your refunds page. If something is missing there, ask support.")
        ),
        href=_support(order_id),
        label=say(N_("Write to support")),
    )


def _support(order_id: str) -> str:
    return f"/support?{urlencode({'order': order_id})}#write"


routes = Router("/", route_handlers=[guide])
