"""Editing a draft: the whole text, or one clause by a form; both are checked alike before they are kept."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.domain.parties import Role
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.stack import PackError, Problem
from amends.domain.policy.steps import Edited
from amends.domain.policy.studio import TEXT_MAX, Revision, Stage
from amends.domain.policy.writing import rows_of, table_of, with_clause, without_clause
from amends.domain.refusals import Refused
from amends.interfaces.web.forms import Form
from amends.interfaces.web.operator.clause_form import SCOPES, UNITS, ClauseForm
from amends.interfaces.web.operator.studio import named, revision_of, who
from amends.interfaces.web.studio_words import refused
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

NEW = "new"


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake in the text with the rows around it, as (number, row, whether it is that one)."""

    problem: Problem
    rows: tuple[tuple[int, str, bool], ...]


@get("/studio/{pack_id:str}/{version:int}/text")
async def text_page(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int]
) -> Response[str]:
    """The whole text of a version; of a draft to be edited."""
    visit.require(Role.OPERATOR)
    _, revision = await revision_of(visit, pack_id, version)
    return _text(visit, revision, revision.text, {})


@post("/studio/{pack_id:str}/{version:int}/text", status_code=200)
async def save_text(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int]
) -> Response[str] | Redirect:
    """Keep the text, or say by line what is wrong with it."""
    visit.require(Role.OPERATOR)
    _, revision = await revision_of(visit, pack_id, version)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    text = (values.get("text") or [""])[-1].replace("\r\n", "\n")
    text = text.rstrip("\n") + "\n"
    if len(text) > TEXT_MAX:
        form.wrong("text", N_("Use at most %(most)s characters."), most=visit.words.number(TEXT_MAX))
    wrong = await _kept(visit, revision, form, text)
    if wrong is None:
        return visit.redirect(f"/studio/{pack_id}/{version}", "policy-saved")
    return _text(visit, revision, text, form.errors, wrong, form.raw("note"))


async def _kept(visit: Visit, revision: Revision, form: Form, text: str) -> tuple[Problem, ...] | None:
    """Save a text; None where it was kept, else what is wrong by line. Other reasons are in the form."""
    note = form.text("note")
    if form.errors:
        return ()
    number = form.raw("number")
    expected = int(number[:9]) if number.isdecimal() else None
    try:
        found = await visit.parts.studio.take(
            revision.pack_id, revision.version, Edited(text=text, note=note), who(visit), expected
        )
    except PackError as error:
        form.wrong("text", N_("Nothing was saved yet. What is wrong stands below."))
        return error.problems
    if isinstance(found, Refused):
        form.wrong("", refused(visit.words, found))
        return ()
    return None


def _text(
    visit: Visit,
    revision: Revision,
    text: str,
    errors: Mapping[str, str],
    problems: tuple[Problem, ...] = (),
    note: str = "",
) -> Response[str]:
    return visit.page(
        "studio_text.html",
        422 if errors or problems else 200,
        revision=revision,
        text=text,
        note=note,
        errors=dict(errors),
        wrong=[_around(text, problem) for problem in problems],
        editable=revision.stage is Stage.DRAFT,
    )


def _around(text: str, problem: Problem) -> Wrong:
    rows = text.split("\n")
    first, last = max(1, problem.line - 1), min(len(rows), problem.line + 1)
    shown = tuple((n, rows[n - 1], n == problem.line) for n in range(first, last + 1))
    return Wrong(problem=problem, rows=shown)


@get("/studio/{pack_id:str}/{version:int}/clauses/{clause:str}")
async def clause_page(
    visit: NamedDependency[Visit],
    pack_id: FromPath[str],
    version: FromPath[int],
    clause: FromPath[str],
    rows: Annotated[int, QueryParameter(ge=0, le=20)] = 0,
) -> Response[str]:
    """One clause as a form, with what was said about it; ``new`` for one that is not there yet."""
    visit.require(Role.OPERATOR)
    _, revision = await revision_of(visit, pack_id, version)
    table = {} if clause == NEW else table_of(revision.text, clause)
    if table is None:
        raise NotFoundException
    return _clause(visit, revision, clause, ClauseForm.of_table(table), rows=rows)


@post("/studio/{pack_id:str}/{version:int}/clauses/{clause:str}", status_code=200)
async def save_clause(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int], clause: FromPath[str]
) -> Response[str] | Redirect:
    """Keep one clause, or take it away; what is wrong is said at its field."""
    visit.require(Role.OPERATOR)
    _, revision = await revision_of(visit, pack_id, version)
    if clause != NEW and table_of(revision.text, clause) is None:
        raise NotFoundException
    form = Form(await visit.fields(), visit.words, visit.now)
    entered = ClauseForm.of_values({name: said[-1] for name, said in form.values.items()})
    here = f"/studio/{pack_id}/{version}"
    if form.raw("do") == "remove" and clause != NEW:
        text = without_clause(revision.text, clause)
        problems = await _kept(visit, revision, form, text)
        if problems is None:
            return visit.redirect(here, "policy-saved")
        return _clause(visit, revision, clause, entered, errors=form.errors, problems=problems)
    clause_id = clause if clause != NEW else entered.clause
    if not clause_id:
        form.wrong("clause", N_("Name the clause, for example return.window.toys."))
    if clause == NEW and clause_id and table_of(revision.text, clause_id) is not None:
        form.wrong("clause", N_("There is a clause of this name already."))
    if not entered.sets:
        form.wrong("value_1", N_("Choose at least one rule, and give it a value."))
    text = with_clause(revision.text, entered.table(clause_id), "" if clause == NEW else clause)
    problems = await _kept(visit, revision, form, text)
    if problems is None:
        return visit.redirect(here, "policy-saved")
    form.errors.pop("text", None)
    first = text.split("\n")
    others = []
    for problem in problems:
        row = first[problem.line - 1] if problem.line <= len(first) else ""
        field = entered.field_of(problem, row) if clause_id in problem.what else ""
        if field:
            form.wrong(field, f"{problem.what}. {problem.mend}.")
        else:
            others.append(problem)
    return _clause(visit, revision, clause, entered, errors=form.errors, problems=tuple(others))


def _clause(
    visit: Visit,
    revision: Revision,
    clause: str,
    entered: ClauseForm,
    *,
    errors: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    rows: int = 0,
) -> Response[str]:
    say = visit.words.say
    outcomes = sorted({one for parameter in PARAMETERS.values() for one in parameter.outcomes})
    new = clause == NEW
    return visit.page(
        "studio_clause.html",
        422 if errors or problems else 200,
        revision=revision,
        clause="" if new else clause,
        action=f"/studio/{revision.pack_id}/{revision.version}/clauses/{clause}",
        form=entered,
        typed=entered.typed,
        rows=max(entered.rows + (1 if revision.stage is Stage.DRAFT else 0), rows),
        parameters=[(name, name) for name in PARAMETERS],
        outcomes=[(one, one) for one in outcomes],
        sure=[("verified", say(N_("Verified"))), ("unverified", say(N_("Not verified")))],
        units=UNITS,
        scopes=[(name, say(title), say(hint)) for name, title, hint in SCOPES],
        scoped=any(typed for name, typed in entered.typed.items() if name.startswith("when_"))
        or any(name.startswith("when_") for name in errors or {}),
        written="" if new else rows_of(revision.text, clause),
        comments=[
            (entry.at, named(visit, entry.by), step.note)
            for entry, step in ([] if new else revision.comments(clause))
        ],
        errors=dict(errors or {}),
        problems=problems,
        editable=revision.stage is Stage.DRAFT,
        open=revision.stage is not Stage.WITHDRAWN and bool(revision.entries),
    )


@get("/studio/{pack_id:str}/{version:int}/file.toml")
async def text_file(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int]
) -> Response[bytes]:
    """The text as a file."""
    visit.require(Role.OPERATOR)
    _, revision = await revision_of(visit, pack_id, version)
    return Response(
        revision.text.encode(),
        media_type="application/toml; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="{pack_id}-{version}.toml"',
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
    )
