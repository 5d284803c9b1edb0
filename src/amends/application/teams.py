"""Sellers' teams: an owner invites, changes and removes; agents act on cases; viewers look."""

import secrets
from collections.abc import Sequence
from enum import StrEnum

from amends.application.account_mail import AccountMail
from amends.application.credentials import Unfit, unfit
from amends.application.permissions import Caller
from amends.application.ports import Clock, Done, KeyRole, Result
from amends.application.ports.accounts import (
    Account,
    AccountKeeping,
    Member,
    Pass,
    Passwords,
    Purpose,
    TeamDeed,
)
from amends.application.roster import Roster, is_address
from amends.application.sessions import digest
from amends.domain.parties import Role

_MEMBERS_MAX = 100
# To everybody else a shop speaks as one.
_TOLD = frozenset({KeyRole.SELLER, KeyRole.MEDIATOR, KeyRole.OPERATOR, KeyRole.MARKETPLACE})


class TeamRefusal(StrEnum):
    """Why a team stays as it is."""

    ADDRESS = "address"
    MEMBER = "member"
    LAST_OWNER = "last_owner"
    FULL = "full"
    NOT_FOUND = "not_found"
    GONE = "gone"
    TAKEN = "taken"


class Teams:
    """Whoever changes a team is passed in as ``owner``; permissions were asked before."""

    def __init__(
        self,
        keeping: AccountKeeping,
        roster: Roster,
        passwords: Passwords,
        mail: AccountMail,
        clock: Clock,
    ) -> None:
        self._keeping = keeping
        self._roster = roster
        self._passwords = passwords
        self._mail = mail
        self._clock = clock

    async def members(self, account: Account) -> Sequence[Account]:
        """The team somebody belongs to, oldest first."""
        return await self._keeping.of_party(account.role, account.party_id)

    async def invitations(self, account: Account) -> Sequence[Pass]:
        """The team's invitations that went out and can still be accepted."""
        return await self._keeping.invitations(account.role, account.party_id, self._clock.now())

    async def invite(self, owner: Account, email: str, member: Member) -> TeamRefusal | None:
        """Invite somebody by mail. Whether the address has an account already is not told here."""
        address = email.strip()
        if not is_address(address):
            return TeamRefusal.ADDRESS
        team = await self.members(owner)
        if any(one.email.casefold() == address.casefold() for one in team):
            return TeamRefusal.MEMBER
        if len(team) + len(await self.invitations(owner)) >= _MEMBERS_MAX:
            return TeamRefusal.FULL
        await self._mail.post(
            "invitation",
            address,
            role=owner.role.value,
            party_id=owner.party_id,
            member=member.value,
            team=_team_name(team) or owner.party_id,
            language=owner.language,
        )
        return None

    async def invitation(self, token: str) -> Pass | None:
        """What a link invites to, while it can be used."""
        return await self._keeping.look(digest(token), Purpose.INVITATION, self._clock.now())

    async def accept(self, token: str, name: str, password: str) -> Account | TeamRefusal | Unfit:
        """Join: the invitation becomes an account."""
        found = await self.invitation(token)
        if found is None:
            return TeamRefusal.GONE
        if (why := unfit(password, found.email)) is not None:
            return why
        if await self._keeping.by_email(found.email) is not None:
            return TeamRefusal.TAKEN
        hashed = await self._passwords.hashed(password)
        if await self._keeping.use(found.digest, Purpose.INVITATION, self._clock.now()) is None:
            return TeamRefusal.GONE
        made = await self._roster.add(
            Role(found.role),
            party_id=found.party_id,
            email=found.email,
            name=name,
            member=found.member,
            password=hashed,
        )
        return made or TeamRefusal.TAKEN

    async def withdraw(self, owner: Account, pass_id: str) -> TeamRefusal | None:
        """Take an invitation back."""
        for one in await self.invitations(owner):
            same = one.digest.hex()[:20] == pass_id
            if same and await self._keeping.withdraw(one.digest, self._clock.now()):
                return None
        return TeamRefusal.NOT_FOUND

    async def change(self, owner: Account, account_id: str, member: Member) -> TeamRefusal | None:
        """Say what a member may do. A team never loses its last owner."""
        found = await self._member(owner, account_id)
        if found is None:
            return TeamRefusal.NOT_FOUND
        if member is not Member.OWNER and await self._last_owner(found):
            return TeamRefusal.LAST_OWNER
        await self._keeping.set_member(found.account_id, member)
        return None

    async def remove(self, owner: Account, account_id: str) -> TeamRefusal | None:
        """Remove a member: sessions and API keys of theirs end at once."""
        found = await self._member(owner, account_id)
        if found is None:
            return TeamRefusal.NOT_FOUND
        if await self._last_owner(found):
            return TeamRefusal.LAST_OWNER
        await self._keeping.remove(found.account_id)
        return None

    async def note(self, member: Account, deed: str, order_id: str, case_id: str) -> str:
        """Write down who on the team asks for something, before it is done; the id to `conclude` it by."""
        return await self._noted(member, member.name or member.email, deed, order_id, case_id)

    async def note_program(
        self, account_id: str, program: str, deed: str, order_id: str, case_id: str
    ) -> tuple[Account, str] | None:
        """As `note`, for a program with an API key that a member made: the member, and the id; None where the
        member has gone, whose keys end with them.
        """
        member = await self._keeping.get(account_id)
        if member is None:
            return None
        name = f"{member.name or member.email} · {program}"
        return member, await self._noted(member, name, deed, order_id, case_id)

    async def _noted(self, member: Account, name: str, deed: str, order_id: str, case_id: str) -> str:
        now = self._clock.now()
        deed_id = f"{now.timestamp():.6f}-{secrets.token_hex(4)}"
        await self._keeping.note(
            TeamDeed(
                seller_id=member.party_id,
                deed_id=deed_id,
                account_id=member.account_id,
                name=name,
                deed=deed,
                order_id=order_id,
                case_id=case_id,
                at=now,
            )
        )
        return deed_id

    async def conclude(self, member: Account, deed_id: str, outcome: str) -> None:
        """What came of it: ``done``, or the kind of the refusal."""
        await self._keeping.conclude(member.party_id, deed_id, outcome)

    async def concluded(self, member: Account, deed_id: str, result: Result) -> None:
        """As `conclude`, for a command: which events came of it, or why it was refused."""
        if isinstance(result, Done):
            events = [one.name for one in result.recorded]
            await self._keeping.conclude(member.party_id, deed_id, "done", events)
        else:
            await self.conclude(member, deed_id, result.kind)

    async def behind(self, order_ids: Sequence[str]) -> dict[str, str]:
        """Who on a seller's team is behind events of these orders: a name by ``stream#seq``."""
        deeds = await self._keeping.behind(order_ids)
        return {event: deed.name for deed in deeds for event in deed.events}

    async def behind_for(self, caller: Caller, order_id: str) -> dict[str, str]:
        """As `behind`, of one order the caller sees: for the shop itself and for staff; empty for others."""
        return await self.behind([order_id]) if caller.role in _TOLD else {}

    async def deeds(self, account: Account, limit: int = 20) -> Sequence[TeamDeed]:
        """Who on the team asked for what, newest first."""
        return await self._keeping.deeds(account.party_id, limit)

    async def _member(self, owner: Account, account_id: str) -> Account | None:
        found = await self._keeping.get(account_id)
        same = found is not None and (found.role, found.party_id) == (owner.role, owner.party_id)
        return found if same else None

    async def _last_owner(self, account: Account) -> bool:
        team = await self.members(account)
        return account.member is Member.OWNER and sum(one.member is Member.OWNER for one in team) == 1


def _team_name(team: Sequence[Account]) -> str:
    """The shop's name: the first owner's, whose account came with the shop."""
    return next((one.name for one in team if one.member is Member.OWNER and one.name), "")
