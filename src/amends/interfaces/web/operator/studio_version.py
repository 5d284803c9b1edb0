"""One version of a pack: what it changes, its clauses, what was said and done, and the next step."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.domain.parties import Role
from amends.domain.policy import steps
from amends.domain.policy.changes import ClauseChange, changes, fields, lines
from amends.domain.policy.packs import load_pack
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.stack import Pack, PackError, Problem
from amends.domain.policy.studio import Revision, Shelf, Stage, Stand
from amends.domain.refusals import Refused
from amends.interfaces.web.forms import Form
from amends.interfaces.web.operator.studio import named, revision_of, who
from amends.interfaces.web.studio_words import LAYERS, STANDS, STEPS, field_of, refused
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_DONE = {
    "comment": "policy-commented",
    "review": "policy-submitted",
    "return": "policy-returned",
    "approval": "policy-approved",
    "publication": "policy-published",
    "withdrawal": "policy-withdrawn",
}
_META = frozenset({"default", "floor", "priority", "sure", "sentence", "citation", "bounds"})


class ClauseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A clause in the list: what it says and sets, and whether this version changes it."""

    clause: str
    sentence: str
    values: tuple[tuple[str, str], ...]
    scope: tuple[tuple[str, str], ...]
    sure: str
    change: str
    comments: int


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A step in the history."""

    at: datetime
    who: str
    what: str
    clause: str
    note: str


@get("/studio/{pack_id:str}/{version:int}")
async def version_page(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int]
) -> Response[str]:
    """A version as it stands."""
    visit.require(Role.OPERATOR)
    shelf, revision = await revision_of(visit, pack_id, version)
    return await shown(visit, shelf, revision)


@post("/studio/{pack_id:str}/{version:int}/{deed:str}", status_code=200)
async def act(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int], deed: FromPath[str]
) -> Response[str] | Redirect:
    """Take the next step with a version."""
    visit.require(Role.OPERATOR)
    shelf, revision = await revision_of(visit, pack_id, version)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    step = _step(visit, form, deed)
    if step is None:
        return await shown(visit, shelf, revision, values=values, errors=form.errors)
    number = form.raw("number")
    try:
        found = await visit.parts.studio.take(
            pack_id, version, step, who(visit), int(number[:9]) if number.isdecimal() else None
        )
    except PackError as error:
        return await shown(visit, shelf, revision, values=values, problems=error.problems)
    if isinstance(found, Refused):
        shelf, revision = await revision_of(visit, pack_id, version)
        return await shown(
            visit, shelf, revision, values=values, errors={field_of(found): refused(visit.words, found)}
        )
    clause = getattr(step, "clause", "")
    below = f"/clauses/{clause}" if clause else ""
    return visit.redirect(f"/studio/{pack_id}/{version}{below}", _DONE[deed])


def _step(visit: Visit, form: Form, deed: str) -> steps.Step | None:
    """The step a form asks for; None where a field is not right. Raises `NotFoundException`."""
    why = N_("Say why, in a few words.")
    match deed:
        case "comment":
            note = form.text("comment", N_("Write what you have to say."))
            found: steps.Step = steps.Commented(note=note, clause=form.raw("clause"))
        case "review":
            found = steps.Submitted(note=form.text("note", why))
        case "return":
            found = steps.Returned(note=form.text("note", why))
        case "approval":
            found = steps.Approved(note=form.text("note"))
        case "withdrawal":
            found = steps.Withdrawn(note=form.text("note", why))
        case "publication":
            since = _since(visit, form)
            if since is None:
                return None
            found = steps.Published(since=since, note=form.text("note"))
        case _:
            raise NotFoundException(deed)
    return None if form.errors else found


def _since(visit: Visit, form: Form) -> datetime | None:
    """Day and time of the form, in the reader's own zone."""
    try:
        day, clock = date.fromisoformat(form.raw("day")), time.fromisoformat(form.raw("time") or "00:00")
        return datetime.combine(day, clock, visit.words.zone)
    except ValueError:
        form.wrong("since", N_("Enter a day as 2026-12-31 and a time as 08:00."))
        return None


async def shown(
    visit: Visit,
    shelf: Shelf,
    revision: Revision,
    *,
    values: Mapping[str, list[str]] | None = None,
    errors: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Response[str]:
    """The page, with what was typed and what is wrong with it."""
    pack = revision.pack or load_pack(revision.text, revision.file)
    before, before_text = await compared_with(visit, revision)
    found = changes(before, pack)
    stand = shelf.stand(revision, visit.now)
    editing = revision.stage not in {Stage.PUBLISHED, Stage.WITHDRAWN}
    title, tone = STANDS[stand]
    return visit.page(
        "studio_version.html",
        422 if errors or problems else 200,
        revision=revision,
        pack=pack,
        layer=visit.words.say(LAYERS[pack.layer]),
        stand=stand.value,
        badge={"tone": tone, "text": visit.words.say(title)},
        authors=[named(visit, by) for by in revision.authors],
        approved_by=named(visit, revision.approved_by) if revision.approved_by else "",
        own=who(visit) in revision.authors,
        against=before,
        changed=[change_of(visit, one) for one in found],
        rows=lines(before_text, revision.text) if before_text != revision.text else (),
        clauses=_clauses(visit, pack, revision, found),
        comments=[(entry.at, named(visit, entry.by), step.note) for entry, step in revision.comments()],
        history=[_moment(visit, entry) for entry in reversed(revision.entries)],
        affected=await visit.parts.studio.affected(revision) if editing else (),
        editable=stand is Stand.DRAFT,
        withdrawable=bool(revision.entries) and (editing or stand is Stand.SCHEDULED),
        tomorrow=(visit.words.local(visit.now) + timedelta(days=1)).date().isoformat(),
        typed={name: said[-1] for name, said in (values or {}).items()},
        errors=dict(errors or {}),
        problems=problems,
    )


async def compared_with(visit: Visit, revision: Revision) -> tuple[Pack | None, str]:
    """What a version is compared with: the one in force; for one that was, the one it was made of."""
    book = visit.parts.studio.book
    live = next((one for one in await book.in_force(visit.now) if one.pack_id == revision.pack_id), None)
    if live is not None and live.version != revision.version and revision.since is None:
        return live, await book.text(live.pack_id, live.version) or ""
    pack_id, _, number = revision.base.partition("@")
    if not number:
        return None, ""
    text = await book.text(pack_id, int(number)) or ""
    return (load_pack(text, f"{pack_id}.toml"), text) if text else (None, "")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that differs: a badge, and each difference as (what, before, after)."""

    clause: str
    badge: Mapping[str, str]
    sentence: str
    differs: tuple[tuple[str, str, str], ...]
    stale: bool = False


_KINDS: Mapping[str, tuple[str, str]] = {
    "added": (N_("New"), "good"),
    "removed": (N_("Gone"), "bad"),
    "changed": (N_("Changed"), "turn"),
}


def change_of(visit: Visit, one: ClauseChange) -> Change:
    """A change in words."""
    title, tone = _KINDS[one.kind]
    nothing = visit.words.say(N_("nothing"))
    return Change(
        clause=one.clause,
        badge={"tone": tone, "text": visit.words.say(title)},
        sentence=one.sentence,
        stale=one.kind == "changed"
        and any(each.field in PARAMETERS for each in one.differs)
        and all(each.field != "sentence" for each in one.differs),
        differs=tuple((each.field, each.was or nothing, each.now or nothing) for each in one.differs),
    )


def _clauses(
    visit: Visit, pack: Pack, revision: Revision, found: tuple[ClauseChange, ...]
) -> list[ClauseRow]:
    kinds = {one.clause: visit.words.say(_KINDS[one.kind][0]) for one in found}
    rows = []
    for clause in pack.clauses:
        said = fields(clause)
        rows.append(
            ClauseRow(
                clause=clause.id,
                sentence=clause.sentence,
                values=tuple((name, said[name]) for name in clause.sets),
                scope=tuple((k.removeprefix("when."), v) for k, v in said.items() if k.startswith("when.")),
                sure=clause.sure,
                change=kinds.get(clause.id, ""),
                comments=len(revision.comments(clause.id)),
            )
        )
    return rows


def _moment(visit: Visit, entry: steps.Entry) -> Moment:
    note = entry.step.note
    if isinstance(entry.step, steps.Published):
        since = visit.words.say(N_("from %(moment)s"), moment=visit.words.moment(entry.step.since))
        note = f"{since}\n{note}" if note else since
    return Moment(
        at=entry.at,
        who=named(visit, entry.by),
        what=visit.words.say(STEPS[type(entry.step)]),
        clause=entry.step.clause if isinstance(entry.step, steps.Commented) else "",
        note=note,
    )
