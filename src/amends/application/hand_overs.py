"""Hand-overs: a marketplace signs its own user in by a short-lived, signed token that works once.

The token is a JSON Web Token (RFC 7519) in a link. ``aud`` is the address of this Amends, ``exp`` at most
five minutes after ``iat``, ``jti`` is new each time, ``sub`` the user's id at the marketplace and ``role``
buyer or seller; nobody becomes staff this way. The signature is HMAC with a shared secret, or made with the
marketplace's own key.
"""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from amends.domain.orders import Tier
from amends.domain.parties import Role

LIFE_MAX = timedelta(minutes=5)
_LIFE = timedelta(minutes=2)
# Clocks of two houses differ a little.
_LEEWAY_S = 30
_TOKEN_MAX = 4096
_OURS = "amends"

Key = OctKey | RSAKey | ECKey | OKPKey


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a marketplace hands over. ``sub`` is the id in orders; ``next`` is the path they want to see.

    ``email`` finds the member of a seller's team; it and the rest are optional. Instants are seconds of the
    epoch.
    """

    sub: str
    role: str
    jti: str
    exp: int
    iat: int
    iss: str = ""
    name: str = ""
    email: str = ""
    tier: Tier | None = None
    zone: str = ""
    country: str = ""
    next: str = ""

    @property
    def expires_at(self) -> datetime:
        """When the token runs out, at the latest."""
        return datetime.fromtimestamp(self.exp + _LEEWAY_S, UTC)


class HandOverRefused(Exception):
    """The token does not hold. The message says why, for the log of the marketplace."""


class _Trusted(NamedTuple):
    key: Key
    algorithms: list[str]


class HandOvers:
    """Signs and reads tokens for one address. ``marketplace_key`` is a shared secret, or a public key."""

    def __init__(self, secret: str, audience: str, marketplace_key: str = "") -> None:
        # The purpose is part of the key, so that nothing else signed with the secret passes for a hand-over.
        self._own = _Trusted(OctKey.import_key(f"amends hand-over 1 {secret}"), ["HS256"])
        self._theirs = trusted(marketplace_key) if marketplace_key else None
        self._audience = audience

    def link(self, now: datetime, **claims: Any) -> tuple[str, datetime]:
        """A link that signs somebody in once, and until when. ``claims`` are those of `HandOver`."""
        until = now + _LIFE
        token = jwt.encode(
            {"alg": "HS256"},
            {
                **{name: value for name, value in claims.items() if value},
                "iss": _OURS,
                "aud": self._audience,
                "jti": secrets.token_urlsafe(18),
                "iat": int(now.timestamp()),
                "exp": int(until.timestamp()),
            },
            self._own.key,
        )
        return f"{self._audience}/hand-over?token={token}", until

    def read(self, token: str, now: datetime) -> HandOver:
        """Whom a token hands over. Raises `HandOverRefused`. Whether it was used before is not known here."""
        if len(token) > _TOKEN_MAX:
            raise HandOverRefused("the token is too long")
        claims = self._verified(token)
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_S,
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
            sub={"essential": True},
        )
        try:
            registry.validate(claims)
            found = msgspec.convert(claims, HandOver)
        except (JoseError, msgspec.ValidationError) as error:
            raise HandOverRefused(str(error)) from error
        _checked(found)
        return found

    def _verified(self, token: str) -> dict[str, Any]:
        why = "no key is trusted"
        for one in (self._own, self._theirs):
            if one is None:
                continue
            try:
                return jwt.decode(token, one.key, algorithms=one.algorithms).claims
            except (JoseError, ValueError) as error:
                why = str(error)
        raise HandOverRefused(f"the signature does not hold: {why}")


def _checked(found: HandOver) -> None:
    if found.role not in {Role.BUYER, Role.SELLER}:
        raise HandOverRefused("role has to be buyer or seller")
    if not 0 < found.exp - found.iat <= LIFE_MAX.total_seconds():
        raise HandOverRefused("exp has to be within five minutes after iat")
    if not 8 <= len(found.jti) <= 128 or not 1 <= len(found.sub) <= 64:
        raise HandOverRefused("jti has to have 8 to 128 characters, sub 1 to 64")
    if len(found.name) > 200 or len(found.email) > 254 or (found.zone and not known_zone(found.zone)):
        raise HandOverRefused("name, email or zone is not one")


def known_zone(zone: str) -> bool:
    """Whether there is an IANA zone of that name."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def trusted(text: str) -> _Trusted:
    """A marketplace's key as the settings give it: a secret, or PEM. Raises `ValueError` for no such key."""
    if "-----BEGIN" not in text:
        return _Trusted(OctKey.import_key(text), ["HS256", "HS384", "HS512"])
    kinds: tuple[tuple[type[RSAKey] | type[ECKey] | type[OKPKey], list[str]], ...] = (
        (OKPKey, ["Ed25519", "EdDSA"]),
        (ECKey, ["ES256", "ES384"]),
        (RSAKey, ["RS256", "PS256"]),
    )
    for kind, algorithms in kinds:
        try:
            return _Trusted(kind.import_key(text), algorithms)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("the key is neither Ed25519 nor EC nor RSA in PEM")


def key_text(setting: str) -> str:
    """The key behind a setting: itself, or what the file of that name holds. Raises `OSError`."""
    return Path(setting).read_text(encoding="utf-8") if setting.startswith("/") else setting
