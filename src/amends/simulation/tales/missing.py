"""Parcels that never came, one for each thing that a trace can show."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.orders import Signal
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.tracking_numbers import s10
from amends.simulation.wishes import refund


def scripts(stage: Stage) -> Iterator[Script]:
    """What is wrong with a number, with the way, with the times, and with the weight."""
    yield _no_such_form(stage)
    yield _unknown_to_the_carrier(stage)
    yield from _one_number_for_two(stage)
    yield _the_wrong_way(stage)
    yield _older_than_the_order(stage)
    yield _handed_in_late(stage)
    yield _at_another_address(stage)
    yield _silent_since_customs(stage)
    yield _too_light(stage)


def _no_such_form(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 30, cast.berlin, cast.phones, Bought("phone case"), promised=14)
    script.ship(28, number="PARCEL-2041", seen=False)
    script.claim(
        12, "not_received.tracking_invalid", refund(script.paid), "No carrier takes this for a number."
    )
    return script


def _unknown_to_the_carrier(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 26, cast.sevilla, cast.gadgets, Bought("headphones", 1, "black"), promised=9)
    script.ship(24, seen=False)
    script.scan(15, Signal.UNKNOWN, "No data for this number")
    script.claim(
        3.4, "not_received.overdue", refund(script.paid), "The carrier has never heard of this number."
    )
    return script


def _one_number_for_two(stage: Stage) -> Iterator[Script]:
    cast = stage.cast
    number = s10(stage.random, cast.gadgets.country)
    first = Script(stage, 40, cast.lyon, cast.gadgets, Bought("smart watch", 1, "M/L"))
    first.ship(38, number=number)
    first.deliver(30)
    yield first
    second = Script(stage, 33, cast.chicago, cast.gadgets, Bought("smart watch"), currency="USD", promised=12)
    second.ship(31, number=number, seen=False)
    second.claim(
        9,
        "not_received.tracking_shared",
        refund(second.paid),
        "It was delivered before I had bought anything.",
    )
    yield second


def _the_wrong_way(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 34, cast.boston, cast.gadgets, Bought("headphones"), currency="USD", promised=10)
    script.ship(32)
    script.scan(26, Signal.IN_TRANSIT, "Sorting centre Rotterdam", country="NL")
    script.scan(17, Signal.IN_TRANSIT, "Import hall")
    script.claim(
        4.1,
        "not_received.wrong_direction",
        refund(script.paid),
        "It was in Europe and is back where it began.",
    )
    return script


def _older_than_the_order(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 27, cast.osaka, cast.shoes, Bought("loafers"), currency="JPY", promised=8)
    script.ship(25, seen=False)
    script.scan(24, Signal.IN_TRANSIT, "At the sorting centre", earlier=9)
    script.claim(
        2.7,
        "not_received.overdue",
        refund(script.paid),
        "That parcel was on its way before I bought anything.",
    )
    return script


def _handed_in_late(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 36, cast.kuwait, cast.mugs, Bought("mug set"), currency="KWD", promised=15)
    script.ship(34, seen=False)
    script.scan(22, Signal.ACCEPTED, "Accepted by the carrier")
    script.claim(
        13, "not_received.overdue", refund(script.paid), "It was handed in two weeks after they said."
    )
    return script


def _at_another_address(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 19, cast.berlin, cast.lamps, Bought("table lamp"), promised=7)
    script.ship(17)
    script.deliver(8, postcode="04109")
    script.claim(
        3.1, "not_received.wrong_address", refund(script.paid), "It was handed over in another town."
    )
    script.sells(1.6, c.DeclineOffer(note="The carrier says that it was delivered."))
    script.buys(0.8, c.Escalate(note="In Leipzig. I live in Berlin."))
    return script


def _silent_since_customs(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 41, cast.curitiba, cast.beach, Bought("earrings"), currency="BRL", promised=16)
    script.ship(39)
    script.scan(29, Signal.CUSTOMS, "Handed to customs", abroad=True)
    script.claim(
        3.7, "not_received.overdue", refund(script.paid), "Nothing has been heard of it since customs."
    )
    return script


def _too_light(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 22, cast.chicago, cast.lamps, Bought("floor lamp"), currency="USD", promised=6)
    script.ship(20, seen=False)
    script.scan(19.5, Signal.ACCEPTED, "Accepted by the carrier", weight_g=310)
    script.deliver(9)
    script.claim(
        2.9,
        "not_received.shown_delivered",
        refund(script.paid),
        "A letter came, no lamp. The carrier weighed 310 grams.",
    )
    return script
