"""Whose deadline a clock is: of the people who have to do something until then, or lose the chance to.

A refund that starts by itself, or a carrier's silence, is nobody's deadline.
"""

from amends.domain.cases.lifecycle import LIFECYCLE, ORDERS, Standing
from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.parties import Role

PEOPLE = frozenset({Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR})

_SHIPPING, _RELEASING = "cancel_unshipped", "release_escrow"


def _answered(standing: Standing) -> bool:
    """Whether somebody whom the state waits on can do what it waits for."""
    return any(
        move.mandatory and set(move.by) & set(standing.on) & PEOPLE for move in standing.moves.values()
    )


UNANSWERED = frozenset(
    ({one.default for one in LIFECYCLE.values()} | {one.default for one in ORDERS.values()})
    - {one.default for one in LIFECYCLE.values() if _answered(one)}
    - {_SHIPPING, _RELEASING}
) | {"remind_protection", "release_hold"}
"""The defaults that no person can forestall: nobody is told beforehand of what they do."""


def due_of(case: Case) -> tuple[Role, ...]:
    """Whose deadline the clock of a case is. Against a ruling, each side has it that has not accepted."""
    if case.waiting is None or not case.live:
        return ()
    if case.state is State.RULED:
        accepted = case.rulings[-1].accepted_by
        return tuple(role for role in (Role.BUYER, Role.SELLER) if role not in accepted)
    standing, on = LIFECYCLE[case.state], case.waiting.on
    can = on in PEOPLE and any(move.mandatory and on in move.by for move in standing.moves.values())
    return (on,) if can else ()


def due_of_order(custody: Custody) -> tuple[Role, ...]:
    """Whose deadline the clock of an order is: the seller ships, the buyer speaks up while money is held."""
    default = custody.waiting.default if custody.waiting is not None else ""
    return {_SHIPPING: (Role.SELLER,), _RELEASING: (Role.BUYER,)}.get(default, ())
