"""Sessions in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.accounts import Account, How, Member, Session, SignedIn
from amends.domain.orders import Tier
from amends.domain.parties import Role

_SQL = statements("sessions")


class PostgresSessions:
    """Keeps what `amends.application.ports.accounts.SessionStore` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def open(self, session: Session) -> None:
        await self._pool.execute(
            _SQL["open_session"],
            session.digest,
            session.account_id,
            session.how.value,
            session.user_agent,
            session.address,
            session.created_at,
            session.seen_at,
            session.expires_at,
        )

    @reaching
    async def find(self, digest: bytes) -> SignedIn | None:
        row = await self._pool.fetchrow(_SQL["find_session"], digest)
        return None if row is None else SignedIn(account_of(row), _session_of(row, row["opened_at"]))

    @reaching
    async def touch(self, digest: bytes, at: datetime) -> None:
        await self._pool.execute(_SQL["touch_session"], digest, at)

    @reaching
    async def sessions_of(self, account_id: str) -> Sequence[Session]:
        rows = await self._pool.fetch(_SQL["sessions_of"], account_id)
        return [_session_of(row, row["created_at"]) for row in rows]

    @reaching
    async def end(self, digest: bytes) -> bool:
        return await self._pool.fetchrow(_SQL["end_session"], digest) is not None

    @reaching
    async def end_all(self, account_id: str, but: bytes = b"") -> int:
        return len(await self._pool.fetch(_SQL["end_sessions"], account_id, but))


def _session_of(row: asyncpg.Record, created_at: datetime) -> Session:
    return Session(
        digest=row["digest"],
        account_id=row["account_id"],
        how=How(row["how"]),
        user_agent=row["user_agent"],
        address=row["address"],
        created_at=created_at,
        seen_at=row["seen_at"],
        expires_at=row["expires_at"],
    )


def account_of(row: asyncpg.Record) -> Account:
    """A row of accounts; the hash of the password stays there."""
    return Account(
        account_id=row["account_id"],
        role=Role(row["role"]),
        party_id=row["party_id"],
        member=Member(row["member"]),
        name=row["name"],
        email=row["email"],
        tier=Tier(row["tier"]),
        zone=row["zone"],
        language=row["language"],
        country=row["country"],
        invented=row["invented"],
        has_password=bool(row["password"]),
        created_at=row["created_at"],
        suspended_at=row["suspended_at"],
        suspended_why=row["suspended_why"],
    )
