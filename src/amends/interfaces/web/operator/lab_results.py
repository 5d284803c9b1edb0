"""What came of a run of the policy lab, in words, rows and charts."""

from datetime import timedelta
from decimal import Decimal

import msgspec

from amends.application.ports.lab import LabRun
from amends.domain.cases.model import Outcome, State
from amends.domain.lab.compare import Pair
from amends.domain.lab.endings import UNHEARD, Ending
from amends.domain.lab.tally import Group, Interval, Tally
from amends.domain.money import decimals
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.operator.panels import Sketch
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

GROUPS: dict[str, str] = {"reason": N_("Reason"), "category": N_("Category")}
_STATES: dict[str, tuple[str, str]] = {
    "running": (N_("Under way"), "turn"),
    "done": (N_("Done"), "good"),
    "cancelled": (N_("Stopped"), "plain"),
    "failed": (N_("Failed"), "bad"),
    "stale": (N_("Left behind"), "bad"),
}
_CHARTED = 10
#: The columns of the CSV.
ENDED = (
    "case_id", "order_id", "reason", "category", "currency", "outcome_was", "outcome_draft", "buyer_was",
    "buyer_draft", "seller_was", "seller_draft", "platform_was", "platform_draft", "days_was", "days_draft",
    "refused", "by_silence_alone", "why",
)  # fmt: skip


class ChangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case that ends otherwise."""

    href: str
    case_id: str
    reason: str
    was: str
    now: str
    why: tuple[str, ...]
    silent: bool


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One way of a case: pairs of facts, and what happened when."""

    facts: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str, str, str], ...]


def state_of(visit: Visit, run: LabRun) -> tuple[str, str]:
    """A run's state in words, and its tone."""
    text, tone = _STATES["stale" if visit.parts.lab.stale(run) else run.state]
    return visit.words.say(text), tone


def outcome_of(visit: Visit, one: Ending | None) -> str:
    """How a case ended, in words."""
    say = visit.words.say
    if one is None:
        return say(N_("There was no case"))
    if one.outcome == UNHEARD:
        return say(N_("Could not be opened"))
    return say(vocabulary.OUTCOMES[Outcome(one.outcome)]) if one.outcome else "–"


def facts_of(visit: Visit, run: LabRun, buyers: int, sellers: int) -> list[tuple[str, str]]:
    """What counts for the whole run."""
    words, tally = visit.words, run.tally
    say = words.say
    groups = tally.all.values()
    return [
        (say(N_("Cases compared")), words.number(tally.cases)),
        (say(N_("End otherwise")), words.number(tally.changed)),
        (say(N_("Buyers affected")), words.number(buyers)),
        (say(N_("Sellers affected")), words.number(sellers)),
        (say(N_("Could not be opened")), words.number(sum(one.refused for one in groups))),
        (say(N_("Before a mediator, past")), words.number(sum(one.mediated_was for one in groups))),
        (say(N_("Before a mediator, draft")), words.number(sum(one.mediated_now for one in groups))),
        (say(N_("Rest on silence nobody has shown")), words.number(sum(one.silent for one in groups))),
        (say(N_("Left out, not ended yet")), words.number(tally.unended)),
        (say(N_("Orders that could not be replayed")), words.number(len(run.broken))),
        (say(N_("Computing time")), words.length(timedelta(seconds=max(1, round(run.seconds))))),
    ]


def head_of(visit: Visit, by: str) -> tuple[str, ...]:
    """The columns of the table of groups."""
    say = visit.words.say
    return (
        say(GROUPS[by]),
        say(N_("Cases")),
        say(N_("End otherwise")),
        say(N_("To buyers, past → draft")),
        say(N_("A case, buyers")),
        say(N_("A case, sellers")),
        say(N_("A case, marketplace")),
        say(N_("Days, past → draft")),
        say(N_("A case, days")),
    )


def group_rows(visit: Visit, tally: Tally, by: str) -> list[tuple[str, ...]]:
    """A row for all cases of a currency, then one for each group, the largest first."""
    rows = []
    for currency, everything in sorted(tally.all.items()):
        rows.append(
            _row(visit, visit.words.say(N_("All in %(currency)s"), currency=currency), everything, currency)
        )
        groups = (tally.by_reason if by == "reason" else tally.by_category).get(currency, {})
        for name, group in sorted(groups.items(), key=lambda one: (-one[1].cases, one[0])):
            rows.append(_row(visit, _named(visit, name, by), group, currency))
    return rows


def _named(visit: Visit, name: str, by: str) -> str:
    if by == "reason":
        return visit.words.say(vocabulary.REASONS.get(name, name))
    return name or "–"


def _row(visit: Visit, name: str, group: Group, currency: str) -> tuple[str, ...]:
    words = visit.words
    lasting = max(1, group.lasting)
    was, now = (_days(visit, days / lasting) for days in (group.days.was, group.days.now))
    return (
        name,
        words.number(group.cases),
        words.number(group.changed),
        f"{words.money(round(group.buyer.was), currency)} → {words.money(round(group.buyer.now), currency)}",
        _money(visit, group.difference("buyer"), currency),
        _money(visit, group.difference("seller"), currency),
        _money(visit, group.difference("platform"), currency),
        f"{was} → {now}",
        _spread(visit, group.difference("days")),
    )


def _money(visit: Visit, found: Interval, currency: str) -> str:
    mean, low, high = (visit.words.money(round(one), currency) for one in (found.mean, found.low, found.high))
    return mean if found.low == found.high else f"{mean} ({low} … {high})"


def _spread(visit: Visit, found: Interval) -> str:
    mean, low, high = (_days(visit, one) for one in (found.mean, found.low, found.high))
    return mean if found.low == found.high else f"{mean} ({low} … {high})"


def _days(visit: Visit, days: float) -> str:
    return visit.words.number(Decimal(f"{days:.1f}") + 0)


def currency_panels(visit: Visit, tally: Tally, by: str) -> list[Sketch]:
    """A chart of who gets and bears how much in each currency, and one of how cases end."""
    words = visit.words
    say = words.say
    past, draft = say(N_("Past")), say(N_("Draft"))
    outcomes: dict[str, str] = {}
    values: dict[tuple[str, str], float] = {}
    for series, counts in ((past, tally.outcomes_was), (draft, tally.outcomes_now)):
        for code, number in sorted(counts.items(), key=lambda one: -one[1]):
            name = outcomes.setdefault(code, _outcome(visit, code))
            values[name, series] = number
    counted = {key: words.number(int(value)) for key, value in values.items()}
    title, places = say(N_("How cases end")), tuple(outcomes.values())
    sketches = [_sketch("outcomes", title, say(N_("Outcome")), places, (past, draft), values, counted)]
    for currency in sorted(tally.all):
        groups = (tally.by_reason if by == "reason" else tally.by_category).get(currency, {})
        largest = sorted(groups.items(), key=lambda one: (-one[1].cases, one[0]))[:_CHARTED]
        values, told = {}, {}
        names: list[str] = []
        for name, group in largest:
            place = _named(visit, name, by)
            names.append(place)
            for series, amount in ((past, group.buyer.was), (draft, group.buyer.now)):
                values[place, series] = amount / 10 ** decimals(currency)
                told[place, series] = words.money(round(amount), currency)
        title = say(N_("What goes back to buyers, in %(currency)s"), currency=currency)
        sketches.append(
            _sketch(f"cost-{currency}", title, say(GROUPS[by]), tuple(names), (past, draft), values, told)
        )
    return sketches


def _outcome(visit: Visit, code: str) -> str:
    if code == UNHEARD:
        return visit.words.say(N_("Could not be opened"))
    if not code:
        return visit.words.say(N_("There was no case"))
    return visit.words.say(vocabulary.OUTCOMES[Outcome(code)])


def _sketch(
    key: str,
    title: str,
    place: str,
    places: tuple[str, ...],
    series: tuple[str, ...],
    values: dict[tuple[str, str], float],
    told: dict[tuple[str, str], str],
) -> Sketch:
    return Sketch(
        key=key,
        title=title,
        note="",
        kind="pairs",
        place=place,
        places=places,
        series=series,
        values=values,
        told=told,
    )


def change_row(visit: Visit, run_id: str, pair: Pair) -> ChangeRow:
    """A changed case as the list shows it."""
    one = pair.either
    return ChangeRow(
        href=f"/lab/{run_id}/cases/{one.case_id}",
        case_id=one.case_id,
        reason=visit.words.say(vocabulary.REASONS.get(one.reason, one.reason)),
        was=_ended(visit, pair.was),
        now=_ended(visit, pair.now),
        why=tuple(f"{row[0]}: {row[1]} → {row[3]}" for row in why_rows(pair)[:3]),
        silent=pair.silent,
    )


def _ended(visit: Visit, one: Ending | None) -> str:
    outcome = outcome_of(visit, one)
    if one is None or one.outcome == UNHEARD:
        return outcome
    return f"{outcome}, {visit.words.money(one.buyer, one.currency)}"


def why_rows(pair: Pair) -> list[tuple[str, str, str, str, str]]:
    """Parameter, value and clause of the past, value and clause under the draft."""
    return [
        (one.parameter, one.was or "–", one.was_clause or "–", one.now or "–", one.now_clause or "–")
        for one in pair.why
    ]


def side_of(visit: Visit, one: Ending | None) -> Side:
    """One way of a case."""
    words = visit.words
    say = words.say
    if one is None:
        return Side(facts=((say(N_("Outcome")), outcome_of(visit, one)),), steps=())
    facts = (
        (say(N_("Outcome")), outcome_of(visit, one)),
        (say(N_("To the buyer")), words.money(one.buyer, one.currency)),
        (say(N_("Borne by the seller")), words.money(one.seller, one.currency)),
        (say(N_("Borne by the marketplace")), words.money(one.platform, one.currency)),
        (say(N_("Days")), _days(visit, one.days)),
    )
    steps = tuple(
        (
            words.stamp(step.at),
            step.what.replace("_", " "),
            say(vocabulary.ROLES[Role(step.by)]) if Role(step.by) in vocabulary.ROLES else step.by,
            say(vocabulary.STATES[State(step.state)])
            if State(step.state) in vocabulary.STATES
            else step.state,
        )
        for step in one.steps
    )
    return Side(facts=facts, steps=steps)


def cells_of(pair: Pair) -> tuple[str, ...]:
    """A changed case as a row of the CSV."""
    one = pair.either
    cells: list[object] = [one.case_id, pair.order_id, one.reason, one.category, one.currency]
    sides = (pair.was, pair.now)
    cells += [side.outcome if side else "" for side in sides]
    for name in ("buyer", "seller", "platform", "days"):
        cells += [getattr(side, name) if side else "" for side in sides]
    why = "; ".join(f"{row[0]}: {row[1]} -> {row[3]}" for row in why_rows(pair))
    cells += [pair.refused, "yes" if pair.silent else "", why]
    return tuple(str(cell) for cell in cells)
