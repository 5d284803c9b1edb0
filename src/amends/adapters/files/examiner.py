"""Looks into files by a process of its own for each, killed when it takes too long."""

import asyncio
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import structlog

from amends.adapters.files.child import Task
from amends.application.ports.files import Examined, Unfit
from amends.domain.evidence import VIDEOS, Limits, media_type_of

_log = structlog.get_logger()
_PROGRAM = "amends.adapters.files.child"
# One processor is enough, and threads cost address space.
_SURROUNDINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
}
_PICTURE_S, _VIDEO_S = 20, 180
_ANSWER_BYTES_MAX = 16 * 1024


class _Said(msgspec.Struct, frozen=True):
    examined: Examined | None = None
    unfit: Unfit | None = None


_said = msgspec.json.Decoder(_Said).decode


class ChildExaminer:
    """Keeps what `amends.application.ports.files.Examiner` promises. ``folder`` holds unnamed files only."""

    def __init__(self, folder: Path | None = None, *, at_once: int = 2) -> None:
        self._folder = folder
        self._pictures, self._videos = asyncio.Semaphore(at_once), asyncio.Semaphore(1)

    def scratch(self) -> IO[bytes]:
        """An unnamed file on disk."""
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=self._folder)

    async def examine(
        self, source: IO[bytes], copy: IO[bytes], thumb: IO[bytes], limits: Limits
    ) -> Examined | Unfit:
        """Decode in a child process. What is no type that is taken is told without one."""
        source.flush()
        media_type = media_type_of(os.pread(source.fileno(), 64, 0))
        if not media_type:
            return Unfit("type")
        is_video = media_type in VIDEOS
        async with self._videos if is_video else self._pictures:
            return await self._run(source, copy, thumb, limits, _VIDEO_S if is_video else _PICTURE_S)

    async def _run(
        self, source: IO[bytes], copy: IO[bytes], thumb: IO[bytes], limits: Limits, seconds: int
    ) -> Examined | Unfit:
        numbers = (source.fileno(), copy.fileno(), thumb.fileno())
        task = Task(*numbers, limits, seconds)
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            _PROGRAM,
            msgspec.json.encode(task).decode(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=numbers,
            env=_SURROUNDINGS,
        )
        try:
            # Its turn on a processor may be late: it is given twice the time by the clock.
            async with asyncio.timeout(seconds * 2):
                answer, trouble = await child.communicate()
        except TimeoutError:
            return Unfit("slow")
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if child.returncode != 0 or len(answer) > _ANSWER_BYTES_MAX:
            _log.warning(
                "file_not_examined", status=child.returncode, trouble=trouble[-500:].decode(errors="replace")
            )
            return Unfit("slow" if child.returncode in {-24, -9} else "broken")
        said = _said(answer)
        return said.examined or said.unfit or Unfit("broken")
