"""Whatever happens to an order's money, in any sequence, the books balance and nobody is paid too much."""

from collections import Counter, defaultdict

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.domain.purchases import PLACED_AT, capture, components_of, purchases, units_of, with_books

from amends.domain.cases.model import Refund
from amends.domain.ledger import (
    ROUTES,
    Account,
    Books,
    LedgerError,
    Stage,
    Transfer,
    available,
    balance_of,
    check,
    left_on,
    mark_units,
    payable,
    post,
    refundable,
    unmark_units,
)
from amends.domain.orders import Tender
from amends.domain.refunds import (
    Scope,
    Worksheet,
    confirm,
    cover,
    freight,
    funding,
    initiate,
    max_refund,
    payout,
    refunds_of,
    release,
    to_balance,
    void,
    worksheet,
)
from amends.domain.refusals import Refused

ends = st.sampled_from([Stage.POSTED, Stage.VOIDED])
but_capture = st.sampled_from(sorted(ROUTES.keys() - {"capture"}))


class OrderMoney(RuleBasedStateMachine):
    """One order's books, driven by the domain's own functions, by chance, and by attempts to break them.

    The journal of accepted transfers is the oracle: balances and limits are computed from it alone.
    """

    @initialize(custody=purchases(fully_paid=False))
    def buy(self, custody) -> None:
        self.uncaptured = [tender for tender in custody.order.tenders if tender.captured]
        self.custody = with_books(custody, Books())
        self.journal: list[Transfer] = []
        self.approved: list[tuple[Worksheet, tuple[Refund, ...]]] = []
        self.number = 0

    def move(self, *transfers: Transfer) -> None:
        self.custody = with_books(self.custody, post(self.custody.books, transfers))
        self.journal += transfers

    def next_id(self, stem: str) -> str:
        self.number += 1
        return f"{stem}-{self.number}"

    # --- money comes in, goes back, goes on

    @precondition(lambda self: self.uncaptured)
    @rule()
    def capture_a_tender(self) -> None:
        self.move(capture(self.uncaptured.pop()))

    @rule(data=st.data(), covered=st.booleans())
    def approve_a_refund(self, data, covered) -> None:
        units = data.draw(st.lists(st.sampled_from(units_of(self.custody)), min_size=1, unique=True))
        scope = data.draw(st.sampled_from(Scope))
        most = max_refund(self.custody, units)
        if not most:
            return
        amount = data.draw(st.integers(1, most)) if scope is Scope.AMOUNT else None
        sheet = worksheet(self.custody, units, amount, scope, covered=covered)
        assert isinstance(sheet, Worksheet)
        if not sheet.total:
            return
        case_id = self.next_id("O-1.")
        refunds = refunds_of(case_id, sheet, self.custody.order.tenders, PLACED_AT)
        self.move(*cover(self.custody.books, sheet, case_id))
        self.move(
            *funding(self.custody.books, sheet.total, case_id, by_platform=sheet.payers.get("platform", 0))
        )
        self.move(*map(initiate, refunds))
        self.custody = with_books(self.custody, mark_units(self.custody.books, sheet.units))
        self.approved.append((sheet, refunds))

    def under_way(self) -> list[Refund]:
        pending = self.custody.books.pending
        return [refund for _, refunds in self.approved for refund in refunds if refund.refund_id in pending]

    def pending(self, purpose: str) -> list[Transfer]:
        return [transfer for transfer in self.custody.books.pending.values() if transfer.purpose == purpose]

    def returnable(self) -> dict[Tender, int]:
        """What could still go back to each tender, the limit on all of them counted in."""
        books = self.custody.books
        limits = {t: min(left_on(books, t.tender_id), refundable(books)) for t in self.custody.order.tenders}
        return {tender: most for tender, most in limits.items() if most > 0}

    @precondition(lambda self: self.under_way())
    @rule(data=st.data())
    def a_refund_arrives(self, data) -> None:
        self.move(confirm(data.draw(st.sampled_from(self.under_way()))))

    @precondition(lambda self: self.under_way())
    @rule(data=st.data())
    def a_refund_fails_and_is_tried_again(self, data) -> None:
        refund = data.draw(st.sampled_from(self.under_way()))
        self.move(void(refund), initiate(refund))

    @precondition(lambda self: self.under_way())
    @rule(data=st.data())
    def a_refund_is_redirected_to_the_balance(self, data) -> None:
        refund = data.draw(st.sampled_from(self.under_way()))
        self.move(void(refund), to_balance(refund))

    def untouched(self) -> list[tuple[Worksheet, tuple[Refund, ...]]]:
        pending = self.custody.books.pending
        return [approved for approved in self.approved if all(r.refund_id in pending for r in approved[1])]

    @precondition(lambda self: self.untouched())
    @rule(data=st.data())
    def a_refund_is_dropped(self, data) -> None:
        dropped = data.draw(st.sampled_from(self.untouched()))
        self.approved.remove(dropped)
        self.move(*map(void, dropped[1]))
        self.custody = with_books(self.custody, unmark_units(self.custody.books, dropped[0].units))

    @precondition(lambda self: self.under_way())
    @rule(data=st.data())
    def a_confirmation_comes_twice(self, data) -> None:
        refund = data.draw(st.sampled_from(self.under_way()))
        self.move(confirm(refund))
        self.refused(confirm(refund))

    @rule()
    def escrow_is_released(self) -> None:
        self.move(*release(self.custody))
        assert available(self.custody.books) == 0

    @precondition(lambda self: payable(self.custody.books) > 0)
    @rule()
    def a_payout_starts(self) -> None:
        started = payout(self.custody)
        assert started
        self.move(started)
        assert payable(self.custody.books) == 0

    @precondition(lambda self: self.pending("payout"))
    @rule(data=st.data(), stage=ends)
    def a_payout_ends(self, data, stage) -> None:
        started = data.draw(st.sampled_from(self.pending("payout")))
        self.move(msgspec.structs.replace(started, stage=stage))

    @precondition(lambda self: self.returnable())
    @rule(data=st.data(), stage=st.sampled_from([Stage.POSTED, Stage.PENDING]))
    def the_bank_takes_a_payment_back(self, data, stage) -> None:
        tender, most = data.draw(st.sampled_from(list(self.returnable().items())))
        amount = data.draw(st.integers(1, most))
        chargeback = self.next_id("chargeback")
        self.move(*funding(self.custody.books, amount, chargeback))
        self.move(
            self.transfer(Account.ESCROW, Account.CHARGEBACK, amount, "chargeback", stage, tender, chargeback)
        )

    @precondition(lambda self: self.pending("chargeback"))
    @rule(data=st.data(), stage=ends)
    def a_chargeback_is_decided(self, data, stage) -> None:
        disputed = data.draw(st.sampled_from(self.pending("chargeback")))
        self.move(msgspec.structs.replace(disputed, stage=stage))

    @precondition(lambda self: self.returnable())
    @rule(data=st.data(), by_provider=st.booleans())
    def goodwill_is_given(self, data, by_provider) -> None:
        tender, most = data.draw(st.sampled_from(list(self.returnable().items())))
        amount = data.draw(st.integers(1, most))
        goal, stage = (Account.TENDER, Stage.PENDING) if by_provider else (Account.BALANCE, Stage.POSTED)
        self.move(self.transfer(Account.COVER, goal, amount, "goodwill", stage, tender))

    @rule(amount=st.integers(1, 1_000), payer=st.sampled_from([Account.SELLER, Account.COVER]))
    def freight_is_paid_back(self, amount, payer) -> None:
        self.move(freight(self.custody.books, amount, payer, "O-1.1"))

    # --- and somebody tries what must not be

    @rule(
        data=st.data(),
        purpose=st.sampled_from(sorted(ROUTES.keys() - {"capture"})),
        stage=st.sampled_from(Stage),
    )
    def anything_is_attempted(self, data, purpose, stage) -> None:
        debit, credit = data.draw(st.sampled_from(sorted(ROUTES[purpose])))
        amount = data.draw(st.integers(-1, 300_000))
        tender = data.draw(st.sampled_from(self.custody.order.tenders))
        self.attempt(self.transfer(debit, credit, amount, purpose, stage, tender))

    @rule(data=st.data())
    def more_than_is_left_is_refused(self, data) -> None:
        units = data.draw(st.lists(st.sampled_from(units_of(self.custody)), min_size=1, unique=True))
        refunded = self.custody.books.unit_refunded
        left = sum(components_of(self.custody, u).paid - refunded.get(u.key, 0) for u in units)
        refusal = worksheet(self.custody, units, left + 1)
        assert isinstance(refusal, Refused)
        assert refusal.kind == "amount_too_high"

    @rule(data=st.data())
    def more_than_a_tender_had_is_refused(self, data) -> None:
        tender = data.draw(st.sampled_from(self.custody.order.tenders))
        left = left_on(self.custody.books, tender.tender_id)
        self.refused(self.transfer(Account.ESCROW, Account.TENDER, left + 1, "refund", Stage.PENDING, tender))

    @rule()
    def more_than_escrow_has_is_refused(self) -> None:
        too_much = available(self.custody.books) + 1
        self.refused(self.transfer(Account.ESCROW, Account.SELLER, too_much, "release", Stage.POSTED))

    def transfer(
        self,
        debit: Account,
        credit: Account,
        amount: int,
        purpose: str,
        stage: Stage,
        tender: Tender | None = None,
        transfer_id: str = "",
    ) -> Transfer:
        return Transfer(
            transfer_id=transfer_id or self.next_id("attempt"),
            debit=debit,
            credit=credit,
            amount=amount,
            stage=stage,
            purpose=purpose,
            tender_id=tender.tender_id if tender else "",
        )

    def attempt(self, transfer: Transfer) -> None:
        before = self.custody.books
        try:
            self.move(transfer)
        except LedgerError:
            assert self.custody.books is before

    def refused(self, transfer: Transfer) -> None:
        with pytest.raises(LedgerError):
            post(self.custody.books, [transfer])

    # --- what holds after every step

    @invariant()
    def the_books_are_the_journal_and_balance(self) -> None:
        balances: Counter[Account] = Counter()
        for transfer in self.journal:
            if transfer.stage is Stage.POSTED:
                balances[transfer.debit] -= transfer.amount
                balances[transfer.credit] += transfer.amount
        books = self.custody.books
        assert {account: balance_of(books, account) for account in Account} == {
            a: balances[a] for a in Account
        }
        assert sum(balance_of(books, account) for account in Account) == 0
        assert check(books) == ()

    @invariant()
    def escrow_holds_what_is_promised(self) -> None:
        promised = sum(t.amount for t in self.open_transfers() if t.debit is Account.ESCROW)
        assert 0 <= promised <= self.custody.books.escrow
        assert available(self.custody.books) == self.custody.books.escrow - promised

    @invariant()
    def nothing_goes_back_that_did_not_come_in(self) -> None:
        came: Counter[str] = Counter()
        went: defaultdict[str, int] = defaultdict(int)
        counted = [t for t in self.journal if t.stage is Stage.POSTED] + self.open_transfers()
        for transfer in counted:
            if transfer.purpose == "capture":
                came[transfer.tender_id] += transfer.amount
            elif transfer.debit is Account.CHARGEBACK:
                went[transfer.tender_id] -= transfer.amount if transfer.stage is Stage.POSTED else 0
            elif transfer.purpose in {"refund", "goodwill", "chargeback"}:
                went[transfer.tender_id] += transfer.amount
        assert all(amount <= came[tender] for tender, amount in went.items())
        assert sum(went.values()) <= sum(came.values())
        assert all(left_on(self.custody.books, t) == came[t] - went[t] for t in came)

    @invariant()
    def no_unit_is_refunded_beyond_what_it_cost(self) -> None:
        marked = self.custody.books.unit_refunded
        expected: Counter[str] = Counter()
        for sheet, _ in self.approved:
            expected.update(sheet.units)
        assert marked == dict(expected)
        for unit in units_of(self.custody):
            assert 0 <= marked.get(unit.key, 0) <= components_of(self.custody, unit).paid

    def open_transfers(self) -> list[Transfer]:
        still_open: dict[str, Transfer] = {}
        for transfer in self.journal:
            if transfer.stage is Stage.PENDING:
                still_open[transfer.transfer_id] = transfer
            else:
                still_open.pop(transfer.transfer_id, None)
        return list(still_open.values())


OrderMoney.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@pytest.mark.row("H4", "H5")
class TestOrderMoney(OrderMoney.TestCase):
    """The machine as a test."""
