"""The packs that come with Amends, read from the package."""

from collections.abc import Iterable
from importlib.resources import files

from amends.domain.policy.packs import Pack, check_stack, load_pack

_FOLDER = files("amends.domain.policy") / "packs"

LAWS = ("au", "br", "cn", "eu", "in", "kr", "uk", "us")
"""The packs of law that come along; each speaks only of orders of buyers in its countries."""


def shipped() -> tuple[str, ...]:
    """The names of the packs that come with Amends."""
    return tuple(sorted(item.name.removesuffix(".toml") for item in _FOLDER.iterdir() if item.is_file()))


def load(names: Iterable[str] = ("default",)) -> tuple[Pack, ...]:
    """Read packs by name and check that they can stand on each other; `PackError` if not.

    Raises `LookupError` for a name that does not come with Amends.
    """
    packs = tuple(_read(name) for name in names)
    check_stack(packs)
    return packs


def _read(name: str) -> Pack:
    known = shipped()
    if name not in known:
        raise LookupError(f"no pack {name!r} comes with Amends: there are {', '.join(known)}")
    return load_pack((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")
