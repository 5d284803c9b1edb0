"""Blind settlement (X6): takes hidden limits in, keeps them sealed, and settles where two of them meet.

What a side gets to know never depends on the other's limit until the case is settled: not by what is
said, and not by how much is done for it. Both limits are read and opened each time, one of our own where
there is none.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from amends.application.permissions import Caller, sees_case
from amends.application.ports import Clock, Done, Envelope, KeyRole, Reader, Result
from amends.application.ports.blind_limits import BlindLimits, SealedLimit
from amends.domain.cases import commands as c
from amends.domain.cases.blind import CHANGES, meeting, offered, round_of
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Settled
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.domain.time import Calendars

SIDES = (Role.BUYER, Role.SELLER)

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_SWEPT_AT_ONCE = 100
_GONE = Refused(
    kind="not_possible_now", detail="Hidden limits can be named while a claim is negotiated, and not now."
)


class OwnLimit(msgspec.Struct, frozen=True, kw_only=True):
    """All that a side is told: its own limit, and whether the case is settled by limits that met.

    ``amount`` is the limit in minor units of ``currency``, None where none is entered; ``most`` the highest
    that makes sense. ``changes_left`` is how often it can still be changed before the other side's next
    offer. ``open``: a limit can be entered, changed or taken back now.
    """

    open: bool
    amount: int | None
    changes_left: int
    most: int
    currency: str
    settled: bool = False
    clause: ClauseText | None = None


class _Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a case at one moment."""

    case: Case
    side: Role
    terms: Terms
    most: int
    late: bool


class BlindSettlement:
    """Where the sides of a case leave their limits."""

    def __init__(
        self,
        limits: BlindLimits,
        reader: Reader,
        clock: Clock,
        calendars: Calendars,
        submit: Callable[[Envelope], Awaitable[Result]],
        secret: str,
    ) -> None:
        self._limits = limits
        self._reader = reader
        self._clock = clock
        self._calendars = calendars
        self._submit = submit
        self._secret = secret.encode()
        self._decoy = self._seal("", Role.BUYER, 0)

    async def own(self, by: Actor, case_id: str) -> OwnLimit | Refused:
        """What a side has entered. Refused as not_found for whoever is no side of the case."""
        seat = await self._seat(by, case_id)
        if seat is None:
            return _unknown(case_id)
        return self._told(seat, await self._limits.of(case_id, seat.side))

    async def enter(self, by: Actor, case_id: str, amount: int) -> OwnLimit | Refused:
        """Name one's limit, or another one: ``amount`` in minor units, the goods kept.

        For the buyer it is the least they would take, for the seller the most they would give. The same
        again changes nothing. Where the limits meet, the case is settled when this returns.
        """
        seat = await self._seat(by, case_id)
        if seat is None:
            return _unknown(case_id)
        if not _open(seat):
            return self._over(seat)
        if not 1 <= amount <= seat.most:
            return _out_of_range(seat, amount)
        async with self._limits.hold(seat.case.order_id, case_id) as held:
            before = held.limits.get(seat.side)
            met = self._meeting(seat, held.limits)
            if met is None and (before is None or self._opened(case_id, before) != amount):
                changes = _changes_after(seat, before)
                if changes is None:
                    return _no_change_left(seat)
                limit = SealedLimit(
                    side=seat.side,
                    sealed=self._seal(case_id, seat.side, amount),
                    round=round_of(seat.case, seat.side),
                    changes=changes,
                )
                await held.put(limit)
                met = self._meeting(seat, held.limits)
        if met is not None:
            await self._settle(seat.case, met)
        return await self.own(by, case_id)

    async def withdraw(self, by: Actor, case_id: str) -> OwnLimit | Refused:
        """Take one's limit back; to name one again counts as a change."""
        seat = await self._seat(by, case_id)
        if seat is None:
            return _unknown(case_id)
        if not _open(seat):
            return self._over(seat)
        async with self._limits.hold(seat.case.order_id, case_id) as held:
            met = self._meeting(seat, held.limits)
            mine = held.limits.get(seat.side)
            if met is None and mine is not None and mine.sealed:
                await held.put(msgspec.structs.replace(mine, sealed=""))
        if met is not None:
            await self._settle(seat.case, met)
        return await self.own(by, case_id)

    async def clear(self) -> int:
        """Destroy what outlived its negotiation, and settle where limits met and nobody did: how many."""
        done, after = 0, ""
        while page := await self._limits.cases(after, _SWEPT_AT_ONCE):
            after = page[-1]
            for case_id in page:
                done += await self._cleared(case_id)
        return done

    async def _cleared(self, case_id: str) -> bool:
        seat = await self._seat_of(case_id, Role.BUYER)
        if seat is None or not offered(seat.case, seat.terms):
            await self._limits.destroy(case_id)
            return True
        async with self._limits.hold(seat.case.order_id, case_id) as held:
            met = self._meeting(seat, held.limits)
        if met is not None:
            await self._settle(seat.case, met)
        return met is not None

    async def _settle(self, case: Case, met: tuple[int, int]) -> None:
        buyer, seller = met
        result = await self._submit(
            Envelope(
                command=c.SettleBlind(buyer=buyer, seller=seller),
                actor=CLOCK,
                order_id=case.order_id,
                case_id=case.case_id,
            )
        )
        # Where something else was faster, or the store is away, `clear` does what is left to do.
        if isinstance(result, Done):
            await self._limits.destroy(case.case_id)

    def _meeting(self, seat: _Seat, limits: Mapping[Role, SealedLimit]) -> tuple[int, int] | None:
        """Both limits where they meet. As much is done where there are none."""
        buyer, seller = (self._opened(seat.case.case_id, limits.get(side)) for side in SIDES)
        # What no limit of ours can be: a buyer who takes no refund there is, a seller who gives none.
        asked, given = seat.most + 1 if buyer is None else buyer, -1 if seller is None else seller
        return None if meeting(asked, given, seat.most) is None else (asked, given)

    def _over(self, seat: _Seat) -> OwnLimit | Refused:
        """What those hear who come too late; who presses twice, what the first time led to."""
        told = self._told(seat, None)
        return told if told.settled else _GONE

    def _told(self, seat: _Seat, limit: SealedLimit | None) -> OwnLimit:
        open_ = _open(seat)
        settlement = seat.case.settlement
        known = limit if open_ else None
        amount = self._opened(seat.case.case_id, known) if known else None
        clause = seat.terms.get(CHANGES, seat.case.reason).clause if _named(seat) else ""
        return OwnLimit(
            open=open_,
            amount=amount,
            changes_left=_changes_left(seat, known) if open_ else 0,
            most=seat.most,
            currency=seat.case.currency,
            settled=settlement is not None and settlement.by is Settled.BLIND,
            clause=seat.terms.clauses.get(clause),
        )

    async def _seat(self, by: Actor, case_id: str) -> _Seat | None:
        """Where somebody sits, whose case it is; None for everybody else."""
        if by.role not in SIDES:
            return None
        seat = await self._seat_of(case_id, by.role)
        if seat is None:
            return None
        return seat if sees_case(Caller(KeyRole(by.role.value), by.id), seat.case) else None

    async def _seat_of(self, case_id: str, side: Role) -> _Seat | None:
        scene = await self._reader.scene(case_id.rpartition(".")[0])
        case = scene.cases.get(case_id) if scene else None
        if scene is None or scene.custody is None or case is None:
            return None
        order = scene.custody.order
        line = order.line(case.units[0].line_id) if case.units else None
        terms_id = (line or order.lines[0]).terms_id
        terms = await self._reader.terms_of([terms_id])
        now = self._clock.now()
        hearing = Hearing(scene.custody, scene.cases, Rules(terms, self._calendars), CLOCK, now)
        return _Seat(
            case=case,
            side=side,
            terms=terms[terms_id],
            most=hearing.most(case),
            late=case.waiting is not None and now >= case.waiting.until,
        )

    def _key(self, case_id: str, side: Role) -> OctKey:
        """A key for one side of one case: what is sealed for it opens nowhere else."""
        name = f"blind limit\0{case_id}\0{side.value}".encode()
        return OctKey.import_key(hmac.digest(self._secret, name, "sha256"))

    def _seal(self, case_id: str, side: Role, amount: int) -> str:
        # Always of one length, or it would say how many digits the amount has.
        return jwe.encrypt_compact(_HEADER, f"{amount:020d}".encode(), self._key(case_id, side))

    def _opened(self, case_id: str, limit: SealedLimit | None) -> int | None:
        if limit is None or not limit.sealed:
            self._unsealed("", Role.BUYER, self._decoy)
            return None
        return self._unsealed(case_id, limit.side, limit.sealed)

    def _unsealed(self, case_id: str, side: Role, sealed: str) -> int | None:
        """The amount; None where the house's secret is another one since."""
        try:
            return int(jwe.decrypt_compact(sealed, self._key(case_id, side)).plaintext or b"")
        except JoseError:
            return None


def _named(seat: _Seat) -> bool:
    return seat.terms.has(CHANGES, seat.case.reason)


def _open(seat: _Seat) -> bool:
    return offered(seat.case, seat.terms) and not seat.late and seat.most > 0


def _allowed(seat: _Seat) -> int:
    return int(seat.terms.get(CHANGES, seat.case.reason).value)


def _used(seat: _Seat, before: SealedLimit) -> int:
    return before.changes if before.round == round_of(seat.case, seat.side) else 0


def _changes_left(seat: _Seat, before: SealedLimit | None) -> int:
    return _allowed(seat) - (_used(seat, before) if before else 0)


def _changes_after(seat: _Seat, before: SealedLimit | None) -> int | None:
    """How many changes are used once the limit is set; None where none is left. The first is no change."""
    if before is None:
        return 0
    used = _used(seat, before) + 1
    return used if used <= _allowed(seat) else None


def _unknown(case_id: str) -> Refused:
    return Refused(kind="not_found", detail=f"There is no case {case_id}.")


def _out_of_range(seat: _Seat, amount: int) -> Refused:
    currency = seat.case.currency
    return Refused(
        kind="amount_too_high" if amount > seat.most else "invalid",
        detail=f"A limit lies between 1 and {seat.most} minor units of {currency}; {amount} was given.",
        facts={"asked": amount, "most": seat.most, "currency": currency},
        pointer="/amount",
    )


def _no_change_left(seat: _Seat) -> Refused:
    return Refused(
        kind="not_possible_now",
        detail="The limit cannot be changed again before the other side makes a new offer.",
        facts={"changes": _allowed(seat)},
        clause=seat.terms.get(CHANGES, seat.case.reason).clause,
        pointer="/amount",
    )
