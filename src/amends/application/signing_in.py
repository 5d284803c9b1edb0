"""Signing in: by password, by card in a sandbox, by identity provider, by hand-over from a marketplace."""

import math
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec
import structlog

from amends.application.hand_overs import HandOver, HandOverRefused, HandOvers
from amends.application.people import MARKETPLACE, People
from amends.application.ports import Clock
from amends.application.ports.accounts import (
    Account,
    AccountKeeping,
    How,
    Identity,
    Member,
    Passwords,
    email_key,
)
from amends.application.roster import Roster
from amends.application.sessions import Guest, Opened, Sessions
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role

_log = structlog.get_logger()

PASSWORD_MAX = 200


class Limit(msgspec.Struct, frozen=True):
    """At most ``most`` attempts in any ``period``, spread evenly after a burst."""

    most: int
    period: timedelta


# A person mistypes a few times; a list of stolen passwords is longer. An address may be a whole office.
PER_ACCOUNT = Limit(10, timedelta(minutes=15))
PER_ADDRESS = Limit(60, timedelta(minutes=15))


class TooMany(msgspec.Struct, frozen=True):
    """Too many attempts: after ``wait_s`` seconds another is welcome."""

    wait_s: int


class Closed(StrEnum):
    """Why somebody is not let in."""

    WRONG = "wrong"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


Entry = Opened | TooMany | Closed


class SigningIn:
    """The doors. ``roles`` maps an identity provider's word for a role to ours."""

    def __init__(
        self,
        keeping: AccountKeeping,
        roster: Roster,
        people: People,
        sessions: Sessions,
        passwords: Passwords,
        hand_overs: HandOvers,
        clock: Clock,
        roles: Mapping[str, Role],
    ) -> None:
        self._keeping = keeping
        self._roster = roster
        self._people = people
        self._sessions = sessions
        self._passwords = passwords
        self._hand_overs = hand_overs
        self._clock = clock
        self._roles = roles

    async def by_password(self, email: str, password: str, guest: Guest) -> Entry:
        """Sign in with address and password. Who has no account waits as long, and reads the same."""
        account_bucket = f"sign-in:account:{_short(email_key(email))}"
        wait = await self.attempt(account_bucket, PER_ACCOUNT) or await self.attempt(
            f"sign-in:address:{guest.address}", PER_ADDRESS
        )
        if wait is not None:
            return wait
        found = await self._keeping.password_of(email)
        right, fresh = await self._passwords.verify(found[1] if found else "", password[:PASSWORD_MAX])
        if found is None or not right:
            return Closed.WRONG
        account = found[0]
        if not self._sessions.admits(account):
            return Closed.SUSPENDED
        if fresh:
            await self._keeping.set_password(account.account_id, fresh)
        await self._keeping.forgive(account_bucket)
        return await self._sessions.open(account, How.PASSWORD, guest)

    async def by_card(
        self, actor: Actor, name: str, guest: Guest, zone: str = "", country: str = ""
    ) -> Entry:
        """Become one of a sandbox's invented people."""
        account = await self._roster.invented(actor, name, zone=zone, country=country)
        return await self._enter(account, How.CARD, guest)

    async def by_identity(self, identity: Identity, guest: Guest) -> Entry:
        """Sign in whom a provider vouches for: known to it, or by verified address, or by a mapped role."""
        account = await self._keeping.identity(identity.issuer, identity.subject)
        role = next((self._roles[one] for one in identity.roles if one in self._roles), None)
        if account is None and identity.email:
            account = await self._keeping.by_email(identity.email)
        if account is None and role is not None:
            account = await self._roster.add(role, email=identity.email, name=identity.name)
        if account is None or (self._roles and role is None) or role not in {None, account.role}:
            # Who lost the role at the provider, or has another there, is no longer who the account is for.
            _log.info("identity_without_account", issuer=identity.issuer, subject=identity.subject)
            return Closed.UNKNOWN
        now = self._clock.now()
        await self._keeping.identify(identity.issuer, identity.subject, account.account_id, now)
        return await self._enter(account, How.PROVIDER, guest)

    def read_hand_over(self, token: str) -> HandOver | None:
        """Whom a token hands over, if it holds. It may have been used."""
        try:
            return self._hand_overs.read(token, self._clock.now())
        except HandOverRefused as refused:
            _log.info("hand_over_refused", why=str(refused))
            return None

    async def by_hand_over(self, token: str, guest: Guest) -> Entry:
        """Sign in whom a marketplace hands over. The token works once, whoever comes first."""
        found = self.read_hand_over(token)
        if found is None or not await self._keeping.first_use(
            sha256(f"{found.iss} {found.jti}".encode()).hexdigest(), found.expires_at, self._clock.now()
        ):
            return Closed.EXPIRED
        account = await self._handed_over(found)
        return await self._enter(account, How.HAND_OVER, guest)

    async def _handed_over(self, found: HandOver) -> Account | None:
        role = Role(found.role)
        party = list(await self._keeping.of_party(role, found.sub))
        key = email_key(found.email)
        same = [one for one in party if key and email_key(one.email) == key]
        owners = [one for one in party if one.member is Member.OWNER]
        account = next(iter(same or owners), None)
        if account is None:
            return await self._roster.add(
                role,
                party_id=found.sub,
                email=found.email,
                name=found.name,
                tier=found.tier or Tier.STANDARD,
                zone=found.zone,
                country=found.country,
            )
        # The tier is the marketplace's to say; the rest is only filled in where the account says nothing.
        if found.tier is not None and found.tier is not account.tier:
            await self._people.set_tier(MARKETPLACE, account.account_id, found.tier)
        told = msgspec.structs.replace(
            account,
            name=account.name or found.name,
            zone=account.zone or found.zone,
            country=account.country or found.country,
        )
        if told != account:
            await self._keeping.change(told)
        return told

    async def _enter(self, account: Account | None, how: How, guest: Guest) -> Entry:
        if account is None:
            return Closed.UNKNOWN
        if not self._sessions.admits(account):
            return Closed.SUSPENDED
        return await self._sessions.open(account, how, guest)

    async def attempt(self, bucket: str, limit: Limit) -> TooMany | None:
        """Count an attempt; what to say where it is one too many."""
        now = self._clock.now()
        welcome = await self._keeping.take(bucket, limit.most, limit.period, now)
        return None if welcome is None else TooMany(max(1, math.ceil((welcome - now).total_seconds())))


def _short(text: str) -> str:
    # Somebody's address has no business in a table of counters.
    return sha256(text.encode()).hexdigest()[:32]
