"""The packs that come with Amends, read from the package."""

from collections.abc import Iterable
from importlib.resources import files

from amends.domain.policy.packs import Pack, check_stack, load_pack
from amends.domain.policy.stack import NoSuchPack

_FOLDER = files("amends.domain.policy") / "packs"

LAWS = ("au", "br", "cn", "eu", "in", "kr", "uk", "us")
"""The packs of law that come along; each speaks only of orders of buyers in its countries."""


def shipped() -> tuple[str, ...]:
    """The names of the packs that come with Amends."""
    return tuple(sorted(item.name.removesuffix(".toml") for item in _FOLDER.iterdir() if item.is_file()))


def load(names: Iterable[str] = ("default",)) -> tuple[Pack, ...]:
    """Read packs by name and check that they can stand on each other; `PackError` if not.

    Raises `NoSuchPack` for a name that does not come with Amends.
    """
    packs = tuple(_read(name) for name in names)
    check_stack(packs)
    return packs


def texts(names: Iterable[str]) -> dict[str, str]:
    """The TOML of packs by name; raises `LookupError` for a name that does not come with Amends."""
    return {name: _text(name) for name in names}


def _read(name: str) -> Pack:
    return load_pack(_text(name), f"{name}.toml")


def _text(name: str) -> str:
    known = shipped()
    if name not in known:
        raise NoSuchPack(f"no pack {name!r} comes with Amends: there are {', '.join(known)}")
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
