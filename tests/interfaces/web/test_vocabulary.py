"""Nothing that can happen is without words."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from amends.domain.cases.events import CaseEvent
from amends.domain.cases.lifecycle import CLOSED_MOVES, LIFECYCLE, ORDERS
from amends.domain.cases.model import Outcome, RefundStage, State
from amends.domain.custody.events import OrderEvent
from amends.domain.custody.model import Stage
from amends.domain.orders import Method, Signal
from amends.domain.parties import Role
from amends.domain.policy.options import Option
from amends.domain.policy.parameters import PARAMETERS, REJECT_GROUNDS
from amends.domain.reasons import FAMILIES, REASONS
from amends.domain.refusals import Refused
from amends.interfaces.web import claim, forms, telling, vocabulary

PEOPLE = {Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR}


def _defaults() -> set[str]:
    named = {outcome for parameter in PARAMETERS.values() for outcome in parameter.outcomes}
    return named | {s.default for s in LIFECYCLE.values()} | {s.default for s in ORDERS.values() if s.default}


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (State, vocabulary.STATES),
        (Outcome, vocabulary.OUTCOMES),
        (Stage, vocabulary.STAGES),
        (RefundStage, vocabulary.REFUND_STAGES),
        (Method, vocabulary.METHODS),
        (Signal, vocabulary.SIGNALS),
        (Role, vocabulary.ROLES),
        (PEOPLE, vocabulary.PEOPLE),
        (vocabulary.EVIDENCE_KINDS, vocabulary.EVIDENCE_KINDS_WITHIN),
        (REASONS, vocabulary.REASONS),
        (FAMILIES, vocabulary.FAMILIES),
        (REJECT_GROUNDS, vocabulary.REJECT_GROUNDS),
        (_defaults() - {""}, vocabulary.DEFAULTS),
        (LIFECYCLE, vocabulary.TURNS | vocabulary.ASKED_TURNS),
        ((*get_args(CaseEvent), *get_args(OrderEvent)), telling._TELLINGS),
    ],
)
def test_every_code_has_words(codes: Iterable[object], words: dict[object, object]) -> None:
    assert set(codes) - set(words) == set()


def test_everything_people_can_do_with_a_case_has_a_form_and_a_name() -> None:
    tables = [standing.moves for standing in LIFECYCLE.values()] + [CLOSED_MOVES]
    named = {name for moves in tables for name, move in moves.items() if PEOPLE & set(move.by)}
    assert named - forms.OFFERED == set()
    assert named - set(vocabulary.ACTIONS) == set()


@pytest.mark.row("C1")
def test_a_buyer_can_give_every_reason_of_the_tree_in_words() -> None:
    asked = [reason for reason in REASONS.values() if reason.who_asks is Role.BUYER]
    assert len(asked) >= 40
    assert all(vocabulary.REASONS[reason.code] for reason in asked)


def test_every_kind_of_refusal_has_words() -> None:
    listed = re.search(r"Kinds: (.*?)\.\n", Refused.__doc__ or "", re.DOTALL)
    assert listed is not None
    kinds = {kind.strip() for kind in listed[1].split(",")}
    assert len(kinds) > 15
    assert kinds - set(vocabulary.REFUSALS) == set()


def test_every_reason_why_a_remedy_is_closed_has_words() -> None:
    listed = re.search(r"``why_closed``: (.*?)\.", " ".join((Option.__doc__ or "").split()))
    assert listed is not None
    assert {why.strip() for why in listed[1].split(",")} - set(claim.CLOSED) == set()


def test_messages_have_the_same_values_in_every_person() -> None:
    for told in (vocabulary.TURNS, vocabulary.ASKED_TURNS):
        for messages in told.values():
            assert all("%(until)s" in message for message in messages), messages


def test_no_template_has_a_script_or_a_style_of_its_own() -> None:
    folder = Path(forms.__file__).parent / "templates"
    for template in folder.glob("*.html"):
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), template.name
        assert not re.search(r"\sstyle=|\son[a-z]+=", text), template.name


def test_every_message_can_be_extracted_for_translation() -> None:
    folder = Path(forms.__file__).parent
    keywords = {**DEFAULT_KEYWORDS, "N_": None, "count": (1, 2)}
    found = extract_from_dir(
        folder, [("**.py", "python"), ("templates/**.html", "jinja2")], keywords=keywords
    )
    messages = {message for _, _, message, _, _ in found}
    assert "Waiting for the seller" in messages  # of a table
    assert "There is a problem" in messages  # of a template
    assert ("%(number)s case", "%(number)s cases") in messages  # with a plural
    told = {message for triple in vocabulary.TURNS.values() for message in triple}
    assert told <= messages
