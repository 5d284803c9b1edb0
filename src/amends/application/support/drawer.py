"""Files that come with words to support, and with support's answers: between one person and support."""

from collections.abc import Sequence
from typing import IO

from amends.application.evidence import EvidenceRoom
from amends.application.permissions import Caller
from amends.application.ports.files import StoredFile, Unfit
from amends.application.support.mail import Attachment
from amends.domain.evidence import Limits
from amends.domain.parties import Actor

# They belong to no order: nobody of one sees them, and they do not count among its evidence.
NO_ORDER = ""
LIMITS = Limits(files=1000)


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

    async def show(self, file_ids: Sequence[str], person: Actor) -> None:
        """Keep files for good and show them to support and this one person."""
        if file_ids:
            await self._room.share(file_ids, f"support:{person.role.value}:{person.id}")

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
