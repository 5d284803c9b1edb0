"""An identity provider on this machine: OpenID Connect as providers speak it, over real HTTP."""

import json
import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "amends", "a-shared-secret"


class IdentityHouse:
    """``claims`` are those of whoever signs in next; ``twist`` changes what comes out, to see it refused."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, parameters={"kid": "k1", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.twist: dict[str, Any] = {}
        self.signer: RSAKey | None = None
        self.codes: dict[str, dict[str, str]] = {}

    def authorise(self, query: dict[str, str]) -> str:
        """What the browser is sent back with after somebody pressed `yes`."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def answer(self, path: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.twist.get("says_issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self._token(form, headers)
        return 404, {}

    def _token(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        kind, _, basic = headers.get("authorization", "").partition(" ")
        asked = self.codes.pop(form.get("code", ""), None)
        known = kind == "Basic" and b64decode(basic).decode() == f"{CLIENT}:{SECRET}"
        if asked is None or not known or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **{name: value for name, value in self.twist.items() if name != "says_issuer"},
        }
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signer or self.key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}


@contextmanager
def open_identity_house() -> Iterator[IdentityHouse]:
    """A provider on a free port, in a thread of its own: the test's loop waits while the pages ask it."""

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say({name: values[0] for name, values in parse_qs(body).items()})

        def _say(self, form: dict[str, str]) -> None:
            status, answer = house.answer(self.path, form, {k.lower(): v for k, v in self.headers.items()})
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        house = IdentityHouse(f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        yield house
        server.shutdown()
        serving.join()
