"""Why a buyer asks: the whole tree of reasons, and what each one brings with it.

A leaf names who has to prove it, what kinds of evidence suffice, which remedies it opens, who pays the way
back unless the terms say otherwise, and which windows apply. The codes are stable: they are stored with
every case, and people's words for them live in the message catalogues.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from amends.domain.cases.model import Kind
from amends.domain.parties import Role


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf of the tree.

    ``remedies`` are of refund (full, goods kept), partial (goods kept), return (and refund), exchange and
    cancellation; the terms may close any of them. ``evidence`` kinds each suffice alone. ``fault`` says the
    cause lies with the seller. ``freight`` pays the way back by default. ``windows`` name the parameters
    whose period bounds the request, the governing one first. ``who_asks`` may give this reason.
    """

    code: str
    kind: Kind
    who_proves: Role
    evidence: tuple[str, ...]
    remedies: tuple[str, ...]
    fault: bool
    freight: Role
    windows: tuple[str, ...]
    who_asks: Role = Role.BUYER

    @property
    def family(self) -> str:
        """The branch of the tree: the code up to its dot."""
        return self.code.partition(".")[0]


_PICTURES = ("photo", "video")
_DELIVERY_PROOF = ("tracking", "receipt")
_RETURN_PROOF = ("tracking", "receipt", "photo")
_EVERY_REMEDY = ("refund", "partial", "return", "exchange")


def _cancellation(name: str, *, fault: bool = False, who_asks: Role = Role.BUYER) -> Reason:
    return Reason(
        code=f"cancel.{name}",
        kind=Kind.CANCELLATION,
        who_proves=Role.SELLER,  # that it has been shipped: nothing else keeps an order from being cancelled
        evidence=("tracking",),
        remedies=("cancellation",),
        fault=fault,
        freight=Role.SELLER,
        windows=("ship.handling",) if fault else ("cancel.free_period", "cancel.request_period"),
        who_asks=who_asks,
    )


def _not_received(name: str) -> Reason:
    return Reason(
        code=f"not_received.{name}",
        kind=Kind.CLAIM,
        who_proves=Role.SELLER,
        evidence=_DELIVERY_PROOF,
        remedies=("refund",),
        fault=True,
        freight=Role.SELLER,
        windows=("protection.delivery", "not_received.open_after_shipping"),
    )


def _fault(
    code: str, evidence: tuple[str, ...] = _PICTURES, remedies: tuple[str, ...] = _EVERY_REMEDY
) -> Reason:
    return Reason(
        code=code,
        kind=Kind.CLAIM,
        who_proves=Role.BUYER,
        evidence=evidence,
        remedies=remedies,
        fault=True,
        freight=Role.SELLER,
        windows=("return.window", "return.extension"),
    )


def _fake(name: str) -> Reason:
    return Reason(
        code=f"fake.{name}",
        kind=Kind.CLAIM,
        who_proves=Role.SELLER,
        evidence=("document", "receipt"),
        remedies=("refund",),
        fault=True,
        freight=Role.SELLER,
        windows=("return.window", "return.extension"),
    )


def _choice(
    name: str, freight: Role, *windows: str, remedies: tuple[str, ...] = ("return", "exchange")
) -> Reason:
    return Reason(
        code=f"no_reason.{name}",
        kind=Kind.CLAIM,
        who_proves=Role.SELLER,  # that the goods are not in the required condition
        evidence=_PICTURES,
        remedies=remedies,
        fault=False,
        freight=freight,
        windows=windows,
    )


def _after_return(
    name: str, who_proves: Role, evidence: tuple[str, ...], remedies: tuple[str, ...]
) -> Reason:
    return Reason(
        code=f"return.{name}",
        kind=Kind.CLAIM,
        who_proves=who_proves,
        evidence=evidence,
        remedies=remedies,
        fault=True,
        freight=Role.SELLER,
        windows=("return.claim_window",),
    )


_LEAVES = (
    _cancellation("mistake"),
    _cancellation("changed_mind"),
    _cancellation("found_cheaper"),
    _cancellation("payment_problem"),
    _cancellation("seller_cancelled", fault=True, who_asks=Role.SELLER),
    _cancellation("not_shipped_in_time", fault=True),
    _not_received("no_tracking"),
    _not_received("tracking_invalid"),
    _not_received("tracking_shared"),
    _not_received("wrong_direction"),
    _not_received("origin_only"),
    _not_received("overdue"),
    _not_received("customs_held"),
    _not_received("returned_to_sender"),
    _not_received("wrong_address"),
    _not_received("shown_delivered"),
    _not_received("never_sent"),
    _fault("not_as_described.color"),
    _fault("not_as_described.size"),
    _fault("not_as_described.look"),
    _fault("not_as_described.material"),
    _fault("not_as_described.specification"),
    _fault("not_as_described.wrong_item"),
    _fault("not_as_described.quantity_short"),
    _fault("not_as_described.parts_missing"),
    # There is nothing to send back and nothing to keep at a lower price.
    _fault("not_as_described.empty_parcel", remedies=("refund", "exchange")),
    _fault("quality.assembly"),
    _fault("quality.material"),
    _fault("quality.unfit_for_purpose", ("photo", "video", "statement")),
    _fault("quality.damaged_in_transit"),
    _fault("quality.defective"),
    _fault("quality.not_working", ("video", "photo")),
    _fault("quality.leaking"),
    _fake("counterfeit"),
    _fake("no_authorisation"),
    Reason(
        code="late.after_promise",
        kind=Kind.CLAIM,
        who_proves=Role.SELLER,
        evidence=_DELIVERY_PROOF,
        remedies=("partial", "return"),
        fault=True,
        freight=Role.SELLER,
        windows=("return.window", "return.extension"),
    ),
    _choice("changed_mind", Role.BUYER, "return.window", "return.extension"),
    _choice("wrong_size_ordered", Role.BUYER, "return.window", "return.extension"),
    _choice("free_return", Role.SELLER, "free_return.window", remedies=("return",)),
    _choice("withdrawal", Role.BUYER, "withdrawal.window", remedies=("return",)),
    _after_return("seller_denies_receipt", Role.BUYER, _RETURN_PROOF, ("refund",)),
    _after_return("lost", Role.BUYER, _RETURN_PROOF, ("refund",)),
    _after_return("freight", Role.BUYER, ("receipt",), ("partial",)),
    _after_return("swapped", Role.SELLER, _PICTURES, ("refund", "partial")),
    _after_return("refund_missing", Role.SELLER, ("receipt", "document"), ("refund",)),
)

REASONS: Mapping[str, Reason] = MappingProxyType({leaf.code: leaf for leaf in _LEAVES})
"""Every leaf by its code, in the order of the tree."""

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(leaf.family for leaf in _LEAVES))
"""The branches: cancel, not_received, not_as_described, quality, fake, late, no_reason, return."""


def covers(prefix: str, code: str) -> bool:
    """Whether ``code`` is that leaf or lies on that branch: ``quality`` covers ``quality.leaking``."""
    return code == prefix or code.startswith(f"{prefix}.")
