"""Passes, attempts and used hand-overs in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.accounts import Member, Pass, Purpose
from amends.domain.parties import Role

_SQL = statements("passes")
_FORGOTTEN = timedelta(days=1)


class PostgresPasses:
    """Keeps what `amends.application.ports.accounts.PassStore` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def issue(self, one: Pass) -> None:
        await self._pool.execute(
            _SQL["issue_pass"],
            one.digest,
            one.purpose.value,
            one.account_id,
            one.role,
            one.party_id,
            one.member.value,
            one.email,
            one.name,
            one.created_at,
            one.expires_at,
        )

    @reaching
    async def look(self, digest: bytes, purpose: Purpose, now: datetime) -> Pass | None:
        row = await self._pool.fetchrow(_SQL["look_at_pass"], digest, purpose.value, now)
        return None if row is None else _pass_of(row)

    @reaching
    async def use(self, digest: bytes, purpose: Purpose, now: datetime) -> Pass | None:
        row = await self._pool.fetchrow(_SQL["use_pass"], digest, purpose.value, now)
        return None if row is None else _pass_of(row)

    @reaching
    async def invitations(self, role: Role, party_id: str, now: datetime) -> Sequence[Pass]:
        rows = await self._pool.fetch(_SQL["invitations"], role.value, party_id, now)
        return [_pass_of(row) for row in rows]

    @reaching
    async def withdraw(self, digest: bytes, now: datetime) -> bool:
        return await self._pool.fetchrow(_SQL["withdraw_pass"], digest, now) is not None

    @reaching
    async def withdraw_resets(self, account_id: str, now: datetime) -> None:
        await self._pool.execute(_SQL["withdraw_resets"], account_id, now)

    @reaching
    async def take(self, bucket: str, limit: int, period: timedelta, now: datetime) -> datetime | None:
        apart = period / limit
        taken = await self._pool.fetchrow(_SQL["take_attempt"], bucket, now, apart, period)
        if taken is not None:
            return None
        until = await self._pool.fetchval(_SQL["attempts_until"], bucket)
        await self._pool.execute(_SQL["sweep_attempts"], now - _FORGOTTEN)
        return now if until is None else max(now, until + apart - period)

    @reaching
    async def forgive(self, bucket: str) -> None:
        await self._pool.execute(_SQL["forgive_attempts"], bucket)

    @reaching
    async def first_use(self, jti: str, until: datetime, now: datetime) -> bool:
        return await self._pool.fetchrow(_SQL["first_use"], jti, until, now) is not None


def _pass_of(row: asyncpg.Record) -> Pass:
    return Pass(
        digest=row["digest"],
        purpose=Purpose(row["purpose"]),
        account_id=row["account_id"],
        role=row["role"],
        party_id=row["party_id"],
        member=Member(row["member"]),
        email=row["email"],
        name=row["name"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
