"""A seller's team: who is on it, who is invited, and who of them did what."""

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from amends.application.ports.accounts import Member, TeamDeed
from amends.application.teams import TeamRefusal
from amends.interfaces.web import account_words, vocabulary
from amends.interfaces.web.account import mine, tabs
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class DeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for what, in words."""

    at: str
    name: str
    what: str
    href: str
    about: str
    done: bool


@get("/account/team")
async def team(visit: NamedDependency[Visit]) -> Response[str]:
    """The members and what they did; for owners with forms to change it."""
    return await _page(visit)


@post("/account/team/invite")
async def invite(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Invite somebody by mail."""
    form = Form(await visit.fields(), visit.words, visit.now)
    member = _member(form)
    why = None
    if member is not None:
        why = await visit.parts.accounts.teams.invite(mine(visit).account, form.raw("email"), member)
        if why is None:
            return visit.redirect("/account/team", "invited")
    form.wrong("email" if member else "member", account_words.TEAM[why] if why else N_("Choose a role."))
    return await _page(visit, 422, form)


@post("/account/team/change")
async def change(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Give a member another role, remove them, or take an invitation back."""
    form = Form(await visit.fields(), visit.words, visit.now)
    teams, owner = visit.parts.accounts.teams, mine(visit).account
    wanted, who = form.raw("member"), form.raw("who")
    why: TeamRefusal | None = TeamRefusal.NOT_FOUND
    done = "member-changed"
    if wanted == "withdraw":
        why, done = await teams.withdraw(owner, who), "invitation-withdrawn"
    elif wanted == "remove":
        why, done = await teams.remove(owner, who), "member-removed"
    elif (member := _member(form)) is not None:
        why = await teams.change(owner, who, member)
    if why is None:
        return visit.redirect("/account/team", done)
    form.wrong("", account_words.TEAM[why])
    return await _page(visit, 422, form)


def _member(form: Form) -> Member | None:
    wanted = form.raw("member")
    return Member(wanted) if wanted in set(Member) else None


async def _page(visit: Visit, status: int = 200, form: Form | None = None) -> Response[str]:
    account, words, teams = mine(visit).account, visit.words, visit.parts.accounts.teams
    return visit.page(
        "account_team.html",
        status,
        tabs=tabs(visit),
        account=account,
        owner=account.member is Member.OWNER,
        members=[
            (one, words.say(account_words.MEMBERS_SHORT[one.member])) for one in await teams.members(account)
        ],
        invitations=[
            (
                one.digest.hex()[:20],
                one.email,
                words.say(account_words.MEMBERS_SHORT[one.member]),
                words.stamp(one.expires_at),
            )
            for one in await teams.invitations(account)
        ],
        deeds=[deed_row(visit, one) for one in await teams.deeds(account)],
        choices=[(one.value, words.say(title)) for one, title in account_words.MEMBERS.items()],
        short=[(one.value, words.say(title)) for one, title in account_words.MEMBERS_SHORT.items()],
        errors=form.errors if form else {},
        email=form.raw("email") if form else "",
        chosen=form.raw("member") if form else Member.AGENT.value,
    )


def deed_row(visit: Visit, deed: TeamDeed) -> DeedRow:
    """A deed in the reader's words."""
    entry = vocabulary.ACTIONS.get(deed.deed)
    title = entry[0] if entry else account_words.DEEDS.get(deed.deed, "")
    on_order = f"/orders/{deed.order_id}" if deed.order_id else ""
    return DeedRow(
        at=visit.words.stamp(deed.at),
        name=deed.name,
        what=visit.words.say(title) if title else deed.deed.replace("_", " "),
        href=f"/cases/{deed.case_id}" if deed.case_id else on_order,
        about=deed.case_id or deed.order_id,
        done=deed.outcome == "done",
    )


routes = Router("/", route_handlers=[team, invite, change])
