"""Labels, parts of a bundle, returns of one checkout, and exchanges that go another way than most."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Remedy
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import exchange, photo, refund, return_for


def scripts(stage: Stage) -> Iterator[Script]:
    """With a label of the marketplace, in part, along with another order, or against a replacement."""
    yield _label_to_show_at_the_counter(stage)
    yield _a_part_of_a_set(stage)
    yield from _two_sellers_of_one_checkout(stage)
    yield _replacement_first(stage)
    yield _cheaper_replacement(stage)
    yield _no_replacement_left(stage)


def _label_to_show_at_the_counter(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 18, cast.sevilla, cast.mugs, Bought("mug set", 1, "slate"))
    script.travel(16, 11)
    script.claim(
        9,
        "quality.damaged_in_transit",
        return_for(script.paid),
        "Three of six are cracked.",
        photo("The cracks"),
    )
    script.sells(7.5, c.AcceptOffer())
    script.instruct(6, "The label is paid for; any counter of the carrier takes it.", label="platform")
    script.label(5.9, "dhl", "parcel", 2990, "3318-7702")
    return script


def _a_part_of_a_set(stage: Stage) -> Script:
    """Two cases on one order: a cup was missing and is paid for, the teapot goes back by itself."""
    cast = stage.cast
    script = Script(stage, 23, cast.lyon, cast.mugs, Bought("breakfast set"), discount=10)
    script.travel(21, 15)
    cup, pot = Unit("cups", 3), Unit("teapot", 0)
    script.claim(
        14,
        "not_as_described.parts_missing",
        refund(script.cost(cup)),
        "Three cups in a box for four.",
        photo("The box with an empty place"),
        units=(cup,),
    )
    script.sells(13, c.AcceptOffer())
    script.claim(
        12,
        "quality.damaged_in_transit",
        return_for(script.cost(pot)),
        "The spout of the teapot has a crack. The rest of the set is lovely.",
        photo("The spout"),
        units=(pot,),
    )
    script.sells(10.6, c.AcceptOffer())
    script.instruct(9.5, "Only the teapot, please; keep the cups and the tray.")
    script.send_back(6)
    script.return_scan(4, Signal.IN_TRANSIT, "At the sorting centre", weight_g=1420)
    return script


def _two_sellers_of_one_checkout(stage: Stage) -> Iterator[Script]:
    cast = stage.cast
    for seller, article, story in (
        (cast.lamps, "night light", "It does not go with the boots after all."),
        (cast.shoes, "ankle boots", "Too narrow for me. Never worn outside."),
    ):
        script = Script(stage, 17, cast.berlin, seller, Bought(article), checkout="CO-7741")
        script.travel(15, 11)
        script.claim(9, "no_reason.changed_mind", return_for(script.goods, Role.BUYER), story)
        script.sells(7.4, c.AcceptOffer())
        script.instruct(6.2, label="buyer")
        script.send_back(3.5)
        yield script


def _replacement_first(stage: Stage) -> Script:
    """A Diamond member has the new pair; the old one comes back in two parcels, against the deposit."""
    cast = stage.cast
    script = Script(stage, 32, cast.boston, cast.lamps, Bought("table lamp", 2, "sand"), currency="USD")
    script.travel(30, 24)
    script.claim(
        22,
        "quality.defective",
        exchange(script.paid, "black"),
        "Both flicker. I need two that work before I can send these back.",
        photo("Both of them, switched on"),
    )
    script.sells(21, c.AcceptOffer())
    script.pays(20, script.goods)
    script.replace(18)
    script.replacement_scan(12, Signal.DELIVERED, "Handed over")
    script.instruct(11)
    first, _ = script.send_back_in_parcels(9, 7.5)
    script.return_scan(3, Signal.DELIVERED, "Delivered", parcel=first)
    return script


def _cheaper_replacement(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 47, cast.sevilla, cast.phones, Bought("phone", 1, "mint"))
    script.travel(45, 40)
    script.claim(
        38,
        "quality.defective",
        exchange(script.paid, "mint"),
        "It reboots by itself.",
        photo("A frozen screen"),
    )
    cheaper = Remedy(
        amount=script.paid,
        goods=Goods.RETURN,
        exchange_variant="black",
        freight_payer=Role.SELLER,
        difference=-script.share(10),
    )
    script.sells(
        36.5, c.MakeOffer(remedy=cheaper, note="Mint is gone. The black one costs ten percent less.")
    )
    script.buys(35.2, c.AcceptOffer())
    script.instruct(34)
    script.send_back(31)
    script.return_scan(27, Signal.DELIVERED, "Delivered")
    script.inspect(26, accepted=True, note="It reboots indeed.")
    script.replace(24)
    script.replacement_scan(19, Signal.DELIVERED, "Handed over")
    return script


def _no_replacement_left(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 50, cast.berlin, cast.shoes, Bought("ankle boots", 1, "39"))
    script.travel(48, 43)
    script.claim(
        41,
        "not_as_described.size",
        exchange(script.paid, "38"),
        "Marked 39, but they are a 40.",
        photo("The sole"),
    )
    script.sells(40, c.AcceptOffer())
    script.instruct(38.5)
    script.send_back(36)
    script.return_scan(31, Signal.DELIVERED, "Delivered")
    script.inspect(30, accepted=True, note="Unworn.")
    script.sells(28, c.DeclineReplacement(note="The last pair in 38 was sold in the shop this morning."))
    return script
