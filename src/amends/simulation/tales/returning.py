"""Goods on their way back, looked at, rejected, replaced."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.orders import Method, Signal, Unit
from amends.domain.parties import Role
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import exchange, photo, refund, return_for, shown


def scripts(stage: Stage) -> Iterator[Script]:
    """Every station of the way back, and how returns ended."""
    yield _waiting_for_an_address(stage)
    yield _to_be_sent(stage)
    yield _on_its_way(stage)
    yield _to_be_inspected(stage)
    yield _rejected(stage)
    yield _contested(stage)
    yield _replacement_due(stage)
    yield _replacement_on_its_way(stage)
    yield _exchanged(stage)
    yield _never_sent(stage)
    yield _worn_and_accepted(stage)
    yield _sent_back_and_refunded(stage)
    yield _lost_on_the_way(stage)
    yield _no_address_came(stage)
    yield _kept_after_all(stage)


def _waiting_for_an_address(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 11, cast.lyon, cast.lamps, Bought("table lamp", 1, "terracotta"))
    script.travel(10, 5)
    script.claim(
        2.6,
        "not_as_described.color",
        return_for(script.paid),
        "It is orange rather than terracotta.",
        photo("In daylight, next to a terracotta pot"),
    )
    script.sells(1.3, c.AcceptOffer())
    return script


def _to_be_sent(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 22, cast.osaka, cast.mugs, Bought("mug set", 1, "slate"), currency="JPY")
    script.travel(21, 12)
    script.claim(
        6,
        "no_reason.changed_mind",
        return_for(script.goods, Role.BUYER),
        "They do not match our tableware. Unused.",
    )
    script.sells(5, c.AcceptOffer())
    script.instruct(4, "Any tracked service is fine; please keep the inner boxes.", label="buyer")
    return script


def _on_its_way(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 26, cast.boston, cast.shoes, Bought("loafers", 1, "42"), currency="USD")
    script.travel(24, 16)
    script.claim(
        12,
        "no_reason.wrong_size_ordered",
        return_for(script.goods, Role.BUYER),
        "I should have ordered one size down.",
    )
    script.sells(9, c.AcceptOffer())
    script.instruct(7.5, "Only in the original box, unworn.", label="buyer")
    script.send_back(5)
    script.return_scan(2.5, Signal.CUSTOMS, "Handed to the airline")
    return script


def _to_be_inspected(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 24, cast.berlin, cast.shoes, Bought("ankle boots", 1, "38"))
    script.travel(22, 17)
    script.claim(
        13,
        "not_as_described.size",
        return_for(script.paid),
        "Marked 38 but cut like a 36: 23.1 cm instead of 24.5.",
        photo("Insole with a ruler"),
    )
    script.sells(9, c.AcceptOffer())
    script.instruct(8)
    script.send_back(
        5, "counter receipt", photo("Label of the parcel, shaky"), shown("receipt", "From the counter, 6.49")
    )
    script.return_scan(3.5, Signal.IN_TRANSIT, "At the sorting centre")
    script.return_scan(1.3, Signal.DELIVERED, "Signed for at the returns desk")
    return script


def _rejected(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 33, cast.curitiba, cast.shoes, Bought("loafers", 1, "40"), currency="BRL")
    script.travel(31, 22)
    script.claim(
        19,
        "not_as_described.size",
        return_for(script.paid),
        "They run two sizes small. I tried them on at home only.",
        photo("Size label"),
    )
    script.sells(15, c.AcceptOffer())
    script.instruct(13)
    script.send_back(11)
    script.return_scan(6, Signal.CUSTOMS, "Import cleared")
    script.return_scan(2.7, Signal.DELIVERED, "Delivered")
    script.inspect(
        1.5,
        accepted=False,
        ground="not_original_condition",
        note="The soles are scratched: worn outdoors, more than once.",
    )
    return script


def _contested(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 32, cast.sevilla, cast.shoes, Bought("running shoes", 1, "41"))
    script.travel(30, 25)
    script.claim(
        21,
        "quality.material",
        return_for(script.paid),
        "The upper is coming away from the sole after two runs.",
        photo("The gap at the toe"),
    )
    script.sells(17, c.AcceptOffer())
    script.instruct(15)
    script.send_back(12)
    script.return_scan(8, Signal.DELIVERED, "Delivered")
    script.inspect(
        6.8,
        accepted=False,
        ground="does_not_match_claim",
        note="The sole is cut with a blade, not worn away.",
        evidence=(photo("The cut along the sole"), photo("Both soles from below")),
    )
    script.buys(
        3.6,
        c.ContestRejection(
            note="I never cut anything. My pictures from the day I sent them show glue threads in the gap.",
            evidence=(photo("Taken at the counter when I sent them"),),
        ),
    )
    script.staff(2.6, stage.cast.strict, c.TakeCase())
    return script


def _replacement_due(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 34, cast.kuwait, cast.phones, Bought("phone", 1, "black"), currency="KWD")
    script.travel(32, 22)
    script.claim(
        20,
        "quality.defective",
        exchange(script.paid, "black"),
        "The screen flickers whenever the phone charges.",
        shown("video", "Flicker while charging, 20 seconds"),
    )
    script.sells(16, c.AcceptOffer())
    script.instruct(14, "Please remove your SIM card and reset the phone.")
    script.send_back(12)
    script.return_scan(8, Signal.CUSTOMS, "Import cleared")
    script.return_scan(4.4, Signal.DELIVERED, "Delivered")
    script.inspect(2.6, accepted=True, note="Fault reproduced.")
    return script


def _replacement_on_its_way(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 29, cast.chicago, cast.mugs, Bought("mug set", 1, "speckled"), currency="USD")
    script.travel(28, 22)
    script.claim(
        20,
        "quality.damaged_in_transit",
        exchange(script.paid, "speckled"),
        "Two mugs are chipped. I would love the same set again.",
        photo("The two chipped rims"),
    )
    script.sells(19.3, c.AcceptOffer())
    script.instruct(18.5, "Prepaid label attached, any post office will do.")
    script.send_back(15)
    script.return_scan(9, Signal.DELIVERED, "Delivered")
    script.inspect(8, accepted=True, note="Chipped as described.")
    script.replace(5)
    script.replacement_scan(2, Signal.IN_TRANSIT, "At the sorting centre")
    return script


def _exchanged(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 70, cast.osaka, cast.phones, Bought("small phone", 1, "grey"), currency="JPY")
    script.travel(68, 60)
    script.claim(
        58,
        "not_as_described.wrong_item",
        exchange(script.paid, "grey"),
        "The box says grey, the phone in it is rose.",
        photo("Phone and box"),
    )
    script.sells(54, c.AcceptOffer())
    script.instruct(52)
    script.send_back(50)
    script.return_scan(44, Signal.DELIVERED, "Delivered")
    script.inspect(42.5, accepted=True, note="Unused, complete.")
    script.replace(38)
    script.replacement_scan(34, Signal.CUSTOMS, "Import cleared")
    script.replacement_scan(31, Signal.DELIVERED, "Delivered")
    return script


def _never_sent(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 52, cast.chicago, cast.gadgets, Bought("headphones", 1, "silver"), currency="USD")
    script.travel(50, 41)
    script.claim(
        37,
        "no_reason.changed_mind",
        return_for(script.goods, Role.BUYER),
        "Too heavy for me. Sealed, never used.",
    )
    script.sells(34, c.AcceptOffer())
    script.instruct(32, "At your cost, insured, within ten days.", label="buyer")
    return script


def _worn_and_accepted(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 66, cast.lyon, cast.shoes, Bought("running shoes", 1, "43"))
    script.travel(64, 59)
    script.claim(
        55, "no_reason.wrong_size_ordered", return_for(script.goods, Role.BUYER), "Half a size too big."
    )
    script.sells(51, c.AcceptOffer())
    script.instruct(49, label="buyer")
    script.send_back(45)
    script.return_scan(41, Signal.DELIVERED, "Delivered")
    script.inspect(
        39.5, accepted=False, ground="not_original_condition", note="At least 40 km on these soles."
    )
    script.buys(37, c.AcceptRejection())
    return script


def _sent_back_and_refunded(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage,
        57,
        cast.berlin,
        cast.lamps,
        Bought("table lamp", 1, "black"),
        discount=10,
        methods=(Method.WALLET,),
    )
    script.travel(56, 51)
    script.claim(
        49,
        "quality.defective",
        return_for(script.paid),
        "The dimmer hums at every setting.",
        shown("video", "The hum, recorded from a metre away"),
    )
    script.sells(48.4, c.AcceptOffer())
    script.instruct(47.6, "Label attached. Sorry for the trouble!")
    script.send_back(45)
    script.return_scan(43.5, Signal.IN_TRANSIT, "Collected")
    script.return_scan(41, Signal.DELIVERED, "Delivered")
    script.inspect(40.2, accepted=True, note="It hums indeed.")
    return script


def _lost_on_the_way(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 62, cast.curitiba, cast.mugs, Bought("mug set", 2), currency="BRL")
    script.travel(60, 50)
    script.claim(
        46,
        "not_as_described.color",
        return_for(script.paid),
        "Speckled was ordered, these are plain white.",
        photo("All twelve mugs"),
    )
    script.sells(45, c.AcceptOffer())
    script.instruct(44)
    script.send_back(40)
    script.return_scan(35, Signal.IN_TRANSIT, "Left the country")
    script.return_scan(24, Signal.LOST, "The carrier has given up the search")
    return script


def _no_address_came(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 39, cast.sevilla, cast.pantry, Bought("ceramic pan", 1, "28 cm"))
    script.travel(37, 33)
    script.claim(
        30,
        "quality.defective",
        return_for(script.paid),
        "The coating blisters.",
        photo("Blisters in the middle of the pan"),
    )
    return script


def _kept_after_all(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 54, cast.boston, cast.lamps, Bought("table lamp", 2, "sand"), currency="USD")
    script.travel(52, 44)
    script.claim(
        41,
        "not_as_described.look",
        return_for(script.paid),
        "The sand colour is nearly green in daylight, both of them.",
        photo("Both in daylight"),
    )
    script.sells(
        40, c.MakeOffer(remedy=refund(script.share(20)), note="Colours differ on screens. Twenty percent?")
    )
    script.buys(
        38.5,
        c.MakeOffer(remedy=return_for(script.cost(Unit("l1", 0))), note="Then I send one back and keep one."),
    )
    script.sells(
        37.6, c.DeclineOffer(note="One alone I cannot sell. Send both, or keep both for 30 percent.")
    )
    script.buys(36, c.MakeOffer(remedy=refund(script.share(30)), note="Agreed: 30 percent, and I keep both."))
    script.sells(35.2, c.AcceptOffer())
    return script
