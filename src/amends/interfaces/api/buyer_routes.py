"""Routes of what stands out about buyers: read by people who decide and by the buyer, contested, reviewed."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from amends.application.buyers import Known
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.domain.refusals import Refused
from amends.domain.signals import Contest, Sign
from amends.interfaces.api.bodies import Body, Said
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, Limit, says, shown

BuyerId = Annotated[
    str, PathParameter(pattern=r"^[A-Za-z0-9_.@-]{1,64}$", description="The marketplace's id of the buyer.")
]
SignName = Annotated[Sign, PathParameter(description="Which signal.")]
ContestId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{16}$", description="The id of the contest.")]


class SignalView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that stands out: ``count`` in the period, at least ``least``, of ``of`` orders or cases.

    ``share`` in basis points and ``times`` (how many times the rate of the other buyers, in hundredths) are
    null where the signal is no rate. ``basis`` are the cases it rests on; for linked accounts the other
    accounts, which the buyer does not see. ``clause`` sets what it takes.
    """

    sign: Sign
    since: datetime
    until: datetime
    count: int
    least: int
    of: int
    share: int | None
    times: int | None
    basis: tuple[str, ...]
    clause: str
    contested: bool


class ContestView(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer said against a signal, and what a person made of it.

    ``state`` is open, upheld (the signal stays) or removed (what it rested on counts no more).
    """

    contest_id: str
    buyer_id: str
    sign: Sign
    reason: str
    at: datetime
    state: str
    note: str
    reviewed_at: datetime | None


class KnownView(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a buyer. It advises people: no option, amount or decision follows from it."""

    buyer_id: str
    since: datetime
    until: datetime
    orders: int
    claims: int
    signals: tuple[SignalView, ...]
    contests: tuple[ContestView, ...]


class ContestList(msgspec.Struct, frozen=True):
    """Contests that wait for a person, oldest first."""

    contests: tuple[ContestView, ...]


class ContestBody(Body, frozen=True, kw_only=True):
    """Why the signal is wrong, in the buyer's words."""

    reason: Said


class ReviewBody(Body, frozen=True, kw_only=True):
    """What a person makes of it, and why."""

    verdict: Literal["upheld", "removed"]
    note: Said


_SEEN = {
    "buyer_id": "ana",
    "since": "2026-01-10T00:00:00Z",
    "until": "2026-07-09T00:00:00Z",
    "orders": 14,
    "claims": 8,
    "signals": [
        {
            "sign": "serial_returns",
            "since": "2026-01-10T00:00:00Z",
            "until": "2026-07-09T00:00:00Z",
            "count": 8,
            "least": 5,
            "of": 14,
            "share": 5714,
            "times": None,
            "basis": ["DEMO-1.1", "DEMO-4.1"],
            "clause": "signals.default",
            "contested": False,
        }
    ],
    "contests": [],
}


def buyer_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Reading, contesting and reviewing."""
    return [_read(desk), _contest(desk), *_reviews(desk)]


def _read(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/buyers/{buyer_id:str}/signals",
        name="get_buyer_signals",
        summary="Read what stands out about a buyer",
        description="Counts over a period with the least they take, for mediators and operators, and for the "
        "buyer. It advises: nothing is refused and no amount changes because of it.",
        tags=["Buyers"],
        opt=says(KnownView, answer_example=_SEEN),
    )
    async def get_buyer_signals(request: ApiRequest, buyer_id: BuyerId) -> Response[bytes]:
        _own(request.user, buyer_id)
        found = await desk.parts.buyers.known(buyer_id, desk.parts.clock.now())
        answer = shown(_known(found, own=request.user.role is KeyRole.BUYER))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return get_buyer_signals


def _contest(desk: Desk) -> HTTPRouteHandler:
    bodies = msgspec.json.Decoder(ContestBody)

    @post(
        "/buyers/{buyer_id:str}/signals/{sign:str}/contests",
        name="contest_signal",
        summary="Contest a signal about you",
        description="A person looks at it and either keeps the signal or removes what it rests on for good. "
        "One at a time for each signal.",
        tags=["Buyers"],
        opt=says(ContestView, reads=ContestBody, example={"reason": "Three of these were wrong sizes sent."}),
    )
    async def contest_signal(request: ApiRequest, buyer_id: BuyerId, sign: SignName) -> Response[bytes]:
        _own(request.user, buyer_id)
        body = read(bodies, await request.body())
        found = await desk.parts.buyers.contest(buyer_id, sign, body.reason, desk.parts.clock.now())
        return _answer(found, 201)

    return contest_signal


def _reviews(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(ReviewBody)

    @get(
        "/signal-contests",
        name="list_signal_contests",
        summary="List contests to review",
        description="What buyers said against signals about them and nobody has reviewed yet.",
        tags=["Buyers"],
        opt=says(ContestList),
    )
    async def list_signal_contests(request: ApiRequest, limit: Limit = 50) -> Response[bytes]:  # noqa: ARG001
        found = await desk.parts.buyers.contests.open(limit)
        return shown(ContestList(tuple(_view(one) for one in found)))

    @post(
        "/signal-contests/{contest_id:str}/review",
        name="review_signal_contest",
        summary="Review a contest",
        description="`upheld` keeps the signal, `removed` lets what it rests on count no more. "
        "The buyer reads the note.",
        status_code=200,
        tags=["Buyers"],
        opt=says(
            ContestView,
            reads=ReviewBody,
            example={"verdict": "removed", "note": "The parcels were left at the wrong house; we checked."},
        ),
    )
    async def review_signal_contest(request: ApiRequest, contest_id: ContestId) -> Response[bytes]:
        body = read(bodies, await request.body())
        found = await desk.parts.buyers.review(
            contest_id,
            keep=body.verdict == "upheld",
            by=request.user.id,
            note=body.note,
            now=desk.parts.clock.now(),
        )
        return _answer(found, 200)

    return [list_signal_contests, review_signal_contest]


def _own(caller: Caller, buyer_id: str) -> None:
    """A buyer reads and contests what is known about themselves alone."""
    if caller.role is KeyRole.BUYER and caller.id != buyer_id:
        fail("not_found", f"There is no buyer {buyer_id}.")


def _answer(found: Contest | Refused, status: int) -> Response[bytes]:
    if isinstance(found, Refused):
        raise ProblemRaised(of_refusal(found))
    answer = shown(_view(found))
    answer.status_code = status
    return answer


def _known(found: Known, *, own: bool) -> KnownView:
    return KnownView(
        buyer_id=found.buyer_id,
        since=found.since,
        until=found.until,
        orders=found.orders,
        claims=found.claims,
        signals=tuple(
            SignalView(
                sign=one.sign,
                since=one.since,
                until=one.until,
                count=one.count,
                least=one.least,
                of=one.of,
                share=one.share,
                times=one.times,
                # Who else lives there is nobody's business but that of who has to decide.
                basis=() if own and one.sign is Sign.LINKED_ACCOUNTS else one.basis,
                clause=one.clause,
                contested=found.open_contest(one.sign) is not None,
            )
            for one in found.signals
        ),
        contests=tuple(_view(one) for one in found.contests),
    )


def _view(one: Contest) -> ContestView:
    return ContestView(
        contest_id=one.contest_id,
        buyer_id=one.buyer_id,
        sign=one.sign,
        reason=one.reason,
        at=one.at,
        state=one.state,
        note=one.note,
        reviewed_at=one.reviewed_at,
    )
