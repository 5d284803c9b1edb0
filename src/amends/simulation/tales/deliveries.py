"""Orders nobody has complained about: most of what a marketplace sees."""

from collections.abc import Iterator

from amends.domain.orders import Method, Signal
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage


def scripts(stage: Stage) -> Iterator[Script]:
    """New, on their way, just delivered, long settled, and some that a buyer will ask about soon."""
    yield from _settled(stage)
    yield from _just_delivered(stage)
    yield from _under_way(stage)
    yield from _not_shipped(stage)


def _settled(stage: Stage) -> Iterator[Script]:
    cast, random = stage.cast, stage.random
    for buyer, seller, article, currency in (
        (cast.berlin, cast.mugs, "mug set", "EUR"),
        (cast.osaka, cast.lamps, "night light", "JPY"),
        (cast.kuwait, cast.phones, "phone case", "KWD"),
        (cast.curitiba, cast.beach, "trunks", "BRL"),
        (cast.chicago, cast.mugs, "custom mug", "USD"),
    ):
        placed = random.uniform(60, 88)
        script = Script(
            stage, placed, buyer, seller, Bought(article, random.randint(1, 3)), currency=currency
        )
        script.travel(placed - 2, placed - random.uniform(7, 12))
        if random.random() < 0.5:
            script.confirm(placed - 14)
        yield script


def _just_delivered(stage: Stage) -> Iterator[Script]:
    cast = stage.cast
    script = Script(
        stage,
        12,
        cast.lyon,
        cast.mugs,
        Bought("custom mug", 2),
        Bought("mug set"),
        methods=(Method.CARD, Method.VOUCHER),
    )
    script.travel(10, 2)
    yield script
    # The parcel came two days after the promised one: ten percent, or a return.
    script = Script(
        stage, 19, cast.boston, cast.beach, Bought("trunks"), Bought("earrings"), currency="USD", promised=6
    )
    script.travel(17, 4)
    yield script
    script = Script(stage, 20, cast.sevilla, cast.gadgets, Bought("smart watch"), discount=15)
    script.travel(18, 13)
    yield script


def _under_way(stage: Stage) -> Iterator[Script]:
    cast = stage.cast
    script = Script(stage, 5, cast.osaka, cast.shoes, Bought("ankle boots"), currency="JPY", promised=-9)
    script.ship(3)
    script.says(2.6, cast.osaka, template="where_is_it")
    script.says(2.2, cast.shoes, template="on_its_way")
    script.reads(1.8, cast.osaka)
    yield script
    # Seen in the country of origin only, and long past its promise: it may be reported missing.
    script = Script(stage, 38, cast.curitiba, cast.gadgets, Bought("headphones"), currency="BRL", promised=9)
    script.ship(35)
    script.scan(31, Signal.IN_TRANSIT, "Waiting for export")
    script.says(5.2, cast.curitiba, template="where_is_it")
    yield script
    script = Script(stage, 29, cast.kuwait, cast.lamps, Bought("floor lamp"), currency="KWD", promised=4)
    script.ship(27)
    script.scan(20, Signal.CUSTOMS, "Held for papers", abroad=True)
    script.scan(8, Signal.LOST, "Not found at the depot", abroad=True)
    yield script
    script = Script(
        stage, 23, cast.chicago, cast.phones, Bought("phone case", 2), currency="USD", promised=1.5
    )
    script.ship(21, tracked=False)
    yield script


def _not_shipped(stage: Stage) -> Iterator[Script]:
    cast = stage.cast
    yield Script(stage, 0.6, cast.sevilla, cast.beach, Bought("swimsuit"), methods=(Method.WALLET,))
    yield Script(stage, 3.4, cast.boston, cast.mugs, Bought("custom mug", 4), currency="USD", promised=-8)
    yield Script(stage, 5.7, cast.berlin, cast.pantry, Bought("olive oil"), Bought("ceramic pan"))
