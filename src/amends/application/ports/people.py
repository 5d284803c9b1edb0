"""What looking after accounts asks of the world: finding people, and a log of what was decided about them."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from amends.application.ports.accounts import Account, AccountKeeping
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role


class Standing(StrEnum):
    """Whether an account may be signed in to."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class PeopleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts to list, newest first; what is empty or None does not narrow.

    Each word of ``text`` has to stand in the name, the address or the id in orders. A ``tier`` is a buyer's.
    """

    text: str = ""
    role: Role | None = None
    standing: Standing | None = None
    tier: Tier | None = None


class PeoplePage(msgspec.Struct, frozen=True):
    """One page of accounts; ``next`` is the cursor of the following page, empty on the last."""

    accounts: tuple[Account, ...]
    next: str = ""


class Decision(StrEnum):
    """What can be decided about an account."""

    SUSPENDED = "suspended"
    RESTORED = "restored"
    TIER = "tier"
    SIGNED_OUT = "signed_out"


class AccountDeed(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about an account, by whom and why: a line of the audit log.

    ``was`` and ``became`` are the tiers before and after. For a device that was signed out ``became`` is the
    public id of its session, empty for all of them. ``name`` and ``by_name`` are copies, so that they say who
    it was when the account has gone.
    """

    deed_id: str
    account_id: str
    decision: Decision
    by: Actor
    by_name: str = ""
    name: str = ""
    was: str = ""
    became: str = ""
    why: str = ""
    at: datetime


class DeedPage(msgspec.Struct, frozen=True):
    """One page of the log; ``next`` is the cursor of the following page, empty on the last."""

    deeds: tuple[AccountDeed, ...]
    next: str = ""


def sought(text: str) -> list[str]:
    """The words that somebody is looked for by, as names and addresses are compared."""
    return text.lower().split()


class PeopleKeeping(Protocol):
    """Accounts as those see them who look after them. Everything may raise `StoreUnreachable`."""

    async def people(self, wanted: PeopleFilter, cursor: str, limit: int) -> PeoplePage:
        """A page of accounts, newest first. Raises `ValueError` for a cursor that is none of ours."""

    async def decide(self, deed: AccountDeed) -> bool:
        """Carry out what was decided and write it down, both or neither; ``was`` is filled in.

        False where it changes nothing: nobody has that id, they are suspended already, have that tier, are
        no buyer, or are signed in nowhere. Sessions of who is suspended end at once.
        """

    async def decided(
        self, account_id: str = "", by: Actor | None = None, cursor: str = "", limit: int = 50
    ) -> DeedPage:
        """What was decided about an account, or by somebody, or at all; newest first.

        Raises `ValueError` for a cursor that is none of ours.
        """


class HouseKeeping(AccountKeeping, PeopleKeeping, Protocol):
    """Everything that accounts and those who look after them need kept."""
