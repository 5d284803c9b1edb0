"""What a buyer may ask for: every remedy, open or closed, with its amount, dates and clause."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from amends.adapters.calendars import CALENDARS
from amends.adapters.packs import load
from amends.domain.cases.model import Case, Goods, Kind, Outcome, Remedy, Shipment, State
from amends.domain.custody.model import Custody, Stage
from amends.domain.ledger import Books
from amends.domain.orders import (
    Components,
    Line,
    Method,
    Order,
    Parcel,
    Signal,
    Tender,
    Tier,
    TrackingEvent,
    Unit,
)
from amends.domain.parties import Role
from amends.domain.policy.clauses import facts_of
from amends.domain.policy.options import REMEDIES, Option, free_units, options, taken_units, windows
from amends.domain.policy.packs import Pack, load_pack
from amends.domain.policy.terms import Terms, resolve
from amends.domain.policy.windows import Window, protection_window
from amends.domain.reasons import REASONS

PLACED = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHIPPED = PLACED + timedelta(days=2)
DELIVERED = SHIPPED + timedelta(days=10)
LATER = DELIVERED + timedelta(days=3)
MICROSECOND = timedelta(microseconds=1)
UNIT = Components(item=4000, discount=500, shipping=300, tax=200)  # paid 4000, goods 3700
DEFAULT = load(("default",))


def order(
    *,
    category: str = "kitchen/kettles",
    traits: tuple[str, ...] = (),
    unit: Components = UNIT,
    quantity: int = 2,
    shipped: bool = True,
    delivered: datetime | None = DELIVERED,
    events: tuple[TrackingEvent, ...] = (),
    tracking_number: str = "LX123456785CN",
    **more: object,
) -> Custody:
    if delivered is not None:
        events = (*events, TrackingEvent(delivered, Signal.DELIVERED, "BR"))
    parcel = Parcel("P1", SHIPPED, "post", tracking_number, events=events)
    placed = Order(
        order_id="O-1",
        buyer_id="mira-example",
        seller_id="kettle-works",
        currency="USD",
        placed_at=PLACED,
        lines=(Line("L1", "A blue kettle", category, (unit,) * quantity, "T", traits=traits),),
        tenders=(Tender("t1", Method.CARD, 8000),),
        parcels=(parcel,) if shipped else (),
        buyer_country="BR",
        seller_country="CN",
    )
    return Custody(order=msgspec.structs.replace(placed, **more), stage=Stage.PROTECTED, seq=1, books=Books())


def terms_of(custody: Custody, *packs: Pack) -> Terms:
    return resolve([*DEFAULT, *packs], facts_of(custody.order, custody.order.lines[0]))


def ask(
    custody: Custody,
    reason: str,
    now: datetime = LATER,
    *,
    units: tuple[int, ...] = (0,),
    cases: tuple[Case, ...] = (),
    packs: tuple[Pack, ...] = (),
    severity: str = "",
    return_freight: int | None = None,
) -> dict[str, Option]:
    found = options(
        custody,
        cases,
        tuple(Unit("L1", n) for n in units),
        reason,
        terms=terms_of(custody, *packs),
        now=now,
        calendars=CALENDARS,
        severity=severity,
        return_freight=return_freight,
    )
    assert tuple(option.remedy for option in found) == REMEDIES
    return {option.remedy: option for option in found}


def open_of(found: dict[str, Option]) -> set[str]:
    return {name for name, option in found.items() if option.open}


def case(
    state: State,
    outcome: Outcome | None = None,
    *,
    kind: Kind = Kind.CLAIM,
    n: int = 1,
    index: int = 0,
    **more: object,
) -> Case:
    made = Case(
        case_id=f"O-1.{n}",
        order_id="O-1",
        kind=kind,
        state=state,
        seq=1,
        buyer_id="mira-example",
        seller_id="kettle-works",
        currency="USD",
        reason="quality.leaking",
        units=(Unit("L1", index),),
        wanted=Remedy(100),
        opened_at=LATER,
        outcome=outcome,
        closed_at=LATER if state is State.CLOSED else None,
    )
    return msgspec.structs.replace(made, **more)


def seller_pack(sets: str, layer: str = "seller", more: str = "") -> Pack:
    text = (
        f'[pack]\nid = "s"\nversion = 1\nlayer = "{layer}"\ntitle = "S"\nstate = "published"\n'
        f'published_from = 2026-01-01T00:00:00Z\n[[clause]]\nid = "s.one"\n{more}\n'
        f'sets = {{ {sets} }}\nsentence = "The seller says so."\ncitation = "the seller"\n'
    )
    return load_pack(text, "s.toml")


# Every reason


@pytest.mark.row("C7")
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("shipped", [True, False])
@pytest.mark.parametrize("days", [0, 1, 3, 8, 20, 70, 100])
@pytest.mark.parametrize("category", ["kitchen", "apparel/underwear"])
def test_every_answer_names_its_clause_and_stays_within_what_was_paid(
    reason: str, days: int, category: str, *, shipped: bool
) -> None:
    custody = order(shipped=shipped, category=category)
    terms = terms_of(custody)
    for option in ask(custody, reason, PLACED + timedelta(days=days), units=(0, 1)).values():
        assert terms.clause(option.clause).sentence
        assert 0 <= option.amount <= 2 * UNIT.paid
        assert option.open == (option.amount > 0) == (not option.why_closed)
        assert msgspec.json.encode(option)


@pytest.mark.row("C1", "C6")
@pytest.mark.parametrize(
    ("reason", "opened"),
    [
        ("not_as_described.color", {"partial", "return"}),
        ("not_as_described.size", {"partial", "return", "exchange"}),
        ("not_as_described.wrong_item", {"partial", "return", "exchange"}),
        ("not_as_described.quantity_short", {"partial", "return"}),
        ("not_as_described.parts_missing", {"partial", "return", "exchange"}),
        ("not_as_described.empty_parcel", {"refund", "exchange"}),
        ("quality.assembly", {"partial", "return"}),
        ("quality.damaged_in_transit", {"partial", "return", "exchange"}),
        ("quality.not_working", {"partial", "return", "exchange"}),
        ("fake.counterfeit", {"refund"}),
        ("fake.no_authorisation", {"refund"}),
        ("no_reason.changed_mind", {"return"}),
        ("no_reason.wrong_size_ordered", {"return"}),
        ("no_reason.free_return", set()),
        ("no_reason.withdrawal", set()),
        ("late.after_promise", set()),
        ("return.lost", set()),
    ],
)
def test_what_each_reason_opens_after_delivery(reason: str, opened: set[str]) -> None:
    assert open_of(ask(order(), reason)) == opened


@pytest.mark.row("C6")
@pytest.mark.parametrize(
    ("reason", "remedy", "amount"),
    [
        ("quality.leaking", "return", 4000),  # fault: with the shipping
        ("quality.leaking", "partial", 4000),
        ("fake.counterfeit", "refund", 4000),
        ("no_reason.changed_mind", "return", 3700),  # the shipping was done
    ],
)
def test_the_most_that_can_be_refunded(reason: str, remedy: str, amount: int) -> None:
    assert ask(order(), reason)[remedy].amount == amount
    assert ask(order(), reason, units=(0, 1))[remedy].amount == 2 * amount


@pytest.mark.row("C6")
def test_what_was_refunded_is_not_refunded_again() -> None:
    custody = msgspec.structs.replace(order(), books=Books(unit_refunded={"L1#0": 3900, "L1#1": 4100}))
    assert ask(custody, "quality.leaking")["return"].amount == 100
    assert ask(custody, "quality.leaking", units=(0, 1))["return"].amount == 100
    closed = ask(custody, "quality.leaking", units=(1,))["return"]
    assert (closed.open, closed.why_closed, closed.facts) == (False, "nothing_left", {"refunded": 4100})
    assert ask(custody, "no_reason.changed_mind")["return"].why_closed == "nothing_left"


@pytest.mark.row("C6")
@pytest.mark.parametrize(
    ("severity", "band"),
    [
        ("cosmetic", (370, 740)),
        ("flaw", (740, 1480)),
        ("impaired", (1480, 2590)),
        ("useless", (3700, 3700)),
        ("", None),
    ],
)
def test_severity_suggests_a_share_of_the_price(severity: str, band: tuple[int, int] | None) -> None:
    option = ask(order(), "quality.leaking", severity=severity)["partial"]
    assert option.suggested == band
    assert option.goods is Goods.KEEP
    assert option.clause == f"partial.suggest.{severity or 'cosmetic'}.default"
    assert option.facts["bands"]["flaw"] == (740, 1480)  # type: ignore[index]


def test_a_suggestion_stays_below_what_is_left() -> None:
    custody = msgspec.structs.replace(order(), books=Books(unit_refunded={"L1#0": 3000}))
    assert ask(custody, "quality.leaking", severity="impaired")["partial"].suggested == (1000, 1000)


@pytest.mark.row("C7")
@pytest.mark.parametrize(
    ("reason", "payer"),
    [
        ("no_reason.changed_mind", Role.BUYER),
        ("no_reason.wrong_size_ordered", Role.BUYER),
        ("quality.leaking", Role.SELLER),
    ],
)
def test_who_pays_the_way_back(reason: str, payer: Role) -> None:
    option = ask(order(), reason)["return"]
    assert (option.freight_payer, option.goods) == (payer, Goods.RETURN)
    assert "unused" in option.facts["condition"]  # type: ignore[operator]


@pytest.mark.row("C4")
def test_a_return_says_in_what_condition_and_what_is_only_graded() -> None:
    facts = ask(order(), "no_reason.changed_mind")["return"].facts
    assert facts["condition"] == [
        "unused", "unworn", "unwashed", "undamaged", "tags", "complete", "packaging", "proof_of_purchase",
    ]  # fmt: skip
    assert (facts["condition_graded"], facts["condition_clause"]) == (
        ["packaging"],
        "condition.required.default",
    )


# Windows


@pytest.mark.row("C2")
@pytest.mark.parametrize("reason", ["quality.leaking", "no_reason.changed_mind", "fake.counterfeit"])
def test_the_return_window_is_half_open(reason: str) -> None:
    end = DELIVERED + timedelta(days=15)
    assert open_of(ask(order(), reason, end - MICROSECOND))
    late = ask(order(), reason, end)
    assert not open_of(late)
    closed = late["refund" if reason.startswith("fake") else "return"]
    assert (closed.why_closed, closed.clause, closed.deadline) == (
        "window_closed",
        "return.window.default",
        end,
    )
    assert closed.facts == {"closed_at": end.isoformat()}


@pytest.mark.row("C2")
def test_a_seller_lengthens_the_window() -> None:
    pack = seller_pack('"return.window" = "30 d"')
    option = ask(order(), "no_reason.changed_mind", DELIVERED + timedelta(days=20), packs=(pack,))["return"]
    assert (option.open, option.clause, option.deadline) == (True, "s.one", DELIVERED + timedelta(days=30))


@pytest.mark.row("C3")
@pytest.mark.parametrize(
    ("sets", "layer", "end"),
    [
        ('"return.extension" = "40 d"', "promotion", DELIVERED + timedelta(days=40)),
        ('"return.extension" = "40 d"', "negotiated", DELIVERED + timedelta(days=40)),
        ('"return.extension" = "3 d"', "promotion", DELIVERED + timedelta(days=15)),
        ('"return.extension_until" = "2026-05-31"', "promotion", datetime(2026, 6, 1, tzinfo=UTC)),
        ('"return.extension_until" = "2026-03-15"', "promotion", DELIVERED + timedelta(days=15)),
    ],
)
def test_an_extension_only_ever_lengthens(sets: str, layer: str, end: datetime) -> None:
    pack = seller_pack(sets, layer)
    option = ask(order(), "no_reason.changed_mind", end - MICROSECOND, packs=(pack,))["return"]
    assert (option.open, option.deadline) == (True, end)
    assert not ask(order(), "no_reason.changed_mind", end, packs=(pack,))["return"].open


def test_the_buyers_word_counts_as_receipt_where_the_carrier_is_silent() -> None:
    custody = msgspec.structs.replace(order(delivered=None), confirmed_at=LATER)
    assert ask(custody, "quality.leaking", LATER)["return"].deadline == LATER + timedelta(days=15)


def test_goods_in_hand_without_a_scan_may_be_claimed_until_the_protection_ends() -> None:
    option = ask(order(delivered=None), "quality.leaking", SHIPPED + timedelta(days=30))["return"]
    assert (option.open, option.deadline) == (True, SHIPPED + timedelta(days=60))


# Never arrived


@pytest.mark.row("C1")
@pytest.mark.parametrize("reason", [code for code in REASONS if code.startswith("not_received.")])
def test_missing_goods_are_refunded_with_shipping_once_the_promise_has_passed(reason: str) -> None:
    promised = SHIPPED + timedelta(days=20)
    custody = order(delivered=None, promised_by=promised)
    early = ask(custody, reason, promised - MICROSECOND)["refund"]
    assert (early.why_closed, early.clause) == ("not_open_yet", "not_received.open_from.default")
    assert early.facts == {"opens_at": promised.isoformat()}
    option = ask(custody, reason, promised)["refund"]
    assert (option.open, option.amount, option.goods) == (True, 4000, Goods.KEEP)
    assert option.deadline == SHIPPED + timedelta(days=60)
    assert open_of(ask(custody, reason, promised)) == {"refund"}


@pytest.mark.row("C2")
def test_without_a_promise_missing_goods_are_claimed_in_the_last_days_of_protection() -> None:
    custody, end = order(delivered=None), SHIPPED + timedelta(days=60)
    opens = end - timedelta(days=3)
    found = [
        open_of(ask(custody, "not_received.overdue", at))
        for at in (opens - MICROSECOND, opens, end - MICROSECOND, end)
    ]
    assert found == [set(), {"refund"}, {"refund"}, set()]


@pytest.mark.row("C2")
def test_a_late_promise_leaves_time_to_claim() -> None:
    promised = SHIPPED + timedelta(days=70)
    option = ask(order(delivered=None, promised_by=promised), "not_received.overdue", promised)["refund"]
    assert (option.open, option.deadline) == (True, promised + timedelta(days=15))


@pytest.mark.parametrize(
    "signal",
    [
        Signal.INVALID,
        Signal.SHARED,
        Signal.WRONG_DIRECTION,
        Signal.UNKNOWN,
        Signal.LOST,
        Signal.RETURNED_TO_SENDER,
    ],
)
def test_an_abnormal_trace_opens_a_claim_at_once(signal: Signal) -> None:
    seen = SHIPPED + timedelta(days=4)
    custody = order(delivered=None, events=(TrackingEvent(seen, signal, "CN"),))
    assert not ask(custody, "not_received.tracking_invalid", seen - MICROSECOND)["refund"].open
    assert ask(custody, "not_received.tracking_invalid", seen)["refund"].open


def test_a_parcel_without_a_number_may_be_claimed_from_shipping() -> None:
    assert ask(order(delivered=None, tracking_number=""), "not_received.no_tracking", SHIPPED)["refund"].open


@pytest.mark.parametrize(("country", "opened"), [("CN", True), ("BR", False)])
def test_a_parcel_seen_only_at_its_origin_is_abnormal_after_a_while(country: str, *, opened: bool) -> None:
    scans = (
        TrackingEvent(SHIPPED, Signal.ACCEPTED, "CN"),
        TrackingEvent(SHIPPED + timedelta(days=2), Signal.IN_TRANSIT, country),
    )
    custody = order(delivered=None, events=scans)
    assert not ask(custody, "not_received.origin_only", SHIPPED + timedelta(days=20) - MICROSECOND)[
        "refund"
    ].open
    assert ask(custody, "not_received.origin_only", SHIPPED + timedelta(days=20))["refund"].open is opened


@pytest.mark.parametrize(
    ("reason", "opened"),
    [
        ("not_received.shown_delivered", True),
        ("not_received.wrong_address", True),
        ("not_received.overdue", False),
    ],
)
def test_a_delivery_the_buyer_never_saw_may_be_claimed(reason: str, *, opened: bool) -> None:
    assert ask(order(), reason)["refund"].open is opened


def test_who_confirmed_receipt_cannot_report_goods_missing() -> None:
    custody = msgspec.structs.replace(order(), confirmed_at=LATER)
    assert ask(custody, "not_received.shown_delivered")["refund"].why_closed == "receipt_confirmed"


def test_shipping_is_left_out_where_the_terms_say_so() -> None:
    pack = seller_pack('"not_received.cap_includes_shipping" = false')
    assert ask(order(), "not_received.shown_delivered", packs=(pack,))["refund"].amount == 3700


def test_aliexpress_opens_claims_ten_days_after_shipping() -> None:
    custody, pack = order(delivered=None), load(("default", "aliexpress"))[1]
    opens = SHIPPED + timedelta(days=10)
    assert not ask(custody, "not_received.overdue", opens - MICROSECOND, packs=(pack,))["refund"].open
    assert ask(custody, "not_received.overdue", opens, packs=(pack,))["refund"].open


# Goods that cannot, or need not, come back


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    ("category", "traits"),
    [
        *[
            (category, ())
            for category in ("underwear", "apparel/lingerie", "swimwear", "jewelry/earrings", "wigs")
        ],
        *[("kitchen", (trait,)) for trait in ("custom", "perishable", "digital", "opened_hygiene")],
    ],
)
def test_what_cannot_be_returned_and_its_exceptions(category: str, traits: tuple[str, ...]) -> None:
    custody = order(category=category, traits=traits)
    mind = ask(custody, "no_reason.changed_mind")
    assert not open_of(mind)
    assert (mind["return"].why_closed, mind["return"].clause) == ("unreturnable", "unreturnable.default")
    assert mind["return"].facts == {"category": category, "traits": list(traits)}
    for reason in ("not_as_described.color", "quality.damaged_in_transit", "quality.defective",
                   "not_as_described.wrong_item", "not_as_described.parts_missing"):  # fmt: skip
        found = ask(custody, reason)
        assert {"refund", "partial"} <= open_of(found)
        assert found["refund"].clause == "unreturnable.except.default"
        assert (found["return"].why_closed, found["return"].clause) == (
            "no_return_needed",
            "unreturnable.except.default",
        )
    exchange = ask(custody, "quality.defective")["exchange"]
    assert (exchange.open, exchange.goods) == (True, Goods.KEEP)


@pytest.mark.row("C5")
def test_a_category_of_another_name_is_returnable() -> None:
    assert ask(order(category="wigstands", traits=("branded",)), "no_reason.changed_mind")["return"].open


@pytest.mark.parametrize(("price", "needed"), [(999, False), (1000, True), (1001, True)])
def test_cheap_faulty_goods_are_refunded_without_return(price: int, *, needed: bool) -> None:
    found = ask(order(unit=Components(item=price, shipping=50)), "quality.leaking")
    assert found["return"].open is needed
    assert found["refund"].open is not needed
    assert found["refund"].clause == "returnless.default"
    assert found["refund"].why_closed == ("return_required" if needed else "")
    assert ask(order(unit=Components(item=price)), "no_reason.changed_mind")["return"].open


@pytest.mark.parametrize(("freight", "needed"), [(None, True), (2220, True), (2221, False)])
def test_faulty_goods_stay_where_the_way_back_costs_too_much(freight: int | None, *, needed: bool) -> None:
    # 60 % of 3700 are 2220.
    found = ask(order(), "quality.leaking", return_freight=freight)
    assert found["return"].open is needed
    assert found["refund"].open is not needed


def test_unsafe_faulty_goods_stay() -> None:
    found = ask(order(traits=("hazardous",)), "quality.leaking")
    assert open_of(found) == {"refund", "partial", "exchange"}
    assert found["return"].facts == {"unsafe": ["hazardous"]}
    assert found["exchange"].goods is Goods.KEEP


def test_counterfeits_are_refunded_without_return_and_mark_the_seller() -> None:
    option = ask(order(), "fake.counterfeit")["refund"]
    assert (option.clause, option.facts["marks_seller"]) == ("guarantee.counterfeit.default", True)
    closed = ask(order(), "fake.counterfeit", packs=(seller_pack('"guarantee.counterfeit" = false'),))[
        "refund"
    ]
    assert (closed.why_closed, closed.clause) == ("not_offered", "s.one")


# Late, free, by law


def test_late_goods_give_the_choice_of_a_share_or_a_return() -> None:
    late = order(promised_by=DELIVERED)
    found = ask(late, "late.after_promise")
    assert open_of(found) == {"partial", "return"}
    assert (found["partial"].amount, found["partial"].suggested) == (370, (370, 370))
    assert found["return"].freight_payer is Role.SELLER
    in_time = ask(order(promised_by=DELIVERED + MICROSECOND), "late.after_promise")
    assert (in_time["partial"].why_closed, in_time["partial"].clause) == (
        "not_late",
        "guarantee.late.default",
    )
    cheap = order(promised_by=DELIVERED, unit=Components(item=500))
    assert ask(cheap, "late.after_promise")["return"].open


def test_no_late_guarantee_where_the_terms_give_none() -> None:
    pack = seller_pack('"guarantee.late" = false')
    assert (
        ask(order(promised_by=SHIPPED), "late.after_promise", packs=(pack,))["return"].why_closed
        == "not_offered"
    )


def test_a_free_return_is_free_and_has_its_own_window() -> None:
    closed = ask(order(), "no_reason.free_return")["return"]
    assert (closed.why_closed, closed.clause) == ("not_offered", "free_return.default")
    pack = seller_pack('"free_return.offered" = true, "free_return.window" = "20 d"')
    end = DELIVERED + timedelta(days=20)
    option = ask(order(), "no_reason.free_return", end - MICROSECOND, packs=(pack,))["return"]
    assert (option.open, option.freight_payer, option.deadline) == (True, Role.SELLER, end)
    assert not ask(order(), "no_reason.free_return", end, packs=(pack,))["return"].open


def test_a_withdrawal_by_law_may_begin_before_receipt() -> None:
    pack = seller_pack(
        '"withdrawal.offered" = true, "withdrawal.window" = "14 calendar days"', "jurisdiction"
    )
    option = ask(order(delivered=None), "no_reason.withdrawal", SHIPPED, packs=(pack,))["return"]
    assert (option.open, option.deadline) == (True, None)
    # Delivered on Saturday 14 March: the fourteenth day after it is Saturday the 28th, so Monday the 30th.
    later = ask(order(), "no_reason.withdrawal", DELIVERED, packs=(pack,))["return"]
    assert later.deadline == datetime(2026, 3, 31, tzinfo=UTC)


def test_a_seller_may_exchange_for_more_reasons() -> None:
    closed = ask(order(), "no_reason.wrong_size_ordered")["exchange"]
    assert (closed.why_closed, closed.clause) == ("not_exchangeable", "exchange.grounds.default")
    pack = seller_pack('"exchange.grounds" = ["no_reason.wrong_size_ordered", "quality"]')
    option = ask(order(), "no_reason.wrong_size_ordered", packs=(pack,))["exchange"]
    assert (option.open, option.goods, option.eta) == (True, Goods.RETURN, None)
    underwear = order(category="underwear")
    assert (
        ask(underwear, "no_reason.wrong_size_ordered", packs=(pack,))["exchange"].why_closed == "unreturnable"
    )


# Cancelling


@pytest.mark.parametrize(
    "reason", ["cancel.mistake", "cancel.changed_mind", "cancel.found_cheaper", "cancel.payment_problem"]
)
def test_cancelling_is_free_then_asked_for_then_over(reason: str) -> None:
    custody = order(shipped=False, ship_by=PLACED + timedelta(days=9))
    day, week = PLACED + timedelta(hours=24), PLACED + timedelta(days=7)
    free = ask(custody, reason, day - MICROSECOND)["cancellation"]
    assert (free.open, free.amount, free.deadline) == (True, 4000, day)
    assert (free.clause, free.facts["at_once"]) == ("cancel.free_period.default", True)
    asked = ask(custody, reason, day)["cancellation"]
    assert (asked.open, asked.amount, asked.deadline) == (True, 3700, week)
    assert (asked.clause, asked.facts["at_once"]) == ("cancel.request_period.default", False)
    assert asked.facts["shipping_charge"] == 300
    assert asked.facts["seller_answers_by"] == (day + timedelta(days=3)).isoformat()
    assert asked.facts["seller_silence"] == "grant_request"
    assert ask(custody, reason, week - MICROSECOND)["cancellation"].open
    over = ask(custody, reason, week)["cancellation"]
    assert (over.why_closed, over.clause) == ("window_closed", "cancel.request_period.default")


@pytest.mark.parametrize("reason", ["cancel.not_shipped_in_time", "cancel.changed_mind"])
def test_who_ships_too_late_is_cancelled_at_once_and_in_full(reason: str) -> None:
    option = ask(order(shipped=False), reason, PLACED + timedelta(days=7))["cancellation"]
    assert (option.open, option.amount, option.clause) == (True, 4000, "ship.handling.default")


def test_not_shipped_in_time_waits_for_the_time() -> None:
    closed = ask(order(shipped=False), "cancel.not_shipped_in_time", PLACED)["cancellation"]
    assert (closed.why_closed, closed.facts) == (
        "not_open_yet",
        {"opens_at": (PLACED + timedelta(days=7)).isoformat()},
    )


def test_a_seller_who_does_not_charge_shipping_refunds_all() -> None:
    pack = seller_pack('"cancel.shipping_charge" = false')
    option = ask(order(shipped=False), "cancel.mistake", PLACED + timedelta(days=2), packs=(pack,))[
        "cancellation"
    ]
    assert (option.amount, option.facts["shipping_charge"]) == (4000, 0)


def test_only_the_seller_cancels_for_the_seller() -> None:
    assert (
        ask(order(shipped=False), "cancel.seller_cancelled", PLACED)["cancellation"].why_closed
        == "not_for_buyer"
    )


def test_what_is_shipped_is_not_cancelled_and_what_is_not_is_not_claimed() -> None:
    assert ask(order(), "cancel.mistake", SHIPPED)["cancellation"].why_closed == "already_shipped"
    closed = ask(order(shipped=False), "quality.leaking", PLACED)
    assert (closed["return"].why_closed, closed["return"].clause) == ("not_shipped", "ship.handling.default")
    assert closed["cancellation"].why_closed == "not_for_reason"


@pytest.mark.parametrize(
    ("tier", "item", "fast"),
    [
        ("standard", 100, False),
        ("platinum", 2500, True),
        ("platinum", 2501, False),
        ("diamond", 10000, True),
        ("diamond", 10001, False),
    ],
)
def test_fast_refunds_are_paid_at_once(tier: str, item: int, *, fast: bool) -> None:
    custody = order(shipped=False, quantity=1, unit=Components(item=item), buyer_tier=Tier(tier))
    facts = ask(custody, "cancel.mistake", PLACED)["cancellation"].facts
    assert facts["fast_refund"] is fast
    assert facts["paid_from"] == (PLACED if fast else PLACED + timedelta(hours=24)).isoformat()


# When the money comes


@pytest.mark.row("C7")
@pytest.mark.parametrize(
    ("methods", "first", "last"),
    [
        # Monday 16 March: at the earliest sent at once, at the latest by Friday the 20th at 00:00.
        ((Method.CARD,), datetime(2026, 3, 19, tzinfo=UTC), datetime(2026, 4, 15, tzinfo=UTC)),
        ((Method.WALLET,), datetime(2026, 3, 17, tzinfo=UTC), datetime(2026, 3, 26, tzinfo=UTC)),
        ((Method.WALLET, Method.CARD), datetime(2026, 3, 19, tzinfo=UTC), datetime(2026, 4, 15, tzinfo=UTC)),
    ],
)
def test_the_arrival_is_that_of_the_slowest_tender(
    methods: tuple[Method, ...], first: datetime, last: datetime
) -> None:
    tenders = tuple(Tender(f"t{n}", method, 4000) for n, method in enumerate(methods))
    now = datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert ask(order(tenders=tenders), "quality.leaking", now)["partial"].eta == (first, last)


def test_without_a_tender_no_arrival_is_promised() -> None:
    assert ask(order(tenders=()), "quality.leaking")["return"].eta is None


# Units that are taken


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_a_live_case_has_its_units(state: State) -> None:
    found = ask(order(), "quality.leaking", cases=(case(state),))
    assert not open_of(found)
    assert (found["return"].why_closed, found["return"].facts) == (
        "unit_taken",
        {"units": ["L1#0"], "cases": ["O-1.1"]},
    )
    assert open_of(ask(order(), "quality.leaking", cases=(case(state),), units=(1,)))
    assert not open_of(ask(order(), "quality.leaking", cases=(case(state),), units=(0, 1)))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("outcome", Outcome)
def test_a_closed_case_lets_go_only_after_some_outcomes(outcome: Outcome, kind: Kind) -> None:
    freed = {Outcome.WITHDRAWN, Outcome.DISCARDED, Outcome.EXCHANGED}
    freed |= {Outcome.DECLINED} if kind is Kind.CANCELLATION else set()
    custody, closed = order(), case(State.CLOSED, outcome, kind=kind)
    assert bool(open_of(ask(custody, "quality.leaking", cases=(closed,)))) is (outcome in freed)
    assert (Unit("L1", 0) in free_units(custody, [closed], "L1")) is (outcome in freed)


def test_cancelled_units_are_taken() -> None:
    custody = msgspec.structs.replace(order(), cancelled=(Unit("L1", 1),))
    assert taken_units(custody, ()) == {Unit("L1", 1): ""}
    assert free_units(custody, (), "L1") == (Unit("L1", 0),)
    assert free_units(custody, (), "L9") == ()
    assert ask(custody, "quality.leaking", units=(1,))["return"].facts == {"units": ["L1#1"], "cases": []}


# After a return


def returned(freight: int = 0, outcome: Outcome = Outcome.RETURN_REJECTED) -> Case:
    shipment = Shipment("post", "LX1", LATER, LATER, freight=freight)
    return case(State.CLOSED, outcome, shipment=shipment)


@pytest.mark.parametrize(
    "reason", ["return.seller_denies_receipt", "return.lost", "return.swapped", "return.refund_missing"]
)
def test_a_return_gone_wrong_may_be_claimed_for_thirty_days(reason: str) -> None:
    end = LATER + timedelta(days=30)
    option = ask(order(), reason, end - MICROSECOND, cases=(returned(),))["refund"]
    assert (option.open, option.amount, option.deadline) == (True, 4000, end)
    assert ask(order(), reason, end, cases=(returned(),))["refund"].why_closed == "window_closed"
    assert ask(order(), reason)["refund"].why_closed == "no_earlier_return"
    live = case(State.MEDIATING, n=2)
    assert ask(order(), reason, LATER, cases=(returned(), live))["refund"].why_closed == "unit_taken"


@pytest.mark.parametrize(("freight", "amount"), [(900, 900), (5000, 5000), (0, 0)])
def test_freight_is_claimed_on_its_receipt(freight: int, amount: int) -> None:
    option = ask(order(), "return.freight", cases=(returned(freight),))["partial"]
    assert (option.open, option.amount) == (amount > 0, amount)


# The dates on order pages


@pytest.mark.row("C2")
def test_the_dates_of_a_line() -> None:
    custody = order(promised_by=SHIPPED + timedelta(days=20))
    found = {w.name: w for w in windows(custody, custody.order.lines[0], terms_of(custody), CALENDARS)}
    days = timedelta(days=1)
    assert {name: (w.opens_at, w.closes_at) for name, w in found.items()} == {
        "cancel.free_period": (PLACED, PLACED + days),
        "cancel.request_period": (PLACED, PLACED + 7 * days),
        "ship.handling": (PLACED, PLACED + 7 * days),
        "not_received": (SHIPPED + 20 * days, SHIPPED + 60 * days),
        "protection": (SHIPPED, DELIVERED + 15 * days),
        "return.window": (SHIPPED, DELIVERED + 15 * days),
    }


def test_before_shipping_most_dates_are_unknown() -> None:
    custody = order(shipped=False, ship_by=PLACED + timedelta(days=2))
    found = {w.name: w for w in windows(custody, custody.order.lines[0], terms_of(custody), CALENDARS)}
    assert found["ship.handling"].closes_at == PLACED + timedelta(days=2)
    for name in ("not_received", "protection", "return.window"):
        assert (found[name].opens_at, found[name].closes_at) == (None, None)


def test_money_is_held_as_long_as_a_return_may_be_asked_for() -> None:
    custody = order()
    terms = terms_of(custody, seller_pack('"return.window" = "30 d"'))
    held = protection_window(custody, custody.order.lines[0], terms, CALENDARS)
    assert (held.closes_at, held.clause) == (DELIVERED + timedelta(days=30), "s.one")
    pending = order(delivered=None)
    held = protection_window(pending, pending.order.lines[0], terms, CALENDARS)
    assert (held.closes_at, held.clause) == (SHIPPED + timedelta(days=60), "protection.delivery.default")


def test_a_window_contains_its_opening_and_not_its_close() -> None:
    window = Window("x", PLACED, SHIPPED, "c")
    moments = (PLACED - MICROSECOND, PLACED, SHIPPED - MICROSECOND, SHIPPED)
    assert [window.contains(at) for at in moments] == [False, True, True, False]
    assert not Window("x", None, None, "c").contains(PLACED)
    assert Window("x", PLACED, None, "c").contains(SHIPPED)


# What makes no sense to ask


@pytest.mark.parametrize(
    ("units", "reason", "error"),
    [
        ((), "quality.leaking", ValueError),
        ((Unit("L1", 0), Unit("L2", 0)), "quality.leaking", ValueError),
        ((Unit("L1", 0), Unit("L1", 0)), "quality.leaking", ValueError),
        ((Unit("L9", 0),), "quality.leaking", LookupError),
        ((Unit("L1", 2),), "quality.leaking", LookupError),
        ((Unit("L1", -1),), "quality.leaking", LookupError),
        ((Unit("L1", 0),), "quality", LookupError),
    ],
)
def test_unknown_reasons_and_units_are_errors(
    units: tuple[Unit, ...], reason: str, error: type[Exception]
) -> None:
    custody = order()
    with pytest.raises(error):
        options(custody, {}, units, reason, terms=terms_of(custody), now=LATER, calendars=CALENDARS)
