"""One answer to many cases: looked at line by line, then carried out."""

from collections.abc import Mapping, Sequence

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from amends.application.bulk_answers import (
    ACTIONS,
    CASES_MAX,
    BulkAnswer,
    BulkAnswers,
    Outcome,
    Prospect,
)
from amends.application.page_permissions import may_act
from amends.application.ports import Envelope, Result
from amends.domain.parties import Role
from amends.domain.policy.sellers import SellerPolicy
from amends.interfaces.web import vocabulary
from amends.interfaces.web.forms import Form, refusal
from amends.interfaces.web.order_page import case_row
from amends.interfaces.web.seller.costs import cost_line
from amends.interfaces.web.seller.inbox import ANSWERS, Asked, show_inbox
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class ReviewLine(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer would do to one case, or why it cannot be given there."""

    case_id: str
    seq: int
    title: str
    who: str
    said: str
    amount: str
    possible: bool


@post("/inbox/review", status_code=200)
async def review(visit: NamedDependency[Visit]) -> Response[str]:
    """What one answer would do to the cases chosen. Nothing is sent yet."""
    visit.require(Role.SELLER)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    chosen = [case_id for case_id in values.get("case", []) if case_id][:CASES_MAX]
    answer = _answer(form)
    if answer is None:
        return await _back(visit, form, N_("Choose what to answer."))
    if not chosen:
        return await _back(visit, form, N_("Choose at least one case."))
    if form.errors:
        return await _back(visit, form, next(iter(form.errors.values())))
    policy = await _policy(visit)
    found = await _bulk(visit).review(visit.actor.id, answer, chosen, policy, visit.now)
    lines = [_line(visit, one) for one in found]
    return visit.page(
        "seller_review.html",
        answer=answer,
        title=visit.words.say(ANSWERS[answer.action]),
        share=visit.words.percent(answer.share),
        open=[line for line in lines if line.possible],
        closed=[line for line in lines if not line.possible],
        sums=_sums(visit, found),
    )


@post("/inbox/answers", status_code=200)
async def carry_out(visit: NamedDependency[Visit]) -> Response[str]:
    """Answer the cases as they were reviewed; each line says what became of it."""
    visit.require(Role.SELLER)
    if visit.account is None or not may_act(visit.account):
        raise NotFoundException
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    answer = _answer(form)
    if answer is None or form.errors:
        return await _back(visit, form, N_("Choose what to answer."))
    seen = _seen(values)
    outcomes = await _bulk(visit).carry_out(
        visit.actor.id, answer, seen, await _policy(visit), form.raw("_key")[:64]
    )
    rows = {
        row.case.case_id: row
        for row in await visit.parts.sellers.reads.rows(visit.actor.id, [one.case_id for one in outcomes])
    }
    lines = [
        ReviewLine(
            case_id=one.case_id,
            seq=rows[one.case_id].case.seq,
            title=case_row(rows[one.case_id].case, rows[one.case_id].custody, visit).title,
            who="",
            said=_became(visit, one, rows[one.case_id].case.currency),
            amount="",
            possible=one.refused is None,
        )
        for one in outcomes
    ]
    return visit.page(
        "seller_results.html",
        title=visit.words.say(ANSWERS[answer.action]),
        answered=[line for line in lines if line.possible],
        unanswered=[line for line in lines if not line.possible],
    )


def _answer(form: Form) -> BulkAnswer | None:
    action = form.raw("answer")
    if action not in ACTIONS:
        return None
    share = 0
    if action == "offer":
        share = form.whole("share", 100, N_("Enter a share from 1 to 100 per cent.")) * 100
    label = form.raw("label") if form.raw("label") in vocabulary.LABELS else "buyer"
    return BulkAnswer(
        action=action,
        share=share,
        address=form.text("address", most=500),
        label=label,
        note=form.text("note", most=1000),
    )


def _seen(values: Mapping[str, Sequence[str]]) -> dict[str, int | None]:
    """The cases of a review with the versions they were reviewed in."""
    seen: dict[str, int | None] = {}
    for told in values.get("seen", []):
        case_id, _, seq = told.rpartition(":")
        if case_id and seq.isdecimal():
            seen[case_id] = int(seq[:9])
    return seen


def _bulk(visit: Visit) -> BulkAnswers:
    parts = visit.parts

    async def noted(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        """Who of the team it was is written down before anything happens."""
        account = visit.account
        if account is None:
            raise NotFoundException
        teams = parts.accounts.teams
        deeds = [
            await teams.note(account, str(one.command.__struct_config__.tag), one.order_id, one.case_id)
            for one in envelopes
        ]
        results = await parts.execute(envelopes)
        for deed_id, result in zip(deeds, results, strict=True):
            await teams.concluded(account, deed_id, result)
        return results

    return BulkAnswers(parts.sellers.reads, parts.reader, noted, parts.calendars)


async def _policy(visit: Visit) -> SellerPolicy | None:
    published = await visit.parts.sellers.policies.in_force(visit.actor.id, visit.now)
    return published.policy if published else None


async def _back(visit: Visit, form: Form, message: str) -> Response[str]:
    """The inbox again, saying what is missing."""
    shown = Asked(show=form.raw("show") or "turn")
    return await show_inbox(visit, shown, error=visit.words.say(message))


def _line(visit: Visit, one: Prospect) -> ReviewLine:
    case = one.row.case
    row = case_row(case, one.row.custody, visit)
    if one.refused is not None:
        said = refusal(one.refused, visit.words, case.currency)
    elif one.cost is not None and one.remedy is not None:
        remedy = visit.teller(case).remedy(one.remedy)
        said = visit.words.say(
            N_("%(remedy)s. %(cost)s"),
            remedy=remedy[:1].upper() + remedy[1:],
            cost=cost_line(visit, one.cost),
        )
    else:
        said = visit.words.say(N_("The buyer is told where to send it."))
    return ReviewLine(
        case_id=case.case_id,
        seq=case.seq,
        title=row.title,
        who=row.who,
        said=said,
        amount=visit.words.money(one.cost.by_seller, case.currency) if one.cost else "",
        possible=one.refused is None,
    )


def _sums(visit: Visit, found: Sequence[Prospect]) -> str:
    """What it costs in all, by currency."""
    sums: dict[str, int] = {}
    for one in found:
        if one.refused is None and one.cost is not None:
            sums[one.cost.currency] = sums.get(one.cost.currency, 0) + one.cost.by_seller
    return visit.words.listing([visit.words.money(amount, code) for code, amount in sorted(sums.items())])


def _became(visit: Visit, one: Outcome, currency: str) -> str:
    if one.refused is None:
        return visit.words.say(N_("Done"))
    return refusal(one.refused, visit.words, currency)
