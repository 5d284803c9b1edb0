"""Documents by a child process: setting them takes a font book and tens of megabytes, for a second."""

import asyncio
import sys
from collections.abc import Mapping, Sequence

import msgspec

from amends.adapters.documents.square import square
from amends.application.ports.carriers import LabelFacts, PaperFacts, PapersUnavailable
from amends.application.ports.dossiers import DossierFacts

_PROGRAM = (sys.executable, "-m", "amends.adapters.documents.child")
_WAIT_S = 30.0
_QUIET = 4  # modules: what a scanner at a counter wants around a code on a screen


class ChildPapers:
    """Keeps what `amends.application.ports.carriers.Papers` promises; one document at a time."""

    def __init__(self, program: Sequence[str] = _PROGRAM, wait_s: float = _WAIT_S) -> None:
        self._program = tuple(program)
        self._wait_s = wait_s
        self._room = asyncio.Semaphore(1)

    def code(self, text: str) -> bytes:
        return square(text, border=_QUIET)

    async def label(self, facts: LabelFacts) -> bytes:
        return await self._made({"label": facts})

    async def paper(self, facts: PaperFacts) -> bytes:
        return await self._made({"paper": facts})

    async def dossier(self, facts: DossierFacts, pictures: Mapping[str, bytes]) -> bytes:
        return await self._made({"dossier": facts, "pictures": pictures})

    async def _made(self, wanted: object) -> bytes:
        async with self._room:
            child = await asyncio.create_subprocess_exec(
                *self._program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(self._wait_s):
                    made, told = await child.communicate(msgspec.json.encode(wanted))
            except TimeoutError as error:
                child.kill()
                await child.wait()
                raise PapersUnavailable("the document took too long") from error
        if child.returncode or not made.startswith(b"%PDF"):
            raise PapersUnavailable(told.decode(errors="replace")[-500:])
        return made
