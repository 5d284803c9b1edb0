"""OpenID Connect: authorization code with PKCE (RFC 7636), state and nonce; the provider is discovered."""

import secrets
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from amends.application.ports.accounts import Begun, Identity, IdentityRefused

_TIMEOUT_S = 10.0
# Providers change their keys now and then, their addresses hardly ever.
_FRESH_S = 3600.0
_LEEWAY_S = 60
# A signature by a secret, or none at all, proves nothing here.
_ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
]
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_WANTED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcProvider:
    """Keeps what `amends.application.ports.accounts.IdentityProvider` promises."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, role_claim: str = "role") -> None:
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._role_claim = role_claim
        self._known: tuple[float, dict[str, str]] | None = None
        self._keys: KeySet | None = None

    async def begin(self, come_back_to: str) -> Begun:
        known = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client_id,
                "redirect_uri": come_back_to,
                "scope": "openid email profile",
                "state": state,
                "nonce": nonce,
                "code_challenge": create_s256_code_challenge(verifier),
                "code_challenge_method": "S256",
            }
        )
        joint = "&" if urlsplit(known["authorization_endpoint"]).query else "?"
        address = f"{known['authorization_endpoint']}{joint}{query}"
        return Begun(address=address, state=state, nonce=nonce, verifier=verifier)

    async def finish(self, begun: Begun, code: str, come_back_to: str) -> Identity:
        known = await self._discovered()
        answer = await self._asked(
            "POST",
            known["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": come_back_to,
                "code_verifier": begun.verifier,
            },
            auth=httpx.BasicAuth(self._client_id, self._client_secret),
        )
        claims = await self._verified(str(answer.get("id_token", "")), known["jwks_uri"])
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise IdentityRefused(f"the claims do not hold: {error}") from error
        return self._identity(claims)

    def _identity(self, claims: dict[str, Any]) -> Identity:
        if (
            isinstance(claims["aud"], list)
            and len(claims["aud"]) > 1
            and claims.get("azp") != self._client_id
        ):
            raise IdentityRefused("the token was made for somebody else")
        said = claims.get(self._role_claim, ())
        roles = (said,) if isinstance(said, str) else tuple(one for one in said if isinstance(one, str))
        verified = claims.get("email_verified") is True
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email", "")) if verified else "",
            name=str(claims.get("name", "")),
            roles=roles,
        )

    async def _verified(self, token: str, address: str) -> dict[str, Any]:
        try:
            if self._keys is not None:
                return jwt.decode(token, self._keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError):
            # Signed with a key we have not seen: the provider may have a new one.
            self._keys = None
        self._keys = await self._fetched(address)
        try:
            return jwt.decode(token, self._keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise IdentityRefused(f"the signature does not hold: {error}") from error

    async def _fetched(self, address: str) -> KeySet:
        found = await self._asked("GET", address)
        try:
            return KeySet.import_key_set(found)  # type: ignore[arg-type]  # checked by the library
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise IdentityRefused(f"the provider's keys cannot be read: {error}") from error

    async def _discovered(self) -> dict[str, str]:
        if self._known is not None and monotonic() < self._known[0]:
            return self._known[1]
        found = await self._asked("GET", f"{self._issuer}/.well-known/openid-configuration")
        if str(found.get("issuer", "")).rstrip("/") != self._issuer:
            raise IdentityRefused(f"the provider says it is {found.get('issuer')!r}, not {self._issuer!r}")
        known = {name: str(found.get(name, "")) for name in _WANTED}
        for name, address in known.items():
            parts = urlsplit(address)
            if parts.scheme != "https" and parts.hostname not in _LOCAL:
                raise IdentityRefused(f"the provider's {name} is not at an https address")
        self._known = (monotonic() + _FRESH_S, known)
        return known

    async def _asked(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
                answer = await client.request(method, address, **more)
                found = answer.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise IdentityRefused(f"the provider does not answer at {address}: {error!r}") from error
        if not isinstance(found, dict):
            raise IdentityRefused(f"the provider's answer at {address} is no object")
        return found
