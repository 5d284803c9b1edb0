"""The SQL statements of this package: files of `sql/`, each statement with a name and a sentence."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("sql")
_NAME = re.compile(r"^-- name: (\w+)\n-- ", re.MULTILINE)


@cache
def statements(file: str) -> Mapping[str, str]:
    """The statements of ``sql/<file>.sql`` by name. Raises `FileNotFoundError`."""
    text = (_FOLDER / f"{file}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    bodies = (body.partition("\n")[2].strip() for body in parts[1::2])
    return dict(zip(parts[::2], bodies, strict=True))
