"""Who has an account: adding and finding them, and what a profile says."""

import re
import secrets
from collections.abc import Iterable, Sequence

import msgspec

from amends.application.hand_overs import known_zone
from amends.application.ports import Clock
from amends.application.ports.accounts import Account, AccountKeeping, Member
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role

#: Roles that people sign in as.
PEOPLE = (Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_PARTY = re.compile(r"[A-Za-z0-9_.@-]{1,64}", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}", re.ASCII)


class AccountRefused(ValueError):
    """An account cannot be as asked for. The message says what is wrong and how to mend it."""


class Roster:
    """Everybody with an account."""

    def __init__(self, keeping: AccountKeeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def add(
        self,
        role: Role,
        *,
        party_id: str = "",
        email: str = "",
        name: str = "",
        member: Member = Member.OWNER,
        tier: Tier = Tier.STANDARD,
        zone: str = "",
        country: str = "",
        invented: bool = False,
        password: str = "",
    ) -> Account | None:
        """A new account; None where the address or the person has one. ``password`` is a hash.

        Raises `AccountRefused` for what no account can be.
        """
        account = Account(
            account_id=f"acc_{secrets.token_hex(10)}",
            role=role,
            party_id=party_id or f"{role.value}-{secrets.token_hex(5)}",
            member=member,
            name=name.strip()[:200],
            email=email.strip(),
            tier=tier,
            zone=zone,
            country=country,
            invented=invented,
            created_at=self._clock.now(),
        )
        _check(account)
        return await self.get(account.account_id) if await self._keeping.add(account, password) else None

    async def invented(
        self,
        actor: Actor,
        name: str,
        *,
        tier: Tier = Tier.STANDARD,
        zone: str = "",
        country: str = "",
    ) -> Account | None:
        """The account of a sandbox's invented person, made when it is first wanted."""
        for _ in range(2):
            known = await self._keeping.of_party(actor.role, actor.id)
            if known:
                return next((one for one in known if one.invented), known[0])
            await self.add(
                actor.role,
                party_id=actor.id,
                email=invented_address(actor),
                name=name,
                tier=tier,
                zone=zone,
                country=country,
                invented=True,
            )
        return None

    async def furnish(self, people: Iterable[tuple[Actor, str, Tier, str, str]]) -> None:
        """Give invented people the accounts they lack: (actor, name, tier, zone, country)."""
        for actor, name, tier, zone, country in people:
            await self.invented(actor, name, tier=tier, zone=zone, country=country)

    async def get(self, account_id: str) -> Account | None:
        """The account of that id."""
        return await self._keeping.get(account_id)

    async def by_email(self, email: str) -> Account | None:
        """The account of a mail address."""
        return await self._keeping.by_email(email)

    async def of_party(self, actor: Actor) -> Sequence[Account]:
        """The accounts that act as somebody: a seller's team, otherwise one at most."""
        return await self._keeping.of_party(actor.role, actor.id)

    async def set_language(self, account: Account, language: str) -> None:
        """Speak somebody's language to them, on pages and by mail; empty: as their device says."""
        await self._keeping.change(msgspec.structs.replace(account, language=language))

    async def set_profile(self, account: Account, *, name: str, zone: str, language: str) -> None:
        """Change what somebody says of themselves. Raises `AccountRefused`."""
        changed = msgspec.structs.replace(account, name=name.strip()[:200], zone=zone, language=language)
        _check(changed)
        await self._keeping.change(changed)


def invented_address(actor: Actor) -> str:
    """An address under a domain that can never receive mail (RFC 2606); empty for an id that does not fit."""
    return f"{actor.role.value}.{actor.id}@example.invalid" if _PLAIN.fullmatch(actor.id) else ""


def is_address(email: str) -> bool:
    """Whether mail can be sent to it: one plain ASCII address."""
    return len(email) <= 254 and _EMAIL.fullmatch(email) is not None


def _check(account: Account) -> None:
    if account.role not in PEOPLE:
        raise AccountRefused(f"nobody signs in as {account.role.value}: use {', '.join(PEOPLE)}")
    if account.email and not is_address(account.email):
        raise AccountRefused(f"{account.email!r} is no mail address: write it like name@shop.example")
    if _PARTY.fullmatch(account.party_id) is None:
        raise AccountRefused("the id needs 1 to 64 letters, digits or any of _ . @ -")
    if account.zone and not known_zone(account.zone):
        raise AccountRefused(f"there is no time zone {account.zone!r}: use a name like Europe/Lisbon")
