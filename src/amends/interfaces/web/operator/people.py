"""People: operators find who has an account, and see what there is to know of one person."""

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.people import WHY_MAX, By, PeopleRefusal
from amends.application.ports.accounts import Account, Session
from amends.application.ports.figures import Tally
from amends.application.ports.people import AccountDeed, Decision, PeopleFilter, Standing
from amends.application.roster import PEOPLE
from amends.application.sessions import id_of
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role
from amends.interfaces.web import account_words, people_words, vocabulary
from amends.interfaces.web.account import device_of
from amends.interfaces.web.account_team import deed_row
from amends.interfaces.web.cards import Badge, Pair
from amends.interfaces.web.forms import Form
from amends.interfaces.web.searching import QUERY_MAX
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 20
_LOGGED = 20
_ACTIONS = frozenset({"suspend", "restore", "tier", "sign-out"})


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One account of a list."""

    account_id: str
    name: str
    role: str
    party_id: str
    email: str
    badges: tuple[Badge, ...]
    since: str


class DeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about an account in words."""

    at: str
    told: str
    by: str
    why: str
    account_id: str
    name: str


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is signed in."""

    id: str
    device: str
    told: str
    address: str


@get("/people")
async def people(
    visit: NamedDependency[Visit],
    q: Annotated[str, QueryParameter(max_length=QUERY_MAX)] = "",
    role: Annotated[str, QueryParameter(max_length=20)] = "",
    standing: Annotated[str, QueryParameter(max_length=20)] = "",
    tier: Annotated[str, QueryParameter(max_length=20)] = "",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """Accounts, newest first; found by words, role, state and tier."""
    visit.require(Role.OPERATOR)
    wanted = PeopleFilter(
        text=q,
        role=Role(role) if role in PEOPLE else None,
        standing=Standing(standing) if standing in set(Standing) else None,
        tier=Tier(tier) if tier in set(Tier) else None,
    )
    try:
        page = await visit.parts.accounts.people.find(wanted, after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    kept = {
        "q": q.strip(),
        "role": wanted.role or "",
        "standing": wanted.standing or "",
        "tier": wanted.tier or "",
    }
    say = visit.words.say
    return visit.page(
        "operator_people.html",
        rows=[_row(visit, one) for one in page.accounts],
        next=page.next,
        first=not after,
        kept=kept,
        query=urlencode({name: value for name, value in kept.items() if value}),
        roles=[(one.value, say(vocabulary.ROLES[one])) for one in PEOPLE],
        standings=[(one.value, say(title)) for one, title in people_words.STANDINGS.items()],
        tiers=[(one.value, say(title)) for one, title in account_words.TIERS.items()],
    )


@get("/people/{account_id:str}")
async def person(visit: NamedDependency[Visit], account_id: FromPath[str]) -> Response[str]:
    """One person: what they are part of, where they are signed in, what was decided about them."""
    return await _page(visit, await _account(visit, account_id))


@post("/people/{account_id:str}/{action:str}")
async def decide(
    visit: NamedDependency[Visit], account_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Redirect:
    """Shut somebody out, let them in, give a buyer another tier, or sign somebody out."""
    await _account(visit, account_id)
    if action not in _ACTIONS or visit.account is None:
        raise NotFoundException
    form = Form(await visit.fields(), visit.words, visit.now)
    why = form.text("why", most=WHY_MAX)
    found, by = visit.parts.accounts.people, By(visit.actor, visit.account.name, visit.account.account_id)
    refusal: PeopleRefusal | None = None
    if action == "tier":
        tier = form.choice("tier", tuple(Tier), N_("Choose a tier."))
        if not form.errors:
            refusal = await found.set_tier(by, account_id, Tier(tier), why)
    elif action == "suspend" and not form.errors:
        refusal = await found.suspend(by, account_id, why)
    elif action == "restore" and not form.errors:
        refusal = await found.restore(by, account_id, why)
    elif action == "sign-out":
        refusal = await found.sign_out(by, account_id, form.raw("session"))
    if refusal is not None:
        form.wrong("why" if refusal is PeopleRefusal.REASON else "", people_words.REFUSALS[refusal])
    if form.errors:
        return await _page(visit, await _account(visit, account_id), form, action)
    return visit.redirect(f"/people/{account_id}", f"person-{action}")


async def _account(visit: Visit, account_id: str) -> Account:
    visit.require(Role.OPERATOR)
    account = await visit.parts.accounts.people.get(account_id)
    if account is None:
        raise NotFoundException
    return account


async def _page(visit: Visit, account: Account, form: Form | None = None, tried: str = "") -> Response[str]:
    words, accounts = visit.words, visit.parts.accounts
    team = [one for one in await accounts.people.of_party(account.actor) if one != account]
    sessions = await accounts.sessions.of(account.account_id)
    deeds = await accounts.people.decided(account.account_id, limit=_LOGGED)
    tally = await visit.parts.figures.tally(account.actor)
    return visit.page(
        "operator_person.html",
        422 if form else 200,
        account=account,
        row=_row(visit, account),
        facts=_facts(visit, account),
        counts=[
            (href, words.number(number), words.say(title)) for href, number, title in _counts(account, tally)
        ],
        devices=[_device(visit, one) for one in sessions],
        team=[_row(visit, one) for one in team] if account.role is Role.SELLER else [],
        did=[deed_row(visit, one) for one in await accounts.teams.deeds(account)]
        if account.role is Role.SELLER
        else [],
        deeds=[deed_line(visit, one) for one in deeds.deeds],
        journal=urlencode({"who": f"{account.role.value}:{account.party_id}"}),
        tiers=[(one.value, words.say(title)) for one, title in account_words.TIERS.items()],
        myself=visit.account is not None and visit.account.account_id == account.account_id,
        errors=form.errors if form else {},
        typed=form.raw if form else lambda _: "",
        tried=tried,
    )


def _counts(account: Account, tally: Tally) -> list[tuple[str, int, str]]:
    """What somebody is part of: (address, number, what), as far as there is a list of it."""
    query = urlencode({account.role.value: account.party_id})
    found: list[tuple[str, int, str]] = []
    if account.role in {Role.BUYER, Role.SELLER}:
        found.append((f"/orders?{query}", tally.orders, N_("Orders")))
    if account.role is not Role.OPERATOR:
        found.append((f"/cases?{query}&show=open", tally.open_cases, N_("Open cases")))
        found.append((f"/cases?{query}&show=all", tally.cases, N_("Cases in all")))
    return found


def _row(visit: Visit, account: Account) -> PersonRow:
    say = visit.words.say
    badges = []
    if account.suspended_at is not None:
        badges.append(Badge(say(people_words.STANDINGS[Standing.SUSPENDED]), "bad"))
    if account.role is Role.BUYER and account.tier is not Tier.STANDARD:
        badges.append(Badge(say(account_words.TIERS[account.tier]), "good"))
    if account.role is Role.SELLER:
        badges.append(Badge(say(account_words.MEMBERS_SHORT[account.member])))
    return PersonRow(
        account_id=account.account_id,
        name=name_of(visit, account),
        role=say(vocabulary.ROLES[account.role]),
        party_id=account.party_id,
        email=account.email,
        badges=tuple(badges),
        since=visit.words.day(account.created_at),
    )


def name_of(visit: Visit, account: Account) -> str:
    """What an account is called, or else its person."""
    return account.name or visit.name_of(account.role, account.party_id)


def _facts(visit: Visit, account: Account) -> list[Pair]:
    words, say = visit.words, visit.words.say
    named = [
        (N_("Role"), say(vocabulary.ROLES[account.role])),
        (N_("Id in orders and cases"), account.party_id),
        (N_("Mail address"), account.email),
        (
            N_("On the team"),
            say(account_words.MEMBERS[account.member]) if account.role is Role.SELLER else "",
        ),
        (N_("Tier"), say(account_words.TIERS[account.tier]) if account.role is Role.BUYER else ""),
        (N_("Country"), words.locale.territories.get(account.country, account.country)),
        (N_("Time zone"), account.zone.replace("_", " ")),
        (N_("Account since"), words.day(account.created_at)),
    ]
    return [Pair(say(label), value) for label, value in named if value]


def _device(visit: Visit, session: Session) -> DeviceRow:
    words = visit.words
    return DeviceRow(
        id=id_of(session),
        device=device_of(visit, session.user_agent),
        told=words.say(
            N_("Signed in %(since)s %(how)s."),
            since=words.stamp(session.created_at),
            how=words.say(account_words.WAYS[session.how]),
        )
        + " "
        + words.say(N_("Last used %(seen)s."), seen=words.stamp(session.seen_at)),
        address=session.address,
    )


def deed_line(visit: Visit, deed: AccountDeed) -> DeedLine:
    """A decision about an account in the reader's words."""
    say = visit.words.say
    tiers = {one.value: say(title) for one, title in account_words.TIERS.items()}
    told = say(
        people_words.DECISIONS[deed.decision],
        was=tiers.get(deed.was, deed.was),
        became=tiers.get(deed.became, deed.became),
    )
    if deed.decision is Decision.SIGNED_OUT and not deed.became:
        told = say(people_words.SIGNED_OUT_EVERYWHERE)
    return DeedLine(
        at=visit.words.stamp(deed.at),
        told=told,
        by=deed.by_name or _author(visit, deed.by),
        why=deed.why,
        account_id=deed.account_id,
        name=deed.name or deed.account_id,
    )


def _author(visit: Visit, by: Actor) -> str:
    title = people_words.AUTHORS.get(by.id)
    return visit.words.say(title) if title else visit.name_of(by.role, by.id)
