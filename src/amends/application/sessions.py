"""Sessions: who is signed in on which device, until when."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from amends.application.ports import Clock
from amends.application.ports.accounts import Account, AccountKeeping, How, Session, SignedIn
from amends.domain.parties import Role

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
# Each use need not be written down: a minute is exact enough for people, and spares a write a page.
_SEEN_EVERY = timedelta(minutes=1)
_TEXT_MAX = 200
_STAFF = frozenset({Role.MEDIATOR, Role.OPERATOR})


class Length(msgspec.Struct, frozen=True):
    """How long a session lasts: at most ``whole``, and less where it is not used for ``idle``."""

    whole: timedelta
    idle: timedelta


# Staff decide over other people's money, often on desks that others walk past.
OF_STAFF = Length(whole=timedelta(hours=12), idle=timedelta(hours=2))
OF_PARTIES = Length(whole=timedelta(days=30), idle=timedelta(days=7))


class Guest(msgspec.Struct, frozen=True):
    """Whoever stands at the door: from which address, with what browser, and the token they came with."""

    address: str = ""
    user_agent: str = ""
    token: str = ""


class Opened(msgspec.Struct, frozen=True):
    """A new session: the token for the cookie, and for how long it may be kept, in seconds."""

    token: str
    account: Account
    seconds: int


class Sessions:
    """Opens, finds and ends sessions by the world's clock: moving a sandbox's signs nobody out."""

    def __init__(self, keeping: AccountKeeping, clock: Clock, *, sandbox: bool) -> None:
        self._keeping = keeping
        self._clock = clock
        self._sandbox = sandbox

    async def open(self, account: Account, how: How, guest: Guest) -> Opened:
        """Sign somebody in. The token is always new, and the session they came with ends."""
        if guest.token:
            await self.end(guest.token)
        now, length = self._clock.now(), length_of(account.role)
        token = secrets.token_urlsafe(32)
        await self._keeping.open(
            Session(
                digest=digest(token),
                account_id=account.account_id,
                how=how,
                user_agent=_plain(guest.user_agent),
                address=_plain(guest.address),
                created_at=now,
                seen_at=now,
                expires_at=now + length.whole,
            )
        )
        return Opened(token, account, int(length.whole.total_seconds()))

    async def find(self, token: str) -> SignedIn | None:
        """Who is signed in with a token; None where it is none of ours, has ended, or its account may not."""
        if _TOKEN.fullmatch(token) is None:
            return None
        found = await self._keeping.find(digest(token))
        if found is None or not self.admits(found.account):
            return None
        now = self._clock.now()
        if not _lasts(found, now):
            await self._keeping.end(found.session.digest)
            return None
        if now - found.session.seen_at >= _SEEN_EVERY:
            await self._keeping.touch(found.session.digest, now)
        return found

    async def stands(self, token: str) -> bool:
        """Whether somebody is signed in with a token. It does not count as use of the session."""
        found = await self._keeping.find(digest(token))
        return found is not None and self.admits(found.account) and _lasts(found, self._clock.now())

    def admits(self, account: Account) -> bool:
        """Whether an account may be signed in to: not while suspended, invented ones in a sandbox alone."""
        return account.suspended_at is None and (self._sandbox or not account.invented)

    async def of(self, account_id: str) -> Sequence[Session]:
        """An account's sessions that last, the last used first."""
        now = self._clock.now()
        account = await self._keeping.get(account_id)
        theirs = await self._keeping.sessions_of(account_id)
        return [one for one in theirs if account is not None and _lasts(SignedIn(account, one), now)]

    async def end(self, token: str) -> None:
        """Sign out."""
        await self._keeping.end(digest(token))

    async def end_one(self, account_id: str, session_id: str) -> bool:
        """End one of an account's sessions by its public id; false where it has none of that id."""
        for session in await self._keeping.sessions_of(account_id):
            if id_of(session) == session_id:
                return await self._keeping.end(session.digest)
        return False

    async def end_others(self, signed_in: SignedIn) -> int:
        """End every session of the account but this one; how many."""
        return await self._keeping.end_all(signed_in.account.account_id, but=signed_in.session.digest)


def length_of(role: Role) -> Length:
    """How long sessions of a role last."""
    return OF_STAFF if role in _STAFF else OF_PARTIES


def digest(token: str) -> bytes:
    """Under what a token is kept: its SHA-256."""
    return sha256(token.encode()).digest()


def id_of(session: Session) -> str:
    """What a session is called where people see it: nobody can sign in with it."""
    return session.digest.hex()[:20]


def _lasts(found: SignedIn, now: datetime) -> bool:
    idle_until = found.session.seen_at + length_of(found.account.role).idle
    return now < min(found.session.expires_at, idle_until)


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:_TEXT_MAX]
