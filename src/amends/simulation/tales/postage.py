"""Arguments about what the way back cost."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.orders import Signal
from amends.simulation.purchases import Bought
from amends.simulation.script import CARRIERS, Script, Stage
from amends.simulation.tracking_numbers import s10
from amends.simulation.wishes import photo, refund, return_for, shown

_PAID_AT_THE_COUNTER = 790


def scripts(stage: Stage) -> Iterator[Script]:
    """Postage that was forgotten with the return and paid back later."""
    yield _paid_back_later(stage)


def _paid_back_later(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 63, cast.sevilla, cast.shoes, Bought("loafers", 1, "39"))
    script.travel(61, 55)
    script.claim(
        53,
        "not_as_described.color",
        return_for(script.paid),
        "Brown in the pictures, nearly red in daylight.",
        photo("In daylight"),
    )
    script.sells(51, c.AcceptOffer())
    script.instruct(49.5, "Any carrier will do; we pay you back.", label="buyer")
    script.buys(
        47,
        c.ShipReturn(
            carrier=CARRIERS["EU"],
            tracking_number=s10(stage.random, script.buyer.country),
            freight=_PAID_AT_THE_COUNTER,
        ),
    )
    script.return_scan(42, Signal.DELIVERED, "Delivered")
    script.inspect(41, accepted=True, note="Unworn.")
    script.claim(
        34,
        "return.freight",
        refund(_PAID_AT_THE_COUNTER),
        "I had mislaid the receipt of the post office. Here it is.",
        shown("receipt", "From the counter, 7.90"),
    )
    script.sells(33, c.AcceptOffer())
    return script
