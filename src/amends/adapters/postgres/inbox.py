"""People's notices in PostgreSQL."""

from collections.abc import Sequence

import msgspec

from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.statements import statements
from amends.application.ports import Letter
from amends.domain.parties import Actor, Role

_SQL = statements("inbox")


class _Body(msgspec.Struct, frozen=True):
    subject: str
    text: str


class PostgresInbox:
    """Keeps what `amends.application.ports.Inbox` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        await self._pool.execute(
            _SQL["put_notices"],
            [letter.notice_id for letter in letters],
            [letter.to.role.value for letter in letters],
            [letter.to.id for letter in letters],
            [letter.order_id for letter in letters],
            [letter.case_id for letter in letters],
            [letter.event for letter in letters],
            [msgspec.json.encode(_Body(letter.subject, letter.text)).decode() for letter in letters],
            [letter.at for letter in letters],
        )
        rows = await self._pool.fetch(_SQL["unmailed"], [letter.notice_id for letter in letters])
        unmailed = {row["notice_id"] for row in rows}
        return [letter for letter in letters if letter.notice_id in unmailed]

    async def mailed(self, notice_ids: Sequence[str]) -> None:
        if notice_ids:
            await self._pool.execute(_SQL["mailed"], list(notice_ids))

    async def of(self, person: Actor, limit: int) -> Sequence[Letter]:
        letters = []
        for row in await self._pool.fetch(_SQL["notices_of"], person.role.value, person.id, limit):
            body = msgspec.json.decode(row["body"], type=_Body)
            letters.append(
                Letter(
                    notice_id=row["notice_id"],
                    to=Actor(Role(row["role"]), row["person_id"]),
                    order_id=row["order_id"],
                    case_id=row["case_id"],
                    event=row["kind"],
                    subject=body.subject,
                    text=body.text,
                    at=row["at"],
                )
            )
        return letters
