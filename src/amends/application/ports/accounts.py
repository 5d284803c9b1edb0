"""What accounts ask of the world: a place to be kept, passwords, and a provider of identities."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role


class Member(StrEnum):
    """What somebody may do on a seller's team: everything; act on cases; look.

    Everybody else is the owner of their account.
    """

    OWNER = "owner"
    AGENT = "agent"
    VIEWER = "viewer"


class How(StrEnum):
    """How somebody signed in."""

    PASSWORD = "password"  # noqa: S105  a kind of door, not a secret
    CARD = "card"
    PROVIDER = "provider"
    HAND_OVER = "hand_over"


class Purpose(StrEnum):
    """What a pass is good for."""

    RESET = "reset"
    INVITATION = "invitation"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in. ``party_id`` is the id they have in orders and cases as ``role``.

    ``zone`` is an IANA zone, ``language`` an ISO 639-1 code, ``country`` ISO 3166-1 alpha-2; empty: unknown.
    ``invented`` people can sign in to a sandbox alone. ``has_password``: there is one, it is kept elsewhere.
    """

    account_id: str
    role: Role
    party_id: str
    member: Member = Member.OWNER
    name: str = ""
    email: str = ""
    tier: Tier = Tier.STANDARD
    zone: str = ""
    language: str = ""
    country: str = ""
    invented: bool = False
    has_password: bool = False
    created_at: datetime
    suspended_at: datetime | None = None
    suspended_why: str = ""

    @property
    def actor(self) -> Actor:
        """The account as the author of commands: members of a team speak as their seller."""
        return Actor(self.role, self.party_id)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed in on one device. ``digest`` is the SHA-256 of the token in their cookie.

    ``expires_at`` is the end whatever happens; sessions also end when they are not used for long.
    """

    digest: bytes
    account_id: str
    how: How
    user_agent: str = ""
    address: str = ""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignedIn(msgspec.Struct, frozen=True):
    """A session with whose it is."""

    account: Account
    session: Session


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """Lets its holder do one thing once. Only the SHA-256 ``digest`` of what was mailed is kept.

    ``account_id`` is whose password it resets; role, party, member, email and name are of the account that an
    invitation makes.
    """

    digest: bytes
    purpose: Purpose
    account_id: str = ""
    role: str = ""
    party_id: str = ""
    member: Member = Member.OWNER
    email: str = ""
    name: str = ""
    created_at: datetime
    expires_at: datetime


class TeamDeed(msgspec.Struct, frozen=True, kw_only=True):
    """What a member of a seller's team asked for. ``outcome`` is ``done``, the kind of the refusal, or empty
    while nobody knows; ``events`` are the events that came of it, as ``stream#seq``.
    """

    seller_id: str
    deed_id: str
    account_id: str
    name: str
    deed: str
    order_id: str
    case_id: str = ""
    at: datetime
    outcome: str = ""
    events: tuple[str, ...] = ()


def email_key(email: str) -> str:
    """A mail address as addresses are compared: however it is written, the same mailbox is one account."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


class AccountStore(Protocol):
    """Accounts, and who they are to identity providers. Everything may raise `StoreUnreachable`."""

    async def add(self, account: Account, password: str = "") -> bool:
        """Keep a new account; false where its mail address, or its party (unless a seller), has one."""

    async def get(self, account_id: str) -> Account | None:
        """The account of that id."""

    async def by_email(self, email: str) -> Account | None:
        """The account of a mail address, however it is written."""

    async def password_of(self, email: str) -> tuple[Account, str] | None:
        """The account of a mail address with its password's hash, empty where it has none."""

    async def of_party(self, role: Role, party_id: str) -> Sequence[Account]:
        """Everybody of a party, oldest first: a seller's team, otherwise one at most."""

    async def change(self, account: Account) -> bool:
        """Replace name, zone, language and country of an account; false where there is none."""

    async def set_member(self, account_id: str, member: Member) -> None:
        """Say what somebody may do on their team."""

    async def set_password(self, account_id: str, password: str) -> None:
        """Replace the hash of an account's password."""

    async def remove(self, account_id: str) -> bool:
        """Forget an account with its sessions; API keys it made end. False where there is none."""

    async def identity(self, issuer: str, subject: str) -> Account | None:
        """Who somebody is that an identity provider knows."""

    async def identify(self, issuer: str, subject: str, account_id: str, at: datetime) -> None:
        """Remember it. A known identity stays whose it is."""


class SessionStore(Protocol):
    """Sessions by the hash of their token."""

    async def open(self, session: Session) -> None:
        """Keep a new session, and forget those that ended before it began."""

    async def find(self, digest: bytes) -> SignedIn | None:
        """A session with its account, as they are, ended or not."""

    async def touch(self, digest: bytes, at: datetime) -> None:
        """The session was used."""

    async def sessions_of(self, account_id: str) -> Sequence[Session]:
        """An account's sessions, the last used first."""

    async def end(self, digest: bytes) -> bool:
        """End a session; false where there is none."""

    async def end_all(self, account_id: str, but: bytes = b"") -> int:
        """End an account's sessions except one; how many."""


class PassStore(Protocol):
    """Passes, hand-overs that were used, and attempts that were made."""

    async def issue(self, one: Pass) -> None:
        """Keep a new pass."""

    async def look(self, digest: bytes, purpose: Purpose, now: datetime) -> Pass | None:
        """A pass that can still be used (``now`` before its end)."""

    async def use(self, digest: bytes, purpose: Purpose, now: datetime) -> Pass | None:
        """Use a pass up; None where it is unknown, used or run out. Of two at once one gets it."""

    async def invitations(self, role: Role, party_id: str, now: datetime) -> Sequence[Pass]:
        """A party's invitations that can still be used, oldest first."""

    async def withdraw(self, digest: bytes, now: datetime) -> bool:
        """Make a pass unusable; false where it was not usable."""

    async def withdraw_resets(self, account_id: str, now: datetime) -> None:
        """Make an account's resets unusable."""

    async def take(self, bucket: str, limit: int, period: timedelta, now: datetime) -> datetime | None:
        """Count an attempt; if there were ``limit`` in the last ``period``, nothing is counted and the
        instant from which another is welcome is returned.
        """

    async def forgive(self, bucket: str) -> None:
        """Forget the attempts."""

    async def first_use(self, jti: str, until: datetime, now: datetime) -> bool:
        """Whether nobody used this hand-over before; from now on somebody has. Kept until it runs out."""


class TeamLog(Protocol):
    """Who on a seller's team asked for what."""

    async def note(self, deed: TeamDeed) -> None:
        """Write down what is asked for. A known deed changes nothing."""

    async def conclude(self, seller_id: str, deed_id: str, outcome: str, events: Sequence[str] = ()) -> None:
        """What came of it."""

    async def deeds(self, seller_id: str, limit: int) -> Sequence[TeamDeed]:
        """A team's deeds, newest first."""

    async def behind(self, order_ids: Sequence[str]) -> Sequence[TeamDeed]:
        """The deeds that events on these orders came of, oldest first."""


class AccountKeeping(AccountStore, SessionStore, PassStore, TeamLog, Protocol):
    """Everything that accounts need kept."""


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose and without holding anybody else up."""

    async def hashed(self, password: str) -> str:
        """The hash to keep."""

    async def verify(self, kept: str, password: str) -> tuple[bool, str]:
        """Whether it is that password, and the hash to keep instead where it should be made anew.

        With an empty ``kept`` it is not, after the same time.
        """


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is to an identity provider. ``roles`` are what it says they may be, in its own words.

    ``email`` is empty unless the provider has verified it.
    """

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in at a provider that has begun: where to go, and what has to come back with the answer."""

    address: str
    state: str
    nonce: str
    verifier: str


class IdentityRefused(Exception):
    """The provider did not answer, or its answer does not hold. Nobody is signed in."""


class IdentityProvider(Protocol):
    """OpenID Connect by authorization code with PKCE, state and nonce."""

    async def begin(self, come_back_to: str) -> Begun:
        """Where to send somebody. Raises `IdentityRefused` if the provider cannot be reached."""

    async def finish(self, begun: Begun, code: str, come_back_to: str) -> Identity:
        """Who came back with ``code``. Raises `IdentityRefused`."""
