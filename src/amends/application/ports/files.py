"""Files as evidence: their records, their bytes, and who looks into them before anybody else does."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Protocol

import msgspec

from amends.domain.evidence import DOCUMENTS, PICTURES, VIDEOS, FileRef, Limits
from amends.domain.parties import Actor


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file. Its bytes lie under ``<file_id>/`` as original, served and thumb.

    ``served_type`` is the media type of the copy that people see: re-encoded, except a PDF's. ``seen`` is
    what the check found: empty for a good picture, else blurred, dark, glare or small. ``phash`` is the
    64-bit perceptual hash, None where a picture has too little in it to be told from others. ``ready`` is
    False while its bytes are being written. ``shared_with`` is a case, or the order, everybody of which sees
    it, whether or not an event names it: so a message's attachment.
    """

    file_id: str
    order_id: str
    by: Actor
    name: str
    media_type: str
    served_type: str
    size: int
    sha256: str
    at: datetime
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    seen: str = ""
    phash: int | None = None
    ready: bool = False
    shared_with: str = ""

    @property
    def ref(self) -> FileRef:
        """As a case names it."""
        return FileRef(
            file_id=self.file_id,
            sha256=self.sha256,
            media_type=self.media_type,
            size=self.size,
            width=self.width,
            height=self.height,
            seconds=self.seconds,
        )

    @property
    def pictured(self) -> bool:
        """Whether there is a thumbnail."""
        return self.media_type in PICTURES | VIDEOS

    @property
    def seen_as(self) -> str:
        """Which of its bytes people get: a PDF's own, or the copy."""
        return "original" if self.media_type in DOCUMENTS else "served"


class Files(Protocol):
    """The records of files. A file nobody is known to hold on to is stale a while after it was touched."""

    async def add(self, file: StoredFile, most: int) -> bool:
        """Keep a record; False where its sender already has ``most`` others on the order.

        One that is there stays as it is and is touched; False where it is condemned.
        """

    async def finish(self, file_id: str) -> None:
        """The bytes are all there: the file is ready."""

    async def find(self, file_ids: Sequence[str]) -> Mapping[str, StoredFile]:
        """Records by id; unknown ids, and those condemned, are left out."""

    async def same(self, order_id: str, by: Actor, sha256: str) -> StoredFile | None:
        """The ready file of that content the person already has on the order."""

    async def hold(self, file_ids: Sequence[str], at: datetime) -> frozenset[str]:
        """Touch ready files that something is about to hold on to; those that are still there."""

    async def settle(self, file_ids: Sequence[str], shared_with: str = "") -> None:
        """Something is known to hold on to these files for good."""

    async def alike(self, phash: int, distance: int, but_order: str, limit: int) -> Sequence[StoredFile]:
        """Settled pictures of other orders, most alike first: at most ``distance`` (7) of 64 bits differ.

        What was sent to support (no order) is never among them.
        """

    async def stale(self, before: datetime, limit: int) -> Sequence[StoredFile]:
        """Files last touched before then that are not settled, longest ago first; condemned ones too."""

    async def condemn(self, file_id: str, before: datetime) -> bool:
        """Nothing may hold on to it any more; False where it was touched since, or settled."""

    async def forget(self, file_id: str) -> None:
        """Remove the record of a condemned file."""


class Blobs(Protocol):
    """Where bytes lie. A key is written whole or not at all."""

    async def put(self, key: str, source: IO[bytes]) -> None:
        """Write everything from the start of ``source``."""

    def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` to before ``end``, in pieces. Raises `FileNotFoundError`."""

    async def size(self, key: str) -> int:
        """How many bytes. Raises `FileNotFoundError`."""

    async def delete(self, prefix: str) -> None:
        """Remove everything under a prefix; nothing there is no error."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking into a file: the facts, and whether a copy and a thumbnail were made."""

    media_type: str
    served_type: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    seen: str = ""
    phash: int | None = None
    copied: bool = False
    pictured: bool = False


class Unfit(msgspec.Struct, frozen=True):
    """Why a file is not taken: ``why`` is type, size, pixels, seconds, count, empty, broken, active or slow.

    ``most`` is the limit it goes beyond, if it does.
    """

    why: str
    most: int = 0


class Examiner(Protocol):
    """Looks into files where they can do no harm."""

    def scratch(self) -> IO[bytes]:
        """An unnamed file on disk: gone when it is closed, or when the process dies."""

    async def examine(
        self, source: IO[bytes], copy: IO[bytes], thumb: IO[bytes], limits: Limits
    ) -> Examined | Unfit:
        """Decode ``source`` within the limits; write what people may see into ``copy`` and ``thumb``."""
