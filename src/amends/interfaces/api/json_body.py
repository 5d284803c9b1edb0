"""JSON that comes in: strictly decoded, and what is wrong with it said with a JSON pointer (RFC 6901)."""

import re
from typing import TypeVar

import msgspec

from amends.interfaces.api.problems import fail

T = TypeVar("T")

_AT = re.compile(r" - at `(\$.*)`$")
_FIELD = re.compile(r"(?:unknown|required) field `(.*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])")
# PostgreSQL cannot keep U+0000 in text or jsonb; an even number of backslashes before it is just text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_WHOLE = " Amounts are whole numbers of the currency's minor unit: 1999 is EUR 19.99, JPY 1999 or KWD 1.999."


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode a body. Raises `ProblemRaised`: malformed for no JSON, invalid for what does not fit."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        fail("malformed", f"The body is not UTF-8: byte {error.start} is {body[error.start]:#04x}.")
    if not body.strip():
        fail("malformed", "The body is empty; send a JSON object.")
    if b"\\u0000" in body and _NUL.search(body):
        fail("invalid", "The body contains the character U+0000, which no text here may have; leave it out.")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        pointer, detail = explain(str(error))
        fail("invalid", detail, pointer=pointer)
    except (msgspec.DecodeError, RecursionError) as error:
        fail("malformed", f"The body is not JSON: {error}.")


def explain(message: str) -> tuple[str, str]:
    """msgspec's message as ``(pointer, sentence)``: where it is, what is wrong, how to mend it."""
    found = _AT.search(message)
    what = message[: found.start()] if found else message
    pointer = _pointer(found.group(1) if found else "$")
    if field := _FIELD.search(what):
        pointer += "/" + _escaped(field.group(1))
    place = f"At {pointer}: " if pointer else ""
    hint = _WHOLE if "`int`, got `float`" in what else ""
    return pointer, f"{place}{what[0].lower()}{what[1:]}.{hint}"


def _pointer(path: str) -> str:
    steps: list[str] = []
    for name, index, any_key in _STEP.findall(path):
        if any_key:  # a value of an object of free keys: msgspec does not say which
            break
        steps.append(_escaped(name or index))
    return "".join(f"/{step}" for step in steps)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
