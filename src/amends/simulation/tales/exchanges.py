"""Exchanges for something that costs more."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Remedy
from amends.domain.orders import Signal
from amends.domain.parties import Role
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import photo, return_for


def scripts(stage: Stage) -> Iterator[Script]:
    """An exchange the buyer has yet to pay the difference for."""
    yield _to_be_paid(stage)


def _to_be_paid(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 27, cast.lyon, cast.lamps, Bought("table lamp", 1, "sand"))
    script.travel(25, 19)
    script.claim(
        17,
        "quality.defective",
        return_for(script.paid),
        "The switch has to be pressed three times before the lamp comes on.",
        photo("The switch, pressed and dark"),
    )
    dearer = Remedy(
        amount=script.paid,
        goods=Goods.RETURN,
        exchange_variant="brass",
        freight_payer=Role.SELLER,
        difference=script.share(20),
    )
    script.sells(
        16, c.MakeOffer(remedy=dearer, note="That switch is at its end. The brass one has a better one.")
    )
    script.buys(15, c.AcceptOffer())
    script.instruct(13.5)
    script.send_back(10)
    script.return_scan(4, Signal.DELIVERED, "Delivered")
    script.inspect(1.3, accepted=True, note="The switch is worn out. Unused otherwise.")
    return script
