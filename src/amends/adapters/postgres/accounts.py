"""Accounts in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from amends.adapters.postgres.passes import PostgresPasses
from amends.adapters.postgres.people import PostgresPeople
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.sessions import PostgresSessions, account_of
from amends.adapters.postgres.statements import statements
from amends.adapters.postgres.teams import PostgresTeamLog
from amends.application.ports.accounts import Account, Member, email_key
from amends.domain.parties import Role

_SQL = statements("accounts")


class PostgresAccounts(PostgresSessions, PostgresPasses, PostgresTeamLog, PostgresPeople):
    """Keeps what `amends.application.ports.accounts.AccountKeeping` promises."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)

    @reaching
    async def add(self, account: Account, password: str = "") -> bool:
        added = await self._pool.fetchrow(
            _SQL["add_account"],
            account.account_id,
            account.role.value,
            account.party_id,
            account.member.value,
            account.name,
            account.email,
            email_key(account.email),
            account.tier.value,
            account.zone,
            account.language,
            account.country,
            account.invented,
            password,
            account.created_at,
        )
        return added is not None

    @reaching
    async def get(self, account_id: str) -> Account | None:
        return _one(await self._pool.fetchrow(_SQL["get_account"], account_id))

    @reaching
    async def by_email(self, email: str) -> Account | None:
        return _one(await self._pool.fetchrow(_SQL["account_by_email"], email_key(email)))

    @reaching
    async def password_of(self, email: str) -> tuple[Account, str] | None:
        row = await self._pool.fetchrow(_SQL["account_by_email"], email_key(email))
        return None if row is None else (account_of(row), row["password"])

    @reaching
    async def of_party(self, role: Role, party_id: str) -> Sequence[Account]:
        rows = await self._pool.fetch(_SQL["accounts_of_party"], role.value, party_id)
        return [account_of(row) for row in rows]

    @reaching
    async def change(self, account: Account) -> bool:
        changed = await self._pool.fetchrow(
            _SQL["change_account"],
            account.account_id,
            account.name,
            account.zone,
            account.language,
            account.country,
        )
        return changed is not None

    @reaching
    async def set_member(self, account_id: str, member: Member) -> None:
        await self._pool.execute(_SQL["set_member"], account_id, member.value)

    @reaching
    async def set_password(self, account_id: str, password: str) -> None:
        await self._pool.execute(_SQL["set_password"], account_id, password)

    @reaching
    async def remove(self, account_id: str) -> bool:
        return await self._pool.fetchrow(_SQL["remove_account"], account_id) is not None

    @reaching
    async def identity(self, issuer: str, subject: str) -> Account | None:
        return _one(await self._pool.fetchrow(_SQL["account_of_identity"], issuer, subject))

    @reaching
    async def identify(self, issuer: str, subject: str, account_id: str, at: datetime) -> None:
        await self._pool.execute(_SQL["identify"], issuer, subject, account_id, at)


def _one(row: asyncpg.Record | None) -> Account | None:
    return None if row is None else account_of(row)
