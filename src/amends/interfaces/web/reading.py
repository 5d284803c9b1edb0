"""One case as one reader sees it: what every part of its page starts from."""

from collections.abc import Iterable, Sequence

from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.orders import Line
from amends.domain.policy.terms import ClauseText, Terms
from amends.domain.refunds import max_refund
from amends.domain.scene import Rules
from amends.interfaces.web import vocabulary
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class Reading:
    """``terms`` are those of the case's line, ``most`` what can still be refunded, in minor units.

    ``others`` are the other cases of the order.
    """

    def __init__(
        self, visit: Visit, case: Case, custody: Custody, terms: Terms, others: Sequence[Case] = ()
    ) -> None:
        self.visit = visit
        self.case = case
        self.custody = custody
        self.terms = terms
        self.others = others
        self.most = max_refund(custody, case.units)
        self.say = visit.words.say
        self.teller = visit.teller(case)

    @property
    def hearing(self) -> Hearing:
        """What a decision by the reader would look at."""
        rules = Rules({self.terms.terms_id: self.terms}, self.visit.parts.calendars)
        cases = {self.case.case_id: self.case, **{one.case_id: one for one in self.others}}
        return Hearing(self.custody, cases, rules, self.visit.actor, self.visit.now)

    def cash(self, amount: int) -> str:
        """Minor units of the case's currency as people write them."""
        return self.visit.words.money(amount, self.case.currency)

    def kinds(self, codes: Iterable[str]) -> str:
        """Kinds of evidence as a list in words: ``photo or video``."""
        words = self.visit.words
        named = [words.say(vocabulary.EVIDENCE_KINDS_WITHIN.get(code, code)) for code in codes]
        return words.listing(named, "or") if named else ""

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
