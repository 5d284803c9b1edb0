"""Holidays and promotions: which give more time to return, and setting the next one by a short form."""

from datetime import date, datetime

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from amends.domain.parties import Role
from amends.domain.policy.clauses import Clause, Layer
from amends.domain.policy.drafts import new_text
from amends.domain.policy.packs import load_pack
from amends.domain.policy.seasons import PACK, Season, clause_of, extensions, mistakes
from amends.domain.policy.stack import Pack, PackError, Problem
from amends.domain.policy.steps import Edited
from amends.domain.policy.studio import Revision, Shelf, Stand
from amends.domain.policy.writing import with_clause, words_of
from amends.domain.refusals import Refused
from amends.interfaces.web.forms import Form
from amends.interfaces.web.operator.studio import who
from amends.interfaces.web.studio_words import STANDS, refused
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_WRONG: dict[tuple[str, str], str] = {
    ("last", "order"): N_("The last day of buying comes after the first."),
    ("last", "past"): N_("The last day of buying lies ahead: what was bought before keeps its terms."),
    ("until", "either"): N_("Name a last day, or a number of days, and not both."),
    ("until", "order"): N_("The last day to return comes after the last day of buying."),
    ("days", "length"): N_("Enter a whole number of days, up to 365."),
}
_STATES: dict[str, tuple[str, str]] = {
    "now": (N_("Now"), "good"),
    "ahead": (N_("Ahead"), "turn"),
    "over": (N_("Over"), "them"),
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that gives more time."""

    clause: str
    href: str
    sentence: str
    bought: str
    gives: str
    scope: str
    badges: tuple[tuple[str, str], ...]


@get("/seasons")
async def seasons(visit: NamedDependency[Visit]) -> Response[str]:
    """What gives more time to return now, what will, and the form for the next."""
    visit.require(Role.OPERATOR)
    return await _page(visit)


@post("/seasons", status_code=200)
async def add(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Write the season into a draft of the pack of seasons, to be reviewed and published there."""
    visit.require(Role.OPERATOR)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    season = _read(form)
    if season is None or form.errors:
        return await _page(visit, values, form.errors)
    try:
        found = await _written(visit, season)
    except PackError as error:
        return await _page(visit, values, problems=error.problems)
    if isinstance(found, Refused):
        return await _page(visit, values, {"": refused(visit.words, found)})
    return visit.redirect(f"/studio/{found.pack_id}/{found.version}", "policy-saved")


def _read(form: Form) -> Season | None:
    """The season of the form's fields; what is not right is in ``form.errors``."""
    name = form.text("name", N_("Name the holiday or promotion."), 80)
    first, last = _day(form, "first"), _day(form, "last")
    until = _day(form, "until") if form.raw("until") else None
    days = form.whole("days", 365, N_("Enter a whole number of days, up to 365.")) if form.raw("days") else 0
    if first is None or last is None:
        return None
    season = Season(
        name=name,
        first=first,
        last=last,
        until=until,
        days=days,
        countries=tuple(word.upper() for word in words_of(form.raw("countries"))),
        categories=tuple(words_of(form.raw("categories"))),
        sentence=form.text("sentence", most=500),
    )
    for one in mistakes(season, form.now.date()):
        form.wrong(one.field, _WRONG[one.field, one.why])
    return season


def _day(form: Form, name: str) -> date | None:
    try:
        return date.fromisoformat(form.raw(name))
    except ValueError:
        form.wrong(name, N_("Enter a day as 2026-12-31."))
        return None


async def _written(visit: Visit, season: Season) -> Revision | Refused:
    """The season in the newest draft of its pack, in a new version of it, or in a new pack. `PackError`."""
    studio = visit.parts.studio
    shelf = await studio.book.shelf()
    draft = _latest(shelf, visit.now, {Stand.DRAFT})
    base = draft or _latest(shelf, visit.now, {Stand.IN_FORCE, Stand.SCHEDULED})
    text = base.text if base else new_text(PACK, Layer.PROMOTION, "Holidays and promotions")
    ids = [clause.id for pack in await _packs(visit) for clause in pack.clauses]
    if base is not None:
        ids += [clause.id for clause in load_pack(base.text, base.file).clauses]
    text = with_clause(text, clause_of(season, ids))
    if draft is not None:
        step = Edited(text=text, note=season.name)
        return await studio.take(PACK, draft.version, step, who(visit), draft.number)
    copy_of = base.version if base else 0
    return await studio.begin(PACK, who(visit), copy_of=copy_of, text=text, note=season.name)


def _latest(shelf: Shelf, now: datetime, stands: set[Stand]) -> Revision | None:
    found = [
        one for one in shelf.revisions.values() if one.pack_id == PACK and shelf.stand(one, now) in stands
    ]
    return max(found, key=lambda one: one.version, default=None)


async def _packs(visit: Visit) -> list[Pack]:
    """Of each pack what is in force, and what is scheduled."""
    book = visit.parts.studio.book
    packs = await book.packs()
    live = await book.in_force(visit.now)
    return [*live, *(p for p in packs if p.published_from is not None and p.published_from > visit.now)]


async def _page(
    visit: Visit,
    values: dict[str, list[str]] | None = None,
    errors: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Response[str]:
    shelf = await visit.parts.studio.book.shelf()
    rows = []
    for one in extensions(await _packs(visit)):
        scheduled = one.pack.published_from is not None and one.pack.published_from > visit.now
        stand = Stand.SCHEDULED if scheduled else Stand.IN_FORCE
        rows.append(_row(visit, one.pack, one.clause, one.until, one.days, stand))
    waiting = []
    for revision in shelf.revisions.values():
        stand = shelf.stand(revision, visit.now)
        if stand in {Stand.DRAFT, Stand.IN_REVIEW, Stand.APPROVED}:
            pack = load_pack(revision.text, revision.file)
            waiting += [
                _row(visit, pack, one.clause, one.until, one.days, stand) for one in extensions([pack])
            ]
    return visit.page(
        "seasons.html",
        422 if errors or problems else 200,
        rows=rows,
        waiting=waiting,
        typed={name: said[-1] for name, said in (values or {}).items()},
        errors=errors or {},
        problems=problems,
    )


def _row(visit: Visit, pack: Pack, clause: Clause, until: str, days: int, stand: Stand) -> Row:
    words, say = visit.words, visit.words.say
    when = clause.when
    if until:
        gives = say(N_("until %(day)s"), day=words.on(date.fromisoformat(until)))
    else:
        gives = words.count("%(number)s day after receipt", "%(number)s days after receipt", days)
    first, before = when.placed_from, when.placed_before
    bought = " – ".join(words.stamp(at) if at else "…" for at in (first, before)) if first or before else ""
    over, ahead = before is not None and before <= visit.now, first is not None and first > visit.now
    title, tone = _STATES["over" if over else "ahead" if ahead else "now"]
    stand_title, stand_tone = STANDS[stand]
    return Row(
        clause=clause.id,
        href=f"/studio/{pack.pack_id}/{pack.version}/clauses/{clause.id}",
        sentence=clause.sentence,
        bought=bought or say(N_("always")),
        gives=gives,
        scope=words.listing([*when.buyer_country, *when.category, *when.seller]),
        badges=((say(title), tone), (say(stand_title), stand_tone)),
    )
