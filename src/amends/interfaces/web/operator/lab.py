"""The policy lab for operators: a draft is tried on past cases, and what would be different is shown."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports.lab import BenchUnavailable, LabRun
from amends.domain.lab.compare import Pair
from amends.domain.parties import Role
from amends.domain.policy.stack import PackError, Problem
from amends.interfaces.web.csv_table import csv_file
from amends.interfaces.web.operator.lab_results import (
    ENDED,
    GROUPS,
    cells_of,
    change_row,
    currency_panels,
    facts_of,
    group_rows,
    head_of,
    side_of,
    state_of,
    why_rows,
)
from amends.interfaces.web.operator.panels import drawn
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_RUNS = 30
_CHANGES = 50
_CSV_PAGE = 1000
_DRAFT_MAX = 400_000
_FILE = "draft.toml"

After = Annotated[str, QueryParameter(max_length=100)]
By = Annotated[str, QueryParameter(max_length=60)]


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the list."""

    href: str
    title: str
    when: str
    state: str
    tone: str
    cases: str
    changed: str


@get("/lab")
async def lab(visit: NamedDependency[Visit], draft: By = "") -> Response[str]:
    """The draft to try, and the runs so far; ``draft`` is a version of the studio (``default@2``)."""
    visit.require(Role.OPERATOR)
    pack_id, _, version = draft.partition("@")
    text = None
    if version.isdecimal():
        text = await visit.parts.studio.book.text(pack_id, int(version[:9]))
    return await _front(visit, text=text or "")


@post("/lab")
async def start(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Start a run; a draft with mistakes comes back with each of them by line."""
    visit.require(Role.OPERATOR)
    fields = await visit.fields()
    text = (fields.get("draft") or [""])[0].replace("\r\n", "\n")
    asked = (fields.get("sample") or [""])[0].strip()
    say = visit.words.say
    errors: dict[str, str] = {}
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 9 and int(asked)):
        errors["sample"] = say(N_("Enter a whole number above zero, or leave it empty for all orders."))
    if not text.strip():
        errors["draft"] = say(N_("Paste the draft here: a pack in TOML."))
    elif len(text) > _DRAFT_MAX:
        errors["draft"] = say(N_("The draft is too long. Leave out what the draft does not change."))
    problems: tuple[Problem, ...] = ()
    if not errors:
        try:
            run, runner = await visit.parts.lab.start(
                text, _FILE, by=f"operator:{visit.actor.id}", sample=int(asked or 0)
            )
        except PackError as error:
            problems = error.problems
            errors["draft"] = say(N_("The draft cannot be tried yet. What is wrong stands below."))
        except BenchUnavailable as error:
            errors["draft"] = str(error)
        else:
            visit.parts.lab.begin(run, runner)
            return visit.redirect(f"/lab/{run.run_id}")
    return await _front(visit, text=text, sample=asked, errors=errors, problems=problems)


@get("/lab/{run_id:str}")
async def run_page(
    visit: NamedDependency[Visit], run_id: FromPath[str], by: By = "reason", after: After = ""
) -> Response[str]:
    """How far a run is, or what came of it."""
    visit.require(Role.OPERATOR)
    run = await _run(visit, run_id)
    by = by if by in GROUPS else "reason"
    page = await visit.parts.lab.changes(run_id, after, _CHANGES)
    buyers, sellers = await visit.parts.lab.runs.people(run_id)
    say, words = visit.words.say, visit.words
    state, tone = state_of(visit, run)
    sketches = currency_panels(visit, run.tally, by) if run.tally.cases else []
    return visit.page(
        "operator_lab_run.html",
        run=run,
        state=state,
        tone=tone,
        working=not run.ended and not visit.parts.lab.stale(run),
        resumable=run.state in {"cancelled", "failed"} or visit.parts.lab.stale(run),
        part=words.percent(run.done * 10_000 // run.orders) if run.orders else "",
        progress=say(
            N_("%(done)s of %(orders)s orders are decided again."),
            done=words.number(run.done),
            orders=words.number(run.orders),
        ),
        facts=facts_of(visit, run, buyers, sellers),
        panels=await drawn(visit, sketches) if sketches else [],
        groupings=[(code, say(title)) for code, title in GROUPS.items()],
        by=by,
        head=head_of(visit, by),
        rows=group_rows(visit, run.tally, by),
        changes=[change_row(visit, run_id, pair) for pair in page.pairs],
        next=page.next,
        after=after,
    )


@post("/lab/{run_id:str}/{action:str}")
async def act(visit: NamedDependency[Visit], run_id: FromPath[str], action: FromPath[str]) -> Redirect:
    """Stop a run, or go on with one."""
    visit.require(Role.OPERATOR)
    await _run(visit, run_id)
    if action == "cancel":
        await visit.parts.lab.cancel(run_id)
    elif action == "resume":
        taken = await visit.parts.lab.resume(run_id)
        if taken is not None:
            visit.parts.lab.begin(*taken)
    else:
        raise NotFoundException(action)
    return visit.redirect(f"/lab/{run_id}")


@get("/lab/{run_id:str}/changes.csv")
async def changes_csv(visit: NamedDependency[Visit], run_id: FromPath[str]) -> Response[bytes]:
    """All cases that end otherwise; amounts in minor units, days as decimals."""
    visit.require(Role.OPERATOR)
    await _run(visit, run_id)
    rows: list[tuple[str, ...]] = []
    after = ""
    while True:
        page = await visit.parts.lab.changes(run_id, after, _CSV_PAGE)
        rows += [cells_of(pair) for pair in page.pairs]
        after = page.next
        if not after:
            break
    return csv_file(ENDED, rows, f"amends-lab-{run_id}.csv")


@get("/lab/{run_id:str}/cases/{case_id:str}")
async def side_by_side(
    visit: NamedDependency[Visit], run_id: FromPath[str], case_id: FromPath[str]
) -> Response[str]:
    """One case as it went, and as it would have gone."""
    visit.require(Role.OPERATOR)
    run = await _run(visit, run_id)
    pair: Pair | None = await visit.parts.lab.side_by_side(run, case_id)
    if pair is None:
        raise NotFoundException(case_id)
    say = visit.words.say
    return visit.page(
        "operator_lab_case.html",
        run=run,
        pair=pair,
        case_id=case_id,
        sides=[
            (say(N_("As it went")), side_of(visit, pair.was)),
            (say(N_("Under the draft")), side_of(visit, pair.now)),
        ],
        why=why_rows(pair),
    )


async def _run(visit: Visit, run_id: str) -> LabRun:
    run = await visit.parts.lab.runs.get(run_id)
    if run is None:
        raise NotFoundException(run_id)
    return run


async def _front(
    visit: Visit,
    *,
    text: str = "",
    sample: str = "",
    errors: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Response[str]:
    runs = []
    for run in await visit.parts.lab.runs.latest(_RUNS):
        state, tone = state_of(visit, run)
        runs.append(
            RunRow(
                href=f"/lab/{run.run_id}",
                title=run.title,
                when=visit.words.stamp(run.created_at),
                state=state,
                tone=tone,
                cases=visit.words.number(run.tally.cases),
                changed=visit.words.number(run.tally.changed),
            )
        )
    return visit.page(
        "operator_lab.html",
        422 if errors else 200,
        runs=runs,
        text=text,
        sample=sample,
        errors=errors or {},
        problems=problems,
    )
