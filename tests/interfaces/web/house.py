"""Accounts of a small town: real and in memory, a clock that stands unless moved, mail that is kept."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from amends.adapters.memory.accounts import MemoryAccounts
from amends.adapters.memory.keys import MemoryApiKeys
from amends.adapters.passwords import Argon2Passwords
from amends.application.accounts import Accounts, House
from amends.application.ports import ApiKeys
from amends.application.ports.accounts import IdentityProvider
from amends.application.ports.mail import Mailing
from amends.application.ports.outbox import Outbox
from amends.domain.parties import Role

BASE = "http://town.example"
# Fast on purpose: how slow passwords are is not what is tried here.
QUICK = Argon2Passwords(passes=1, memory_kib=8, lanes=1)


class World:
    """The world's clock, which sessions and links go by."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 18, 14, 22, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class Letterbox:
    """Mail that was sent."""

    def __init__(self) -> None:
        self.mailings: list[Mailing] = []

    async def send(self, mailing: Mailing) -> None:
        self.mailings.append(mailing)

    def link(self) -> str:
        """The path of the last mail's link."""
        link = self.mailings[-1].link
        assert link is not None
        return link.url.removeprefix(BASE)


def open_house(
    outbox: Outbox,
    now: Callable[[], datetime],
    *,
    keys: ApiKeys | None = None,
    world: World | None = None,
    letterbox: Letterbox | None = None,
    sandbox: bool = True,
    marketplace_key: str = "",
    provider: IdentityProvider | None = None,
    roles: Mapping[str, Role] | None = None,
    base: str = BASE,
) -> Accounts:
    """Accounts over memory."""
    house = House(
        secret="a secret that is long enough for anybody",
        base=base,
        sandbox=sandbox,
        marketplace_key=marketplace_key,
        roles=roles or {},
    )
    return Accounts(
        MemoryAccounts(),
        keys or MemoryApiKeys(),
        QUICK,
        outbox,
        letterbox or Letterbox(),
        world or World(),
        house,
        now,
        provider,
    )
