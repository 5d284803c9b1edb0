"""Files that come with words to support, and with support's answers: between one person and support."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO

from amends.application.evidence import ORIGINAL, EvidenceRoom
from amends.application.permissions import Caller
from amends.application.ports.files import StoredFile, Unfit
from amends.application.ports.mail import Attached
from amends.application.support.mail import Attachment
from amends.domain.evidence import Limits
from amends.domain.parties import Actor, Role

# They belong to no order: nobody of one sees them, and they do not count among its evidence.
NO_ORDER = ""
LIMITS = Limits(files=1000)
_ENDINGS = {"image/jpeg": ".jpg", "video/mp4": ".mp4", "application/pdf": ".pdf"}


def stranger(address: str) -> Actor:
    """Under whom the files of somebody without an account are kept; no account has such an id."""
    return Actor(Role.BUYER, f"mail:{sha256(address.encode()).hexdigest()[:32]}")


class Drawer:
    """Takes files in as evidence is taken in: looked into, and drawn anew."""

    def __init__(self, room: EvidenceRoom) -> None:
        self._room = room

    def scratch(self) -> IO[bytes]:
        """An unnamed file on disk to receive into; the caller closes it."""
        return self._room.scratch()

    async def take(self, caller: Caller, source: IO[bytes], name: str) -> StoredFile | Unfit:
        """Look into a file of the caller's and keep it; named within a day, it stays."""
        return await self._room.take(source, name=name, order_id=NO_ORDER, by=caller.actor, limits=LIMITS)

    async def mine(self, caller: Caller, file_ids: Sequence[str]) -> list[StoredFile]:
        """Those of the files that are ready and the caller's own, in the order asked."""
        return await self._room.mine(file_ids, NO_ORDER, caller.actor)

    async def may_show(self, caller: Caller, file_ids: Sequence[str], person: Actor) -> bool:
        """Whether nobody else was shown the caller's files: a file is between support and one person."""
        found = await self._room.mine(file_ids, NO_ORDER, caller.actor)
        return all(one.shared_with in {"", _shown_to(person)} for one in found)

    async def show(self, file_ids: Sequence[str], person: Actor) -> None:
        """Keep files for good and show them to support and this one person."""
        if file_ids:
            await self._room.share(file_ids, _shown_to(person))

    async def size_of(self, file_ids: Sequence[str], by: Actor) -> int:
        """How many bytes somebody's files have as people get them."""
        files = await self._room.mine(file_ids, NO_ORDER, by)
        return sum([await self._room.size(one, one.seen_as) for one in files])

    async def attached(self, file_ids: Sequence[str], by: Actor) -> tuple[Attached, ...]:
        """Somebody's files to go with a mail, drawn anew as people get them."""
        found = []
        for one in await self._room.mine(file_ids, NO_ORDER, by):
            data = b"".join([piece async for piece in self._room.bytes_of(one, one.seen_as)])
            kind = one.media_type if one.seen_as == ORIGINAL else one.served_type
            found.append(Attached(_named(one.name, kind), kind, data))
        return tuple(found)

    async def take_all(
        self, attachments: Sequence[Attachment], by: Actor
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take the files of a mail: ids of those taken, names of the others."""
        taken, left_out = [], []
        for one in attachments:
            with self._room.scratch() as source:
                source.write(one.data)
                found = await self._room.take(source, name=one.name, order_id=NO_ORDER, by=by, limits=LIMITS)
            if isinstance(found, Unfit):
                left_out.append(one.name[:120])
            else:
                taken.append(found.file_id)
        await self.show(taken, by)
        return tuple(dict.fromkeys(taken)), tuple(left_out)


def _shown_to(person: Actor) -> str:
    return f"support:{person.role.value}:{person.id}"


def _named(name: str, kind: str) -> str:
    """A file's name with the ending of what it is now."""
    return PurePosixPath(name).stem[:100] + _ENDINGS.get(kind, "")
