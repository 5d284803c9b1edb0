"""Money that has been promised and is not there yet, or took a detour."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.orders import Method
from amends.simulation.banks import QUIET_BANK
from amends.simulation.purchases import DECLINED, LATE, Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import photo, refund


def scripts(stage: Stage) -> Iterator[Script]:
    """Under way, overdue, sent back by the bank, and sent another way."""
    yield _under_way(stage)
    yield _overdue(stage)
    yield _card_closed(stage)
    yield _by_bank_instead(stage)


def _under_way(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage, 13, cast.curitiba, cast.beach, Bought("swimsuit", 2, "M"), currency="BRL", fault=LATE
    )
    script.travel(12, 6)
    script.claim(
        2.2,
        "not_as_described.size",
        refund(script.paid),
        "Both are children's sizes.",
        photo("Size labels and a ruler"),
    )
    script.sells(0.9, c.AcceptOffer())
    return script


def _overdue(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage,
        20,
        cast.lyon,
        cast.lamps,
        Bought("night light", 3),
        methods=(Method.WALLET,),
        provider=QUIET_BANK,
    )
    script.travel(19, 14)
    script.claim(
        11,
        "not_as_described.color",
        refund(script.share(40)),
        "Three white ones instead of three blue ones.",
        photo("All three, switched on"),
    )
    script.sells(9.5, c.AcceptOffer())
    return script


def _card_closed(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 17, cast.boston, cast.mugs, Bought("custom mug"), currency="USD", fault=DECLINED)
    script.travel(16, 10)
    script.claim(
        5,
        "not_as_described.wrong_item",
        refund(script.paid),
        "Lovely mug, but it says Best Uncle and I am nobody's uncle.",
        photo("The print"),
    )
    script.sells(3.4, c.AcceptOffer())
    return script


def _by_bank_instead(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 46, cast.chicago, cast.lamps, Bought("table lamp"), currency="USD", fault=DECLINED)
    script.travel(44, 37)
    script.claim(
        35,
        "quality.assembly",
        refund(script.share(25)),
        "The thread of the base was cut askew; I had to re-cut it myself.",
        photo("The base before and after"),
    )
    script.sells(34, c.AcceptOffer())
    script.buys(31, c.ChooseRefundMethod(method="bank_transfer", destination="account ending in 4471"))
    return script
