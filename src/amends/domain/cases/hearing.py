"""What a decision about a case looks at, and the clocks it starts."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from amends.domain.cases.dues import FREIGHT, freight_left, held
from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import Case, Remedy, State
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role, Waiting
from amends.domain.policy.terms import Term, Terms
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.domain.time import deadline


class Hearing(msgspec.Struct, frozen=True):
    """One command's view: the order, its cases, the rules, who acts and when."""

    custody: Custody
    cases: Mapping[str, Case]
    rules: Rules
    actor: Actor
    now: datetime

    def terms_for(self, units: tuple[Unit, ...]) -> Terms:
        """The terms of the first unit's line: a case is about one seller's lines of one order."""
        order = self.custody.order
        line = order.line(units[0].line_id) if units else None
        return self.rules.terms[(line or order.lines[0]).terms_id]

    def term(self, case: Case, name: str) -> Term:
        """A parameter as it stands for the case's line and reason."""
        return self.terms_for(case.units).get(name, reason=case.reason)

    def period_ends(self, case: Case, name: str, start: datetime) -> datetime:
        """When the period ``name`` that begins at ``start`` is over (half-open)."""
        return deadline(start, self.term(case, name).value, self.rules.calendars)

    def wait(
        self, case: Case, state: State, on: Role | None = None, *, since: datetime | None = None
    ) -> Waiting:
        """The clock of ``state``, from ``since`` or now, with the clause that sets it."""
        standing = LIFECYCLE[state]
        term = self.term(case, standing.clock)
        until = deadline(since or self.now, term.value, self.rules.calendars)
        return Waiting(on or standing.on[0], until, term.default or standing.default, term.clause)

    def most(self, case: Case) -> int:
        """The most that can still be paid for the case's units, in minor units.

        A case about freight is about the buyer's outlay. Once the replacement is there, what is left is what
        was put down for the goods, and what it costs less; support that reopens may decide beyond it.
        """
        if case.reason == FREIGHT:
            return freight_left(self.cases.values(), case.units, case.case_id)
        most = max_refund(self.custody, case.units)
        if not case.replaced:
            return most
        less = -case.settlement.remedy.difference if case.settlement else 0
        return held(case) + (most if case.reopened else min(most, max(0, less)))


def with_fallback(h: Hearing, case: Case, remedy: Remedy) -> Remedy:
    """An exchange that names no amount pays back everything if it fails: nobody ends with nothing."""
    if remedy.exchange_variant and remedy.amount == 0:
        return replace(remedy, amount=h.most(case))
    return remedy


def remedy_refused(h: Hearing, case: Case, remedy: Remedy) -> Refused | None:
    """Why a remedy cannot be put on the table: nothing is ever refunded beyond what was paid (C6)."""
    most = h.most(case)
    if remedy.amount < 0:
        return Refused(
            kind="invalid",
            detail=f"The amount is {remedy.amount}; it must be 0 or more, in minor units of {case.currency}.",
            facts={"asked": remedy.amount},
            pointer="/remedy/amount",
        )
    if remedy.amount > most:
        return Refused(
            kind="amount_too_high",
            detail=f"At most {most} minor units of {case.currency} can be refunded for these units; "
            f"{remedy.amount} were asked.",
            facts={"asked": remedy.amount, "most": most, "currency": case.currency},
            pointer="/remedy/amount",
        )
    if remedy.difference and (not remedy.exchange_variant or remedy.difference < -most):
        return Refused(
            kind="invalid",
            detail="A price difference belongs to an exchange, and at most what was paid comes back by it.",
            facts={"difference": remedy.difference, "most": most},
            pointer="/remedy/difference",
        )
    if remedy.difference > 0 and not h.terms_for(case.units).has("exchange.pay_by", case.reason):
        return Refused(
            kind="invalid",
            detail="Under these terms a replacement costs no more than the goods did.",
            facts={"difference": remedy.difference},
            pointer="/remedy/difference",
        )
    if case.contested and (remedy.goods.value == "return" or remedy.exchange_variant):
        return Refused(
            kind="invalid",
            detail="The goods have been on their way back already: only a refund, or none, can be decided.",
            pointer="/remedy/goods",
        )
    return None
