"""Looks into files by a process of its own for each, killed when it takes too long."""

import asyncio
import atexit
import os
import socket
import subprocess
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
_PROGRAM = "amends.adapters.files.nursery"
# One processor is enough, and threads cost address space.
_SURROUNDINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
}
_PICTURE_S, _VIDEO_S = 20, 180
_ANSWER_BYTES_MAX = 16 * 1024
# An answer and an exit status.
_ANSWERS = 2
# One that had nothing to do for long may leave as it is asked.
_TRIES = 2
# By what it may compute (SIGXCPU), and by what it may wait (SIGKILL).
_OUT_OF_TIME = frozenset({b"-24", b"-9"})


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
        task = msgspec.json.encode(Task(limits, seconds))
        numbers = [source.fileno(), copy.fileno(), thumb.fileno()]
        for _ in range(_TRIES):
            ours, line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with ours:
                ours.setblocking(False)
                with line:
                    _NURSERY.send(task, [*numbers, line.fileno()])
                try:
                    # Its turn on a processor may be late: it is given twice the time by the clock.
                    async with asyncio.timeout(seconds * 2):
                        said = await _told(ours)
                except TimeoutError:
                    return Unfit("slow")
            if said:
                return _understood(said)
        _log.warning("file_not_examined", why="no answer")
        return Unfit("broken")


async def _told(line: socket.socket) -> list[bytes]:
    """The answer, if there is one, and the exit status; nothing where the nursery went away."""
    loop = asyncio.get_running_loop()
    said = []
    with suppress(ConnectionError):
        while piece := await loop.sock_recv(line, _ANSWER_BYTES_MAX):
            said.append(piece)
            if len(said) > _ANSWERS:
                break
    return said


def _understood(said: list[bytes]) -> Examined | Unfit:
    *answers, status = said
    if status != b"0" or len(answers) != 1:
        _log.warning("file_not_examined", status=status.decode(errors="replace")[:40])
        return Unfit("slow" if status in _OUT_OF_TIME else "broken")
    found = _said(answers[0])
    return found.examined or found.unfit or Unfit("broken")


class _Home:
    """The one `nursery` of this process, started when there is something to do."""

    def __init__(self) -> None:
        self._wishes: socket.socket | None = None
        self._running: subprocess.Popen[bytes] | None = None

    def send(self, task: bytes, numbers: list[int]) -> None:
        """Have a child look into what these open files are; the last one gets the answer."""
        if self._wishes is not None and self._running is not None and self._running.poll() is None:
            with suppress(ConnectionError):
                socket.send_fds(self._wishes, [task], numbers)
                return
        socket.send_fds(self._begun(), [task], numbers)

    def close(self) -> None:
        """Send it away."""
        if self._wishes is not None:
            self._wishes.close()
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def _begun(self) -> socket.socket:
        """Start anew, whatever became of the one before."""
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._running = subprocess.Popen(  # noqa: S603  this Python, and a module of ours
                [sys.executable, "-I", "-m", _PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_SURROUNDINGS,
                start_new_session=True,
            )
        self._wishes = ours
        return ours


_NURSERY = _Home()
atexit.register(_NURSERY.close)
