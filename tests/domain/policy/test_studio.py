"""The policy studio's rules: who may do what with a version, when, and what a draft must hold."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from amends.adapters.packs import LAWS, load, texts
from amends.domain.policy import steps as deeds
from amends.domain.policy import studio as s
from amends.domain.policy.clauses import Facts, Layer
from amends.domain.policy.drafts import check_from, completed, new_text, read_draft, renumbered
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import PackError
from amends.domain.policy.terms import resolve

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOW + timedelta(days=3)
PACKS = load(("default", *LAWS))
TEXT = texts(["default"])["default"]
KAYA, OLGA = "operator:kaya", "operator:olga"


def shelf_of(*steps: tuple[str, deeds.Step]) -> s.Shelf:
    """Version 2 of the default pack after some steps."""
    entries = [
        deeds.Entry(seq=n, pack_id="default", version=2, at=NOW, by=by, step=step)
        for n, (by, step) in enumerate(steps, 1)
    ]
    return s.Shelf().after(entries)


def draft_of(*steps: tuple[str, deeds.Step]) -> s.Revision:
    started = (KAYA, deeds.Started(text=renumbered(TEXT, 2), base="default@1"))
    found = shelf_of(started, *steps).find("default", 2)
    assert found is not None
    return found


def refused(revision: s.Revision, step: deeds.Step, by: str = OLGA) -> str:
    """The kind of the refusal, empty for none."""
    found = s.decide(revision, step, by, NOW, [pack for pack in PACKS if pack.pack_id == "default"])
    return found.kind if found else ""


SUBMITTED = (KAYA, deeds.Submitted(note="Kinder."))
APPROVED = (OLGA, deeds.Approved())


def test_a_version_goes_from_draft_to_published_by_two_people() -> None:
    draft = draft_of()
    assert (draft.stage, draft.authors, draft.base) == (s.Stage.DRAFT, (KAYA,), "default@1")
    assert refused(draft, deeds.Submitted(note="Kinder.")) == ""
    reviewed = draft_of(SUBMITTED)
    assert refused(reviewed, deeds.Approved(), OLGA) == ""
    approved = draft_of(SUBMITTED, APPROVED)
    assert (approved.stage, approved.approved_by) == (s.Stage.APPROVED, OLGA)
    assert refused(approved, deeds.Published(since=SOON), KAYA) == ""
    shelf = shelf_of(
        (KAYA, deeds.Started(text=renumbered(TEXT, 2))),
        SUBMITTED,
        APPROVED,
        (KAYA, deeds.Published(since=SOON)),
    )
    (pack,) = shelf.published()
    assert (pack.version, pack.state, pack.published_from) == (2, "published", SOON)
    published = shelf.find("default", 2)
    assert published is not None
    assert shelf.stand(published, NOW) is s.Stand.SCHEDULED
    assert shelf.stand(published, SOON) is s.Stand.IN_FORCE


def test_who_wrote_any_part_of_it_cannot_approve_it() -> None:
    reviewed = draft_of((OLGA, deeds.Edited(text=renumbered(TEXT, 2))), SUBMITTED)
    assert refused(reviewed, deeds.Approved(), KAYA) == "conflict_of_interest"
    assert refused(reviewed, deeds.Approved(), OLGA) == "conflict_of_interest"
    assert refused(reviewed, deeds.Approved(), "operator:ida") == ""


def test_what_was_approved_and_changed_has_to_be_approved_anew() -> None:
    back = draft_of(SUBMITTED, APPROVED, (OLGA, deeds.Returned(note="The sentence.")))
    assert (back.stage, back.approved_by) == (s.Stage.DRAFT, "")
    assert refused(back, deeds.Published(since=SOON)) == "not_possible_now"


STEPS: dict[str, deeds.Step] = {
    "edit": deeds.Edited(text=TEXT),
    "comment": deeds.Commented(note="Hm."),
    "review": deeds.Submitted(note="Why."),
    "return": deeds.Returned(note="Why."),
    "approval": deeds.Approved(),
    "publication": deeds.Published(since=SOON),
    "withdrawal": deeds.Withdrawn(note="Why."),
}
STAGES: dict[str, tuple[tuple[tuple[str, deeds.Step], ...], set[str]]] = {
    "draft": ((), {"edit", "comment", "review", "withdrawal"}),
    "in review": ((SUBMITTED,), {"comment", "return", "approval", "withdrawal"}),
    "approved": ((SUBMITTED, APPROVED), {"comment", "return", "publication", "withdrawal"}),
    "scheduled": (
        (SUBMITTED, APPROVED, (KAYA, deeds.Published(since=SOON))),
        {"comment", "withdrawal"},
    ),
    "in force": ((SUBMITTED, APPROVED, (KAYA, deeds.Published(since=NOW))), {"comment"}),
    "withdrawn": (((KAYA, deeds.Withdrawn(note="No.")),), set()),
}


@pytest.mark.parametrize("stage", list(STAGES))
def test_each_stage_allows_its_steps_and_no_other(stage: str) -> None:
    steps, allowed = STAGES[stage]
    revision = draft_of(*steps)
    assert {name for name, step in STEPS.items() if not refused(revision, step)} == allowed


@pytest.mark.parametrize("since", [NOW, NOW - timedelta(microseconds=1), datetime(2014, 1, 1, tzinfo=UTC)])
def test_only_an_instant_to_come_can_be_named(since: datetime) -> None:
    assert refused(draft_of(SUBMITTED, APPROVED), deeds.Published(since=since)) == "invalid"
    later = deeds.Published(since=NOW + timedelta(microseconds=1))
    assert refused(draft_of(SUBMITTED, APPROVED), later) == ""


def test_versions_come_into_force_in_their_order() -> None:
    ready = draft_of(SUBMITTED, APPROVED)
    planned = replace(PACKS[0], version=3, state="published", published_from=SOON)
    found = s.decide(ready, deeds.Published(since=SOON + timedelta(days=1)), KAYA, NOW, [planned])
    assert found is not None
    assert "Version 3 was published meanwhile" in found.detail
    earlier = replace(planned, version=1)
    for days, kind in ((0, "invalid"), (1, "")):
        step = deeds.Published(since=SOON + timedelta(days=days))
        found = s.decide(ready, step, KAYA, NOW, [earlier])
        assert (found.kind if found else "") == kind


@pytest.mark.parametrize("note", ["", "  \n"])
def test_reasons_are_asked_for(note: str) -> None:
    for step in (deeds.Submitted(note=note), deeds.Commented(note=note), deeds.Withdrawn(note=note)):
        found = s.decide(draft_of(), step, KAYA, NOW, [])
        assert found is not None
        assert found.pointer == "/note"
    assert refused(draft_of(), deeds.Submitted(note="x" * (s.NOTE_MAX + 1))) == "invalid"


def test_the_history_keeps_who_and_why_and_no_texts() -> None:
    revision = draft_of((OLGA, deeds.Edited(text=renumbered(TEXT, 2), note="A word.")), SUBMITTED)
    assert [entry.by for entry in revision.entries] == [KAYA, OLGA, KAYA]
    assert [entry.step.note for entry in revision.entries] == ["", "A word.", "Kinder."]
    assert all(getattr(entry.step, "text", "") == "" for entry in revision.entries)


# Drafts


@pytest.mark.parametrize(
    ("was", "now", "line_of", "what"),
    [
        ('id = "default"', 'id = "other"', 'id = "other"', "the id is 'other'"),
        ("version = 2", "version = 3", "version = 3", "the version is 3"),
        ("version = 2", 'version = 2\nstate = "superseded"\npublished_from = 2026-01-01T00:00:00Z',
         "state =", "the state is 'superseded'"),
        ('"return.window" = "15 d"', '"return.window" = "15 x"', '"return.window"', "no period"),
        ('"return.window" = "15 d"', '"return.window" = "14 d"', '"return.window"', ""),
        ('id = "draft.keep.default"', 'id = "seller.draft"', "[[clause]]", "named like those of sellers"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_draft_is_told_by_line(was: str, now: str, line_of: str, what: str) -> None:
    text = renumbered(TEXT, 2).replace(was, now, 1)
    if not what:
        read_draft("default", 2, text, PACKS)
        return
    with pytest.raises(PackError) as raised:
        read_draft("default", 2, text, PACKS)
    (problem,) = [one for one in raised.value.problems if what in one.what]
    assert line_of in text.splitlines()[problem.line - 1]


def test_the_clause_of_another_pack_cannot_be_taken_again() -> None:
    (law,) = load(("eu",))
    text = renumbered(TEXT, 2).replace('id = "draft.keep.default"', f'id = "{law.clauses[0].id}"')
    with pytest.raises(PackError, match="stands in pack eu already"):
        read_draft("default", 2, text, PACKS)


def test_what_the_rules_need_for_every_order_cannot_be_left_out() -> None:
    rows = renumbered(TEXT, 2).split("[[clause]]")
    without = "[[clause]]".join(row for row in rows if "negotiation.limit.default" not in row)
    with pytest.raises(PackError, match=r"no clause sets negotiation\.limit for every order any more"):
        read_draft("default", 2, without, PACKS)
    bound = renumbered(TEXT, 2).replace(
        'sets = { "negotiation.limit" = "15 d" }',
        'sets = { "negotiation.limit" = "15 d" }\nwhen = { buyer_country = ["DE"] }',
    )
    with pytest.raises(PackError, match=r"negotiation\.limit"):
        read_draft("default", 2, bound, PACKS)


def test_a_published_version_gets_what_a_later_amends_brings() -> None:
    rows = TEXT.split("[[clause]]")
    old = load_pack("[[clause]]".join(row for row in rows if "cover.budget" not in row), "default.toml")
    assert "cover.budget" not in {name for clause in old.clauses for name in clause.sets}
    whole = completed(replace(old, version=2), PACKS[0])
    terms = resolve([whole], Facts(placed_at=NOW, currency="EUR"))
    assert terms.get("cover.budget").clause == "cover.budget.default"
    assert whole.digest != old.digest
    assert completed(PACKS[0], PACKS[0]) is PACKS[0]


def test_a_stack_is_looked_at_whenever_it_changes() -> None:
    kind = load_pack(
        new_text("kind", Layer.PROMOTION, 'A "kind" one')
        + '[[clause]]\nid = "kind.window"\nsets = { "contact.advised_wait" = "4 d" }\n'
        'sentence = "Four."\ncitation = "x"\n',
        "kind.toml",
    )
    floor = load_pack(renumbered(TEXT, 2).replace(
        'sets = { "contact.advised_wait" = "3 d" }', 'sets = { "contact.advised_wait" = "3 d" }\nfloor = true'
    ), "default.toml")  # fmt: skip
    now = replace(kind, state="published", published_from=NOW)
    check_from((*PACKS, now), NOW)
    later = replace(floor, state="published", published_from=SOON)
    with pytest.raises(PackError, match=r"kind\.window breaks the floor"):
        check_from((*PACKS, now, later), NOW)
