"""The lifecycle as one table: what can happen in each state, by whom, until when, and what happens otherwise.

What is not in the table cannot happen. `decide`, the worker, the actions, the pages, the diagram, the
proof and the guard in the database all read it.
"""

import msgspec

from amends.domain.cases.model import State
from amends.domain.custody.model import Stage
from amends.domain.parties import Role

S = State
BUYER, SELLER, MEDIATOR, OPERATOR = Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR
CARRIER, PROVIDER, CLOCK = Role.CARRIER, Role.PROVIDER, Role.CLOCK


class Move(msgspec.Struct, frozen=True):
    """A command possible in a state: who may give it, and the states it can leave the case in.

    ``mandatory``: it is one of the things the state waits for.
    """

    by: tuple[Role, ...]
    to: tuple[State, ...]
    mandatory: bool = False


class Standing(msgspec.Struct, frozen=True):
    """A live state: whom it waits on, the policy parameter of its clock, its default and where that leads.

    ``on`` names everybody it can wait on; each event says who it is. ``clock`` names a parameter of the
    terms. The clause that sets it may name another of the parameter's outcomes as the ``default``;
    ``lapses_to`` covers all of them.
    """

    on: tuple[Role, ...]
    clock: str
    default: str
    lapses_to: tuple[State, ...]
    moves: dict[str, Move]


# Where a binding remedy leads: pay, exchange, send back first, or nothing at all.
PAY = (S.REFUND_APPROVED, S.REFUND_INITIATED, S.CLOSED)
SETTLE = (S.AWAITING_INSTRUCTIONS, S.AWAITING_PAYMENT, S.AWAITING_REPLACEMENT, *PAY)
# Where goods that came back lead: the replacement or the money.
ACCEPTED = (S.AWAITING_PAYMENT, S.AWAITING_REPLACEMENT, *PAY)
# Where the parcels of a return lead: under way still, all there, before a mediator where one did not arrive
# and nobody knows why, or to the money.
SENT = (S.RETURN_IN_TRANSIT, S.INSPECTING, S.MEDIATING, *PAY)
# Where an exchange that comes to nothing leads: the money, once the goods are back where they have to be.
UNDONE = (S.AWAITING_INSTRUCTIONS, *PAY)

_STAFF = (MEDIATOR, OPERATOR)
_WITHDRAW = Move((BUYER,), (S.CLOSED,))
# Nobody gives it: it happens by itself at the instant two hidden limits meet.
_BLIND = Move((CLOCK,), SETTLE)


def _mediation(here: State) -> dict[str, Move]:
    return {
        "take_case": Move(_STAFF, (here,)),
        "assign_case": Move(_STAFF, (here,)),
        "request_evidence": Move(_STAFF, (S.AWAITING_EVIDENCE,)),
        "rule": Move(_STAFF, (here, S.RULED, *SETTLE), mandatory=True),
        "confirm_ruling": Move(_STAFF, (here, S.RULED, *SETTLE)),
        "make_offer": Move((BUYER, SELLER), (here,)),
        "accept_offer": Move((BUYER, SELLER), SETTLE),
        "add_evidence": Move((BUYER, SELLER), (here,)),
        "withdraw": _WITHDRAW,
    }


def _stock(here: State, *, to: tuple[State, ...] = ()) -> dict[str, Move]:
    """What the marketplace's stock says of the replacement that is waited for."""
    return {
        "record_reservation": Move((OPERATOR,), (here,)),
        "record_sold_out": Move((OPERATOR,), to or (here,)),
    }


LIFECYCLE: dict[State, Standing] = {
    S.CANCEL_REQUESTED: Standing(
        (SELLER,), "cancel.seller_response", "grant_request", PAY,
        {
            "accept_offer": Move((SELLER,), PAY, mandatory=True),
            "decline_offer": Move((SELLER,), (S.CLOSED,), mandatory=True),
            "withdraw": _WITHDRAW,
        },
    ),
    S.DRAFTING: Standing(
        (BUYER,), "draft.keep", "discard_draft", (S.CLOSED,),
        {
            "edit_draft": Move((BUYER,), (S.DRAFTING,)),
            "submit_draft": Move((BUYER,), (S.AWAITING_SELLER,), mandatory=True),
            "withdraw": _WITHDRAW,
        },
    ),
    S.AWAITING_SELLER: Standing(
        (SELLER,), "negotiation.seller_response", "grant_request", (*SETTLE, S.MEDIATING),
        {
            "accept_offer": Move((SELLER,), SETTLE, mandatory=True),
            "make_offer": Move((SELLER, BUYER), (S.AWAITING_BUYER, S.AWAITING_SELLER), mandatory=True),
            "decline_offer": Move((SELLER,), (S.AWAITING_BUYER,), mandatory=True),
            "settle_blind": _BLIND,
            "escalate": Move((BUYER, SELLER), (S.MEDIATING,)),
            "add_evidence": Move((BUYER, SELLER), (S.AWAITING_SELLER,)),
            "withdraw": _WITHDRAW,
        },
    ),
    S.AWAITING_BUYER: Standing(
        (BUYER,), "negotiation.buyer_response", "escalate", (S.MEDIATING, *SETTLE),
        {
            "accept_offer": Move((BUYER, SELLER), SETTLE, mandatory=True),
            "make_offer": Move((BUYER, SELLER), (S.AWAITING_SELLER, S.AWAITING_BUYER), mandatory=True),
            "decline_offer": Move((BUYER,), (S.AWAITING_SELLER,), mandatory=True),
            "settle_blind": _BLIND,
            "escalate": Move((BUYER, SELLER), (S.MEDIATING,)),
            "add_evidence": Move((BUYER, SELLER), (S.AWAITING_BUYER,)),
            "withdraw": _WITHDRAW,
        },
    ),
    S.MEDIATING: Standing(
        (MEDIATOR,), "mediation.alert", "alert_senior", (S.MEDIATING_LATE,),
        _mediation(S.MEDIATING),
    ),
    S.MEDIATING_LATE: Standing(
        (OPERATOR,), "mediation.backstop", "recommended_ruling", (S.MEDIATING_LATE, S.RULED, *SETTLE),
        _mediation(S.MEDIATING_LATE),
    ),
    S.AWAITING_EVIDENCE: Standing(
        (BUYER, SELLER), "mediation.evidence_request", "resume_mediation", (S.MEDIATING,),
        {
            "submit_evidence": Move((BUYER, SELLER), (S.MEDIATING,), mandatory=True),
            "accept_offer": Move((BUYER, SELLER), SETTLE),
            "withdraw": _WITHDRAW,
        },
    ),
    S.RULED: Standing(
        (BUYER, SELLER), "ruling.reply", "ruling_stands", SETTLE,
        {
            "accept_ruling": Move((BUYER, SELLER), (S.RULED, *SETTLE), mandatory=True),
            "appeal": Move((BUYER, SELLER), (S.APPEALED,), mandatory=True),
        },
    ),
    S.APPEALED: Standing(
        (MEDIATOR, OPERATOR), "appeal.decision", "recommended_ruling", (S.APPEALED, *SETTLE),
        {
            "take_case": Move(_STAFF, (S.APPEALED,)),
            "assign_case": Move(_STAFF, (S.APPEALED,)),
            "rule": Move(_STAFF, (S.APPEALED, *SETTLE), mandatory=True),
            "confirm_ruling": Move(_STAFF, (S.APPEALED, *SETTLE)),
            "add_evidence": Move((BUYER, SELLER), (S.APPEALED,)),
        },
    ),
    S.AWAITING_INSTRUCTIONS: Standing(
        (SELLER,), "return.seller_instructions", "refund_without_return", ACCEPTED,
        {
            "give_instructions": Move((SELLER,), (S.AWAITING_SHIPMENT,), mandatory=True),
            "withdraw": _WITHDRAW,
            **_stock(S.AWAITING_INSTRUCTIONS),
        },
    ),
    S.AWAITING_SHIPMENT: Standing(
        (BUYER,), "return.ship_by", "close_for_seller", SENT,
        {
            # A return may go in several parcels: the rest is awaited until the same instant.
            "ship_return": Move((BUYER,), (S.AWAITING_SHIPMENT, S.RETURN_IN_TRANSIT), mandatory=True),
            "issue_label": Move((OPERATOR,), (S.AWAITING_SHIPMENT,)),
            "record_return_scan": Move((CARRIER, OPERATOR), (S.AWAITING_SHIPMENT, *SENT)),
            # What was sent goes its way; the rest is kept.
            "withdraw": Move((BUYER,), SENT),
            **_stock(S.AWAITING_SHIPMENT),
        },
    ),
    S.RETURN_IN_TRANSIT: Standing(
        (CARRIER,), "return.transit_silence", "return_lost", SENT,
        {
            "record_return_scan": Move((CARRIER, OPERATOR), SENT, mandatory=True),
            "inspect_return": Move((SELLER,), (S.REJECTED, S.MEDIATING, *ACCEPTED)),
            "add_freight_receipt": Move((BUYER,), (S.RETURN_IN_TRANSIT,)),
            **_stock(S.RETURN_IN_TRANSIT),
        },
    ),
    S.INSPECTING: Standing(
        (SELLER,), "inspect.clock", "accept_return", (S.MEDIATING, *ACCEPTED),
        {
            "inspect_return": Move((SELLER,), (S.REJECTED, S.MEDIATING, *ACCEPTED), mandatory=True),
            "record_return_scan": Move((CARRIER, OPERATOR), (S.INSPECTING,)),
            "add_freight_receipt": Move((BUYER,), (S.INSPECTING,)),
            **_stock(S.INSPECTING),
        },
    ),
    S.REJECTED: Standing(
        (BUYER,), "inspect.contest", "rejection_stands", (S.MEDIATING, *PAY),
        {
            "contest_rejection": Move((BUYER,), (S.MEDIATING,), mandatory=True),
            "accept_rejection": Move((BUYER,), (S.MEDIATING, *PAY), mandatory=True),
        },
    ),
    S.AWAITING_PAYMENT: Standing(
        (BUYER,), "exchange.pay_by", "exchange_fails", UNDONE,
        {
            "decline_exchange": Move((BUYER,), UNDONE, mandatory=True),
            "record_payment": Move((OPERATOR, PROVIDER), (S.AWAITING_REPLACEMENT,)),
            **_stock(S.AWAITING_PAYMENT, to=UNDONE),
        },
    ),
    S.AWAITING_REPLACEMENT: Standing(
        (SELLER,), "exchange.ship_by", "exchange_fails", UNDONE,
        {
            "ship_replacement": Move((SELLER,), (S.REPLACEMENT_IN_TRANSIT,), mandatory=True),
            "decline_replacement": Move((SELLER, OPERATOR), UNDONE),
            **_stock(S.AWAITING_REPLACEMENT, to=UNDONE),
        },
    ),
    S.REPLACEMENT_IN_TRANSIT: Standing(
        (CARRIER,), "exchange.transit_silence", "exchange_fails", UNDONE,
        {
            "record_replacement_scan": Move(
                (CARRIER, OPERATOR), (S.REPLACEMENT_IN_TRANSIT, *UNDONE), mandatory=True
            ),
            "confirm_replacement": Move((BUYER,), UNDONE),
        },
    ),
    S.REFUND_APPROVED: Standing(
        (OPERATOR,), "refund.initiate", "initiate_refund", (S.REFUND_INITIATED, S.CLOSED), {},
    ),
    S.REFUND_INITIATED: Standing(
        (PROVIDER,), "refund.eta", "flag_overdue", (S.REFUND_OVERDUE,),
        {
            "confirm_refund": Move((PROVIDER, OPERATOR), (S.REFUND_INITIATED, S.CLOSED), mandatory=True),
            "fail_refund": Move(
                (PROVIDER, OPERATOR), (S.REFUND_METHOD_NEEDED, S.REFUND_INITIATED, S.CLOSED), mandatory=True
            ),
        },
    ),
    S.REFUND_OVERDUE: Standing(
        (OPERATOR,), "refund.trace", "refund_to_balance", (S.CLOSED,),
        {
            "confirm_refund": Move((PROVIDER, OPERATOR), (S.REFUND_OVERDUE, S.CLOSED), mandatory=True),
            "fail_refund": Move(
                (PROVIDER, OPERATOR), (S.REFUND_METHOD_NEEDED, S.REFUND_OVERDUE, S.CLOSED), mandatory=True
            ),
        },
    ),
    S.REFUND_METHOD_NEEDED: Standing(
        (BUYER,), "refund.method_reply", "refund_to_balance", (S.REFUND_INITIATED, S.CLOSED),
        {
            "choose_refund_method": Move((BUYER,), (S.REFUND_INITIATED, S.CLOSED), mandatory=True),
            "confirm_refund": Move((PROVIDER, OPERATOR), (S.REFUND_METHOD_NEEDED,)),
            "fail_refund": Move((PROVIDER, OPERATOR), (S.REFUND_METHOD_NEEDED,)),
        },
    ),
}  # fmt: skip

# Reports of what happened in the world. They are never late; a decision at the deadline or after it is.
REPORTS = frozenset({"record_return_scan", "record_replacement_scan", "confirm_refund", "fail_refund"})

# A closed case is not live: nothing happens by itself. Support alone may open it again.
CLOSED_MOVES: dict[str, Move] = {"reopen": Move((OPERATOR,), (S.MEDIATING,))}

# What `open_cancellation` and `open_claim` can lead to.
OPENING: dict[str, tuple[State, ...]] = {
    "open_cancellation": (S.CANCEL_REQUESTED, *PAY),
    "open_claim": (S.DRAFTING, S.AWAITING_SELLER),
}

# A parcel that leaves ends a request to cancel it; paying goes from state to state within one command.
_WITHIN: frozenset[tuple[State, State]] = frozenset(
    {
        (S.REFUND_APPROVED, S.REFUND_INITIATED),
        (S.REFUND_APPROVED, S.CLOSED),
        (S.REFUND_INITIATED, S.CLOSED),
        (S.CANCEL_REQUESTED, S.CLOSED),
    }
)


class OrderStanding(msgspec.Struct, frozen=True):
    """A stage of an order: whom it waits on, its clock, its default and where that leads."""

    on: Role
    clock: str
    default: str
    to: tuple[Stage, ...]


_RELEASE = (Stage.RELEASED, Stage.HELD, Stage.PAID_OUT, Stage.CANCELLED)
ORDERS: dict[Stage, OrderStanding] = {
    Stage.AWAITING_SHIPMENT: OrderStanding(
        SELLER, "ship.handling", "cancel_unshipped",
        (Stage.AWAITING_SHIPMENT, Stage.AWAITING_DELIVERY, Stage.PROTECTED, Stage.CANCELLED, *_RELEASE),
    ),
    Stage.AWAITING_DELIVERY: OrderStanding(
        CARRIER, "protection.delivery", "release_escrow",
        (Stage.AWAITING_DELIVERY, Stage.PROTECTED, *_RELEASE),
    ),
    # A parcel told late, of an order that seemed to have arrived, is on its way again.
    Stage.PROTECTED: OrderStanding(
        BUYER, "protection.after_delivery", "release_escrow",
        (Stage.PROTECTED, Stage.AWAITING_DELIVERY, *_RELEASE),
    ),
    Stage.HELD: OrderStanding(OPERATOR, "", "release_when_cases_end", (Stage.HELD, *_RELEASE)),
    Stage.RELEASED: OrderStanding(
        OPERATOR, "payout.delay", "pay_out", (Stage.RELEASED, Stage.PAID_OUT, Stage.HELD),
    ),
    Stage.PAID_OUT: OrderStanding(OPERATOR, "", "", (Stage.PAID_OUT, Stage.RELEASED)),
    Stage.CANCELLED: OrderStanding(OPERATOR, "", "", (Stage.CANCELLED, *_RELEASE)),
}  # fmt: skip


def allowed_moves() -> frozenset[tuple[str, str]]:
    """Every (from, to) pair a case's event may record; from is empty for the first event of a case."""
    pairs: set[tuple[str, str]] = {(a.value, b.value) for a, b in _WITHIN}
    for state, standing in LIFECYCLE.items():
        pairs.add((state.value, state.value))
        for to in standing.lapses_to:
            pairs.add((state.value, to.value))
        for move in standing.moves.values():
            pairs.update((state.value, to.value) for to in move.to)
    for move in CLOSED_MOVES.values():
        pairs.update((S.CLOSED.value, to.value) for to in move.to)
    for targets in OPENING.values():
        pairs.update(("", to.value) for to in targets)
    return frozenset(pairs)


def allowed_order_moves() -> frozenset[tuple[str, str]]:
    """Every (from, to) pair an order's event may record; from is empty for the first event of an order."""
    pairs = {("", Stage.AWAITING_SHIPMENT.value)}
    for stage, standing in ORDERS.items():
        pairs.update((stage.value, to.value) for to in standing.to)
    return frozenset(pairs)


def moves_of(state: State) -> dict[str, Move]:
    """The commands possible in a state, by their tag."""
    return CLOSED_MOVES if state is S.CLOSED else LIFECYCLE[state].moves
