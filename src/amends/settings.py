"""What a person may set from outside, by environment variables named AMENDS_*."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_SECRET_CHARACTERS_MIN = 32
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


class SettingRefused(Exception):
    """A variable holds something Amends cannot work with. The message names it and says what is wanted."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process is set up.

    `database_url` is a PostgreSQL of your own (15 or newer); without it the embedded one in `home` is used.
    `secret` signs sessions; without it one is made at the first start and kept in `home`.
    `sandbox` lets people move the clock and pays with play money: never where real people trade.
    """

    database_url: str | None
    home: Path
    host: str
    port: int
    sandbox: bool
    secret: str | None = None

    def __repr__(self) -> str:
        # Logged at the start, and both may hold a password.
        url, secret = (None if value is None else "***" for value in (self.database_url, self.secret))
        return (
            f"Settings(database_url={url!r}, home={str(self.home)!r}, host={self.host!r}, port={self.port}, "
            f"sandbox={self.sandbox}, secret={secret!r})"
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises `SettingRefused`."""
    home = environment.get("AMENDS_HOME")
    return Settings(
        database_url=environment.get("AMENDS_DATABASE_URL") or None,
        home=Path(home).expanduser().absolute() if home else default_home(),
        host=environment.get("AMENDS_HOST") or DEFAULT_HOST,
        port=_port(environment.get("AMENDS_PORT") or str(DEFAULT_PORT)),
        sandbox=_flag("AMENDS_SANDBOX", environment.get("AMENDS_SANDBOX", "")),
        secret=_secret(environment.get("AMENDS_SECRET")),
    )


def default_home() -> Path:
    """Where data lives if nobody says otherwise.

    For root it is outside /root, because the server's user has to pass through the folders above.
    """
    return Path("/var/lib/amends") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "amends"


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingRefused(f"AMENDS_PORT is {text!r}: wanted a number from 1 to 65535")
    return int(text)


def _flag(name: str, text: str) -> bool:
    value = text.strip().lower()
    if value not in _TRUE | _FALSE:
        raise SettingRefused(f"{name} is {text!r}: wanted 1 or 0")
    return value in _TRUE


def _secret(text: str | None) -> str | None:
    if not text:
        return None
    if len(text) < _SECRET_CHARACTERS_MIN:
        raise SettingRefused(
            f"AMENDS_SECRET has {len(text)} characters: wanted {_SECRET_CHARACTERS_MIN} or more"
        )
    return text
