"""What is known about buyers: signals with their facts, told to people alone, and contested by the buyer.

Nothing here decides anything: no command, option or amount reads it.
"""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from amends.application.delivery import CONTESTED, REVIEWED
from amends.application.notices import announcement
from amends.application.policies import PolicyBook
from amends.application.ports.buyers import BuyerReads, Contests
from amends.application.ports.outbox import Outbox
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import ClauseText, Terms, resolve
from amends.domain.refusals import Refused
from amends.domain.signals import (
    Contest,
    History,
    Peers,
    Sign,
    Signal,
    period_of,
    removed_of,
    signals_of,
    trace_of,
)

_CLAIMS_MAX = 1000
_NEIGHBOURS_MAX = 50
# What all buyers do together moves slowly.
_PEERS_FRESH = timedelta(hours=1)
REASON_MAX = 2000

Operators = Callable[[], Awaitable[Sequence[Actor]]]
"""Who reviews contests."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a buyer: the figures, what stands out, and the contests, newest first."""

    buyer_id: str
    since: datetime
    until: datetime
    orders: int
    claims: int
    signals: tuple[Signal, ...]
    contests: tuple[Contest, ...]
    clause: ClauseText

    def open_contest(self, sign: Sign) -> Contest | None:
        """The contest about a sign that nobody has reviewed yet."""
        return next((one for one in self.contests if one.sign is sign and one.state == "open"), None)


class Buyers:
    """Signals about buyers. ``book`` has the platform's packs, which say what a signal takes."""

    def __init__(
        self, reads: BuyerReads, contests: Contests, book: PolicyBook, outbox: Outbox, operators: Operators
    ) -> None:
        self._reads = reads
        self.contests = contests
        self._book = book
        self._outbox = outbox
        self._operators = operators
        self._peers: tuple[datetime, Peers] | None = None

    async def known(self, buyer_id: str, now: datetime) -> Known:
        """What is known about a buyer now; somebody unknown has nothing."""
        terms = resolve(await self._book.in_force(now), Facts(placed_at=now, currency="EUR"))
        since = now - period_of(terms)
        # Up to and with what happened this very instant.
        until = now + timedelta.resolution
        claims = await self._reads.claims(buyer_id, since, until, _CLAIMS_MAX)
        found = (trace_of(one.case, one.custody) for one in claims)
        history = History(
            buyer_id=buyer_id,
            since=since,
            until=now,
            orders=await self._reads.orders_placed(buyer_id, since, until),
            traces=tuple(one for one in found if one is not None),
            peers=await self._all(since, until),
            neighbours=tuple(await self._reads.neighbours(buyer_id, since, until, _NEIGHBOURS_MAX)),
        )
        contests = tuple(await self.contests.of(buyer_id))
        return Known(
            buyer_id=buyer_id,
            since=since,
            until=now,
            orders=history.orders,
            claims=len(history.traces),
            signals=signals_of(history, terms, removed_of(contests)),
            contests=contests,
            clause=_clause(terms),
        )

    async def _all(self, since: datetime, until: datetime) -> Peers:
        if self._peers is None or not timedelta() <= until - self._peers[0] < _PEERS_FRESH:
            self._peers = (until, await self._reads.peers(since, until))
        return self._peers[1]

    async def contest(self, buyer_id: str, sign: Sign, reason: str, now: datetime) -> Contest | Refused:
        """The buyer says why a signal is wrong; a person will look at it. Once at a time for each sign."""
        reason = reason.strip()
        if not reason or len(reason) > REASON_MAX:
            return Refused(
                kind="invalid",
                detail=f"Say in up to {REASON_MAX} characters why this is wrong.",
                pointer="/reason",
            )
        known = await self.known(buyer_id, now)
        signal = next((one for one in known.signals if one.sign is sign), None)
        if signal is None:
            return Refused(
                kind="not_found", detail=f"Nothing of the kind {sign.value} is known about {buyer_id}."
            )
        contest = Contest(
            contest_id=secrets.token_hex(8),
            buyer_id=buyer_id,
            sign=sign,
            reason=reason,
            at=now,
            basis=signal.basis,
        )
        if not await self.contests.add(contest):
            return Refused(
                kind="not_possible_now", detail="You have contested this already; a person will look at it."
            )
        await self._tell(CONTESTED, contest.contest_id, now, await self._operators())
        return contest

    async def _tell(self, event: str, contest_id: str, at: datetime, people: Sequence[Actor]) -> None:
        if people:
            seq = 1 if event == CONTESTED else 2
            await self._outbox.put([announcement(event, f"contest/{contest_id}", seq, at, people)])

    async def review(
        self, contest_id: str, *, keep: bool, by: str, note: str, now: datetime
    ) -> Contest | Refused:
        """A person decides: the signal stays, or what it rests on counts no more. ``note`` says why."""
        note = note.strip()
        if not note or len(note) > REASON_MAX:
            return Refused(
                kind="invalid", detail=f"Say in up to {REASON_MAX} characters why.", pointer="/note"
            )
        found = await self.contests.get(contest_id)
        if found is None:
            return Refused(kind="not_found", detail=f"There is no contest {contest_id}.")
        state = "upheld" if keep else "removed"
        done = msgspec.structs.replace(found, state=state, by=by, note=note, reviewed_at=now)
        if not await self.contests.review(done):
            return Refused(
                kind="not_possible_now",
                detail="Somebody has reviewed this contest already.",
                facts={"state": found.state},
            )
        await self._tell(REVIEWED, contest_id, now, [Actor(Role.BUYER, done.buyer_id)])
        return done


def _clause(terms: Terms) -> ClauseText:
    return terms.clause(terms.get("signals.cases_from").clause)
