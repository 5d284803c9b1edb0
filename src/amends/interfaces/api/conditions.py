"""What the headers of a request ask for: one effect a key, and only on the version the sender saw."""

import re
from hashlib import sha256

import msgspec

from amends.interfaces.api.problems import ProblemRaised, fail, problem

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_TAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')


class Conditions(msgspec.Struct, frozen=True):
    """``key`` with ``fingerprint`` are the Idempotency-Key and what it was sent with; ``seq`` is If-Match."""

    key: str = ""
    fingerprint: bytes = b""
    seq: int | None = None


NONE = Conditions()


def conditions(key: str, if_match: str, method: str, path: str, body: bytes) -> Conditions:
    """Read the headers. Raises `ProblemRaised`: invalid, version_conflict for a tag that is none of ours."""
    if not key and not if_match:
        return NONE
    seq = _seq(if_match)
    if not key:
        return Conditions(seq=seq)
    if _KEY.fullmatch(key) is None:
        fail(
            "invalid",
            "Idempotency-Key wants 1 to 200 visible ASCII characters, such as a UUID.",
            parameter="Idempotency-Key",
        )
    return Conditions(key, sha256(f"{method}\n{path}\n".encode() + body).digest(), seq)


def etag(seq: int) -> str:
    """The entity tag of a version."""
    return f'"{seq}"'


def _seq(if_match: str) -> int | None:
    if not if_match or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        detail = f"If-Match is {if_match[:80]}, which is no ETag of ours; send the one of the last answer."
        raise ProblemRaised(problem("version_conflict", detail, parameter="If-Match"))
    return int(tag.group(1))
