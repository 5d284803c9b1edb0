"""What the process does that looks into one file, and ends: it has no more memory, time and rights than
it needs.

It is a fork of `nursery`, with three open files (source, copy, thumb). Answers JSON: the fields of
`Examined`, or of `Unfit`.
"""

import ctypes
import mmap
import os
import re
import resource
import signal
import sys
from typing import IO

import msgspec

from amends.application.ports.files import Examined, Unfit
from amends.domain.evidence import PICTURES, VIDEOS, Limits, media_type_of

MEMORY_BYTES = 1536 * 1024 * 1024
_PDEATHSIG = 1
# What a PDF can do by itself when it is opened.
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch)\b")


class Task(msgspec.Struct, frozen=True):
    """What to do: the limits, and the seconds of computing it may take."""

    limits: Limits
    cpu_s: int


def confine(cpu_s: int) -> None:
    """Give up, for good, what is not needed: memory, time, further files, and life after the parent's."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(5)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


def look(source: IO[bytes], copy: IO[bytes], thumb: IO[bytes], limits: Limits) -> Examined | Unfit:
    """What the file is, by its content."""
    source.seek(0)
    media_type = media_type_of(source.read(64))
    source.seek(0)
    # The server, which has this module for its task, never loads a decoder.
    if media_type in PICTURES:
        from amends.adapters.files.pictures import picture  # noqa: PLC0415

        return picture(source, media_type, copy, thumb, limits)
    if media_type in VIDEOS:
        from amends.adapters.files.films import film  # noqa: PLC0415

        return film(source, media_type, copy, thumb, limits)
    return paper(source) if media_type else Unfit("type")


def paper(source: IO[bytes]) -> Examined | Unfit:
    """A PDF is kept as it is, if it is whole and does nothing by itself."""
    with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as read:
        if read.rfind(b"%%EOF", max(0, len(read) - 2048)) < 0 or read.rfind(b"startxref") < 0:
            return Unfit("broken")
        if _ACTIVE.search(read):
            return Unfit("active")
    return Examined(media_type="application/pdf", served_type="application/pdf")


def examined(task: Task, source: int, copy: int, thumb: int) -> bytes:
    """Do one task on three open files, by their numbers; the answer as JSON. There is no way back from it."""
    confine(task.cpu_s)
    try:
        with (
            os.fdopen(source, "rb") as read,
            os.fdopen(copy, "w+b") as drawn,
            os.fdopen(thumb, "w+b") as small,
        ):
            found = look(read, drawn, small, task.limits)
    except Exception:  # noqa: BLE001  whatever a decoder says of a file from outside: it is not taken
        found = Unfit("broken")
    return msgspec.json.encode({type(found).__name__.lower(): found})
