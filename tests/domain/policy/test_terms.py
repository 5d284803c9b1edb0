"""Terms: which clause wins, what stays open until a reason is known, and that purchase freezes them."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from amends.adapters.packs import load, shipped
from amends.domain.money import Money
from amends.domain.policy.clauses import Facts, Layer, Rates, convert
from amends.domain.policy.packs import Pack, load_pack
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.terms import ClauseText, Terms, extend, resolve
from amends.domain.reasons import REASONS
from amends.domain.time import Period

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
FACTS = Facts(
    placed_at=AT, currency="USD", seller="kettle-works", seller_country="CN", buyer_country="BR", price=4000
)
DEFAULT = load(("default",))

# policy.md, row by row: parameter, reason, value, default outcome
TABLE: list[tuple[str, str, object, str]] = [
    ("draft.keep", "", Period(30, "days"), "discard_draft"),
    ("cancel.free_period", "", Period(24, "hours"), ""),
    ("cancel.request_period", "", Period(7, "days"), ""),
    ("cancel.seller_response", "", Period(3, "days"), "grant_request"),
    ("cancel.shipping_charge", "", True, ""),
    ("cancel.payout_not_before", "", Period(24, "hours"), ""),
    ("ship.handling", "", Period(7, "days"), "cancel_unshipped"),
    ("fast_refund.limit", "", 0, ""),
    ("protection.delivery", "", Period(60, "days"), "release_escrow"),
    ("protection.after_delivery", "", Period(15, "days"), "release_escrow"),
    ("protection.remind_before", "", Period(3, "days"), ""),
    ("payout.delay", "", Period(24, "hours"), "pay_out"),
    ("goodwill.alone", "", 2000, ""),
    ("not_received.open_from", "", ("promise_passed", "tracking_abnormal"), ""),
    ("not_received.cap_includes_shipping", "", True, ""),
    ("return.window", "", Period(15, "days"), ""),
    ("contact.advised_wait", "", Period(3, "days"), ""),
    ("negotiation.seller_response", "", Period(5, "days"), "grant_request"),
    ("negotiation.buyer_response", "", Period(5, "days"), "escalate"),
    ("negotiation.limit", "", Period(15, "days"), "escalate"),
    ("mediation.evidence_request", "", Period(3, "days"), "resume_mediation"),
    ("mediation.evidence_rounds", "", 2, ""),
    ("mediation.decision", "", Period(7, "days"), ""),
    ("mediation.alert", "", Period(5, "days"), "alert_senior"),
    ("mediation.backstop", "", Period(14, "days"), "recommended_ruling"),
    ("ruling.reply", "", Period(7, "days"), "ruling_stands"),
    ("appeal.decision", "", Period(7, "days"), "recommended_ruling"),
    ("reopen.window", "", Period(30, "days"), ""),
    ("reopen.max", "", 1, ""),
    ("return.seller_instructions", "", Period(3, "days"), "refund_without_return"),
    ("return.ship_by", "", Period(10, "days"), "close_for_seller"),
    ("return.transit_silence", "", Period(20, "days"), "return_lost"),
    ("return.transit_max", "", Period(60, "days"), "return_lost"),
    ("return.lost", "", True, ""),
    ("inspect.clock", "", Period(3, "working_days", "calendar", "UTC", "CN"), "accept_return"),
    ("inspect.contest", "", Period(5, "days"), "rejection_stands"),
    ("inspect.reject_grounds", "",
     ("not_original_condition", "unauthorised_or_late", "does_not_match_claim"), ""),
    ("exchange.ship_by", "", Period(7, "days"), "exchange_fails"),
    ("exchange.transit_silence", "", Period(20, "days"), "exchange_fails"),
    ("exchange.transit_max", "", Period(60, "days"), "exchange_fails"),
    ("refund.initiate", "", Period(3, "working_days", "calendar", "UTC", "bank"), "initiate_refund"),
    ("refund.total_max", "", Period(15, "days"), ""),
    ("refund.eta.card", "", (3, 15), ""),
    ("refund.eta.bank_transfer", "", (7, 20), ""),
    ("refund.eta.wallet", "", (1, 3), ""),
    ("refund.eta.voucher", "", (0, 0), ""),
    ("refund.eta.balance", "", (0, 0), ""),
    ("refund.trace", "", Period(10, "days"), "refund_to_balance"),
    ("refund.method_reply", "", Period(7, "days"), "refund_to_balance"),
    ("partial.suggest.cosmetic", "", (1000, 2000), ""),
    ("partial.suggest.flaw", "", (2000, 4000), ""),
    ("partial.suggest.impaired", "", (4000, 7000), ""),
    ("partial.suggest.useless", "", (10000, 10000), ""),
    ("freight.payer", "no_reason.changed_mind", "buyer", ""),
    ("freight.payer", "no_reason.wrong_size_ordered", "buyer", ""),
    ("freight.payer", "quality.defective", "seller", ""),
    ("freight.payer", "not_as_described.color", "seller", ""),
    ("freight.payer", "no_reason.free_return", "seller", ""),
    ("returnless.below", "", 1000, ""),
    ("returnless.freight_share", "", 6000, ""),
    ("returnless.traits", "", ("hazardous",), ""),
    ("unreturnable.categories", "", ("underwear", "lingerie", "swimwear", "earrings", "wigs"), ""),
    ("unreturnable.traits", "", ("custom", "perishable", "digital", "opened_hygiene"), ""),
    ("unreturnable.except", "", ("not_as_described", "quality"), ""),
    ("condition.graded", "", ("packaging",), ""),
    ("guarantee.counterfeit", "", True, ""),
    ("guarantee.counterfeit_marks_seller", "", True, ""),
    ("guarantee.late", "", True, ""),
    ("guarantee.late_partial", "", 1000, ""),
    ("tracking.presumption", "", ("invalid", "unknown", "shared", "wrong_direction", "origin_only"), ""),
    ("tracking.rebuttal", "", ("delivered_to_postcode",), ""),
]  # fmt: skip


def pack(
    text: str, *, name: str, layer: str, more: str = "", version: int = 1, since: str = "2026-01-01T00:00:00Z"
) -> Pack:
    head = (
        f'[pack]\nid = "{name}"\nversion = {version}\nlayer = "{layer}"\ntitle = "T"\nstate = "published"\n'
    )
    return load_pack(f"{head}published_from = {since}\n{more}\n{text}", f"{name}.toml")


def sets(parameter: str, value: str, *, name: str, when: str = "", rest: str = "") -> str:
    conditions = f"when = {{ {when} }}\n" if when else ""
    return (
        f'[[clause]]\nid = "{name}"\nsets = {{ "{parameter}" = {value} }}\n{conditions}{rest}\n'
        f'sentence = "It is {name}."\ncitation = "ours"\n'
    )


def terms(*more: Pack, **facts: object) -> Terms:
    return resolve([*DEFAULT, *more], msgspec.structs.replace(FACTS, **facts))


@pytest.mark.parametrize(("name", "reason", "value", "default"), TABLE)
def test_the_default_pack_says_what_the_sources_say(
    name: str, reason: str, value: object, default: str
) -> None:
    term = terms().get(name, reason)
    assert (term.value, term.default) == (value, default)
    text = terms().clause(term.clause)
    assert text.sentence.endswith(".")
    assert text.citation


def test_the_default_pack_sets_every_parameter_for_every_reason() -> None:
    resolved = terms()
    for name in PARAMETERS:
        for reason in REASONS:
            assert resolved.get(name, reason).clause in resolved.clauses


@pytest.mark.parametrize("name", shipped())
def test_the_packs_that_come_along_stand_on_the_default(name: str) -> None:
    assert load(dict.fromkeys(["default", name]))


def test_a_pack_that_does_not_come_along_is_an_error() -> None:
    with pytest.raises(LookupError, match="no pack 'moon'"):
        load(("moon",))


def test_the_aliexpress_pack_overrides_the_default() -> None:
    resolved = resolve(load(("default", "aliexpress")), FACTS)
    assert resolved.get("negotiation.limit") == (
        Period(7, "days", zone="America/Los_Angeles"), "negotiation.limit.aliexpress", "escalate",
    )  # fmt: skip
    first = resolved.get("negotiation.seller_response").value
    assert (first.amount, first.zone) == (5, "America/Los_Angeles")
    assert (date(2026, 2, 15), date(2026, 2, 23)) in first.pauses
    assert resolved.get("free_return.offered").value is True
    assert resolved.get("free_return.window").value.amount == 15
    assert "after_shipping" in resolved.words("not_received.open_from")
    assert resolved.get("return.ship_by").clause == "return.ship_by.default"


@pytest.mark.parametrize(
    ("tier", "currency", "limit"),
    [
        ("standard", "USD", 0),
        ("platinum", "USD", 2500),
        ("diamond", "USD", 10000),
        ("diamond", "EUR", 8951),  # 100 / 1.1172 = 89.509...
        ("platinum", "JPY", 3931),  # 25 / 1.1172 * 175.68 = 3931.25...
        ("diamond", "KWD", 0),  # no rate: nothing is granted on a guess
    ],
)
def test_thresholds_are_converted_to_the_orders_currency(tier: str, currency: str, limit: int) -> None:
    assert terms(buyer_tier=tier, currency=currency).get("fast_refund.limit").value == limit


def test_a_missing_rate_is_told() -> None:
    [explained, *_] = terms(buyer_tier="diamond", currency="KWD").explain("fast_refund.limit")
    assert explained.why == "no rate from USD to KWD: counted as zero"


def test_conversion_rounds_half_up_to_the_minor_unit() -> None:
    rates = Rates("EUR", "2026-10-30", "a table", {"USD": "1", "KWD": "0.5", "JPY": "150"})
    assert convert(Money(1, "USD"), "JPY", rates) == 2  # 1.5
    assert convert(Money(101, "USD"), "KWD", rates) == 505
    assert convert(Money(100, "USD"), "XTS", rates) is None
    assert convert(Money(0, "USD"), "XTS", None) == 0
    assert convert(Money(7, "XTS"), "XTS", None) == 7


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("facts", "reason", "days"),
    [
        ({}, "quality.leaking", 20),
        ({"category": "electronics"}, "", 16),
        ({"category": "electronics/phones"}, "", 16),
        ({"category": "electronicsware"}, "", 20),
        ({"seller": "other"}, "", 15),
        ({"seller": "other"}, "quality.leaking", 25),
        ({"seller": "other", "shipping_method": "freight"}, "", 28),
        ({"category": "electronics"}, "quality.leaking", 16),
    ],
)
def test_windows_vary_by_category_reason_seller_and_shipping(
    facts: dict[str, str], reason: str, days: int
) -> None:
    platform = pack(
        sets("return.window", '"25 d"', name="faults", when='reason = ["quality"]')
        + sets(
            "return.window",
            '"28 d"',
            name="freight",
            when='shipping_method = ["freight"]',
            rest="priority = -1",
        ),
        name="more",
        layer="platform",
        more='extends = "default"',
    )
    seller = pack(
        sets("return.window", '"20 d"', name="seller")
        + sets("return.window", '"16 d"', name="phones", when='category = ["electronics"]'),
        name="s",
        layer="seller",
        more='seller = "kettle-works"',
    )
    assert terms(platform, seller, **facts).get("return.window", reason).value.amount == days


def test_each_layer_beats_the_one_below() -> None:
    layers = ["category", "seller", "promotion", "negotiated"]
    packs = [
        pack(sets("contact.advised_wait", f'"{n} d"', name=x), name=x, layer=x)
        for n, x in enumerate(layers, 4)
    ]
    for n in range(1, 5):
        assert terms(*packs[:n]).get("contact.advised_wait").clause == layers[n - 1]


def test_explain_names_the_winner_and_whom_it_beat() -> None:
    seller = pack(sets("return.window", '"20 d"', name="seller"), name="s", layer="seller")
    told = terms(seller).explain("return.window")
    assert [(x.clause, x.won, x.why) for x in told] == [
        ("seller", True, "highest_rank"), ("return.window.default", False, "outranked"),
    ]  # fmt: skip
    assert told[1].citation == "B11, D13, D309"
    assert told[0].sentence == "It is seller."


LAW = pack(
    sets("return.window", '"20 d"', name="law.br", when='buyer_country = ["BR"]')
    + sets("freight.payer", '"seller"', name="law.freight", when='buyer_country = ["BR"]'),
    name="br",
    layer="jurisdiction",
)


@pytest.mark.parametrize(("days", "kept", "clause"), [(15, 20, "law.br"), (20, 20, "p"), (25, 25, "p")])
def test_a_floor_lifts_what_is_less_kind_and_leaves_what_is_kinder(days: int, kept: int, clause: str) -> None:
    platform = pack(
        sets("return.window", f'"{days} d"', name="p"), name="p", layer="platform", more='extends = "default"'
    )
    term = terms(platform, LAW).get("return.window")
    assert (term.value.amount, term.clause) == (kept, clause)
    assert terms(platform, LAW, buyer_country="US").get("return.window").value.amount == days


def test_a_floor_binds_a_layer_that_was_never_checked() -> None:
    seller = pack(sets("return.window", '"16 d"', name="mean"), name="s", layer="seller")
    told = {x.clause: (x.won, x.why) for x in terms(seller, LAW).explain("return.window")}
    assert told["law.br"] == (True, "floor")
    assert told["mean"] == (False, "outranked")
    assert terms(LAW).get("freight.payer", "no_reason.changed_mind").value == "seller"


@pytest.mark.row("C3")
def test_of_several_extensions_the_latest_counts() -> None:
    holiday = pack(
        sets("return.extension", '"45 d"', name="holiday",
             when="placed_from = 2026-11-01T00:00:00Z, placed_before = 2026-12-25T00:00:00Z"),
        name="holiday", layer="promotion",
    )  # fmt: skip
    sale = pack(sets("return.extension", '"30 d"', name="sale"), name="sale", layer="promotion")
    agreed = pack(
        sets("return.extension", '"40 d"', name="agreed"),
        name="agreed",
        layer="negotiated",
        more='order = "O-1"',
    )
    assert terms(holiday, sale, agreed, order="O-1").get("return.extension").clause == "holiday"
    assert terms(sale, agreed, order="O-1").get("return.extension").clause == "agreed"
    assert terms(sale, agreed, order="O-2").get("return.extension").clause == "sale"
    later = datetime(2026, 12, 25, tzinfo=UTC)
    assert terms(holiday, sale, placed_at=later).get("return.extension").clause == "sale"


@pytest.mark.row("C3")
def test_an_agreement_after_the_purchase_only_makes_terms_kinder() -> None:
    frozen = terms()
    text = ClauseText("agreed.O-1.1", "The seller gives 20 days more.", "agreement of 3 November 2026")
    longer = extend(frozen, "return.extension", Period(35, "days"), text)
    assert longer.get("return.extension") == (Period(35, "days"), "agreed.O-1.1", "")
    assert longer.clause("agreed.O-1.1") == text
    assert longer.terms_id != frozen.terms_id
    shorter = extend(frozen, "return.window", Period(3, "days"), text)
    assert shorter.get("return.window").value == Period(15, "days")
    with pytest.raises(KeyError, match="no such parameter"):
        extend(frozen, "return.windwo", Period(35, "days"), text)


@pytest.mark.row("P2")
def test_stored_terms_do_not_see_later_packs() -> None:
    stored = msgspec.json.encode(terms())
    later = pack(
        sets("return.window", '"30 d"', name="new"),
        name="later",
        layer="platform",
        more='extends = "default"',
    )
    resolve([*DEFAULT, later], FACTS)
    read = msgspec.json.decode(stored, type=Terms)
    assert read.get("return.window") == (Period(15, "days"), "return.window.default", "")
    assert read == terms()
    assert terms(later).get("return.window").value.amount == 30


@pytest.mark.row("P2")
def test_an_order_gets_the_version_in_force_when_it_was_placed() -> None:
    def version(n: int, days: int, since: str) -> Pack:
        text = sets("return.window", f'"{days} d"', name="w")
        return pack(text, name="shop", layer="platform", more='extends = "default"', version=n, since=since)

    first, second = version(1, 20, "2026-01-01T00:00:00Z"), version(2, 25, "2026-11-02T12:00:00Z")
    before = datetime(2026, 11, 2, 11, 59, 59, 999999, tzinfo=UTC)
    assert terms(first, second, placed_at=before).get("return.window").value.amount == 20
    assert terms(second, first, placed_at=AT).get("return.window").value.amount == 25
    assert "shop@1" in terms(first, second, placed_at=before).packs
    draft = msgspec.structs.replace(second, state="draft")
    assert terms(first, draft).get("return.window").value.amount == 20


def test_no_pack_in_force_is_an_error() -> None:
    with pytest.raises(LookupError, match="no pack of the platform is in force"):
        resolve([], FACTS)


def test_the_law_alone_is_no_policy() -> None:
    laws = [pack for pack in load(("default", "eu", "uk")) if pack.layer is Layer.JURISDICTION]
    assert len(laws) == 2
    with pytest.raises(LookupError, match="no pack of the platform is in force"):
        resolve(laws, FACTS)


def test_terms_are_named_after_their_content() -> None:
    assert len(terms().terms_id) == 24
    assert terms(price=1).terms_id == terms(price=2).terms_id
    assert terms().terms_id != terms(buyer_tier="diamond").terms_id
    assert terms().terms_id != terms(seller_country="DE").terms_id
    assert len({terms(currency=c).terms_id for c in ("USD", "EUR", "JPY")}) == 3


def test_prices_decide_where_a_clause_bounds_them() -> None:
    dear = pack(
        sets("return.window", '"30 d"', name="dear", when='price_from = "EUR 100.00"')
        + sets("return.window", '"20 d"', name="cheap", when='price_below = "EUR 1.00"'),
        name="dear", layer="category",
    )  # fmt: skip
    days = [
        terms(dear, currency="EUR", price=p).get("return.window").value.amount for p in (10000, 9999, 100, 99)
    ]
    assert days == [30, 15, 15, 20]
    # 100 EUR are 111.72 USD at the rates of the default pack.
    assert [terms(dear, price=p).get("return.window").value.amount for p in (11171, 11172)] == [15, 30]


def test_traits_tiers_and_refund_methods_are_conditions() -> None:
    special = pack(
        sets("refund.total_max", '"9 d"', name="wallets", when='method = ["wallet"]')
        + sets("return.window", '"40 d"', name="branded",
               when='traits = ["branded"], buyer_tier = ["diamond"]'),
        name="special", layer="category",
    )  # fmt: skip
    resolved = terms(special, traits=("branded", "custom"), buyer_tier="diamond")
    assert resolved.get("refund.total_max", method="wallet").value.amount == 9
    assert resolved.get("refund.total_max", method="card").value.amount == 15
    assert resolved.get("refund.total_max").value.amount == 15
    assert resolved.get("return.window").value.amount == 40
    assert terms(special, traits=("branded",)).get("return.window").value.amount == 15


def test_an_unknown_name_or_clause_is_a_clear_error() -> None:
    with pytest.raises(KeyError, match=r"return\.windwo: there is no such parameter"):
        terms().get("return.windwo")
    lone = resolve([pack(sets("return.window", '"1 d"', name="lone"), name="lone", layer="platform")], FACTS)
    with pytest.raises(KeyError, match="no clause of these terms sets it"):
        lone.get("reopen.max")
    with pytest.raises(KeyError, match="name no clause 'x'"):
        terms().clause("x")
    with pytest.raises(TypeError, match="no period"):
        terms().period("reopen.max")
    with pytest.raises(TypeError, match="no list of words"):
        terms().words("reopen.max")
    assert lone.has("return.window")
    assert not lone.has("reopen.max")
