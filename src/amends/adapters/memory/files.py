"""Records of files in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.application.ports.files import StoredFile
from amends.domain.parties import Actor


class MemoryFiles:
    """Keeps what `amends.application.ports.files.Files` promises, as long as the process lives."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._touched: dict[str, datetime] = {}
        self._settled: set[str] = set()
        self._condemned: set[str] = set()

    async def add(self, file: StoredFile, most: int) -> bool:
        mine = [one for one in self._there() if (one.order_id, one.by) == (file.order_id, file.by)]
        others = [one for one in mine if one.file_id != file.file_id]
        if len(others) >= most or file.file_id in self._condemned:
            return False
        if file.file_id not in self._files:
            self._files[file.file_id] = replace(file, ready=False)
        self._touched[file.file_id] = max(self._touched.get(file.file_id, file.at), file.at)
        return True

    async def finish(self, file_id: str) -> None:
        self._files[file_id] = replace(self._files[file_id], ready=True)

    async def find(self, file_ids: Sequence[str]) -> Mapping[str, StoredFile]:
        return {one.file_id: one for one in self._there() if one.file_id in file_ids}

    async def same(self, order_id: str, by: Actor, sha256: str) -> StoredFile | None:
        wanted = (order_id, by, sha256, True)
        return next(
            (one for one in self._there() if (one.order_id, one.by, one.sha256, one.ready) == wanted), None
        )

    async def hold(self, file_ids: Sequence[str], at: datetime) -> frozenset[str]:
        held = frozenset(one.file_id for one in self._there() if one.file_id in file_ids and one.ready)
        for file_id in held:
            self._touched[file_id] = max(self._touched[file_id], at)
        return held

    async def settle(self, file_ids: Sequence[str], shared_with: str = "") -> None:
        for one in self._there():
            if one.file_id in file_ids:
                self._settled.add(one.file_id)
                self._files[one.file_id] = replace(one, shared_with=shared_with or one.shared_with)

    async def alike(self, phash: int, distance: int, but_order: str, limit: int) -> Sequence[StoredFile]:
        found = [
            ((one.phash ^ phash).bit_count(), one.at, one.file_id, one)
            for one in self._there()
            if one.phash is not None and one.file_id in self._settled and one.order_id not in {but_order, ""}
        ]
        return [one for bits, _, _, one in sorted(found, key=lambda row: row[:3]) if bits <= distance][:limit]

    async def stale(self, before: datetime, limit: int) -> Sequence[StoredFile]:
        found = [
            one
            for one in self._files.values()
            if self._touched[one.file_id] < before and one.file_id not in self._settled
        ]
        return sorted(found, key=lambda one: (self._touched[one.file_id], one.file_id))[:limit]

    async def condemn(self, file_id: str, before: datetime) -> bool:
        if file_id not in self._files or file_id in self._settled or self._touched[file_id] >= before:
            return False
        self._condemned.add(file_id)
        return True

    async def forget(self, file_id: str) -> None:
        if file_id in self._condemned:
            self._condemned.discard(file_id)
            del self._files[file_id]

    def _there(self) -> list[StoredFile]:
        return [one for one in self._files.values() if one.file_id not in self._condemned]
