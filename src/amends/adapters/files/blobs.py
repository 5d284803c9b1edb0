"""Where the bytes of files lie: a folder, or a bucket of S3 or what speaks like it, by obstore."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

import obstore
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

_PIECE_BYTES = 256 * 1024


class ObjectBlobs:
    """Keeps what `amends.application.ports.files.Blobs` promises, over any store of obstore."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, source: IO[bytes]) -> None:
        """Write everything; a folder gets it under another name first, S3 in parts that count at the end."""
        source.seek(0)
        await obstore.put_async(self._store, key, source)

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes in pieces."""
        if end is None:
            end = await self.size(key)
        if end <= start:
            return
        found = await obstore.get_async(self._store, key, options={"range": (start, end)})
        async for piece in found.stream(min_chunk_size=_PIECE_BYTES):
            yield bytes(piece)

    async def size(self, key: str) -> int:
        """How many bytes lie under a key."""
        return int((await obstore.head_async(self._store, key))["size"])

    async def delete(self, prefix: str) -> None:
        """Remove everything under a prefix."""
        async for batch in obstore.list(self._store, prefix):
            for found in batch:
                await obstore.delete_async(self._store, found["path"])


def open_blobs(url: str | None, folder: Path) -> ObjectBlobs:
    """The store of a URL (``s3://bucket/prefix``, with the usual AWS_* variables), or else the folder.

    AWS_ENDPOINT_URL leads to another host; AWS_ALLOW_HTTP=true lets it be one without TLS.
    """
    if url:
        return ObjectBlobs(from_url(url))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ObjectBlobs(LocalStore(folder, automatic_cleanup=True))


def memory_blobs() -> ObjectBlobs:
    """Bytes as long as the process lives."""
    return ObjectBlobs(MemoryStore())
