"""One case as one reader sees it: what every part of its page starts from."""

from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.orders import Line
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.refunds import max_refund
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class Reading:
    """``terms`` are those of the case's line, ``most`` what can still be refunded, in minor units."""

    def __init__(self, visit: Visit, case: Case, custody: Custody, terms: Terms) -> None:
        self.visit = visit
        self.case = case
        self.custody = custody
        self.terms = terms
        self.most = max_refund(custody, case.units)
        self.say = visit.words.say
        self.teller = visit.teller(case)

    def cash(self, amount: int) -> str:
        """Minor units of the case's currency as people write them."""
        return self.visit.words.money(amount, self.case.currency)

    def clause(self, clause_id: str) -> ClauseText | None:
        """The text of a clause of the terms, where they name it."""
        return self.terms.clauses.get(clause_id)


def line_of(case: Case, custody: Custody) -> Line:
    """The line a case is about."""
    found = custody.order.line(case.units[0].line_id) if case.units else None
    return found or custody.order.lines[0]


def title_of(case: Case, custody: Custody, visit: Visit) -> str:
    """``Ceramic lamp – It arrived damaged``."""
    reason = visit.teller(case).reason(case.reason)
    return visit.words.say(N_("%(item)s – %(reason)s"), item=line_of(case, custody).title, reason=reason)
