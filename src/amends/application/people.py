"""Looking after accounts: operators find people, shut them out, let them in, and say what tier a buyer has.

Whatever is decided is written down together with it: who, when, why.
"""

import secrets
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from amends.application.ports import Clock
from amends.application.ports.accounts import Account
from amends.application.ports.people import (
    AccountDeed,
    Decision,
    DeedPage,
    HouseKeeping,
    PeopleFilter,
    PeoplePage,
)
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role

WHY_MAX = 500


class By(msgspec.Struct, frozen=True):
    """Who decides. ``account_id`` is empty for programs and the command line."""

    actor: Actor
    name: str = ""
    account_id: str = ""


#: Who sits at the machine itself.
COMMAND_LINE = By(Actor(Role.OPERATOR, "command-line"))
#: A marketplace that hands its users over.
MARKETPLACE = By(Actor(Role.OPERATOR, "marketplace"))


class PeopleRefusal(StrEnum):
    """Why nothing was decided."""

    NOT_FOUND = "not_found"
    ONESELF = "oneself"
    REASON = "reason"
    UNCHANGED = "unchanged"
    NOT_A_BUYER = "not_a_buyer"


class People:
    """Everybody with an account, for those who look after them; permissions were asked before."""

    def __init__(self, keeping: HouseKeeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def find(self, wanted: PeopleFilter, cursor: str = "", limit: int = 50) -> PeoplePage:
        """A page of accounts, newest first. Raises `ValueError` for a cursor that is none of ours."""
        return await self._keeping.people(wanted, cursor, limit)

    async def get(self, account_id: str) -> Account | None:
        """The account of that id."""
        return await self._keeping.get(account_id)

    async def of_party(self, actor: Actor) -> Sequence[Account]:
        """The accounts that act as somebody: a seller's team, otherwise one at most."""
        return await self._keeping.of_party(actor.role, actor.id)

    async def decided(
        self, account_id: str = "", by: Actor | None = None, cursor: str = "", limit: int = 50
    ) -> DeedPage:
        """What was decided, newest first. Raises `ValueError` for a cursor that is none of ours."""
        return await self._keeping.decided(account_id, by, cursor, limit)

    async def suspend(self, by: By, account_id: str, why: str) -> PeopleRefusal | None:
        """Shut somebody out at once: no sign-in, no session, no key they made. It needs a reason."""
        if not why.strip():
            return PeopleRefusal.REASON
        if account_id == by.account_id:
            return PeopleRefusal.ONESELF
        return await self._decide(by, account_id, Decision.SUSPENDED, why)

    async def restore(self, by: By, account_id: str, why: str = "") -> PeopleRefusal | None:
        """Let somebody in again; sessions stay ended."""
        return await self._decide(by, account_id, Decision.RESTORED, why)

    async def set_tier(self, by: By, account_id: str, tier: Tier, why: str = "") -> PeopleRefusal | None:
        """Say what standing a buyer has. Orders placed before keep the one they were placed with."""
        account = await self.get(account_id)
        if account is not None and account.role is not Role.BUYER:
            return PeopleRefusal.NOT_A_BUYER
        return await self._decide(by, account_id, Decision.TIER, why, tier.value)

    async def sign_out(self, by: By, account_id: str, session_id: str = "") -> PeopleRefusal | None:
        """End one of somebody's sessions by its public id, or all of them."""
        return await self._decide(by, account_id, Decision.SIGNED_OUT, "", session_id)

    async def tier_of(self, buyer_id: str) -> Tier:
        """A buyer's standing, as their account has it; standard for whoever has none."""
        found = await self._keeping.of_party(Role.BUYER, buyer_id)
        return found[0].tier if found else Tier.STANDARD

    async def _decide(
        self, by: By, account_id: str, decision: Decision, why: str, became: str = ""
    ) -> PeopleRefusal | None:
        now = self._clock.now()
        deed = AccountDeed(
            deed_id=f"{now.timestamp():.6f}-{secrets.token_hex(4)}",
            account_id=account_id,
            decision=decision,
            by=by.actor,
            by_name=by.name,
            became=became,
            why=why.strip()[:WHY_MAX],
            at=now,
        )
        if await self._keeping.decide(deed):
            return None
        known = await self.get(account_id)
        return PeopleRefusal.UNCHANGED if known is not None else PeopleRefusal.NOT_FOUND
