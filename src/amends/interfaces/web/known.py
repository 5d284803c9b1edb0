"""What is known about a buyer: read by those who decide and by the buyer, contested, reviewed by a person."""

from datetime import datetime

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.buyers import REASON_MAX, Known
from amends.domain.parties import Role
from amends.domain.policy.terms import ClauseText
from amends.domain.refusals import Refused
from amends.domain.signals import Contest, Sign, Signal
from amends.interfaces.web import account
from amends.interfaces.web.forms import Form
from amends.interfaces.web.known_words import ABOUT, ABOUT_YOU, MAYBE, STATES, TITLES
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_CONTESTS_SHOWN = 100


class ContestCard(msgspec.Struct, frozen=True, kw_only=True):
    """A contest in words; ``open`` where nobody has looked at it."""

    contest_id: str
    buyer_id: str
    who: str
    title: str
    reason: str
    at: str
    state: str
    note: str
    open: bool


class SignCard(msgspec.Struct, frozen=True, kw_only=True):
    """A signal in words: what, the facts, what may be behind it, what it rests on, the contest about it."""

    sign: str
    title: str
    text: str
    maybe: str
    least: str
    links: tuple[tuple[str, str], ...]
    contest: ContestCard | None


def cards(visit: Visit, known: Known, *, own: bool = False) -> tuple[SignCard, ...]:
    """Every signal in the reader's words; ``own``: the reader is who it is about."""
    return tuple(_card(visit, known, one, own=own) for one in known.signals)


def _card(visit: Visit, known: Known, one: Signal, *, own: bool) -> SignCard:
    words = visit.words
    texts = ABOUT_YOU if own else ABOUT
    accounts = one.sign is Sign.LINKED_ACCOUNTS
    # Who else lives there is nobody's business but that of who has to decide.
    basis = () if own and accounts else one.basis
    contest = known.open_contest(one.sign)
    return SignCard(
        sign=one.sign.value,
        title=words.say(TITLES[one.sign]),
        text=words.say(
            texts[one.sign],
            count=words.number(one.count),
            of=words.number(one.of),
            share=words.percent(one.share or 0),
            times=words.number(round((one.times or 0) / 100)),
        ),
        maybe=words.say(MAYBE[one.sign]),
        least=words.say(N_("It takes at least %(least)s."), least=words.number(one.least)),
        links=tuple((f"/buyers/{each}" if accounts else f"/cases/{each}", each) for each in basis),
        contest=_contest_card(visit, contest) if contest else None,
    )


def _contest_card(visit: Visit, one: Contest) -> ContestCard:
    words = visit.words
    return ContestCard(
        contest_id=one.contest_id,
        buyer_id=one.buyer_id,
        who=visit.name_of(Role.BUYER, one.buyer_id),
        title=words.say(TITLES[one.sign]),
        reason=one.reason,
        at=words.day(one.at),
        state=words.say(STATES[one.state]),
        note=one.note,
        open=one.state == "open",
    )


@get("/account/known")
async def about_me(visit: NamedDependency[Visit]) -> Response[str]:
    """What is known about the buyer who reads, and a form to contest each of it."""
    visit.require(Role.BUYER)
    return await _mine(visit)


@post("/account/known/{sign:str}")
async def contest(visit: NamedDependency[Visit], sign: FromPath[str]) -> Response[str] | Redirect:
    """The buyer says why a signal is wrong."""
    visit.require(Role.BUYER)
    if sign not in set(Sign):
        raise NotFoundException
    form = Form(await visit.fields(), visit.words, visit.now)
    reason = form.text("reason", N_("Say why this is wrong."), REASON_MAX)
    if not form.errors:
        found = await visit.parts.buyers.contest(visit.actor.id, Sign(sign), reason, visit.now)
        if not isinstance(found, Refused):
            return visit.redirect("/account/known", "contested")
        if found.kind == "not_found":
            raise NotFoundException
        form.wrong("reason", N_("You have contested this already. A person will look at it."))
    return await _mine(visit, form, sign)


async def _mine(visit: Visit, form: Form | None = None, tried: str = "") -> Response[str]:
    known = await visit.parts.buyers.known(visit.actor.id, visit.now)
    return visit.page(
        "account_known.html",
        422 if form else 200,
        tabs=account.tabs(visit),
        cards=cards(visit, known, own=True),
        past=[_contest_card(visit, one) for one in known.contests],
        frame=_frame(visit, known),
        errors={f"{tried}-{name}": text for name, text in form.errors.items()} if form else {},
        tried=tried,
        typed=form.raw("reason") if form else "",
    )


@get("/buyers/{buyer_id:str}")
async def about(visit: NamedDependency[Visit], buyer_id: FromPath[str]) -> Response[str]:
    """What is known about a buyer, for those who decide."""
    visit.require(Role.MEDIATOR, Role.OPERATOR)
    known = await visit.parts.buyers.known(buyer_id, visit.now)
    if not (known.orders or known.claims or known.contests or visit.parts.person(Role.BUYER, buyer_id)):
        raise NotFoundException
    return visit.page(
        "buyer_known.html",
        buyer=visit.name_of(Role.BUYER, buyer_id),
        cards=cards(visit, known),
        past=[_contest_card(visit, one) for one in known.contests],
        frame=_frame(visit, known),
    )


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Since when, over how many orders and claims, and by which clause."""

    since: datetime
    orders: str
    claims: str
    rule: ClauseText


def _frame(visit: Visit, known: Known) -> Counted:
    number = visit.words.number
    return Counted(
        since=known.since, orders=number(known.orders), claims=number(known.claims), rule=known.clause
    )


@get("/contests")
async def contests(visit: NamedDependency[Visit]) -> Response[str]:
    """What buyers contested and nobody has looked at yet, oldest first."""
    visit.require(Role.OPERATOR)
    return await _queue(visit)


@post("/contests/{contest_id:str}")
async def review(visit: NamedDependency[Visit], contest_id: FromPath[str]) -> Response[str] | Redirect:
    """A person keeps a signal, or removes what it rests on."""
    visit.require(Role.OPERATOR)
    if await visit.parts.buyers.contests.get(contest_id) is None:
        raise NotFoundException
    form = Form(await visit.fields(), visit.words, visit.now)
    verdicts = ("upheld", "removed")
    verdict = form.choice("verdict", verdicts, N_("Choose whether it stays or is removed."))
    note = form.text("note", N_("Say why. The buyer reads it."), REASON_MAX)
    if form.errors:
        return await _queue(visit, form, contest_id)
    found = await visit.parts.buyers.review(
        contest_id, keep=verdict == "upheld", by=visit.actor.id, note=note, now=visit.now
    )
    if isinstance(found, Refused):
        form.wrong("note", N_("Somebody has decided this in the meantime."))
        return await _queue(visit, form, contest_id)
    return visit.redirect("/contests", "reviewed")


async def _queue(visit: Visit, form: Form | None = None, tried: str = "") -> Response[str]:
    found = await visit.parts.buyers.contests.open(_CONTESTS_SHOWN)
    return visit.page(
        "contests.html",
        422 if form else 200,
        cards=[_contest_card(visit, one) for one in found],
        errors={f"{tried}-{name}": text for name, text in form.errors.items()} if form else {},
        tried=tried,
        note=form.raw("note") if form else "",
        verdict=form.raw("verdict") if form else "",
    )


routes = Router("/", route_handlers=[about_me, contest, about, contests, review])
