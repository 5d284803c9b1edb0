"""The tree of reasons."""

import pytest

from amends.domain.cases.model import Kind
from amends.domain.parties import Role
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.reasons import FAMILIES, REASONS, covers

TREE = {
    "cancel": "mistake changed_mind found_cheaper payment_problem seller_cancelled not_shipped_in_time",
    "not_received": "no_tracking tracking_invalid tracking_shared wrong_direction origin_only overdue "
    "customs_held returned_to_sender wrong_address shown_delivered never_sent",
    "not_as_described": "color size look material specification wrong_item quantity_short "
    "parts_missing empty_parcel",
    "quality": "assembly material unfit_for_purpose damaged_in_transit defective not_working leaking",
    "fake": "counterfeit no_authorisation",
    "late": "after_promise",
    "no_reason": "changed_mind wrong_size_ordered free_return withdrawal",
    "return": "seller_denies_receipt lost freight swapped refund_missing",
}


@pytest.mark.row("C1")
def test_the_tree_has_every_leaf_and_no_other() -> None:
    assert list(REASONS) == [f"{family}.{leaf}" for family, leaves in TREE.items() for leaf in leaves.split()]
    assert tuple(TREE) == FAMILIES


@pytest.mark.row("C1")
@pytest.mark.parametrize("code", REASONS)
def test_every_leaf_names_proof_remedies_freight_and_windows(code: str) -> None:
    reason = REASONS[code]
    assert reason.code == code
    assert reason.evidence
    assert reason.remedies
    assert set(reason.remedies) <= {"refund", "partial", "return", "exchange", "cancellation"}
    assert reason.windows
    assert set(reason.windows) <= set(PARAMETERS)
    assert reason.kind is (Kind.CANCELLATION if reason.family == "cancel" else Kind.CLAIM)


@pytest.mark.parametrize(
    ("family", "proves"),
    [
        ("not_received", Role.SELLER),
        ("fake", Role.SELLER),
        ("quality", Role.BUYER),
        ("not_as_described", Role.BUYER),
    ],
)
def test_who_must_prove_it(family: str, proves: Role) -> None:
    assert {reason.who_proves for reason in REASONS.values() if reason.family == family} == {proves}


@pytest.mark.parametrize(
    ("code", "payer"),
    [
        ("no_reason.changed_mind", Role.BUYER),
        ("no_reason.wrong_size_ordered", Role.BUYER),
        ("no_reason.free_return", Role.SELLER),
        ("quality.defective", Role.SELLER),
        ("not_as_described.wrong_item", Role.SELLER),
    ],
)
def test_who_pays_the_way_back(code: str, payer: Role) -> None:
    assert REASONS[code].freight is payer


def test_a_branch_covers_its_leaves_only() -> None:
    assert covers("quality", "quality.leaking")
    assert covers("quality.leaking", "quality.leaking")
    assert not covers("quality.leak", "quality.leaking")
    assert not covers("quality.leaking", "quality")
