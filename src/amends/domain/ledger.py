"""Double-entry ledger of one order: money only moves between accounts, and nothing is corrected in place.

`post` is the only way books change. It refuses with `LedgerError` whatever would break an invariant:
escrow is never overdrawn, and what goes back to the buyer (refunds, charged back, goodwill) never passes
what was captured, in total and per tender, pending amounts included.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec


class Account(StrEnum):
    """Where an order's money can be. ``tender`` and ``bank`` lie outside: what came from or went there."""

    TENDER = "tender"  # the buyer's payment methods; Transfer.tender_id says which
    ESCROW = "escrow"  # held for this order
    SELLER = "seller"  # owed to the seller, released but not paid out; below zero the seller owes
    PLATFORM = "platform"  # the marketplace's revenue
    COVER = "cover"  # the marketplace's protection fund
    CARRIER = "carrier"
    CHARGEBACK = "chargeback"  # taken back by the buyer's bank
    BALANCE = "balance"  # the buyer's credit with the marketplace
    BANK = "bank"  # paid out to the seller


class Stage(StrEnum):
    """A transfer is pending, then posted or voided; a reversal is a new transfer."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """``amount`` (> 0, minor units) leaves ``debit`` and reaches ``credit``.

    The same ``transfer_id`` comes again with stage posted or voided to end a pending one. ``purpose``
    is one of capture, refund, release, commission, payout, clawback, cover, compensation, freight,
    goodwill, chargeback; `ROUTES` says between which accounts each may move. ``tender_id`` names the
    tender it comes from, goes to or stands for: a refund redirected to the balance keeps the tender's.
    """

    transfer_id: str
    debit: Account
    credit: Account
    amount: int
    stage: Stage
    purpose: str
    tender_id: str = ""
    case_id: str = ""


#: Between which accounts (from, to) a transfer of each purpose may move.
ROUTES: Mapping[str, frozenset[tuple[Account, Account]]] = {
    "capture": frozenset({(Account.TENDER, Account.ESCROW)}),
    "refund": frozenset({(Account.ESCROW, Account.TENDER), (Account.ESCROW, Account.BALANCE)}),
    "release": frozenset({(Account.ESCROW, Account.SELLER)}),
    "commission": frozenset({(Account.ESCROW, Account.PLATFORM)}),
    "payout": frozenset({(Account.SELLER, Account.BANK)}),
    "clawback": frozenset({(Account.SELLER, Account.ESCROW), (Account.PLATFORM, Account.ESCROW)}),
    "cover": frozenset({(Account.COVER, Account.ESCROW)}),
    "compensation": frozenset({(Account.COVER, Account.SELLER)}),
    "freight": frozenset(
        (payer, payee)
        for payer in (Account.SELLER, Account.COVER)
        for payee in (Account.BALANCE, Account.CARRIER)
    ),
    "goodwill": frozenset({(Account.COVER, Account.TENDER), (Account.COVER, Account.BALANCE)}),
    "chargeback": frozenset({(Account.ESCROW, Account.CHARGEBACK), (Account.CHARGEBACK, Account.ESCROW)}),
}


class LedgerError(ValueError):
    """An invariant of the ledger would break. ``what`` is its stable name, ``facts`` plain JSON values.

    ``what`` is one of amount_not_positive, same_account, unknown_purpose, wrong_route, tender_missing,
    unknown_pending, not_as_pending, already_pending, already_posted, not_pending_first,
    escrow_overdrawn, seller_overdrawn, chargeback_overdrawn, tender_exceeded, captured_exceeded,
    unit_negative.
    """

    def __init__(self, what: str, facts: Mapping[str, object]) -> None:
        super().__init__(f"{what}: {dict(facts)}")
        self.what = what
        self.facts = dict(facts)


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """An order's money at one moment, in minor units: posted balances, and what is pending.

    ``captured``, ``refunding`` (pending), ``refunded`` (posted), ``charged_back`` and ``goodwills`` (both
    pending and posted) are per tender id. ``unit_refunded`` is per unit key and counts refunds from the
    moment they are approved. ``goodwill`` is the sum of ``goodwills``. ``posted`` lists the transfers that
    are final. ``tender`` and ``bank`` mirror the outside world: ``tender`` falls by what is captured and
    rises by what has been sent back.
    """

    captured: dict[str, int] = {}
    refunding: dict[str, int] = {}
    refunded: dict[str, int] = {}
    charged_back: dict[str, int] = {}
    goodwills: dict[str, int] = {}
    unit_refunded: dict[str, int] = {}
    pending: dict[str, Transfer] = {}
    posted: tuple[str, ...] = ()
    tender: int = 0
    escrow: int = 0
    seller: int = 0
    platform: int = 0
    cover: int = 0
    carrier: int = 0
    chargeback: int = 0
    balance: int = 0
    bank: int = 0
    goodwill: int = 0


def available(books: Books) -> int:
    """What escrow holds and nothing pending is about to take, in minor units."""
    return books.escrow - _pending_out(books, Account.ESCROW)


def payable(books: Books) -> int:
    """What the seller is owed and no pending payout is about to take; below zero the seller owes."""
    return books.seller - _pending_out(books, Account.SELLER)


def left_on(books: Books, tender_id: str) -> int:
    """What can still go back to one tender: captured, less everything returned or on its way back."""
    return books.captured.get(tender_id, 0) - _returned_to(books, tender_id)


def refundable(books: Books) -> int:
    """What can still go back to the buyer in all, whether or not escrow still holds it."""
    return max(0, min(sum(books.captured.values()) - _returned(books), _sum_left(books)))


def post(books: Books, transfers: Sequence[Transfer]) -> Books:
    """The books after ``transfers``, in their order.

    A pending transfer reserves its amount: no other may take it from escrow, and a refund or goodwill
    counts against its tender at once. Money that leaves for a provider (refund to a tender, payout)
    must be pending before it is posted; a voided id may become pending again. The platform, the seller
    and outside accounts may fall below zero (a debt), escrow and the chargeback account never.

    Raises `LedgerError`; ``books`` are untouched then.
    """
    for transfer in transfers:
        books = _post_one(books, transfer)
    return books


def check(books: Books) -> tuple[str, ...]:
    """The names of the invariants these books violate; empty for sound books.

    unbalanced (posted balances of all accounts do not sum to zero), escrow_overdrawn,
    chargeback_overdrawn, captured_exceeded, tender_exceeded, refunding_differs (from the pending
    refunds), charged_back_differs (from the account), goodwill_differs, unit_negative, pending_posted.
    """
    refunding: dict[str, int] = {}
    charged_back = -books.chargeback
    for transfer in books.pending.values():
        if transfer.purpose == "refund":
            refunding = _added(refunding, transfer.tender_id, transfer.amount)
        if transfer.purpose == "chargeback" and transfer.debit is Account.ESCROW:
            charged_back -= transfer.amount
    charged_back += sum(books.charged_back.values())
    tenders = {*books.captured, *books.refunding, *books.refunded, *books.charged_back, *books.goodwills}
    violated = {
        "unbalanced": sum(balance_of(books, account) for account in Account) != 0,
        "escrow_overdrawn": available(books) < 0,
        "chargeback_overdrawn": books.chargeback < 0,
        "captured_exceeded": _returned(books) > sum(books.captured.values()),
        "tender_exceeded": any(left_on(books, tender) < 0 for tender in tenders if tender),
        "refunding_differs": refunding != books.refunding,
        "charged_back_differs": charged_back != 0,
        "goodwill_differs": sum(books.goodwills.values()) != books.goodwill,
        "unit_negative": any(amount < 0 for amount in books.unit_refunded.values()),
        "pending_posted": not books.pending.keys().isdisjoint(books.posted),
    }
    return tuple(name for name, broken in violated.items() if broken)


def balance_of(books: Books, account: Account) -> int:
    """The posted balance of an account; all of them together are zero (the trial balance)."""
    balance: int = getattr(books, account.value)
    return balance


def balances_of(books: Books) -> dict[str, int]:
    """Every account's posted balance, and the sums over all tenders: what a store keeps of its own."""
    return {account.value: balance_of(books, account) for account in Account} | {
        "captured": sum(books.captured.values()),
        "refunding": sum(books.refunding.values()),
        "refunded": sum(books.refunded.values()),
        "charged_back": sum(books.charged_back.values()),
        "goodwill": books.goodwill,
        "escrow_pending": books.escrow - available(books),
    }


def mark_units(books: Books, amounts: Mapping[str, int]) -> Books:
    """Count ``amounts`` (per unit key) as refunded, from the moment a refund is approved."""
    return msgspec.structs.replace(books, unit_refunded=_marked(books, amounts, 1))


def unmark_units(books: Books, amounts: Mapping[str, int]) -> Books:
    """Take back `mark_units` for a refund that was dropped. `LedgerError` below zero."""
    return msgspec.structs.replace(books, unit_refunded=_marked(books, amounts, -1))


def _marked(books: Books, amounts: Mapping[str, int], sign: int) -> dict[str, int]:
    marked = books.unit_refunded
    for key, amount in amounts.items():
        marked = _added(marked, key, sign * amount)
        if amount < 0 or marked.get(key, 0) < 0:
            raise LedgerError("unit_negative", {"unit": key, "amount": sign * amount})
    return marked


def _post_one(books: Books, transfer: Transfer) -> Books:
    _require_sound(transfer)
    pending = books.pending.get(transfer.transfer_id)
    if transfer.stage is Stage.VOIDED:
        return _void(books, transfer, pending)
    if transfer.transfer_id in books.posted:
        raise LedgerError("already_posted", {"transfer_id": transfer.transfer_id})
    if pending is None:
        return _enter(books, transfer)
    if transfer.stage is Stage.PENDING:
        raise LedgerError("already_pending", {"transfer_id": transfer.transfer_id})
    _require_same(pending, transfer)
    changes: dict[str, object] = {"pending": _without(books.pending, transfer.transfer_id)}
    if transfer.purpose == "refund":
        changes["refunding"] = _added(books.refunding, transfer.tender_id, -transfer.amount)
        changes["refunded"] = _added(books.refunded, transfer.tender_id, transfer.amount)
    elif _reverses_chargeback(transfer):
        changes["charged_back"] = _added(books.charged_back, transfer.tender_id, -transfer.amount)
    books = _moved(books, transfer, changes)
    _require_covered(books, transfer)
    return books


def _require_sound(transfer: Transfer) -> None:
    facts = {"transfer_id": transfer.transfer_id, "purpose": transfer.purpose, "amount": transfer.amount}
    if transfer.amount <= 0:
        raise LedgerError("amount_not_positive", facts)
    facts |= {"debit": transfer.debit.value, "credit": transfer.credit.value}
    if transfer.debit is transfer.credit:
        raise LedgerError("same_account", facts)
    routes = ROUTES.get(transfer.purpose)
    if routes is None:
        raise LedgerError("unknown_purpose", facts)
    if (transfer.debit, transfer.credit) not in routes:
        raise LedgerError("wrong_route", facts)
    if not transfer.tender_id and (
        Account.TENDER in (transfer.debit, transfer.credit) or transfer.purpose in {"refund", "chargeback"}
    ):
        raise LedgerError("tender_missing", facts)


def _require_same(pending: Transfer, ending: Transfer) -> None:
    if msgspec.structs.replace(pending, stage=ending.stage) != ending:
        raise LedgerError("not_as_pending", {"transfer_id": ending.transfer_id, "amount": pending.amount})


def _void(books: Books, transfer: Transfer, pending: Transfer | None) -> Books:
    if pending is None:
        raise LedgerError("unknown_pending", {"transfer_id": transfer.transfer_id})
    _require_same(pending, transfer)
    back = msgspec.structs.replace(transfer, amount=-transfer.amount)
    return msgspec.structs.replace(
        books, pending=_without(books.pending, transfer.transfer_id), **_promised(books, back)
    )


def _enter(books: Books, transfer: Transfer) -> Books:
    """A transfer not seen before: reserved when it is pending, moved at once when it is posted."""
    if transfer.stage is Stage.PENDING:
        changes = _promised(books, transfer)
        changes["pending"] = {**books.pending, transfer.transfer_id: transfer}
        books = msgspec.structs.replace(books, **changes)
    else:
        if transfer.purpose == "payout" or (
            transfer.purpose == "refund" and transfer.credit is Account.TENDER
        ):
            raise LedgerError("not_pending_first", {"transfer_id": transfer.transfer_id})
        changes = _promised(books, transfer)
        if transfer.purpose == "refund":
            changes = {"refunded": _added(books.refunded, transfer.tender_id, transfer.amount)}
        elif _reverses_chargeback(transfer):
            changes["charged_back"] = _added(books.charged_back, transfer.tender_id, -transfer.amount)
        books = _moved(books, transfer, changes)
    if transfer.purpose == "payout" and payable(books) < 0:
        raise LedgerError("seller_overdrawn", {"asked": transfer.amount, "payable": payable(books)})
    _require_covered(books, transfer)
    return books


def _reverses_chargeback(transfer: Transfer) -> bool:
    return transfer.debit is Account.CHARGEBACK


def _promised(books: Books, transfer: Transfer) -> dict[str, object]:
    """What counts against a tender as soon as it is pending: refunds, goodwill, chargebacks."""
    tender_id, amount = transfer.tender_id, transfer.amount
    if transfer.purpose == "refund":
        return {"refunding": _added(books.refunding, tender_id, amount)}
    if transfer.purpose == "goodwill":
        return {
            "goodwills": _added(books.goodwills, tender_id, amount),
            "goodwill": books.goodwill + amount,
        }
    if transfer.purpose == "chargeback" and not _reverses_chargeback(transfer):
        return {"charged_back": _added(books.charged_back, tender_id, amount)}
    return {}


def _moved(books: Books, transfer: Transfer, changes: dict[str, object]) -> Books:
    debit, credit, amount = transfer.debit, transfer.credit, transfer.amount
    changes[debit.value] = balance_of(books, debit) - amount
    changes[credit.value] = balance_of(books, credit) + amount
    changes["posted"] = (*books.posted, transfer.transfer_id)
    if transfer.purpose == "capture":
        changes["captured"] = _added(books.captured, transfer.tender_id, amount)
    return msgspec.structs.replace(books, **changes)


def _require_covered(books: Books, transfer: Transfer) -> None:
    """No overdraft, and no more on its way back to the buyer than came in."""
    facts = {"transfer_id": transfer.transfer_id, "asked": transfer.amount}
    if transfer.debit is Account.ESCROW and available(books) < 0:
        raise LedgerError("escrow_overdrawn", {**facts, "available": available(books) + transfer.amount})
    if transfer.debit is Account.CHARGEBACK and (
        books.chargeback - _pending_out(books, Account.CHARGEBACK) < 0
    ):
        raise LedgerError("chargeback_overdrawn", {**facts, "balance": books.chargeback})
    if transfer.purpose not in {"refund", "goodwill", "chargeback"}:
        return
    tender_id = transfer.tender_id
    if tender_id and left_on(books, tender_id) < 0:
        left = left_on(books, tender_id) + transfer.amount
        raise LedgerError("tender_exceeded", {**facts, "tender_id": tender_id, "left": left})
    captured = sum(books.captured.values())
    if _returned(books) > captured:
        raise LedgerError("captured_exceeded", {**facts, "captured": captured, "returned": _returned(books)})


def _pending_out(books: Books, account: Account) -> int:
    return sum(t.amount for t in books.pending.values() if t.debit is account)


def _returned_to(books: Books, tender_id: str) -> int:
    return (
        books.refunded.get(tender_id, 0)
        + books.refunding.get(tender_id, 0)
        + books.charged_back.get(tender_id, 0)
        + books.goodwills.get(tender_id, 0)
    )


def _returned(books: Books) -> int:
    per_tender = (books.refunded, books.refunding, books.charged_back, books.goodwills)
    # Most books have nothing in most of them.
    return sum([sum(amounts.values()) for amounts in per_tender if amounts])


def _sum_left(books: Books) -> int:
    return sum([max(0, left_on(books, tender_id)) for tender_id in books.captured])


def _added(amounts: dict[str, int], key: str, amount: int) -> dict[str, int]:
    """A copy with ``amount`` added; a key that falls to zero is dropped, so equal books compare equal."""
    total = amounts.get(key, 0) + amount
    if total == 0:
        return {k: v for k, v in amounts.items() if k != key}
    return {**amounts, key: total}


def _without(pending: dict[str, Transfer], transfer_id: str) -> dict[str, Transfer]:
    return {k: v for k, v in pending.items() if k != transfer_id}
