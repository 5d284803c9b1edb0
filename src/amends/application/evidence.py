"""Files as evidence: taking them in, naming them in cases, showing them, clearing away the unused."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import IO

import msgspec
from msgspec.structs import replace

from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import Clock, Done, Envelope, KeyRole, Reader, Result
from amends.application.ports.files import Blobs, Examiner, Files, StoredFile, Unfit
from amends.domain.cases import commands as c
from amends.domain.cases.model import Case, EvidenceItem
from amends.domain.evidence import Limits, kind_of
from amends.domain.parties import Actor
from amends.domain.refusals import Refused

KEPT_UNUSED = timedelta(days=1)
"""How long a file waits to become evidence."""

ALIKE_BITS = 6
"""In how many of 64 bits two perceptual hashes may differ: a signal for people, never a verdict."""

ORIGINAL, SERVED, THUMB = "original", "served", "thumb"

_CLEARED_AT_ONCE = 100
_ALIKE_MAX = 5
_NAME_MAX = 120
_OWN_MAX = 1000
_PIECE_BYTES = 1024 * 1024
_IN_EVIDENCE = (
    c.OpenClaim,
    c.EditDraft,
    c.Appeal,
    c.ContestRejection,
    c.MakeOffer,
    c.ShipReturn,
    c.InspectReturn,
)
_IN_ITEMS = (c.AddEvidence, c.SubmitEvidence)


class EvidenceRoom:
    """Where files are handed in, looked at and kept."""

    def __init__(self, files: Files, blobs: Blobs, examiner: Examiner, reader: Reader, clock: Clock) -> None:
        self._files = files
        self._blobs = blobs
        self._examiner = examiner
        self._reader = reader
        self._clock = clock

    def scratch(self) -> IO[bytes]:
        """An unnamed file on disk to receive into; the caller closes it."""
        return self._examiner.scratch()

    async def take(
        self, source: IO[bytes], *, name: str, order_id: str, by: Actor, limits: Limits
    ) -> StoredFile | Unfit:
        """Look into a file and keep it; the same content sent twice by a person is one file of an order.

        That holds for two at once too: the content names the file, and whoever comes second takes it up. The
        record is written before the bytes and is ready after them: of what is cut off half-way nothing is
        seen, and `clear` removes it.
        """
        size = source.seek(0, 2)
        if not size:
            return Unfit("empty")
        if size > limits.size:
            return Unfit("size", limits.size)
        digest = digest_of(source).hex()
        known = await self._files.same(order_id, by, digest)
        if known is not None and not _between_two(known):
            await self._files.hold([known.file_id], self._clock.now())
            return known
        with self._examiner.scratch() as copy, self._examiner.scratch() as thumb:
            found = await self._examiner.examine(source, copy, thumb, limits)
            if isinstance(found, Unfit):
                return found
            file = StoredFile(
                file_id=_id_of(order_id, by, digest) if known is None else secrets.token_hex(16),
                order_id=order_id,
                by=by,
                name=shown_name(name),
                media_type=found.media_type,
                served_type=found.served_type,
                size=size,
                sha256=digest,
                at=self._clock.now(),
                width=found.width,
                height=found.height,
                seconds=found.seconds,
                seen=found.seen,
                phash=found.phash,
            )
            if not await self._files.add(file, limits.files):
                # The same may be on its way out, where nobody had used it.
                file = replace(file, file_id=secrets.token_hex(16))
                if not await self._files.add(file, limits.files):
                    return Unfit("count", limits.files)
            await self._blobs.put(f"{file.file_id}/{ORIGINAL}", source)
            if found.copied:
                await self._blobs.put(f"{file.file_id}/{SERVED}", copy)
            if found.pictured:
                await self._blobs.put(f"{file.file_id}/{THUMB}", thumb)
        await self._files.finish(file.file_id)
        return (await self._files.find([file.file_id])).get(file.file_id, replace(file, ready=True))

    async def hang(self, file: StoredFile, picture: bytes, thumb: bytes) -> None:
        """Keep a picture of our own making, which a case names already."""
        if await self._files.add(file, _OWN_MAX):
            for part, data in ((ORIGINAL, picture), (SERVED, picture), (THUMB, thumb)):
                await self._blobs.put(f"{file.file_id}/{part}", BytesIO(data))
            await self._files.finish(file.file_id)
            await self._files.settle([file.file_id])

    async def through(self, envelope: Envelope, submit: Callable[[Envelope], Awaitable[Result]]) -> Result:
        """Submit a command whose evidence names files: each is filled in as it is kept, and stays afterwards.

        Refused for a file that is not the sender's own on this order, or is no longer there.
        """
        command = envelope.command
        if not isinstance(command, _IN_EVIDENCE + _IN_ITEMS):
            return await submit(envelope)
        field = "evidence" if isinstance(command, _IN_EVIDENCE) else "items"
        items: tuple[EvidenceItem, ...] = getattr(command, field)
        if all(item.file is None for item in items):
            return await submit(envelope)
        filled = await self._filled(items, field, envelope.order_id, envelope.actor)
        if isinstance(filled, Refused):
            return filled
        named = msgspec.structs.replace(command, **{field: filled})
        result = await submit(msgspec.structs.replace(envelope, command=named))
        if isinstance(result, Done) and result.case is not None:
            await self._settle(result.case)
        return result

    async def _filled(
        self, items: tuple[EvidenceItem, ...], field: str, order_id: str, by: Actor
    ) -> tuple[EvidenceItem, ...] | Refused:
        wanted = [item.file.file_id for item in items if item.file is not None]
        held = await self._files.hold(wanted, self._clock.now())
        records = await self._files.find([one for one in wanted if one in held])
        filled = []
        for n, item in enumerate(items):
            if item.file is None:
                filled.append(item)
                continue
            record = records.get(item.file.file_id)
            if record is None or record.order_id != order_id or record.by != by:
                return Refused(
                    kind="invalid",
                    detail=f"There is no file {item.file.file_id} of yours on this order: send it first, "
                    "and name it within a day.",
                    facts={"file_id": item.file.file_id},
                    pointer=f"/{field}/{n}/file_id",
                )
            kind, note = item.kind or kind_of(record.media_type), item.note or record.name
            filled.append(replace(item, file=record.ref, kind=kind, note=note))
        return tuple(filled)

    async def _settle(self, case: Case) -> None:
        """What a case has taken as evidence stays; a draft may still let go of it."""
        held = [item.file.file_id for item in case.evidence if item.file is not None]
        if held and case.negotiation_ends_at is not None:
            await self._files.settle(held)

    async def mine(self, file_ids: Sequence[str], order_id: str, by: Actor) -> list[StoredFile]:
        """Those of the files that are ready and the person's own on the order, in the order asked."""
        known = await self._files.find(file_ids)
        found = (known.get(one) for one in dict.fromkeys(file_ids))
        return [
            one for one in found if one is not None and one.ready and (one.order_id, one.by) == (order_id, by)
        ]

    async def of(self, items: Sequence[EvidenceItem]) -> dict[str, StoredFile]:
        """The records of the files that evidence names, by id."""
        return dict(await self._files.find([item.file.file_id for item in items if item.file is not None]))

    async def share(self, file_ids: Sequence[str], with_all_of: str) -> None:
        """Keep files for good and show them to all who see a case, or an order: a message's attachments.

        ``with_all_of`` is the case's id or the order's. Whose the files are is asked by `mine` before.
        """
        await self._files.settle(file_ids, with_all_of)

    async def seen_by(self, caller: Caller, file_id: str) -> StoredFile | None:
        """A file, if it exists for the caller: its sender, and whoever sees a case that holds on to it."""
        file = (await self._files.find([file_id])).get(file_id)
        if file is None or not file.ready:
            return None
        if caller.actor == file.by:
            return file
        if _between_two(file):
            # What came with words to support, or with its answer, is between the two of them.
            theirs = file.shared_with == f"support:{caller.role.value}:{caller.id}"
            return file if theirs or caller.role is KeyRole.OPERATOR else None
        scene = await self._reader.scene(file.order_id)
        if scene is None or scene.custody is None:
            return None
        cases = scene.cases.values()
        if any(sees_case(caller, case) and _holds(case, file) for case in cases):
            return file
        on_order = file.shared_with == file.order_id and sees_order(caller, scene.custody, cases)
        return file if on_order else None

    async def size(self, file: StoredFile, part: str) -> int:
        """How many bytes a part has. Raises `FileNotFoundError`."""
        return await self._blobs.size(f"{file.file_id}/{part}")

    def bytes_of(
        self, file: StoredFile, part: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes of a part, in pieces."""
        return self._blobs.get(f"{file.file_id}/{part}", start, end)

    async def alike(self, file: StoredFile) -> Sequence[StoredFile]:
        """Pictures of other orders that look the same."""
        if file.phash is None:
            return ()
        return await self._files.alike(file.phash, ALIKE_BITS, file.order_id, _ALIKE_MAX)

    async def clear(self) -> int:
        """Settle what cases hold on to, remove what nobody has used for a day; how many were looked at."""
        before = self._clock.now() - KEPT_UNUSED
        stale = await self._files.stale(before, _CLEARED_AT_ONCE)
        for file in stale:
            scene = await self._reader.scene(file.order_id)
            cases = scene.cases.values() if scene is not None else ()
            if any(_holds(case, file) for case in cases):
                await self._files.settle([file.file_id])
            elif await self._files.condemn(file.file_id, before):
                await self._blobs.delete(f"{file.file_id}/")
                await self._files.forget(file.file_id)
        return len(stale)


def _holds(case: Case, file: StoredFile) -> bool:
    return file.shared_with == case.case_id or any(
        item.file is not None and item.file.file_id == file.file_id for item in case.evidence
    )


def _between_two(file: StoredFile) -> bool:
    """Whether a file is shown to one person by support: the same for another person is a file of its own."""
    return file.shared_with.startswith("support:")


def _id_of(order_id: str, by: Actor, digest: str) -> str:
    """The id of a person's file of that content on an order; nobody is let in for knowing it."""
    return sha256(msgspec.json.encode((order_id, by.role, by.id, digest))).hexdigest()[:32]


def digest_of(source: IO[bytes]) -> bytes:
    """The SHA-256 of a whole file."""
    source.seek(0)
    digest = sha256()
    while piece := source.read(_PIECE_BYTES):
        digest.update(piece)
    return digest.digest()


def shown_name(name: str) -> str:
    """A file's name as it may be shown: without a path or what cannot be printed, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(sign for sign in last if sign.isprintable()).strip()
    return printable[:_NAME_MAX] or "file"
