"""Accounts: everything about who can sign in, put together for the doors that need it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from amends.application.account_mail import AccountMail
from amends.application.credentials import Credentials
from amends.application.hand_overs import HandOvers
from amends.application.keys import mint
from amends.application.people import People
from amends.application.ports import ApiKey, ApiKeys, Clock, KeyRole, Mail
from amends.application.ports.accounts import Account, IdentityProvider, Passwords
from amends.application.ports.outbox import Outbox
from amends.application.ports.people import HouseKeeping
from amends.application.roster import Roster
from amends.application.sessions import Sessions
from amends.application.signing_in import SigningIn
from amends.application.teams import Teams
from amends.domain.parties import Role


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say. ``base`` is the public address, without a slash at its end.

    ``marketplace_key`` verifies hand-overs a marketplace signs itself; ``roles`` maps an identity provider's
    words for roles to ours. ``secret`` signs what Amends hands out itself.
    """

    secret: str
    base: str
    sandbox: bool = False
    marketplace_key: str = ""
    roles: Mapping[str, Role] = {}


class Accounts:
    """``now`` is the clock the outbox goes by; everything else goes by the world's clock."""

    def __init__(
        self,
        keeping: HouseKeeping,
        keys: ApiKeys,
        passwords: Passwords,
        outbox: Outbox,
        mail: Mail,
        clock: Clock,
        house: House,
        now: Callable[[], datetime],
        provider: IdentityProvider | None = None,
    ) -> None:
        self.base = house.base
        self.provider = provider
        self.clock = clock
        self.roster = Roster(keeping, clock)
        self.people = People(keeping, clock)
        self.sessions = Sessions(keeping, clock, sandbox=house.sandbox)
        self.hand_overs = HandOvers(house.secret, house.base, house.marketplace_key)
        self.mail = AccountMail(keeping, outbox, mail, clock, house.base, now)
        self.doors = SigningIn(
            keeping,
            self.roster,
            self.people,
            self.sessions,
            passwords,
            self.hand_overs,
            clock,
            house.roles,
        )
        self.credentials = Credentials(keeping, self.sessions, passwords, self.doors, self.mail, clock)
        self.teams = Teams(keeping, self.roster, passwords, self.mail, clock)
        self._keys = keys

    async def make_key(
        self, account: Account, name: str, scopes: tuple[str, ...], key_id: str
    ) -> tuple[str, ApiKey] | None:
        """A key for a seller's or the marketplace's programs: (token, record), the token never again.

        None where ``key_id`` was used: the form came twice.
        """
        role, party = owner_of_keys(account)
        token, record = mint(role, party, self.clock.now(), name.strip()[:100])
        record = msgspec.structs.replace(record, scopes=scopes, key_id=key_id, made_by=account.account_id)
        return (token, record) if await self._keys.add(record) else None

    async def keys_of(self, account: Account) -> list[ApiKey]:
        """The keys in being that an account may see and revoke, newest first."""
        return list(await self._keys.of(*owner_of_keys(account)))

    async def revoke_key(self, account: Account, name: str) -> bool:
        """End a key by its public id; false where the account has none of that id."""
        for key in await self.keys_of(account):
            if public_id(key) == name:
                return await self._keys.revoke(key.digest, self.clock.now())
        return False

    async def add_by_link(self, role: Role, email: str, name: str, party_id: str) -> str | None:
        """A new account and the link by which its owner sets a password; None where there is one.

        Raises `amends.application.roster.AccountRefused`.
        """
        account = await self.roster.add(role, party_id=party_id, email=email, name=name)
        if account is None:
            return None
        return await self.credentials.first_link(account.account_id, timedelta(days=7))


def owner_of_keys(account: Account) -> tuple[KeyRole, str]:
    """Whose keys somebody looks after: sellers their own, operators the marketplace's."""
    if account.role is Role.OPERATOR:
        return KeyRole.MARKETPLACE, KeyRole.MARKETPLACE.value
    return KeyRole(account.role.value), account.party_id


def public_id(key: ApiKey) -> str:
    """What a key is called where people see it."""
    return key.key_id or key.digest.hex()[:20]
