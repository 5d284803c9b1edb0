"""The other ways a return can go: customs, silence, back to the buyer, too little in it, denied, in parts."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.cases.model import Reception
from amends.domain.orders import Signal
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import exchange, photo, return_for


def scripts(stage: Stage) -> Iterator[Script]:
    """Returns under way and at their ends, and exchanges the stock has a say in."""
    yield _in_customs(stage)
    yield _silent(stage)
    yield _came_back_to_the_buyer(stage)
    yield _fewer_than_sent(stage)
    yield _receipt_denied(stage)
    yield _kept_while_it_comes_back(stage)
    yield _sold_out(stage)
    yield _in_two_parcels(stage)


def _in_customs(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 28, cast.curitiba, cast.gadgets, Bought("headphones", 1, "silver"), currency="BRL")
    script.travel(26, 19)
    script.claim(
        16, "quality.defective", return_for(script.paid), "The left side is silent.", photo("The jack, bent")
    )
    script.sells(15, c.AcceptOffer())
    script.instruct(13.6, "Please mark it as returned goods for customs.")
    script.send_back(11)
    script.return_scan(8, Signal.CUSTOMS, "Held for inspection", weight_g=640)
    return script


def _silent(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 44, cast.chicago, cast.mugs, Bought("mug set", 1, "slate"), currency="USD")
    script.travel(42, 36)
    script.claim(
        33,
        "not_as_described.color",
        return_for(script.paid),
        "Slate was shown, these are blue.",
        photo("Blue"),
    )
    script.sells(32, c.AcceptOffer())
    script.instruct(30)
    script.send_back(26)
    script.return_scan(17, Signal.IN_TRANSIT, "Left the sorting centre", weight_g=1900)
    return script


def _came_back_to_the_buyer(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 37, cast.lyon, cast.lamps, Bought("floor lamp", 1, "oak"))
    script.travel(35, 29)
    script.claim(
        26,
        "not_as_described.size",
        return_for(script.paid),
        "It is ten centimetres too short.",
        photo("With a ruler"),
    )
    script.sells(25, c.AcceptOffer())
    script.instruct(23.5)
    script.send_back(20)
    script.return_scan(12, Signal.FAILED_ATTEMPT, "Nobody at the returns desk")
    script.return_scan(3.5, Signal.RETURNED_TO_SENDER, "Not collected, back with the sender")
    return script


def _fewer_than_sent(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 31, cast.berlin, cast.lamps, Bought("night light", 3, "white"))
    script.travel(29, 23)
    script.claim(
        20, "not_as_described.look", return_for(script.paid), "They flicker, all three.", photo("All three")
    )
    script.sells(19, c.AcceptOffer())
    script.instruct(17.6)
    script.send_back(14)
    script.return_scan(9, Signal.IN_TRANSIT, "At the sorting centre", weight_g=230)
    script.return_scan(4, Signal.DELIVERED, "Delivered")
    script.inspect(2, accepted=True, note="Two came, one is missing.", missing=1, weight_g=225)
    return script


def _receipt_denied(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 36, cast.sevilla, cast.gadgets, Bought("smart watch", 1, "S/M"))
    script.travel(34, 27)
    script.claim(
        24, "quality.defective", return_for(script.paid), "It loses an hour a day.", photo("Two clocks")
    )
    script.sells(23, c.AcceptOffer())
    script.instruct(21.5)
    script.send_back(18)
    script.return_scan(13, Signal.IN_TRANSIT, "At the sorting centre", weight_g=185)
    script.return_scan(8, Signal.DELIVERED, "Signed for at the returns desk")
    script.inspect(
        6.3,
        accepted=False,
        ground="does_not_match_claim",
        reception=Reception.LOST,
        note="No such parcel reached us.",
    )
    script.buys(
        4.5, c.ContestRejection(note="The carrier has a signature of your desk, and weighed it full.")
    )
    return script


def _kept_while_it_comes_back(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 20, cast.berlin, cast.shoes, Bought("running shoes", 1, "41"))
    script.travel(18, 13)
    script.claim(
        11,
        "not_as_described.size",
        exchange(script.paid, "43"),
        "Marked 41, but it is a 40. A 43 of yours should fit.",
        photo("The sole with a ruler"),
    )
    script.sells(9.5, c.AcceptOffer())
    script.instruct(8)
    script.send_back(5)
    script.return_scan(3, Signal.IN_TRANSIT, "At the sorting centre", weight_g=1010)
    return script


def _sold_out(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 25, cast.lyon, cast.shoes, Bought("running shoes", 1, "40"))
    script.travel(23, 18)
    script.claim(
        16,
        "not_as_described.size",
        exchange(script.paid, "42"),
        "Marked 40, but it is a 38.",
        photo("The sole with a ruler"),
    )
    script.sells(14.5, c.AcceptOffer())
    script.instruct(13)
    script.send_back(10)
    script.return_scan(5, Signal.DELIVERED, "Delivered")
    script.inspect(3, accepted=True, note="Unworn.")
    return script


def _in_two_parcels(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 34, cast.berlin, cast.lamps, Bought("table lamp", 2, "sand"))
    script.travel(32, 27)
    script.claim(
        24,
        "not_as_described.look",
        return_for(script.paid),
        "Both are matt, not glazed.",
        photo("Both of them"),
    )
    script.sells(23, c.AcceptOffer())
    script.instruct(21.6)
    first, second = script.send_back_in_parcels(18, 16.5)
    script.return_scan(14, Signal.IN_TRANSIT, "At the sorting centre", parcel=second)
    script.return_scan(6, Signal.DELIVERED, "Delivered", parcel=first)
    return script
