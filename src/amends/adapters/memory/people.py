"""People and what was decided about them, in memory."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from msgspec.structs import replace

from amends.adapters.cursors import Cursor, parse
from amends.application.ports.accounts import Account, Session, email_key
from amends.application.ports.people import (
    AccountDeed,
    Decision,
    DeedPage,
    PeopleFilter,
    PeoplePage,
    Standing,
    sought,
)
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role

T = TypeVar("T")


class _Shelf(Protocol):
    """What `MemoryPeople` is mixed into."""

    _accounts: dict[str, Account]
    _sessions: dict[bytes, Session]
    _decided: list[AccountDeed]


class MemoryPeople:
    """Keeps what `amends.application.ports.people.PeopleKeeping` promises."""

    async def people(self: _Shelf, wanted: PeopleFilter, cursor: str, limit: int) -> PeoplePage:
        words = sought(wanted.text)
        keyed = [
            (one.created_at, one.account_id, one)
            for one in self._accounts.values()
            if _fits(one, wanted) and all(word in _known(one) for word in words)
        ]
        found, more = _page(keyed, "made", cursor, limit)
        return PeoplePage(tuple(found), more)

    async def decide(self: _Shelf, deed: AccountDeed) -> bool:
        known = self._accounts.get(deed.account_id)
        if known is None:
            return False
        changed = known
        ended: list[bytes] = []
        match deed.decision:
            case Decision.SUSPENDED if known.suspended_at is None:
                changed = replace(known, suspended_at=deed.at, suspended_why=deed.why)
                ended = _sessions_of(self._sessions.values(), known)
            case Decision.RESTORED if known.suspended_at is not None:
                changed = replace(known, suspended_at=None, suspended_why="")
            case Decision.TIER if known.role is Role.BUYER and known.tier != deed.became:
                changed = replace(known, tier=Tier(deed.became))
                deed = replace(deed, was=known.tier.value)
            case Decision.SIGNED_OUT:
                ended = [
                    digest
                    for digest in _sessions_of(self._sessions.values(), known)
                    if deed.became in {"", digest.hex()[:20]}
                ]
        if changed == known and not ended:
            return False
        self._accounts[known.account_id] = changed
        for digest in ended:
            del self._sessions[digest]
        self._decided.append(replace(deed, name=known.name))
        return True

    async def decided(
        self: _Shelf, account_id: str = "", by: Actor | None = None, cursor: str = "", limit: int = 50
    ) -> DeedPage:
        keyed = [
            (one.at, one.deed_id, one)
            for one in self._decided
            if account_id in {"", one.account_id} and by in {None, one.by}
        ]
        found, more = _page(keyed, "decided", cursor, limit)
        return DeedPage(tuple(found), more)


def _fits(account: Account, wanted: PeopleFilter) -> bool:
    standing = Standing.ACTIVE if account.suspended_at is None else Standing.SUSPENDED
    return (
        wanted.role in {None, account.role}
        and wanted.standing in {None, standing}
        and (wanted.tier is None or (account.role is Role.BUYER and account.tier is wanted.tier))
    )


def _known(account: Account) -> str:
    return f"{account.name.lower()} {email_key(account.email)} {account.party_id.lower()}"


def _sessions_of(sessions: Iterable[Session], account: Account) -> list[bytes]:
    return [one.digest for one in sessions if one.account_id == account.account_id]


def _page(keyed: list[tuple[datetime, str, T]], by: str, cursor: str, limit: int) -> tuple[list[T], str]:
    after = parse(cursor, by) if cursor else None
    keyed.sort(key=lambda one: one[:2], reverse=True)
    rest = [one for one in keyed if after is None or after.at is None or one[:2] < (after.at, after.id)]
    more = str(Cursor(by, *rest[limit - 1][:2])) if len(rest) > limit else ""
    return [one for _, _, one in rest[:limit]], more
