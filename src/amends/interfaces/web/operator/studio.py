"""The policy studio for operators: every pack with its versions, and new ones begun."""

import re
from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.application.policies import PolicyBook
from amends.domain.parties import Role
from amends.domain.policy.clauses import Layer
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack, PackError, Problem
from amends.domain.policy.studio import Revision, Shelf, Stage, Stand
from amends.domain.refusals import Refused
from amends.interfaces.web.forms import Form
from amends.interfaces.web.studio_words import LAYERS, STANDS, field_of, refused
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_LAYERS = (Layer.PROMOTION, Layer.CATEGORY, Layer.PLATFORM, Layer.JURISDICTION, Layer.NEGOTIATED)


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version in the list; ``href`` is empty for those that come along and have no page."""

    number: int
    href: str
    state: str
    tone: str
    since: datetime | None
    who: str
    comments: int = 0


class PackRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pack with its versions, newest first; ``copy`` is the version a new one begins from."""

    pack_id: str
    title: str
    layer: str
    clauses: int
    copy: int
    rows: tuple[VersionRow, ...]


@get("/studio")
async def studio(visit: NamedDependency[Visit]) -> Response[str]:
    """Every pack: what is in force, what is coming, what is being written."""
    visit.require(Role.OPERATOR)
    return await front(visit)


@post("/studio", status_code=200)
async def begin(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Begin a version: as a copy, or of a pack that is not there yet."""
    visit.require(Role.OPERATOR)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    pack_id, copy = form.raw("pack_id"), form.raw("copy_of")
    layer = Layer.__members__.get(form.raw("layer").upper(), Layer.PROMOTION)
    title = form.text("title", most=200) if copy else form.text("title", N_("Say what it is about."), 200)
    if form.errors:
        return await front(visit, values=values, errors=form.errors)
    if not copy and layer is Layer.SELLER:
        raise NotFoundException
    try:
        found = await visit.parts.studio.begin(
            pack_id,
            who(visit),
            copy_of=int(copy) if re.fullmatch(r"\d{1,6}", copy) else 0,
            title=title,
            layer=layer,
        )
    except PackError as error:
        return await front(visit, values=values, problems=error.problems)
    if isinstance(found, Refused):
        errors = {field_of(found): refused(visit.words, found)}
        return await front(visit, values=values, errors=errors)
    return visit.redirect(f"/studio/{found.pack_id}/{found.version}", "policy-begun")


def who(visit: Visit) -> str:
    """How the studio's steps name the person at the page."""
    return f"{visit.role.value}:{visit.actor.id}"


def named(visit: Visit, by: str) -> str:
    """A person of a step by name; a key of the API by its id."""
    role, _, person_id = by.partition(":")
    known = role in {one.value for one in Role}
    return visit.name_of(Role(role), person_id) if known else person_id


async def revision_of(visit: Visit, pack_id: str, version: int) -> tuple[Shelf, Revision]:
    """A version, also one that comes along. Raises `NotFoundException`."""
    book = visit.parts.studio.book
    shelf = await book.shelf()
    found = shelf.find(pack_id, version) or _along(book, pack_id, version)
    if found is None:
        raise NotFoundException
    return shelf, found


def _along(book: PolicyBook, pack_id: str, version: int) -> Revision | None:
    """What comes with Amends, as a version nobody here wrote and nobody can change."""
    for pack in book.shipped:
        if (pack.pack_id, pack.version) == (pack_id, version) and pack_id in book.texts:
            return Revision(
                pack_id=pack_id,
                version=version,
                text=book.texts[pack_id],
                stage=Stage.PUBLISHED,
                since=pack.published_from,
                pack=pack,
            )
    return None


async def front(
    visit: Visit,
    *,
    values: dict[str, list[str]] | None = None,
    errors: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Response[str]:
    """The list, with what was typed and what is wrong with it."""
    book = visit.parts.studio.book
    shelf = await book.shelf()
    ids = list(
        dict.fromkeys([*(pack.pack_id for pack in book.shipped), *(k.pack_id for k in shelf.revisions)])
    )
    say = visit.words.say
    return visit.page(
        "studio.html",
        422 if errors or problems else 200,
        packs=[_pack_row(visit, shelf, pack_id, book.shipped) for pack_id in ids],
        waiting=[
            (one.pack_id, one.version, *_named_stand(visit, shelf, one))
            for one in shelf.revisions.values()
            if shelf.stand(one, visit.now) in {Stand.IN_REVIEW, Stand.APPROVED, Stand.SCHEDULED}
        ],
        layers=[(layer.name.lower(), say(LAYERS[layer])) for layer in _LAYERS],
        typed={name: said[-1] for name, said in (values or {}).items()},
        errors=errors or {},
        problems=problems,
    )


def _named_stand(visit: Visit, shelf: Shelf, revision: Revision) -> tuple[str, str]:
    title, tone = STANDS[shelf.stand(revision, visit.now)]
    return visit.words.say(title), tone


def _pack_row(visit: Visit, shelf: Shelf, pack_id: str, shipped: tuple[Pack, ...]) -> PackRow:
    own = sorted(
        (one for one in shelf.revisions.values() if one.pack_id == pack_id),
        key=lambda one: one.version,
        reverse=True,
    )
    along = [pack for pack in shipped if pack.pack_id == pack_id]
    live = next((one for one in own if shelf.stand(one, visit.now) is Stand.IN_FORCE), None)
    rows = []
    for one in own:
        state, tone = _named_stand(visit, shelf, one)
        rows.append(
            VersionRow(
                number=one.version,
                href=f"/studio/{pack_id}/{one.version}",
                state=state,
                tone=tone,
                since=one.since,
                who=visit.words.listing([named(visit, by) for by in one.authors]),
                comments=sum(len(one.comments(clause)) for clause in _commented(one)),
            )
        )
    for pack in along:
        stand = Stand.SUPERSEDED if live else Stand.IN_FORCE
        rows.append(
            VersionRow(
                number=pack.version,
                href=f"/studio/{pack_id}/{pack.version}",
                state=visit.words.say(STANDS[stand][0]),
                tone=STANDS[stand][1],
                since=pack.published_from,
                who=visit.words.say(N_("comes with Amends")),
            )
        )
    shown = live.pack if live else next(iter(along), None)
    if shown is None:
        shown = load_pack(own[0].text, own[0].file)
    return PackRow(
        pack_id=pack_id,
        title=shown.title,
        layer=visit.words.say(LAYERS[shown.layer]),
        clauses=len(shown.clauses),
        copy=live.version if live else (along[0].version if along else own[0].version),
        rows=tuple(rows),
    )


def _commented(revision: Revision) -> set[str]:
    return {entry.step.clause for entry in revision.entries if hasattr(entry.step, "clause")}
