"""Records of files in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.files import StoredFile
from amends.domain.parties import Actor, Role

_SQL = statements("evidence")


class PostgresFiles:
    """Keeps what `amends.application.ports.files.Files` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def add(self, file: StoredFile, most: int) -> bool:
        """Keep a record, within the count."""
        row = await self._pool.fetchrow(
            _SQL["add_file"],
            file.file_id,
            file.order_id,
            file.by.role.value,
            file.by.id,
            file.name,
            file.media_type,
            file.served_type,
            file.size,
            file.sha256,
            file.width,
            file.height,
            file.seconds,
            file.seen,
            None if file.phash is None else _signed(file.phash),
            file.at,
            most,
        )
        return row is not None

    @reaching
    async def finish(self, file_id: str) -> None:
        """The bytes are there."""
        await self._pool.execute(_SQL["finish_file"], file_id)

    @reaching
    async def find(self, file_ids: Sequence[str]) -> Mapping[str, StoredFile]:
        """Records by id."""
        rows = await self._pool.fetch(_SQL["files_by_id"], list(file_ids))
        return {row["file_id"]: _file(row) for row in rows}

    @reaching
    async def same(self, order_id: str, by: Actor, sha256: str) -> StoredFile | None:
        """The same content by the same person on the same order."""
        row = await self._pool.fetchrow(_SQL["same_file"], order_id, by.role.value, by.id, sha256)
        return None if row is None else _file(row)

    @reaching
    async def hold(self, file_ids: Sequence[str], at: datetime) -> frozenset[str]:
        """Touch files."""
        rows = await self._pool.fetch(_SQL["hold_files"], list(file_ids), at)
        return frozenset(row["file_id"] for row in rows)

    @reaching
    async def settle(self, file_ids: Sequence[str], shared_with: str = "") -> None:
        """Keep files for good."""
        await self._pool.execute(_SQL["settle_files"], list(file_ids), shared_with)

    @reaching
    async def alike(self, phash: int, distance: int, but_order: str, limit: int) -> Sequence[StoredFile]:
        """Pictures of other orders that look the same."""
        rows = await self._pool.fetch(_SQL["alike_files"], _signed(phash), distance, but_order, limit)
        return [_file(row) for row in rows]

    @reaching
    async def stale(self, before: datetime, limit: int) -> Sequence[StoredFile]:
        """Files that nothing is known to hold on to."""
        return [_file(row) for row in await self._pool.fetch(_SQL["stale_files"], before, limit)]

    @reaching
    async def condemn(self, file_id: str, before: datetime) -> bool:
        """Nothing may hold on to it any more."""
        return await self._pool.fetchrow(_SQL["condemn_file"], file_id, before) is not None

    @reaching
    async def forget(self, file_id: str) -> None:
        """Remove a condemned record."""
        await self._pool.execute(_SQL["forget_file"], file_id)


def _signed(phash: int) -> int:
    """64 bits as PostgreSQL's bigint has them."""
    return phash - (1 << 64) if phash >> 63 else phash


def _file(row: asyncpg.Record) -> StoredFile:
    phash: int | None = row["phash"]
    return StoredFile(
        file_id=row["file_id"],
        order_id=row["order_id"],
        by=Actor(Role(row["role"]), row["person_id"]),
        name=row["name"],
        media_type=row["media_type"],
        served_type=row["served_type"],
        size=row["size"],
        sha256=row["sha256"],
        at=row["at"],
        width=row["width"],
        height=row["height"],
        seconds=row["seconds"],
        seen=row["seen"],
        phash=None if phash is None else phash % (1 << 64),
        ready=row["ready"],
        shared_with=row["shared_with"],
    )
