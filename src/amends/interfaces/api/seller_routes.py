"""Routes of sellers: their policies, their records, and one answer to many cases."""

from datetime import datetime
from typing import Annotated, Literal, NoReturn

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.application.bulk_answers import CASES_MAX, BulkAnswer, BulkAnswers
from amends.application.permissions import Caller
from amends.application.ports import KeyRole, WriteConflict
from amends.application.sellers import Rejected
from amends.domain.cases.cost import Cost
from amends.domain.money import is_currency
from amends.domain.policy.clauses import Facts
from amends.domain.policy.sellers import Published, SellerPolicy
from amends.domain.records import SellerRecord
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body, Short, Words
from amends.interfaces.api.conditions import etag
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import Problem, ProblemRaised, fail, of_refusal, problem
from amends.interfaces.api.routes import ApiRequest, asked_by, says, shown

SellerId = Annotated[
    str, PathParameter(pattern=r"^[A-Za-z0-9_.@-]{1,64}$", description="The marketplace's id of the seller.")
]
_POLICY = {
    "window_days": 30,
    "pays_way_back": True,
    "addresses": [{"text": "Lamps & More, Hafenweg 3, 20457 Hamburg"}],
    "sends_address": True,
    "rules": [
        {
            "name": "Small breakages",
            "does": "accept",
            "reasons": ["quality.damaged_in_transit"],
            "at_most": 1500,
            "currency": "EUR",
        }
    ],
}


class PolicyView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A version of a seller's policy. Rules and addresses are shown to the seller alone.

    Version 0: the seller has published none, and the platform's terms hold.
    """

    seller_id: str
    version: int
    published_at: datetime | None
    policy: SellerPolicy


class PolicyList(msgspec.Struct, frozen=True):
    """A seller's versions, newest first."""

    versions: tuple[PolicyView, ...]


class SampleBody(Body, frozen=True, kw_only=True):
    """A product and a buyer to try a policy on; ``price`` in minor units of ``currency``."""

    policy: SellerPolicy
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    price: Annotated[int, Meta(ge=0)] = 0
    category: Short = ""
    buyer_country: Short = ""
    reason: Short = ""


class SampleTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One value the sample product would be sold under, and the clause that sets it."""

    name: str
    value: object
    clause: str
    sentence: str
    by_seller: bool


class SampleTerms(msgspec.Struct, frozen=True):
    """The terms an order of the sample product would get."""

    terms: tuple[SampleTerm, ...]


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """A seller's after-sales record with its shares in basis points; null where there are too few cases."""

    record: SellerRecord
    median_answer_s: int | None
    lapse_share: int | None
    upheld_share: int | None
    case_share: int | None


class AnswersBody(Body, frozen=True, kw_only=True):
    """One answer to many cases. ``dry_run`` only tells what it would do and cost."""

    action: Literal["accept", "offer", "address", "accept_return"]
    case_ids: Annotated[tuple[Short, ...], Meta(min_length=1, max_length=CASES_MAX)]
    share: Annotated[int, Meta(ge=0, le=10_000)] = 0
    address: Words = ""
    label: Literal["buyer", "seller", "platform"] = "buyer"
    note: Words = ""
    dry_run: bool = False


class AnswerLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one case, or would: its cost, or the problem that keeps it from being answered."""

    case_id: str
    status: int
    cost: Cost | None = None
    problem: Problem | None = None


class AnswerList(msgspec.Struct, frozen=True):
    """A line a case, in the order asked; cases that are not the seller's are left out."""

    dry_run: bool
    lines: tuple[AnswerLine, ...]


def seller_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /sellers, and the one of answers in bulk."""
    return [*_policies(desk), _record(desk), _answers(desk)]


def _policies(desk: Desk) -> list[HTTPRouteHandler]:
    policies = msgspec.json.Decoder(SellerPolicy)
    samples = msgspec.json.Decoder(SampleBody)
    sellers = desk.parts.sellers

    @get(
        "/sellers/{seller_id:str}/policy",
        name="get_seller_policy",
        summary="Read a seller's policy",
        description="The version in force for orders placed now. Its rules and addresses are shown to the "
        "seller alone.",
        tags=["Sellers"],
        opt=says(PolicyView),
    )
    async def get_seller_policy(request: ApiRequest, seller_id: SellerId) -> Response[bytes]:
        found = await sellers.policies.in_force(seller_id, desk.parts.clock.now())
        view = _view(found, seller_id, request.user)
        return shown(view, etag(view.version))

    @put(
        "/sellers/{seller_id:str}/policy",
        name="publish_seller_policy",
        summary="Publish a seller's policy",
        description="A new version, for orders placed from now on; what was bought before keeps its terms. "
        "A policy less kind than a floor is refused with the clause it breaks. The same policy again changes "
        "nothing.",
        tags=["Sellers"],
        opt=says(PolicyView, reads=SellerPolicy, example=_POLICY),
    )
    async def publish_seller_policy(request: ApiRequest, seller_id: SellerId) -> Response[bytes]:
        asked = await asked_by(request)
        policy = read(policies, await request.body())
        _own(request.user, seller_id)
        now = desk.parts.clock.now()
        try:
            found = await sellers.publish(seller_id, policy, now, asked.conditions.seq)
        except WriteConflict as conflict:
            detail = f"The policy changed in between: {conflict}."
            raise ProblemRaised(problem("version_conflict", detail, parameter="If-Match")) from conflict
        if isinstance(found, Rejected):
            _reject(found)
        return shown(_view(found, seller_id, request.user), etag(found.version))

    @get(
        "/sellers/{seller_id:str}/policy/versions",
        name="list_seller_policies",
        summary="List a seller's policies",
        description="Every version that was ever published, newest first, at most 100.",
        tags=["Sellers"],
        opt=says(PolicyList),
    )
    async def list_seller_policies(request: ApiRequest, seller_id: SellerId) -> Response[bytes]:
        found = await sellers.policies.versions(seller_id, 100)
        return shown(PolicyList(tuple(_view(one, seller_id, request.user) for one in found)))

    @post(
        "/sellers/{seller_id:str}/policy/preview",
        name="preview_seller_policy",
        status_code=200,
        summary="Try a policy on a product",
        description="The terms an order of the product would get under a policy that is not published yet. "
        "Nothing is written.",
        tags=["Sellers"],
        opt=says(
            SampleTerms,
            reads=SampleBody,
            example={"policy": _POLICY, "currency": "EUR", "price": 2400, "category": "home/lighting"},
        ),
    )
    async def preview_seller_policy(request: ApiRequest, seller_id: SellerId) -> Response[bytes]:
        await asked_by(request)
        body = read(samples, await request.body())
        _own(request.user, seller_id)
        if not is_currency(body.currency):
            fail("invalid", f"{body.currency} is no currency of ISO 4217.", pointer="/currency")
        now = desk.parts.clock.now()
        rejected = await sellers.judge(seller_id, body.policy, now)
        if rejected is not None:
            _reject(rejected, "/policy")
        facts = Facts(
            placed_at=now,
            currency=body.currency,
            price=body.price,
            category=body.category,
            seller=seller_id,
            buyer_country=body.buyer_country,
        )
        terms = await sellers.preview(seller_id, body.policy, facts)
        return shown(
            SampleTerms(
                tuple(
                    SampleTerm(
                        name=name,
                        value=term.value,
                        clause=term.clause,
                        sentence=terms.clause(term.clause).sentence,
                        by_seller=term.clause.startswith("seller."),
                    )
                    for name in sorted(terms.values)
                    if terms.has(name, body.reason)
                    for term in [terms.get(name, body.reason)]
                )
            )
        )

    return [get_seller_policy, publish_seller_policy, list_seller_policies, preview_seller_policy]


def _record(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/sellers/{seller_id:str}/record",
        name="get_seller_record",
        summary="Read a seller's after-sales record",
        description="Counted from the cases of the period that the policy names, now. Shares are in basis "
        "points and null for fewer cases than `rates_from`.",
        tags=["Sellers"],
        opt=says(RecordView),
    )
    async def get_seller_record(request: ApiRequest, seller_id: SellerId) -> Response[bytes]:  # noqa: ARG001
        record = await desk.parts.sellers.record(seller_id, desk.parts.clock.now())
        return shown(
            RecordView(
                record=record,
                median_answer_s=record.median_shown_s,
                lapse_share=record.lapse_share,
                upheld_share=record.upheld_share,
                case_share=record.case_share,
            )
        )

    return get_seller_record


def _answers(desk: Desk) -> HTTPRouteHandler:
    bodies = msgspec.json.Decoder(AnswersBody)

    @post(
        "/answers",
        name="answer_cases",
        status_code=200,
        summary="Answer many cases at once",
        description="Up to 200 of the seller's cases: grant the request, offer a share, say where returns "
        "go, accept returns. A case that cannot be answered stops no other. With an Idempotency-Key each "
        "case is answered once.",
        tags=["Sellers"],
        opt=says(
            AnswerList,
            reads=AnswersBody,
            example={"action": "offer", "share": 2000, "case_ids": ["A-1.1"], "dry_run": True},
        ),
    )
    async def answer_cases(request: ApiRequest) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        if body.action == "offer" and not body.share:
            fail("invalid", "Offer 1 to 10000 basis points: 2000 is 20 %.", pointer="/share")
        parts, seller_id = desk.parts, request.user.id
        answer = BulkAnswer(
            action=body.action, share=body.share, address=body.address, label=body.label, note=body.note
        )
        bulk = BulkAnswers(parts.sellers.reads, parts.reader, parts.execute, parts.calendars)
        now = parts.clock.now()
        published = await parts.sellers.policies.in_force(seller_id, now)
        policy = published.policy if published else None
        if body.dry_run:
            prospects = await bulk.review(seller_id, answer, body.case_ids, policy, now)
            lines = tuple(_line(one.row.case.case_id, one.refused, one.cost) for one in prospects)
            return shown(AnswerList(True, lines))
        outcomes = await bulk.carry_out(
            seller_id, answer, dict.fromkeys(body.case_ids), policy, asked.conditions.key
        )
        return shown(AnswerList(False, tuple(_line(one.case_id, one.refused) for one in outcomes)))

    return answer_cases


def _line(case_id: str, refused: Refused | None, cost: Cost | None = None) -> AnswerLine:
    if refused is None:
        return AnswerLine(case_id=case_id, status=200, cost=cost)
    told = of_refusal(refused)
    return AnswerLine(case_id=case_id, status=told.status, problem=told)


def _own(caller: Caller, seller_id: str) -> None:
    if caller.role is KeyRole.SELLER and caller.id != seller_id:
        fail("not_found", f"There is no seller {seller_id} of yours.")


def _view(found: Published | None, seller_id: str, caller: Caller) -> PolicyView:
    policy = found.policy if found else SellerPolicy()
    if not (caller.role is KeyRole.SELLER and caller.id == seller_id):
        policy = msgspec.structs.replace(policy, rules=(), addresses=(), sends_address=False)
    return PolicyView(
        seller_id=seller_id,
        version=found.version if found else 0,
        published_at=found.published_at if found else None,
        policy=policy,
    )


def _reject(rejected: Rejected, below: str = "") -> NoReturn:
    """Raises `ProblemRaised`: the first thing wrong, with all of them in the facts."""
    if rejected.mistakes:
        first = rejected.mistakes[0]
        facts: dict[str, object] = {"mistakes": [[one.pointer, one.detail] for one in rejected.mistakes]}
        raise ProblemRaised(problem("invalid", first.detail, pointer=below + first.pointer, facts=facts))
    broken = rejected.undercuts[0]
    detail = f"This is less kind than clause {broken.clause}: {broken.sentence}"
    raise ProblemRaised(
        problem(
            "below_floor",
            detail,
            pointer=below + broken.pointer,
            facts={"undercuts": [[one.pointer, one.clause, one.sentence] for one in rejected.undercuts]},
            clause=broken.clause,
        )
    )
