"""API keys: made once, shown once, kept only as a hash."""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from amends.application.ports import ApiKey, KeyRole

# 32 random bytes in URL-safe base64: enough that a plain SHA-256 needs no salt and no stretching.
_SECRET_BYTES = 32
_FORM = re.compile(rf"amk_({'|'.join(KeyRole)})_[A-Za-z0-9_-]{{43}}", re.ASCII)


def mint(role: KeyRole, party_id: str, now: datetime, name: str = "") -> tuple[str, ApiKey]:
    """A new key as ``(token, record)``: the token is shown to its owner once, the record is kept."""
    token = f"amk_{role}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return token, ApiKey(digest=digest(token), role=role, party_id=party_id, name=name, created_at=now)


def well_formed(token: str) -> bool:
    """Whether a token can be one of ours at all."""
    return _FORM.fullmatch(token) is not None


def digest(token: str) -> bytes:
    """Under what a token is kept: its SHA-256."""
    return sha256(token.encode()).digest()
