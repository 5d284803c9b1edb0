"""Accounts put together as the settings say, and those of a sandbox's invented people."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from amends.adapters.oidc import OidcProvider
from amends.adapters.passwords import Argon2Passwords
from amends.adapters.postgres.accounts import PostgresAccounts
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.people import PostgresPeople
from amends.adapters.postgres.pool import Pool
from amends.application.accounts import Accounts, House
from amends.application.clock import SystemClock
from amends.application.hand_overs import key_text
from amends.application.ports import ApiKeys, Clock, Mail
from amends.application.ports.people import PeopleFilter, Standing
from amends.domain.parties import Actor, Role
from amends.settings import Settings
from amends.simulation.people import Person

_OPERATORS_MAX = 200


def operators_of(pool: Pool) -> Callable[[], Awaitable[Sequence[Actor]]]:
    """Everybody who runs the marketplace now."""
    people = PostgresPeople(pool)

    async def operators() -> Sequence[Actor]:
        wanted = PeopleFilter(role=Role.OPERATOR, standing=Standing.ACTIVE)
        found = await people.people(wanted, "", _OPERATORS_MAX)
        return tuple(dict.fromkeys(Actor(one.role, one.party_id) for one in found.accounts))

    return operators


def accounts_of(
    settings: Settings, pool: Pool, keys: ApiKeys, mail: Mail, clock: Clock, secret: str
) -> Accounts:
    """Everybody who can sign in. ``clock`` is the one the outbox goes by."""
    oidc = settings.oidc
    provider = None
    if oidc is not None:
        provider = OidcProvider(oidc.issuer, oidc.client_id, oidc.client_secret, oidc.role_claim)
    house = House(
        secret=secret,
        base=settings.address,
        sandbox=settings.sandbox,
        marketplace_key=key_text(settings.handover_key),
        roles={said: Role(role) for said, role in oidc.roles.items()} if oidc else {},
    )
    return Accounts(
        PostgresAccounts(pool),
        keys,
        Argon2Passwords(),
        PostgresOutbox(pool),
        mail,
        SystemClock(),
        house,
        clock.now,
        provider,
    )


async def furnish(accounts: Accounts, people: Iterable[Person]) -> None:
    """Give a sandbox's invented people their accounts."""
    await accounts.roster.furnish((one.actor, one.name, one.tier, one.zone, one.country) for one in people)
