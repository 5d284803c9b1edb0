"""Orders that were not to be shipped after all."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.custody.commands import CancelBySeller
from amends.domain.orders import Method
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage


def scripts(stage: Stage) -> Iterator[Script]:
    """Asked, granted, declined, cancelled by the seller and by the clock."""
    yield _asked(stage)
    yield _cancelled_today(stage)
    yield _paid_at_once(stage)
    yield _too_late(stage)
    yield _granted_by_silence(stage)
    yield _never_shipped(stage)
    yield _out_of_stock(stage)


def _asked(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 2.6, cast.osaka, cast.phones, Bought("phone"), currency="JPY")
    script.buys(
        1.2,
        c.OpenCancellation(reason="cancel.found_cheaper", story="The same phone is on offer in a shop here."),
    )
    return script


def _cancelled_today(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage, 0.9, cast.berlin, cast.lamps, Bought("table lamp"), methods=(Method.BANK_TRANSFER,)
    )
    script.buys(
        0.4, c.OpenCancellation(reason="cancel.mistake", story="I meant the black one and will order again.")
    )
    return script


def _paid_at_once(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 20, cast.boston, cast.mugs, Bought("custom mug", 2), currency="USD")
    script.buys(
        19.6, c.OpenCancellation(reason="cancel.mistake", story="There is a typing error in the name.")
    )
    return script


def _too_late(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 40, cast.boston, cast.shoes, Bought("running shoes"), currency="USD")
    script.buys(
        38, c.OpenCancellation(reason="cancel.changed_mind", story="I no longer need them this season.")
    )
    script.sells(37, c.DeclineOffer(note="They are packed and the courier is booked for this afternoon."))
    script.travel(36.5, 31)
    return script


def _granted_by_silence(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 30, cast.chicago, cast.pantry, Bought("cheese", 2), currency="USD")
    script.buys(
        28, c.OpenCancellation(reason="cancel.changed_mind", story="We are away when it would arrive.")
    )
    return script


def _never_shipped(stage: Stage) -> Script:
    cast = stage.cast
    return Script(stage, 33, cast.chicago, cast.gadgets, Bought("power bank"), currency="USD")


def _out_of_stock(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 25, cast.kuwait, cast.phones, Bought("small phone", 2), currency="KWD")
    script.sells(22, CancelBySeller(note="This colour is sold out; the next batch comes in two months."))
    return script
