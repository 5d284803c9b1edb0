"""The one error of a PostgreSQL that cannot be used, the one that comes with Amends or another."""

import re
from pathlib import Path


class PostgresUnavailable(Exception):
    """The server cannot run or be reached: says what happened, where, and how to mend it."""

    def __init__(self, what: str, *, where: Path | str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = str(where)
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what}\n  where: {self.where}\n  mend:  {self.mend}"

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not cross process borders by themselves.
        return (_again, (self.what, self.where, self.mend))


def _again(what: str, where: str, mend: str) -> PostgresUnavailable:
    return PostgresUnavailable(what, where=where, mend=mend)


_PREFIX = re.compile(r"^\d{4}-\S+ \S+ \S+ \[\d+\] ")

# What PostgreSQL's programs say, what it means here, and how to mend it. The first that fits is taken.
_CAUSES = (
    (
        "No space left on device",
        "The disk is full",
        "free some space, or set AMENDS_HOME to a folder on a larger disk",
    ),
    (
        "Disk quota exceeded",
        "The disk quota is used up",
        "free some space, or set AMENDS_HOME to another disk",
    ),
    (
        "Read-only file system",
        "The disk is read-only",
        "set AMENDS_HOME to a folder on a disk that can be written",
    ),
    (
        "Permission denied",
        "A folder or file may not be opened",
        "give its owner the rights, or set AMENDS_HOME elsewhere",
    ),
    (
        "Unix-domain socket",
        "The socket cannot be made",
        "see that the folder exists and belongs to the server's user",
    ),
    (
        "shared memory",
        "The machine gives no shared memory",
        "free some memory, or end an old server of this folder",
    ),
    ("Cannot allocate memory", "The machine has too little memory", "free some memory"),
)


def explain(failure: str, said: str, *, where: Path | str) -> PostgresUnavailable:
    """Turn what PostgreSQL's programs wrote (`said`) into an error that a person can act on."""
    # Without time and process, repeated attempts say the same; each thing is told once.
    lines = list(dict.fromkeys(_PREFIX.sub("", line).strip() for line in said.splitlines()))
    words = " | ".join([line for line in lines if _tells(line)][-4:] or lines[-4:])
    for sign, meaning, mend in _CAUSES:
        if sign in words:
            return PostgresUnavailable(f"{failure}: {meaning} ({words})", where=where, mend=mend)
    return PostgresUnavailable(
        f"{failure}: {words or 'it said nothing'}",
        where=where,
        mend="read the log, or set AMENDS_DATABASE_URL to a PostgreSQL of your own (15 or newer)",
    )


def _tells(line: str) -> bool:
    return any(word in line for word in ("FATAL", "PANIC", "HINT", "error:", "could not", "invalid"))
