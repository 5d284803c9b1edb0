"""Accounts, sessions, passes and attempts in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from amends.adapters.memory.people import MemoryPeople
from amends.application.ports.accounts import (
    Account,
    Member,
    Pass,
    Purpose,
    Session,
    SignedIn,
    TeamDeed,
    email_key,
)
from amends.application.ports.people import AccountDeed
from amends.domain.parties import Role


class _MemorySessions:
    """Keeps what `amends.application.ports.accounts.SessionStore` promises."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._sessions: dict[bytes, Session] = {}

    async def open(self, session: Session) -> None:
        self._sessions = {
            one.digest: one for one in self._sessions.values() if one.expires_at > session.created_at
        }
        self._sessions[session.digest] = session

    async def find(self, digest: bytes) -> SignedIn | None:
        session = self._sessions.get(digest)
        return None if session is None else SignedIn(self._accounts[session.account_id], session)

    async def touch(self, digest: bytes, at: datetime) -> None:
        session = self._sessions.get(digest)
        if session is not None and session.seen_at < at:
            self._sessions[digest] = replace(session, seen_at=at)

    async def sessions_of(self, account_id: str) -> Sequence[Session]:
        theirs = [one for one in self._sessions.values() if one.account_id == account_id]
        return sorted(theirs, key=lambda one: (-one.seen_at.timestamp(), one.digest))

    async def end(self, digest: bytes) -> bool:
        return self._sessions.pop(digest, None) is not None

    async def end_all(self, account_id: str, but: bytes = b"") -> int:
        ended = [one.digest for one in await self.sessions_of(account_id) if one.digest != but]
        for digest in ended:
            del self._sessions[digest]
        return len(ended)


class _MemoryPasses:
    """Keeps what `amends.application.ports.accounts.PassStore` promises."""

    def __init__(self) -> None:
        self._passes: dict[bytes, Pass] = {}
        self._attempts: dict[str, datetime] = {}
        self._handed_over: dict[str, datetime] = {}

    async def issue(self, one: Pass) -> None:
        self._passes[one.digest] = one

    async def look(self, digest: bytes, purpose: Purpose, now: datetime) -> Pass | None:
        found = self._passes.get(digest)
        return found if found and found.purpose is purpose and found.expires_at > now else None

    async def use(self, digest: bytes, purpose: Purpose, now: datetime) -> Pass | None:
        found = await self.look(digest, purpose, now)
        if found is not None:
            del self._passes[digest]
        return found

    async def invitations(self, role: Role, party_id: str, now: datetime) -> Sequence[Pass]:
        theirs = [
            one
            for one in self._passes.values()
            if one.purpose is Purpose.INVITATION
            and (one.role, one.party_id) == (role.value, party_id)
            and one.expires_at > now
        ]
        return sorted(theirs, key=lambda one: (one.created_at, one.digest))

    async def withdraw(self, digest: bytes, now: datetime) -> bool:
        found = self._passes.pop(digest, None)
        return found is not None and found.expires_at > now

    async def withdraw_resets(self, account_id: str, now: datetime) -> None:
        theirs = [one.digest for one in self._passes.values() if account_id and one.account_id == account_id]
        for digest in theirs:
            if self._passes[digest].expires_at > now:
                del self._passes[digest]

    async def take(self, bucket: str, limit: int, period: timedelta, now: datetime) -> datetime | None:
        apart = period / limit
        until = max(self._attempts.get(bucket, now), now) + apart
        if until <= now + period:
            self._attempts[bucket] = until
            return None
        return max(now, until - period)

    async def forgive(self, bucket: str) -> None:
        self._attempts.pop(bucket, None)

    async def first_use(self, jti: str, until: datetime, now: datetime) -> bool:
        self._handed_over = {one: end for one, end in self._handed_over.items() if end >= now}
        if jti in self._handed_over:
            return False
        self._handed_over[jti] = until
        return True


class _MemoryTeamLog:
    """Keeps what `amends.application.ports.accounts.TeamLog` promises."""

    def __init__(self) -> None:
        self._deeds: dict[tuple[str, str], TeamDeed] = {}

    async def note(self, deed: TeamDeed) -> None:
        self._deeds.setdefault((deed.seller_id, deed.deed_id), deed)

    async def conclude(self, seller_id: str, deed_id: str, outcome: str, events: Sequence[str] = ()) -> None:
        known = self._deeds.get((seller_id, deed_id))
        if known is not None:
            self._deeds[seller_id, deed_id] = replace(known, outcome=outcome, events=tuple(events))

    async def deeds(self, seller_id: str, limit: int) -> Sequence[TeamDeed]:
        theirs = [one for one in self._deeds.values() if one.seller_id == seller_id]
        return sorted(theirs, key=lambda one: (one.at, one.deed_id), reverse=True)[:limit]

    async def behind(self, order_ids: Sequence[str]) -> Sequence[TeamDeed]:
        found = [one for one in self._deeds.values() if one.events and one.order_id in order_ids]
        return sorted(found, key=lambda one: (one.at, one.deed_id))


class MemoryAccounts(_MemorySessions, _MemoryPasses, _MemoryTeamLog, MemoryPeople):
    """Keeps what `amends.application.ports.accounts.AccountKeeping` promises while the process lives."""

    def __init__(self) -> None:
        _MemorySessions.__init__(self)
        _MemoryPasses.__init__(self)
        _MemoryTeamLog.__init__(self)
        self._decided: list[AccountDeed] = []
        self._passwords: dict[str, str] = {}
        self._identities: dict[tuple[str, str], str] = {}

    async def add(self, account: Account, password: str = "") -> bool:
        taken = account.account_id in self._accounts or await self.by_email(account.email) is not None
        if taken or (account.role is not Role.SELLER and await self.of_party(account.role, account.party_id)):
            return False
        self._accounts[account.account_id] = replace(account, has_password=bool(password))
        self._passwords[account.account_id] = password
        return True

    async def get(self, account_id: str) -> Account | None:
        return self._accounts.get(account_id)

    async def by_email(self, email: str) -> Account | None:
        key = email_key(email)
        return next((one for one in self._accounts.values() if key and email_key(one.email) == key), None)

    async def password_of(self, email: str) -> tuple[Account, str] | None:
        found = await self.by_email(email)
        return None if found is None else (found, self._passwords[found.account_id])

    async def of_party(self, role: Role, party_id: str) -> Sequence[Account]:
        theirs = [one for one in self._accounts.values() if (one.role, one.party_id) == (role, party_id)]
        return sorted(theirs, key=lambda one: (one.created_at, one.account_id))

    async def change(self, account: Account) -> bool:
        known = self._accounts.get(account.account_id)
        if known is None:
            return False
        names = ("name", "zone", "language", "country")
        self._accounts[known.account_id] = replace(known, **{name: getattr(account, name) for name in names})
        return True

    async def set_member(self, account_id: str, member: Member) -> None:
        known = self._accounts.get(account_id)
        if known is not None:
            self._accounts[account_id] = replace(known, member=member)

    async def set_password(self, account_id: str, password: str) -> None:
        known = self._accounts.get(account_id)
        if known is not None:
            self._accounts[account_id] = replace(known, has_password=bool(password))
            self._passwords[account_id] = password

    async def remove(self, account_id: str) -> bool:
        if account_id not in self._accounts:
            return False
        await self.end_all(account_id)
        del self._accounts[account_id], self._passwords[account_id]
        self._identities = {who: one for who, one in self._identities.items() if one != account_id}
        return True

    async def identity(self, issuer: str, subject: str) -> Account | None:
        return self._accounts.get(self._identities.get((issuer, subject), ""))

    async def identify(self, issuer: str, subject: str, account_id: str, at: datetime) -> None:
        if account_id in self._accounts and at.tzinfo is not None:
            self._identities.setdefault((issuer, subject), account_id)
