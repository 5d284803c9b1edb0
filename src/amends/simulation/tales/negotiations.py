"""Claims the two sides settle between them, or are still talking about."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.orders import Method, Signal, Unit
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import photo, refund, return_for, shown


def scripts(stage: Stage) -> Iterator[Script]:
    """Drafts, fresh claims, offers and counter-offers, and how they ended."""
    yield _fresh_claim(stage)
    yield _nearly_lapsed(stage)
    yield _wrong_colour(stage)
    yield _offer_on_the_table(stage)
    yield _third_offer(stage)
    yield _countered(stage)
    yield _draft(stage)
    yield _forgotten_draft(stage)
    yield _found_it(stage)
    yield _met_in_the_middle(stage)
    yield _granted_by_silence(stage)
    yield _too_late_for_the_party(stage)
    yield _not_worth_returning(stage)


def _fresh_claim(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 12, cast.chicago, cast.lamps, Bought("table lamp"), currency="USD")
    script.travel(11, 4)
    script.claim(
        1.1,
        "quality.damaged_in_transit",
        refund(script.share(35)),
        "The shade has a crack along the seam. It still works, so I would keep it for a lower price.",
        photo("Crack along the seam of the shade, 6 cm"),
        photo("Dented corner of the box"),
    )
    script.says(1.05, cast.chicago, "crack", photo="The crack, closer, with a coin beside it")
    script.says(0.8, cast.lamps, "tonight")
    return script


def _nearly_lapsed(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 13, cast.berlin, cast.pantry, Bought("cheese", 2))
    script.travel(11, 7)
    script.claim(
        4.2,
        "quality.damaged_in_transit",
        refund(script.paid),
        "Both pieces arrived warm and the wrapping had burst.",
        photo("Burst wrapping on both pieces"),
    )
    return script


def _wrong_colour(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage,
        9,
        cast.curitiba,
        cast.beach,
        Bought("earrings", 1, "silver"),
        currency="BRL",
        methods=(Method.WALLET,),
    )
    script.travel(8, 3)
    script.claim(
        1.4,
        "not_as_described.color",
        refund(script.paid),
        "I ordered silver and these are gold. They are a present for Saturday.",
        photo("The earrings next to the order confirmation"),
    )
    script.says(1.3, cast.curitiba, "present")
    script.says(0.9, cast.beach, template="more_photos")
    return script


def _offer_on_the_table(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 14, cast.berlin, cast.lamps, Bought("floor lamp", 1, "oak"))
    script.travel(12, 7)
    script.claim(
        3.2,
        "not_as_described.material",
        return_for(script.paid),
        "Sold as solid oak, but the foot is veneer over chipboard.",
        photo("Underside of the foot with the chipboard showing"),
    )
    script.says(3.1, cast.berlin, "oak")
    script.sells(
        2.2,
        c.MakeOffer(
            remedy=refund(script.share(25)),
            note="You are right about the foot, the listing is corrected. Keep it and take a quarter back?",
        ),
    )
    script.says(2.1, cast.lamps, "listing")
    return script


def _third_offer(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 21, cast.chicago, cast.gadgets, Bought("smart watch"), currency="USD")
    script.travel(19, 9)
    script.claim(
        6,
        "not_as_described.specification",
        return_for(script.paid),
        "The listing says waterproof to 50 metres. The leaflet in the box says splashes only.",
        photo("Page 3 of the leaflet"),
        shown("document", "Saved copy of the listing"),
    )
    script.sells(
        4.6,
        c.MakeOffer(
            remedy=refund(script.share(10)), note="A misprint in the leaflet. Ten percent as a courtesy."
        ),
    )
    script.buys(
        3.2,
        c.MakeOffer(
            remedy=refund(script.share(40)),
            note="I swim with it, that is why I bought it. Forty and I keep it.",
        ),
    )
    script.sells(1.6, c.MakeOffer(remedy=refund(script.share(20)), note="Twenty. That is the best I can do."))
    return script


def _countered(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 15, cast.boston, cast.mugs, Bought("mug set", 2), currency="USD")
    script.travel(14, 8)
    script.claim(
        4,
        "not_as_described.quantity_short",
        refund(script.share(40)),
        "Each set should have six mugs; one box had four.",
        photo("The open box with two empty places"),
    )
    script.sells(
        3.1,
        c.MakeOffer(remedy=refund(script.share(15)), note="So sorry! Would 15 percent cover the two mugs?"),
    )
    script.buys(
        1.5,
        c.MakeOffer(
            remedy=refund(script.share(20)), note="Two of twelve, and I have to buy them singly: 20 percent."
        ),
    )
    return script


def _draft(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 10, cast.sevilla, cast.pantry, Bought("olive oil"))
    script.travel(8, 3)
    script.claim(
        1.5,
        "quality.leaking",
        refund(script.paid),
        "The can leaks at the bottom, about a third is gone.",
        draft=True,
    )
    return script


def _forgotten_draft(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 58, cast.lyon, cast.shoes, Bought("loafers"))
    script.travel(56, 51)
    script.claim(
        48, "not_as_described.color", return_for(script.paid), "Darker than in the pictures?", draft=True
    )
    return script


def _found_it(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 41, cast.osaka, cast.mugs, Bought("mug set"), currency="JPY")
    script.travel(40, 32)
    script.claim(
        30,
        "not_as_described.parts_missing",
        refund(script.share(20)),
        "The wooden stand is missing.",
        photo("Everything that was in the box"),
    )
    script.sells(
        29,
        c.MakeOffer(
            remedy=refund(script.share(10)), note="It is taped under the lid, could you have a look?"
        ),
    )
    script.buys(28, c.Withdraw())
    return script


def _met_in_the_middle(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage, 47, cast.berlin, cast.lamps, Bought("table lamp", 2), methods=(Method.CARD, Method.VOUCHER)
    )
    script.travel(46, 41)
    one = (Unit("l1", 0),)
    script.claim(
        39,
        "not_as_described.look",
        refund(script.share(50, one)),
        "One of the two has a visible seam that the pictures do not show.",
        photo("Both lamps side by side"),
        units=one,
    )
    script.sells(
        38.2,
        c.MakeOffer(
            remedy=refund(script.share(30, one)), note="A seam from the mould. Thirty percent of that lamp?"
        ),
    )
    script.buys(37, c.AcceptOffer())
    return script


def _granted_by_silence(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 52, cast.sevilla, cast.pantry, Bought("olive oil", 2))
    script.travel(50, 46)
    script.claim(
        44,
        "quality.leaking",
        refund(script.paid),
        "Both cans leaked all over the parcel.",
        photo("Oil in the box, both cans half empty"),
    )
    return script


def _too_late_for_the_party(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(
        stage,
        48,
        cast.chicago,
        cast.mugs,
        Bought("custom mug", 3),
        currency="USD",
        promised=38,
        methods=(Method.WALLET,),
    )
    script.ship(43)
    script.scan(36, Signal.FAILED_ATTEMPT, "Nobody at home")
    script.deliver(33)
    script.claim(
        31,
        "late.after_promise",
        refund(script.share(10)),
        "They came five days after the promised day, and after the party.",
    )
    script.sells(30, c.AcceptOffer())
    return script


def _not_worth_returning(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 28, cast.lyon, cast.lamps, Bought("night light", 1, "blue"))
    script.travel(27, 23)
    script.claim(
        21,
        "quality.not_working",
        refund(script.paid),
        "It does not light up.",
        shown("video", "Plugged in, dark"),
    )
    script.sells(20.3, c.AcceptOffer())
    return script
