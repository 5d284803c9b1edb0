"""A refund is computed to the cent from what was paid, and never beyond it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.purchases import components, components_of, purchase, purchases, units_of, with_books

from amends.domain.cases.model import Refund, RefundStage
from amends.domain.custody.model import Custody
from amends.domain.ledger import (
    Account,
    Books,
    Stage,
    Transfer,
    available,
    check,
    left_on,
    mark_units,
    post,
    refundable,
)
from amends.domain.orders import Components, Unit
from amends.domain.policy.terms import Candidate, Terms
from amends.domain.refunds import (
    Scope,
    Worksheet,
    attributed,
    compensation,
    confirm,
    cover,
    eta,
    freight,
    funding,
    initiate,
    max_refund,
    payout,
    refunds_of,
    release,
    sound,
    split,
    to_balance,
    void,
    worksheet,
)
from amends.domain.refusals import Refused
from amends.domain.time import Calendar

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
KETTLE = Components(
    item=10_000, discount=1_000, shipping=600, tax=1_800, fee=200
)  # 116.00 paid, 110.00 goods
CUP = Components(item=999, shipping=100)


def worked(
    custody: Custody,
    units: Sequence[Unit],
    amount: int | None = None,
    scope: Scope = Scope.FULL,
    *,
    covered: bool = False,
) -> Worksheet:
    sheet = worksheet(custody, units, amount, scope, covered=covered)
    assert isinstance(sheet, Worksheet)
    return sheet


def refused(
    custody: Custody, units: Sequence[Unit], amount: int | None = None, scope: str = "full"
) -> Refused:
    refusal = worksheet(custody, units, amount, scope)
    assert isinstance(refusal, Refused)
    return refusal


def approve(custody: Custody, sheet: Worksheet, *, start: int = 1) -> tuple[Custody, tuple[Refund, ...]]:
    """The refunds of a worksheet, with the order's books after their approval."""
    refunds = refunds_of("O-1.1", sheet, custody.order.tenders, NOW, start=start)
    books = custody.books
    books = post(books, cover(books, sheet, "O-1.1"))
    books = post(
        books, funding(books, sheet.total, "O-1.1", by_platform=sheet.payers.get(Account.PLATFORM, 0))
    )
    books = post(books, [initiate(refund) for refund in refunds])
    return with_books(custody, mark_units(books, sheet.units)), refunds


def paid(custody: Custody, sheet: Worksheet, *, start: int = 1) -> Custody:
    """The order after the worksheet's money has arrived."""
    custody, refunds = approve(custody, sheet, start=start)
    return with_books(custody, post(custody.books, [confirm(refund) for refund in refunds]))


def released(custody: Custody) -> Custody:
    return with_books(custody, post(custody.books, release(custody)))


def amounts(sheet: Worksheet, unit: Unit) -> dict[str, int]:
    return {row.component: row.amount for row in sheet.rows if row.unit == unit}


# --- what a refund consists of


@given(components(), st.data())
def test_what_was_refunded_is_attributed_exactly_and_fairly(parts: Components, data: st.DataObject) -> None:
    refunded = data.draw(st.integers(0, parts.paid))
    answer = attributed(parts, refunded)
    assert answer.paid == refunded
    assert sound(answer)
    assert answer.shipping == max(0, refunded - parts.goods), "goods come before shipping"
    if parts.goods:
        share = min(refunded, parts.goods)
        for name in ("item", "discount", "tax", "fee"):
            exact = share * getattr(parts, name)
            assert abs(getattr(answer, name) * parts.goods - exact) <= parts.goods, name


@given(components(), st.data())
def test_a_component_never_shrinks_when_more_is_refunded(parts: Components, data: st.DataObject) -> None:
    less = data.draw(st.integers(0, parts.paid))
    more = data.draw(st.integers(less, parts.paid))
    before, after = attributed(parts, less), attributed(parts, more)
    for name in ("item", "discount", "shipping", "tax", "fee"):
        assert getattr(before, name) <= getattr(after, name) <= getattr(parts, name), name


@given(components())
def test_a_full_refund_consists_of_what_was_paid(parts: Components) -> None:
    if parts.goods:
        assert attributed(parts, parts.paid) == parts
    assert attributed(parts, 0) == Components()


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        (Components(), True),
        (Components(item=5, discount=5), True),
        (Components(item=5, discount=6, shipping=9), False),
        (Components(item=-1, tax=5), False),
        (Components(item=5, fee=-1), False),
    ],
)
def test_components_are_sound_when_nothing_is_negative(parts: Components, answer: bool) -> None:
    assert sound(parts) is answer


# --- the worksheet


@pytest.mark.row("H4")
def test_each_cent_has_a_component_and_a_payer() -> None:
    custody = purchase([[KETTLE], [CUP]])
    kettle, cup = units_of(custody)
    sheet = worked(custody, [kettle, cup])
    assert amounts(sheet, kettle) == {
        "item": 10_000, "discount": -1_000, "shipping": 600, "tax": 1_800, "fee": 200
    }  # fmt: skip
    assert amounts(sheet, cup) == {"item": 999, "shipping": 100}
    assert {row.component for row in sheet.rows if row.payer is Account.PLATFORM} == {"fee"}
    assert sheet.payers == {"seller": 12_499, "platform": 200}
    assert sheet.total == 12_699
    assert sheet.units == {"L1#0": 11_600, "L2#0": 1_099}
    assert sheet.split == {"t1": 12_699}
    assert sheet.currency == "EUR"
    assert sheet.notes == ()


@pytest.mark.row("H4")
@given(purchases(fully_paid=False), st.data())
def test_a_worksheet_adds_up_in_every_direction(custody: Custody, data: st.DataObject) -> None:
    units = data.draw(st.lists(st.sampled_from(units_of(custody)), min_size=1, unique=True))
    cost = sum(components_of(custody, unit).paid for unit in units)
    amount = data.draw(st.none() | st.integers(1, cost)) if cost else None
    sheet = worked(custody, units, amount)
    assert sheet.total == min(cost if amount is None else amount, custody.order.captured)
    assert sheet.total == sum(row.amount for row in sheet.rows)
    assert sheet.total == sum(sheet.units.values()) == sum(sheet.payers.values()) == sum(sheet.split.values())
    assert all(row.amount <= 0 if row.component == "discount" else row.amount >= 0 for row in sheet.rows)
    assert all(
        0 < share <= components_of(custody, unit).paid
        for unit in units
        if (share := sheet.units.get(unit.key))
    )
    assert all(0 < part <= left_on(custody.books, tender) for tender, part in sheet.split.items())


def test_goods_leave_shipping_out() -> None:
    custody = purchase([[KETTLE]])
    sheet = worked(custody, units_of(custody), scope=Scope.GOODS)
    assert sheet.total == 11_000
    assert amounts(sheet, Unit("L1", 0))["shipping"] == 0


def test_a_partial_amount_takes_goods_in_proportion_and_no_shipping() -> None:
    custody = purchase([[KETTLE]])
    sheet = worked(custody, units_of(custody), 2_750, Scope.AMOUNT)
    assert amounts(sheet, Unit("L1", 0)) == {
        "item": 2_500, "discount": -250, "shipping": 0, "tax": 450, "fee": 50
    }  # fmt: skip
    assert sheet.payers == {"seller": 2_700, "platform": 50}


def test_the_smallest_amount_can_be_refunded() -> None:
    custody = purchase([[KETTLE]])
    assert worked(custody, units_of(custody), 1).units == {"L1#0": 1}


def test_shipping_is_reached_when_the_goods_are_used_up() -> None:
    custody = purchase([[KETTLE, KETTLE]])
    sheet = worked(custody, units_of(custody), 22_000 + 301)
    assert [amounts(sheet, unit)["shipping"] for unit in units_of(custody)] == [150, 151]


@pytest.mark.row("P3")
@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_the_last_unit_takes_the_residue(currency: str) -> None:
    custody = purchase([[Components(item=100)] * 3], currency=currency)
    sheet = worked(custody, units_of(custody), 100)
    assert list(sheet.units.values()) == [33, 33, 34]
    assert sheet.currency == currency


def test_the_seller_is_not_charged_for_what_the_fund_covers() -> None:
    custody = purchase([[KETTLE]])
    sheet = worked(custody, units_of(custody), covered=True)
    assert sheet.payers == {"cover": 11_400, "platform": 200}


@pytest.mark.row("P3", "H4")
@given(purchases(), st.data())
def test_piecemeal_refunds_in_any_order_end_at_exactly_what_was_paid(
    custody: Custody, data: st.DataObject
) -> None:
    units = units_of(custody)
    cost = sum(components_of(custody, unit).paid for unit in units)
    seen: Counter[tuple[Unit, str]] = Counter()
    number = 1
    for _ in range(data.draw(st.integers(0, 6))):
        some = data.draw(st.lists(st.sampled_from(units), min_size=1, unique=True))
        most = max_refund(custody, some)
        if most == 0:
            continue
        scope = data.draw(st.sampled_from(Scope))
        amount = data.draw(st.integers(1, most)) if scope is Scope.AMOUNT else None
        custody, number = _refund(custody, some, amount, scope, seen, number)
        assert check(custody.books) == ()
    for unit in data.draw(st.permutations(units)):
        if max_refund(custody, [unit]):
            custody, number = _refund(custody, [unit], None, Scope.FULL, seen, number)
    assert custody.books.unit_refunded == {u.key: c for u in units if (c := components_of(custody, u).paid)}
    assert sum(custody.books.refunded.values()) == cost == custody.order.captured
    assert custody.books.refunded == {t.tender_id: t.captured for t in custody.order.tenders if t.captured}
    assert (custody.books.escrow, refundable(custody.books), max_refund(custody, units)) == (0, 0, 0)
    for unit in units:
        parts = components_of(custody, unit)
        if parts.goods:
            assert {name: seen[unit, name] for name in ("item", "discount", "shipping", "tax", "fee")} == {
                "item": parts.item,
                "discount": -parts.discount,
                "shipping": parts.shipping,
                "tax": parts.tax,
                "fee": parts.fee,
            }


def _refund(
    custody: Custody,
    units: list[Unit],
    amount: int | None,
    scope: Scope,
    seen: Counter[tuple[Unit, str]],
    number: int,
) -> tuple[Custody, int]:
    sheet = worked(custody, units, amount, scope)
    for row in sheet.rows:
        assert row.amount <= 0 if row.component == "discount" else row.amount >= 0
        seen[row.unit, row.component] += row.amount
    return paid(custody, sheet, start=number), number + len(sheet.split)


@pytest.mark.row("H4")
def test_a_second_refund_never_exceeds_what_the_first_left() -> None:
    custody = purchase([[KETTLE]])
    units = units_of(custody)
    custody, _ = approve(custody, worked(custody, units, 10_000))
    assert max_refund(custody, units) == 1_600
    assert worked(custody, units).total == 1_600
    refusal = refused(custody, units, 1_601)
    assert (refusal.kind, refusal.facts) == ("amount_too_high", {"asked": 1_601, "most": 1_600})


@pytest.mark.row("P4")
@given(purchases(fully_paid=False), st.booleans(), st.data())
def test_the_estimate_is_what_the_worksheet_then_pays(
    custody: Custody, include_shipping: bool, data: st.DataObject
) -> None:
    units = data.draw(st.lists(st.sampled_from(units_of(custody)), min_size=1, unique=True))
    estimate = max_refund(custody, units, include_shipping)
    assert estimate == worked(custody, units, scope=Scope.FULL if include_shipping else Scope.GOODS).total


def test_an_estimate_counts_a_unit_once_and_unknown_units_not_at_all() -> None:
    custody = purchase([[CUP], [Components(item=1, discount=2, shipping=9)]])
    cup, unsound = units_of(custody)
    assert max_refund(custody, [cup, cup, unsound, Unit("L9", 0), Unit("L1", 1)]) == 1_099


@pytest.mark.row("H4")
def test_a_refund_is_capped_at_what_was_captured_and_says_so() -> None:
    custody = purchase([[KETTLE]], [11_050])
    sheet = worked(custody, units_of(custody))
    assert (sheet.total, sheet.notes) == (11_050, ("capped_at_captured",))
    assert amounts(sheet, Unit("L1", 0))["shipping"] == 50
    assert worked(custody, units_of(custody), 11_050).notes == ()
    assert worked(custody, units_of(custody), 11_051).notes == ("capped_at_captured",)


def test_nothing_captured_nothing_refunded() -> None:
    custody = purchase([[KETTLE]], [0])
    sheet = worked(custody, units_of(custody))
    assert (sheet.total, sheet.units, sheet.split, sheet.payers) == (0, {}, {}, {})
    assert sheet.notes == ("capped_at_captured",)
    assert refunds_of("O-1.1", sheet, custody.order.tenders, NOW) == ()


def test_what_was_given_as_goodwill_is_not_refunded_again() -> None:
    custody = purchase([[CUP]])
    gift = Transfer(
        transfer_id="g1",
        debit=Account.COVER,
        credit=Account.BALANCE,
        amount=99,
        stage=Stage.POSTED,
        purpose="goodwill",
    )
    custody = with_books(custody, post(custody.books, [gift]))
    assert max_refund(custody, units_of(custody)) == 1_000
    assert worked(custody, units_of(custody)).split == {"t1": 1_000}


@pytest.mark.parametrize(
    ("kind", "units", "amount", "scope", "facts"),
    [
        ("invalid", [], None, "full", {"units": []}),
        ("invalid", [Unit("L1", 0), Unit("L1", 0)], None, "full", {"units": ["L1#0", "L1#0"]}),
        ("unknown_line", [Unit("L7", 0)], None, "full", {"line_id": "L7"}),
        ("quantity_too_high", [Unit("L1", 1)], None, "full", {"line_id": "L1", "index": 1, "quantity": 1}),
        ("quantity_too_high", [Unit("L1", -1)], None, "full", {"line_id": "L1", "index": -1, "quantity": 1}),
        ("invalid", [Unit("L2", 0)], None, "full", {"unit": "L2#0"}),
        ("invalid", [Unit("L1", 0)], None, "amount", {}),
        ("invalid", [Unit("L1", 0)], 0, "amount", {"asked": 0}),
        ("invalid", [Unit("L1", 0)], -1, "full", {"asked": -1}),
        ("amount_too_high", [Unit("L1", 0)], 11_601, "amount", {"asked": 11_601, "most": 11_600}),
        ("amount_too_high", [Unit("L1", 0)], 11_601, "full", {"asked": 11_601, "most": 11_600}),
        ("amount_too_high", [Unit("L1", 0)], 11_001, "goods", {"asked": 11_001, "most": 11_000}),
    ],
)
def test_what_cannot_be_refunded_is_refused(
    kind: str, units: list[Unit], amount: int | None, scope: str, facts: dict[str, object]
) -> None:
    custody = purchase([[KETTLE], [Components(item=1, discount=2, shipping=9)]], [20_000])
    refusal = refused(custody, units, amount, scope)
    assert (refusal.kind, refusal.facts) == (kind, facts)
    assert refusal.detail
    assert (refusal.pointer == "/amount") is (amount is not None or scope == "amount")


# --- tenders


@pytest.mark.row("H4")
def test_the_split_follows_what_is_left_on_each_tender() -> None:
    custody = purchase([[Components(item=100)] * 3], [100, 100, 100])
    assert split(custody, 100) == {"t1": 33, "t2": 33, "t3": 34}
    custody = paid(custody, worked(custody, units_of(custody)[:1]))
    assert {t: left_on(custody.books, t) for t in ("t1", "t2", "t3")} == {"t1": 67, "t2": 67, "t3": 66}
    assert split(custody, 200) == {"t1": 67, "t2": 67, "t3": 66}
    assert split(custody, 0) == {}


def test_a_tender_the_order_does_not_list_is_paid_back_too() -> None:
    custody = purchase([[CUP]], [1_000])
    late = Transfer(
        transfer_id="c9", debit=Account.TENDER, credit=Account.ESCROW, amount=99, stage=Stage.POSTED,
        purpose="capture", tender_id="t9",
    )  # fmt: skip
    custody = with_books(custody, post(custody.books, [late]))
    assert worked(custody, units_of(custody)).split == {"t1": 1_000, "t9": 99}


@pytest.mark.row("H4")
def test_two_cases_are_never_promised_the_same_cent() -> None:
    """One cent on the first tender: the second case's split must see that the first case has it."""
    custody = purchase([[Components(item=50)] * 2], [1, 99])
    first, second = units_of(custody)
    custody, one = approve(custody, worked(custody, [first]))
    custody, two = approve(custody, worked(custody, [second]), start=3)
    assert sorted((r.tender_id, r.amount) for r in (*one, *two)) == [("t1", 1), ("t2", 49), ("t2", 50)]
    assert available(custody.books) == 0


def test_refunds_are_numbered_and_go_where_the_money_came_from() -> None:
    custody = purchase([[Components(item=100)]], [40, 60])
    refunds = refunds_of("O-1.2", worked(custody, units_of(custody)), custody.order.tenders, NOW, start=3)
    assert refunds == (
        Refund(
            refund_id="O-1.2-r3", tender_id="t1", method="card", amount=40, stage=RefundStage.APPROVED, at=NOW
        ),
        Refund(
            refund_id="O-1.2-r4",
            tender_id="t2",
            method="wallet",
            amount=60,
            stage=RefundStage.APPROVED,
            at=NOW,
        ),
    )


# --- transfers


REFUND = Refund(
    refund_id="A-rrr-r7.1-r2", tender_id="t1", method="card", amount=40, stage=RefundStage.APPROVED, at=NOW
)


def test_a_refund_and_its_transfer_share_their_id() -> None:
    pending = initiate(REFUND)
    assert (pending.transfer_id, pending.case_id) == ("A-rrr-r7.1-r2", "A-rrr-r7.1")
    assert (pending.debit, pending.credit, pending.amount) == (Account.ESCROW, Account.TENDER, 40)
    assert (pending.stage, pending.purpose, pending.tender_id) == (Stage.PENDING, "refund", "t1")
    assert (confirm(REFUND).stage, void(REFUND).stage) == (Stage.POSTED, Stage.VOIDED)


def test_a_redirected_refund_reaches_the_balance_and_frees_nothing() -> None:
    books = purchase([[Components(item=100)]]).books
    books = post(books, [initiate(REFUND), void(REFUND), to_balance(REFUND)])
    assert (books.balance, books.escrow, left_on(books, "t1")) == (40, 60, 60)
    assert books.pending == {}


def test_before_the_release_escrow_needs_no_funding() -> None:
    assert funding(purchase([[KETTLE]]).books, 11_600, "O-1.1", by_platform=200) == ()


@pytest.mark.row("H5")
def test_after_the_release_seller_and_platform_give_back_their_parts() -> None:
    custody = released(purchase([[KETTLE]]))
    assert (custody.books.seller, custody.books.platform) == (11_400, 200)
    sheet = worked(custody, units_of(custody))
    moves = funding(custody.books, sheet.total, "O-1.1", by_platform=sheet.payers["platform"])
    assert [(m.debit, m.credit, m.amount, m.purpose) for m in moves] == [
        (Account.PLATFORM, Account.ESCROW, 200, "clawback"),
        (Account.SELLER, Account.ESCROW, 11_400, "clawback"),
    ]
    books = paid(custody, sheet).books
    assert (books.seller, books.platform, books.escrow, books.tender) == (0, 0, 0, 0)


def test_only_what_is_missing_is_clawed_back() -> None:
    custody = purchase([[CUP]])
    custody = with_books(
        custody,
        post(
            custody.books,
            [
                Transfer(
                    transfer_id="early", debit=Account.ESCROW, credit=Account.SELLER, amount=1_000,
                    stage=Stage.POSTED, purpose="release",
                )
            ],
        ),
    )  # fmt: skip
    assert [m.amount for m in funding(custody.books, 500, "O-1.1")] == [401]
    assert funding(custody.books, 99, "O-1.1") == ()


def test_the_platform_gives_back_no_more_than_it_has() -> None:
    custody = released(purchase([[CUP]]))
    moves = funding(custody.books, 500, "O-1.1", by_platform=50)
    assert [(m.debit, m.amount) for m in moves] == [(Account.SELLER, 500)]


def test_a_case_may_be_funded_twice() -> None:
    custody = released(purchase([[CUP]]))
    books = post(custody.books, funding(custody.books, 10, "O-1.1"))
    again = funding(books, 30, "O-1.1")
    assert [(m.transfer_id, m.amount) for m in again] == [("O-1.1-clawback-seller-2", 20)]
    assert post(books, again).escrow == 30


@pytest.mark.row("H5")
@pytest.mark.parametrize("after_release", [False, True])
def test_a_lost_return_costs_the_seller_nothing(after_release: bool) -> None:
    custody = purchase([[KETTLE], [CUP]])
    if after_release:
        custody = released(custody)
    sheet = worked(custody, units_of(custody)[:1], covered=True)
    custody = released(paid(custody, sheet))
    assert custody.books.seller == KETTLE.paid - KETTLE.fee + CUP.paid
    assert (custody.books.cover, custody.books.platform, custody.books.escrow) == (-11_400, 0, 0)


def test_what_is_not_covered_takes_nothing_from_the_fund() -> None:
    custody = purchase([[CUP]])
    assert cover(custody.books, worked(custody, units_of(custody)), "O-1.1") == ()


def test_the_fund_makes_good_a_sellers_loss() -> None:
    made_good = compensation(Books(), 70, "O-1.1")
    assert (made_good.debit, made_good.credit, made_good.amount) == (Account.COVER, Account.SELLER, 70)
    assert post(Books(), [made_good]).seller == 70


@pytest.mark.parametrize("payer", [Account.SELLER, Account.COVER])
def test_return_freight_reaches_the_buyers_balance(payer: Account) -> None:
    books = post(Books(), [freight(Books(), 480, payer, "O-1.1")])
    assert (books.balance, getattr(books, payer.value)) == (480, -480)


@pytest.mark.row("H5")
def test_at_the_end_of_protection_fees_are_the_platforms_and_the_rest_the_sellers() -> None:
    custody = purchase([[KETTLE, KETTLE], [CUP]])
    custody = paid(custody, worked(custody, units_of(custody)[:1]))
    moves = release(custody)
    assert [(m.purpose, m.credit, m.amount, m.transfer_id) for m in moves] == [
        ("commission", Account.PLATFORM, 200, "O-1-commission-1"),
        ("release", Account.SELLER, 11_400 + 1_099, "O-1-release-1"),
    ]


def test_a_partly_refunded_fee_is_partly_earned() -> None:
    custody = purchase([[KETTLE]])
    custody = paid(custody, worked(custody, units_of(custody), 5_500))
    assert [m.amount for m in release(custody)] == [100, 6_000]


def test_what_is_on_its_way_to_the_buyer_is_not_released() -> None:
    custody = purchase([[KETTLE]])
    custody, _ = approve(custody, worked(custody, units_of(custody)))
    assert release(custody) == ()


def test_a_second_release_earns_no_fee_twice() -> None:
    custody = released(purchase([[KETTLE]]))
    back = funding(custody.books, 300, "O-1.1")
    custody = with_books(custody, post(custody.books, back))
    assert [(m.purpose, m.amount, m.transfer_id) for m in release(custody)] == [
        ("release", 300, "O-1-release-2")
    ]


def test_a_short_order_earns_its_fee_first() -> None:
    assert [(m.purpose, m.amount) for m in release(purchase([[KETTLE]], [150]))] == [("commission", 150)]
    assert release(purchase([[KETTLE]], [0])) == ()


def test_prices_that_make_no_sense_earn_no_fee() -> None:
    custody = purchase([[Components(item=1, discount=2, shipping=9, fee=5)]], [13])
    assert [(m.purpose, m.amount) for m in release(custody)] == [("release", 13)]


@pytest.mark.row("H5")
def test_a_payout_is_pending_until_the_bank_has_it() -> None:
    custody = released(purchase([[CUP]]))
    started = payout(custody)
    assert started is not None
    assert (started.transfer_id, started.amount, started.stage) == ("O-1-payout-1", 1_099, Stage.PENDING)
    assert (started.debit, started.credit) == (Account.SELLER, Account.BANK)
    custody = with_books(custody, post(custody.books, [started]))
    assert payout(custody) is None


def test_who_owes_is_not_paid_out() -> None:
    custody = released(purchase([[CUP]]))
    custody = with_books(
        custody, post(custody.books, [freight(custody.books, 2_000, Account.SELLER, "O-1.1")])
    )
    assert payout(custody) is None
    assert payout(purchase([[CUP]])) is None


# --- time of arrival


def bank_terms(least: int, most: int, calendar: str = "") -> Terms:
    values: dict[str, tuple[Candidate, ...]] = {"refund.eta.card": (Candidate((least, most), "refund.card"),)}
    if calendar:
        values["refund.calendar"] = (Candidate(calendar, "refund.bank"),)
    return Terms(terms_id=f"{least}-{most}-{calendar}", packs=(), currency="EUR", values=values, clauses={})


@pytest.mark.parametrize(
    ("least", "most", "begin", "end"),
    [
        # Initiated on Wednesday 1 April 2026; Good Friday and Easter Monday are bank holidays.
        (1, 1, datetime(2026, 4, 2, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC)),
        (2, 3, datetime(2026, 4, 7, tzinfo=UTC), datetime(2026, 4, 9, tzinfo=UTC)),
        (3, 15, datetime(2026, 4, 8, tzinfo=UTC), datetime(2026, 4, 25, tzinfo=UTC)),
        (0, 0, NOW, datetime(2026, 4, 2, tzinfo=UTC)),
    ],
)
def test_arrival_counts_working_days_of_the_banks(
    least: int, most: int, begin: datetime, end: datetime
) -> None:
    calendars = {"TARGET": Calendar("TARGET", frozenset({date(2026, 4, 3), date(2026, 4, 6)}))}
    assert eta("card", NOW, bank_terms(least, most, "TARGET"), calendars) == (begin, end)


def test_without_a_bank_calendar_weekends_are_free() -> None:
    answer = eta("card", NOW, bank_terms(2, 3), {})
    assert answer == (datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 4, 7, tzinfo=UTC))
