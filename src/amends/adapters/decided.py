"""The rulings of a case as figures take them, the same whatever the case is kept in."""

from collections.abc import Iterator

from amends.application.ports.figures import Decided
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody


def decided(case: Case, custody: Custody) -> Iterator[Decided]:
    """The rulings that people made, oldest first; those of the clock are left out."""
    line = custody.order.line(case.units[0].line_id) if case.units else None
    for number, ruling in enumerate(case.rulings):
        if not ruling.mediator_id:
            continue
        shown = sorted({f"{item.by.value}:{item.kind}" for item in case.evidence if item.at <= ruling.at})
        yield Decided(
            case_id=case.case_id,
            order_id=case.order_id,
            number=number,
            reason=case.reason,
            category=line.category if line else "",
            currency=case.currency,
            asked=case.wanted,
            remedy=ruling.remedy,
            recommended=ruling.recommended,
            mediator_id=ruling.mediator_id,
            at=ruling.at,
            final=ruling.final,
            shown=tuple(shown),
        )
