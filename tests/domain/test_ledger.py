"""The ledger moves money between accounts, and refuses what would break an invariant."""

import msgspec
import pytest

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


def move(
    debit: Account,
    credit: Account,
    amount: int,
    purpose: str,
    stage: Stage = Stage.POSTED,
    *,
    transfer_id: str = "",
    tender_id: str = "",
) -> Transfer:
    if not tender_id and (Account.TENDER in (debit, credit) or purpose in {"refund", "chargeback"}):
        tender_id = "card"
    return Transfer(
        transfer_id=transfer_id or f"{purpose}-{amount}",
        debit=debit,
        credit=credit,
        amount=amount,
        stage=stage,
        purpose=purpose,
        tender_id=tender_id,
    )


def captured(**amounts: int) -> Books:
    return post(
        Books(),
        [
            move(
                Account.TENDER,
                Account.ESCROW,
                amount,
                "capture",
                tender_id=tender,
                transfer_id=f"capture-{tender}",
            )
            for tender, amount in amounts.items()
        ],
    )


def refund(
    amount: int, stage: Stage = Stage.PENDING, tender_id: str = "card", transfer_id: str = "r1"
) -> Transfer:
    return move(
        Account.ESCROW, Account.TENDER, amount, "refund", stage, tender_id=tender_id, transfer_id=transfer_id
    )


def payout(amount: int, stage: Stage = Stage.PENDING, transfer_id: str = "p1") -> Transfer:
    return move(Account.SELLER, Account.BANK, amount, "payout", stage, transfer_id=transfer_id)


def release(amount: int, transfer_id: str = "release") -> Transfer:
    return move(Account.ESCROW, Account.SELLER, amount, "release", transfer_id=transfer_id)


def chargeback(
    amount: int, stage: Stage = Stage.POSTED, transfer_id: str = "cb1", tender_id: str = "card"
) -> Transfer:
    return move(
        Account.ESCROW,
        Account.CHARGEBACK,
        amount,
        "chargeback",
        stage,
        transfer_id=transfer_id,
        tender_id=tender_id,
    )


def chargeback_won(amount: int, stage: Stage = Stage.POSTED, transfer_id: str = "won") -> Transfer:
    return move(Account.CHARGEBACK, Account.ESCROW, amount, "chargeback", stage, transfer_id=transfer_id)


def goodwill(
    amount: int, stage: Stage = Stage.POSTED, transfer_id: str = "g1", tender_id: str = "card"
) -> Transfer:
    return move(
        Account.COVER, Account.TENDER, amount, "goodwill", stage, transfer_id=transfer_id, tender_id=tender_id
    )


def test_a_capture_fills_escrow() -> None:
    books = captured(card=100, wallet=40)
    assert books.escrow == 140
    assert books.tender == -140
    assert books.captured == {"card": 100, "wallet": 40}
    assert refundable(books) == 140
    assert check(books) == ()


def test_a_pending_refund_is_reserved_but_not_yet_gone() -> None:
    books = post(captured(card=100), [refund(30)])
    assert (books.escrow, available(books)) == (100, 70)
    assert (books.refunding, books.refunded) == ({"card": 30}, {})
    assert left_on(books, "card") == 70
    assert check(books) == ()


def test_a_posted_refund_is_gone() -> None:
    books = post(captured(card=100), [refund(30), refund(30, Stage.POSTED)])
    assert (books.escrow, available(books), books.tender) == (70, 70, -70)
    assert (books.refunding, books.refunded, books.pending) == ({}, {"card": 30}, {})
    assert left_on(books, "card") == 70
    assert check(books) == ()


def test_a_voided_refund_leaves_no_trace_and_may_be_tried_again() -> None:
    before = captured(card=100)
    assert post(before, [refund(30), refund(30, Stage.VOIDED)]) == before
    assert available(post(before, [refund(30), refund(30, Stage.VOIDED), refund(30)])) == 70


def test_a_refund_to_the_balance_counts_against_its_tender() -> None:
    to_balance = move(Account.ESCROW, Account.BALANCE, 30, "refund", transfer_id="r1-balance")
    books = post(captured(card=100, wallet=50), [refund(30), refund(30, Stage.VOIDED), to_balance])
    assert (books.escrow, books.balance, books.tender) == (120, 30, -150)
    assert (left_on(books, "card"), left_on(books, "wallet")) == (70, 50)
    assert (books.refunding, books.refunded) == ({}, {"card": 30})


def test_released_money_is_the_sellers_until_it_is_paid_out() -> None:
    fee = move(Account.ESCROW, Account.PLATFORM, 10, "commission")
    books = post(captured(card=100), [fee, release(90), payout(60)])
    assert (books.escrow, books.platform, books.seller, payable(books)) == (0, 10, 90, 30)
    books = post(books, [payout(60, Stage.POSTED)])
    assert (books.seller, books.bank, payable(books)) == (30, 60, 30)


def test_a_clawback_may_leave_the_seller_in_debt() -> None:
    books = post(captured(card=100), [release(100), payout(100), payout(100, Stage.POSTED)])
    books = post(books, [move(Account.SELLER, Account.ESCROW, 40, "clawback"), refund(40)])
    assert (books.seller, books.escrow, available(books), payable(books)) == (-40, 40, 0, -40)
    assert check(books) == ()


def test_the_protection_fund_pays_into_escrow_to_the_seller_and_to_the_buyer() -> None:
    books = post(
        captured(card=100),
        [
            move(Account.COVER, Account.ESCROW, 20, "cover"),
            move(Account.COVER, Account.SELLER, 5, "compensation"),
            move(Account.COVER, Account.BALANCE, 7, "freight"),
            move(Account.SELLER, Account.CARRIER, 5, "freight"),
            goodwill(11),
        ],
    )
    assert (books.cover, books.escrow, books.seller, books.balance) == (-43, 120, 0, 7)
    assert (books.carrier, books.goodwill, books.goodwills, books.tender) == (5, 11, {"card": 11}, -89)
    assert left_on(books, "card") == 89
    assert check(books) == ()


def test_goodwill_counts_as_soon_as_it_is_pending() -> None:
    books = post(captured(card=100), [goodwill(30, Stage.PENDING)])
    assert (books.goodwill, books.cover, left_on(books, "card")) == (30, 0, 70)
    assert check(books) == ()
    assert post(books, [goodwill(30, Stage.POSTED)]).goodwill == 30
    assert post(books, [goodwill(30, Stage.VOIDED)]) == captured(card=100)


def test_goodwill_without_a_tender_goes_to_the_balance_and_lowers_what_is_refundable() -> None:
    gift = move(Account.COVER, Account.BALANCE, 30, "goodwill", transfer_id="g")
    books = post(captured(card=100), [gift])
    assert (books.balance, left_on(books, "card"), refundable(books)) == (30, 100, 70)
    with pytest.raises(LedgerError, match="captured_exceeded"):
        post(books, [refund(71)])


def test_a_chargeback_takes_money_back_and_a_won_one_returns_it() -> None:
    books = post(captured(card=100), [chargeback(60)])
    assert (books.escrow, books.chargeback, left_on(books, "card")) == (40, 60, 40)
    won = post(books, [chargeback_won(60)])
    assert (won.escrow, won.chargeback, left_on(won, "card")) == (100, 0, 100)
    assert check(won) == ()


def test_an_open_chargeback_is_reserved_until_it_is_decided() -> None:
    books = post(captured(card=100), [chargeback(60, Stage.PENDING)])
    assert (available(books), left_on(books, "card"), books.chargeback) == (40, 40, 0)
    assert check(books) == ()
    assert post(books, [chargeback(60, Stage.VOIDED)]) == captured(card=100)
    lost = post(books, [chargeback(60)])
    assert (available(lost), left_on(lost, "card"), lost.chargeback) == (40, 40, 60)


def test_a_chargeback_pending_its_return_still_counts_until_it_is_back() -> None:
    books = post(captured(card=100), [chargeback(60), chargeback_won(60, Stage.PENDING)])
    assert left_on(books, "card") == 40
    assert check(books) == ()
    with pytest.raises(LedgerError, match="chargeback_overdrawn"):
        post(books, [chargeback_won(1, transfer_id="won-again")])
    assert left_on(post(books, [chargeback_won(60)]), "card") == 100
    assert left_on(post(books, [chargeback_won(60, Stage.VOIDED)]), "card") == 40


def test_a_refused_batch_changes_nothing() -> None:
    books = captured(card=100)
    before = msgspec.json.encode(books)
    with pytest.raises(LedgerError):
        post(books, [refund(30), refund(80, transfer_id="r2")])
    assert msgspec.json.encode(books) == before


def test_books_survive_json() -> None:
    books = post(captured(card=100, wallet=9), [refund(30), goodwill(3), chargeback(5)])
    assert msgspec.json.decode(msgspec.json.encode(books), type=Books) == books


@pytest.mark.row("H4", "H5")
@pytest.mark.parametrize(
    ("what", "transfers"),
    [
        ("amount_not_positive", [refund(0)]),
        ("amount_not_positive", [refund(-5)]),
        ("same_account", [move(Account.ESCROW, Account.ESCROW, 5, "refund")]),
        ("unknown_purpose", [move(Account.ESCROW, Account.TENDER, 5, "gift")]),
        ("wrong_route", [move(Account.SELLER, Account.TENDER, 5, "refund")]),
        ("wrong_route", [move(Account.TENDER, Account.SELLER, 5, "capture")]),
        ("tender_missing", [msgspec.structs.replace(refund(5), tender_id="")]),
        ("tender_missing", [msgspec.structs.replace(chargeback(5), tender_id="")]),
        ("tender_missing", [msgspec.structs.replace(goodwill(5), tender_id="")]),
        ("unknown_pending", [refund(5, Stage.VOIDED)]),
        ("unknown_pending", [refund(5), refund(5, Stage.POSTED), refund(5, Stage.VOIDED)]),
        ("not_as_pending", [refund(5), refund(6, Stage.POSTED)]),
        ("not_as_pending", [refund(5), refund(4, Stage.VOIDED)]),
        ("not_as_pending", [refund(5), refund(5, Stage.POSTED, tender_id="wallet")]),
        ("already_pending", [refund(5), refund(5)]),
        ("already_posted", [refund(5), refund(5, Stage.POSTED), refund(5, Stage.POSTED)]),
        ("already_posted", [refund(5), refund(5, Stage.POSTED), refund(5)]),
        ("already_posted", [release(5), release(5)]),
        ("not_pending_first", [refund(5, Stage.POSTED)]),
        ("not_pending_first", [release(50), payout(5, Stage.POSTED)]),
        ("escrow_overdrawn", [release(141)]),
        ("escrow_overdrawn", [refund(1), release(140)]),
        ("escrow_overdrawn", [release(140), refund(1)]),
        ("escrow_overdrawn", [release(140), chargeback(1)]),
        ("seller_overdrawn", [release(50), payout(51)]),
        ("seller_overdrawn", [release(50), payout(30), payout(21, transfer_id="p2")]),
        ("chargeback_overdrawn", [chargeback(10), chargeback_won(11)]),
        ("tender_exceeded", [refund(101)]),
        ("tender_exceeded", [refund(5, tender_id="voucher")]),
        ("tender_exceeded", [refund(60), refund(41, transfer_id="r2")]),
        ("tender_exceeded", [refund(60), refund(60, Stage.POSTED), refund(41, transfer_id="r2")]),
        ("tender_exceeded", [chargeback(60), refund(41)]),
        ("tender_exceeded", [refund(60), chargeback(41)]),
        ("tender_exceeded", [goodwill(60), refund(41)]),
        ("tender_exceeded", [refund(60), goodwill(41)]),
        ("tender_exceeded", [refund(60), goodwill(41, Stage.PENDING)]),
        ("captured_exceeded", [move(Account.COVER, Account.BALANCE, 141, "goodwill")]),
    ],
)  # fmt: skip
def test_what_breaks_an_invariant_is_refused(what: str, transfers: list[Transfer]) -> None:
    books = post(captured(card=100, wallet=40), transfers[:-1])
    with pytest.raises(LedgerError) as refused:
        post(books, transfers[-1:])
    assert refused.value.what == what
    assert refused.value.facts


@pytest.mark.parametrize(
    "transfers",
    [
        [refund(100)],
        [refund(60), refund(40, transfer_id="r2")],
        [chargeback(60), refund(40)],
        [goodwill(60), refund(40)],
        [refund(40), goodwill(60)],
        [release(140)],
        [release(50), payout(50)],
        [chargeback(10), chargeback_won(10)],
        [move(Account.COVER, Account.BALANCE, 140, "goodwill")],
    ],
)
def test_up_to_the_limit_everything_goes(transfers: list[Transfer]) -> None:
    assert check(post(captured(card=100, wallet=40), transfers)) == ()


def test_the_facts_of_an_overdraft_say_what_was_there() -> None:
    with pytest.raises(LedgerError) as refused:
        post(post(captured(card=100), [release(70)]), [refund(31)])
    assert refused.value.facts == {"transfer_id": "r1", "asked": 31, "available": 30}
    with pytest.raises(LedgerError) as refused:
        post(captured(card=100, wallet=50), [refund(101)])
    assert refused.value.facts == {"transfer_id": "r1", "asked": 101, "tender_id": "card", "left": 100}


def test_every_purpose_moves_between_two_accounts_only() -> None:
    assert all(debit is not credit for routes in ROUTES.values() for debit, credit in routes)
    with_bank = {purpose for purpose, routes in ROUTES.items() for route in routes if Account.BANK in route}
    assert with_bank == {"payout"}


@pytest.mark.parametrize(
    ("violation", "change"),
    [
        ("unbalanced", {"seller": 1}),
        ("escrow_overdrawn", {"escrow": -1}),
        ("escrow_overdrawn", {"escrow": 19}),
        ("chargeback_overdrawn", {"chargeback": -1}),
        ("captured_exceeded", {"refunded": {"": 121}}),
        ("tender_exceeded", {"refunded": {"wallet": 41}}),
        ("refunding_differs", {"refunding": {"card": 19}}),
        ("refunding_differs", {"pending": {}}),
        ("charged_back_differs", {"charged_back": {"card": 1}}),
        ("goodwill_differs", {"goodwill": 1}),
        ("unit_negative", {"unit_refunded": {"L1#0": -1}}),
        ("pending_posted", {"posted": ("r1",)}),
    ],
)
def test_a_check_names_what_is_wrong(violation: str, change: dict[str, object]) -> None:
    sound = post(captured(card=100, wallet=40), [refund(20)])
    assert check(sound) == ()
    assert violation in check(msgspec.structs.replace(sound, **change))


def test_the_posted_balances_are_the_books() -> None:
    books = post(captured(card=100), [refund(20), refund(20, Stage.POSTED), release(30)])
    balances = {account: balance_of(books, account) for account in Account if balance_of(books, account)}
    assert balances == {Account.TENDER: -80, Account.ESCROW: 50, Account.SELLER: 30}


def test_units_are_marked_and_unmarked() -> None:
    books = mark_units(mark_units(Books(), {"L1#0": 30, "L1#1": 5}), {"L1#0": 12})
    assert books.unit_refunded == {"L1#0": 42, "L1#1": 5}
    assert unmark_units(books, {"L1#1": 5, "L1#0": 2}).unit_refunded == {"L1#0": 40}
    assert books.unit_refunded == {"L1#0": 42, "L1#1": 5}


def test_marking_nothing_changes_nothing() -> None:
    books = mark_units(Books(), {"L1#0": 30})
    assert mark_units(books, {"L1#0": 0, "L1#1": 0}) == books
    assert unmark_units(books, {"L1#0": 30}) == Books()
    assert check(Books(unit_refunded={"L1#0": 0})) == ()


def test_no_unit_falls_below_zero() -> None:
    books = mark_units(Books(), {"L1#0": 30})
    with pytest.raises(LedgerError, match="unit_negative") as refused:
        unmark_units(books, {"L1#0": 31})
    assert refused.value.facts == {"unit": "L1#0", "amount": -31}
    with pytest.raises(LedgerError, match="unit_negative"):
        mark_units(books, {"L1#0": -1})
    with pytest.raises(LedgerError, match="unit_negative"):
        unmark_units(books, {"L1#0": -1})
