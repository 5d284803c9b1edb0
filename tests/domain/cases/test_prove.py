"""The proof that every case ends holds for our packs, and fails where a rule is broken."""

from collections.abc import Iterator
from functools import cache

import msgspec
import pytest
from msgspec.structs import replace
from tests.domain.marketplace import PACKS, terms_for

from amends.adapters.calendars import CALENDARS
from amends.adapters.packs import load
from amends.domain.cases import arriving, decide, lifecycle, negotiation, prove
from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, State
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.time import Calendar, Period

# Together with what else needs the whole proof: it takes a while and is made once a process.
pytestmark = pytest.mark.xdist_group("proof")

ALIEXPRESS = load(("default", "aliexpress"))


@cache
def proof_of(pack: str) -> prove.Proof:
    """The proof under the terms that pack gives a house-lamp paid in euros."""
    return prove.prove(terms_for(packs=PACKS if pack == "default" else ALIEXPRESS), CALENDARS)


@pytest.mark.row("X3")
@pytest.mark.parametrize("pack", ["default", "aliexpress"])
def test_every_case_ends(pack: str) -> None:
    proof = proof_of(pack)
    assert proof.flaws == ()
    assert proof.never_reached == ()
    assert {facts.state for facts in proof.states} == {state.value for state in State} - {"closed"}
    assert 0 < proof.silent_worst_days <= proof.worst_days
    assert proof.commands > proof.refused


@pytest.mark.row("X3")
def test_the_longest_way_is_shown_step_by_step() -> None:
    proof = proof_of("default")
    for way, days in ((proof.worst, proof.worst_days), (proof.silent_worst, proof.silent_worst_days)):
        assert way[-1].to == "closed"
        assert way[-1].days == pytest.approx(days)
        assert [step.days for step in way] == sorted(step.days for step in way)
    assert {step.who for step in proof.silent_worst} == {"clock"}


def test_the_longest_way_begins_with_a_draft_sent_when_its_window_closes() -> None:
    first = proof_of("default").worst[0]
    assert (first.who, first.what, first.to) == ("buyer", "submit_draft", "awaiting_seller")
    assert first.days == pytest.approx(15)


@pytest.mark.parametrize("pack", ["default", "aliexpress"])
def test_each_state_has_owners_defaults_and_clauses_of_the_terms(pack: str) -> None:
    terms = terms_for(packs=PACKS if pack == "default" else ALIEXPRESS)
    for facts in proof_of(pack).states:
        standing = lifecycle.LIFECYCLE[State(facts.state)]
        assert set(facts.owners) <= {role.value for role in standing.on}
        assert facts.owners
        assert facts.defaults
        assert all(clause in terms.clauses for clause in facts.clauses)
        assert 0 < facts.worst_days_left <= proof_of(pack).worst_days


def test_a_kinder_clock_makes_the_longest_way_longer_by_as_much() -> None:
    longer = prove.prove(with_period(small(), "negotiation.limit", Period(25, "days")), CALENDARS)
    assert longer.flaws == ()
    assert longer.worst_days > small_proof().worst_days


# ---- what a broken rule looks like: each must be found


def with_period(terms: Terms, name: str, period: Period) -> Terms:
    """These terms with another period for one clock."""
    candidates = tuple(replace(candidate, value=period) for candidate in terms.values[name])
    return replace(terms, terms_id=f"{name}-{period}", values={**terms.values, name: candidates})


def small() -> Terms:
    """Terms under which few rounds are possible, so that broken rules are found fast."""
    terms = terms_for()
    once = tuple(replace(candidate, value=0) for candidate in terms.values["mediation.evidence_rounds"])
    values = {**terms.values, "mediation.evidence_rounds": once}
    return replace(terms, terms_id="small", values=values)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Rules that may be broken; they are whole again afterwards."""
    with monkeypatch.context() as patch:
        yield patch


@cache
def small_proof() -> prove.Proof:
    """The proof under the small terms and whole rules."""
    return prove.prove(small(), CALENDARS)


def flaws() -> tuple[str, ...]:
    return prove.prove(small(), CALENDARS).flaws


def test_the_small_terms_have_no_flaw_of_their_own() -> None:
    assert small_proof().flaws == ()


def test_a_default_that_leads_back_to_the_same_state_is_found(broken: pytest.MonkeyPatch) -> None:
    def again(h: Hearing, case: Case) -> list[e.Event]:
        return [e.EvidenceLapsed(state=case.state, waiting=h.wait(case, case.state))]

    broken.setitem(decide.DEFAULTS, "ruling_stands", again)
    found = flaws()
    assert "ruled comes back to ruled by ruling_stands after 7.0 days" in found
    assert "ruled: silence does not end it" in found


def test_a_state_without_a_clock_is_found(broken: pytest.MonkeyPatch) -> None:
    def forgotten(h: Hearing, case: Case) -> list[e.Event]:
        return [e.SeniorAlerted(state=State.MEDIATING_LATE, waiting=None)]

    broken.setitem(decide.DEFAULTS, "alert_senior", forgotten)
    found = flaws()
    assert "mediating_late: nobody is waited on" in found
    assert "mediating_late: silence does not end it" in found


def test_a_default_nobody_carries_out_is_found(broken: pytest.MonkeyPatch) -> None:
    table = lifecycle.LIFECYCLE
    standing = table[State.REJECTED]
    terms = small()
    (contest,) = terms.values["inspect.contest"]
    broken.setitem(table, State.REJECTED, replace(standing, default="hope"))
    values = {**terms.values, "inspect.contest": (replace(contest, default=""),)}
    with pytest.raises(KeyError, match="hope"):
        prove.prove(replace(terms, terms_id="hopeful", values=values), CALENDARS)


def test_a_default_that_is_refused_is_found(broken: pytest.MonkeyPatch) -> None:
    def refused(h: Hearing, case: Case) -> Refused:
        return Refused(kind="invalid", detail="not today")

    broken.setitem(decide.DEFAULTS, "ruling_stands", refused)
    assert "ruled: silence is refused: not today" in flaws()


def test_a_game_two_sides_can_play_for_ever_is_found(broken: pytest.MonkeyPatch) -> None:
    # Without the limit of the whole negotiation, offers may go from one side to the other for ever.
    broken.setattr(negotiation, "capped", lambda h, case, waiting, ends: waiting)
    (flaw,) = (flaw for flaw in flaws() if "still open" in flaw)
    assert flaw.startswith("awaiting_")


def test_a_way_back_that_never_ends_is_found(broken: pytest.MonkeyPatch) -> None:
    # Without the limit of the whole way, a scan every twenty days keeps a return on its way for ever.
    def endless(h: Hearing, case: Case, state: State, shipment: object, scanned_at: object) -> object:
        return h.wait(case, state)

    broken.setattr(arriving, "in_transit", endless)
    assert "return_in_transit: still open after 3650 days, by record_return_scan" in flaws()


def test_states_that_the_terms_keep_shut_are_listed() -> None:
    terms = terms_for()
    never = {
        name: tuple(replace(candidate, value=Period(0, "hours")) for candidate in terms.values[name])
        for name in ("return.window", "cancel.free_period", "cancel.request_period")
    }
    shut = prove.prove(replace(terms, terms_id="shut", values={**terms.values, **never}), CALENDARS)
    # Drafts can be kept, but never sent.
    assert [facts.state for facts in shut.states] == ["drafting"]
    assert "mediating" in shut.never_reached
    assert shut.flaws == ()


# ---- times that do not depend on the date


def test_working_days_are_counted_at_the_longest_they_can_take() -> None:
    plain = Calendar("plain")
    assert prove.longest_days(3, plain, range(2026, 2027)) == 5
    assert prove.longest_days(5, plain, range(2026, 2027)) == 7
    festive = msgspec.structs.replace(plain, holidays=frozenset(prove.date(2026, 3, d) for d in range(9, 14)))
    assert prove.longest_days(1, festive, range(2026, 2027)) == 10


def test_the_longest_terms_have_no_calendar_left() -> None:
    longest = prove.at_longest(terms_for(), CALENDARS)
    for name, candidates in longest.values.items():
        for candidate in candidates:
            if isinstance(candidate.value, Period):
                assert candidate.value.kind == "elapsed", name
    inspect = longest.period("inspect.clock")
    assert inspect.amount > 5
