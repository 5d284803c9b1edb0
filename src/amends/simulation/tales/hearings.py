"""Claims that went before a mediator."""

from collections.abc import Iterator

from amends.domain.cases import commands as c
from amends.domain.orders import Method, Signal
from amends.domain.parties import Role
from amends.simulation.purchases import Bought
from amends.simulation.script import Script, Stage
from amends.simulation.wishes import photo, refund, return_for, shown


def scripts(stage: Stage) -> Iterator[Script]:
    """In the queue, under way, ruled on, appealed, reopened and closed."""
    yield _in_the_queue(stage)
    yield _also_in_the_queue(stage)
    yield _taken(stage)
    yield _asked_of_the_buyer(stage)
    yield _asked_of_the_seller(stage)
    yield _ruled_for_the_buyer(stage)
    yield _ruled_for_the_seller(stage)
    yield _appealed(stage)
    yield _late(stage)
    yield _never_left_the_country(stage)
    yield _delivered_after_all(stage)
    yield _counterfeit(stage)
    yield _nobody_ruled(stage)
    yield _reopened(stage)


def _in_the_queue(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 24, cast.osaka, cast.phones, Bought("phone", 1, "mint"), currency="JPY")
    script.travel(22, 14)
    script.claim(
        7,
        "quality.not_working",
        return_for(script.paid),
        "The microphone is dead: callers hear nothing.",
        shown("video", "Test call on loudspeaker"),
    )
    script.sells(3.4, c.DeclineOffer(note="Please reset the phone first, it is mostly the settings."))
    script.buys(1.6, c.Escalate(note="I have reset it twice."))
    return script


def _also_in_the_queue(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 19, cast.lyon, cast.shoes, Bought("ankle boots", 1, "39"))
    script.travel(17, 13)
    script.claim(
        8,
        "not_as_described.size",
        return_for(script.paid),
        "39 on the box, 41 on my feet.",
        photo("Both soles next to a ruler"),
    )
    script.sells(5, c.DeclineOffer(note="Forty years of lasts. A 39 of ours is a 39."))
    script.buys(3.6, c.Escalate(note="A ruler has no opinion."))
    return script


def _taken(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 27, cast.kuwait, cast.phones, Bought("small phone", 1, "rose"), currency="KWD")
    script.travel(25, 15)
    script.claim(
        11,
        "not_as_described.specification",
        return_for(script.paid),
        "Advertised with 64 GB, it has 32.",
        photo("The storage page of the settings"),
    )
    script.sells(
        7, c.MakeOffer(remedy=refund(script.share(12)), note="We can add a memory card and 12 percent.")
    )
    script.says(6.6, cast.kuwait, "storage", photo="The storage page of the settings, larger")
    script.buys(3.7, c.Escalate(note="I paid for 64."))
    script.staff(2.9, cast.calm, c.TakeCase())
    script.says(2.8, cast.calm, template="mediator_here")
    script.says(
        2.75, cast.calm, "The same batch came up last month: look for that ruling first.", internal=True
    )
    script.says(2.4, cast.phones, "factory")
    script.reads(2.2, cast.kuwait)
    script.sells(2, c.AddEvidence(items=(shown("document", "The factory's packing list for this batch"),)))
    return script


def _asked_of_the_buyer(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 26, cast.kuwait, cast.gadgets, Bought("headphones", 1, "black"), currency="KWD")
    script.travel(24, 15)
    script.claim(
        10,
        "quality.defective",
        return_for(script.paid),
        "One side crackles at any volume.",
        photo("The headphones"),
    )
    script.sells(6.5, c.DeclineOffer(note="A photo proves no sound."))
    script.buys(4.6, c.Escalate())
    script.staff(3.2, cast.strict, c.TakeCase())
    script.staff(
        1.4,
        cast.strict,
        c.RequestEvidence(of=Role.BUYER, items=("A video with sound, the serial number in view",)),
    )
    return script


def _asked_of_the_seller(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 25, cast.chicago, cast.gadgets, Bought("headphones", 1, "black"), currency="USD")
    script.travel(23, 14)
    script.claim(
        10,
        "fake.counterfeit",
        refund(script.paid),
        "The weld is wrong, the font on the box is wrong, and the serial number belongs to another model.",
        photo("Serial number and the maker's check page"),
        photo("The box next to a genuine one"),
        # The very picture of another buyer's case: people who decide are told.
        photo("The headphones"),
    )
    script.sells(7, c.DeclineOffer(note="We only sell originals. Maybe you bought the other pair elsewhere."))
    script.buys(5.4, c.Escalate(note="I repair these for a living."))
    script.staff(3.7, cast.young, c.TakeCase())
    script.staff(
        1.2,
        cast.young,
        c.RequestEvidence(
            of=Role.SELLER, items=("The supplier's invoice", "The maker's authorisation to sell")
        ),
    )
    return script


def _ruled_for_the_buyer(stage: Stage) -> Script:
    cast = stage.cast
    reason = "quality.material"
    script = Script(stage, 31, cast.boston, cast.shoes, Bought("ankle boots", 1, "38"), currency="USD")
    script.travel(29, 20)
    script.claim(
        15,
        reason,
        refund(script.share(60)),
        "Sold as full-grain leather; it peels like coated split leather.",
        photo("The peeling heel"),
        shown("statement", "A cobbler's opinion, signed"),
    )
    script.sells(11.5, c.DeclineOffer(note="Leather lives. This is patina."))
    script.buys(9, c.Escalate())
    script.staff(7, cast.calm, c.TakeCase())
    script.staff(
        2.3,
        cast.calm,
        c.Rule(
            remedy=refund(script.share(50)),
            reasons="The pictures and the cobbler show coated split leather where full-grain was promised. "
            "The boots can be worn, so half the price is fair and they stay with the buyer.",
            findings=(
                script.finding(
                    "The leather is not what was described.",
                    "mediation.burden",
                    "photo, statement",
                    reason,
                ),
                script.finding(
                    "The boots remain wearable.",
                    "partial.suggest.impaired",
                    "photo",
                    reason,
                    weight="supporting",
                ),
            ),
            otherwise="An opinion of the maker that the leather is full-grain.",
        ),
    )
    return script


def _ruled_for_the_seller(stage: Stage) -> Script:
    cast = stage.cast
    reason = "quality.defective"
    script = Script(stage, 34, cast.lyon, cast.shoes, Bought("running shoes", 1, "42"))
    script.travel(32, 27)
    script.claim(
        17,
        reason,
        return_for(script.paid),
        "The cushioning is gone after one marathon.",
        photo("The midsole from the side"),
    )
    script.sells(13.5, c.DeclineOffer(note="One marathon and how many training runs?"))
    script.buys(11, c.Escalate())
    script.staff(9, cast.strict, c.TakeCase())
    script.staff(
        7, cast.strict, c.RequestEvidence(of=Role.BUYER, items=("The running log since the delivery",))
    )
    script.buys(5.6, c.SubmitEvidence(items=(shown("document", "Log: 410 km in eleven days"),)))
    script.staff(
        1.6,
        cast.strict,
        c.Rule(
            remedy=refund(0),
            reasons="The log shows 410 km in eleven days. Wear of that kind is use, not a defect, and "
            "nothing else was shown.",
            findings=(
                script.finding(
                    "The shoes were used far beyond trying them on.",
                    "condition.required",
                    "document",
                    reason,
                    weight="supporting",
                ),
                script.finding("No defect at delivery has been shown.", "mediation.burden", "", reason),
            ),
            otherwise="A picture of the cushioning from the first days, or the maker's word on this batch.",
        ),
    )
    return script


def _appealed(stage: Stage) -> Script:
    cast = stage.cast
    reason = "not_as_described.specification"
    script = Script(stage, 39, cast.berlin, cast.gadgets, Bought("smart watch", 1, "S/M"))
    script.travel(37, 29)
    script.claim(
        24,
        reason,
        return_for(script.paid),
        "Listed with satellite positioning; it needs a phone for that.",
        photo("The settings page"),
        shown("document", "Saved copy of the listing"),
    )
    script.sells(20.5, c.DeclineOffer(note="The listing never said without a phone."))
    script.buys(18, c.Escalate())
    script.staff(15, cast.calm, c.TakeCase())
    script.staff(
        10,
        cast.calm,
        c.Rule(
            remedy=return_for(script.paid),
            reasons="A buyer may take 'with satellite positioning' at its word. The watch goes back at the "
            "seller's cost.",
            findings=(
                script.finding(
                    "The listing promises what the watch cannot do alone.",
                    "mediation.burden",
                    "document",
                    reason,
                ),
            ),
        ),
    )
    script.sells(
        4.6,
        c.Appeal(
            note="The saved copy leaves out the footnote.",
            evidence=(shown("document", "The whole listing of that day, with its footnote"),),
        ),
    )
    script.staff(3, cast.young, c.TakeCase())
    return script


def _late(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 28, cast.curitiba, cast.beach, Bought("swimsuit", 1, "L"), currency="BRL")
    script.travel(26, 20)
    script.claim(
        14,
        "not_as_described.look",
        refund(script.paid),
        "The pattern is a different one, and see-through when wet.",
        photo("Pattern next to the listing"),
    )
    script.sells(
        12.6,
        c.MakeOffer(remedy=refund(script.share(25)), note="Same print, other dye lot. Would 25 percent do?"),
    )
    script.buys(9.4, c.Escalate(note="See-through is not a dye lot."))
    return script


def _never_left_the_country(stage: Stage) -> Script:
    cast = stage.cast
    reason = "not_received.origin_only"
    script = Script(stage, 82, cast.chicago, cast.phones, Bought("phone"), currency="USD", promised=58)
    script.ship(80)
    script.scan(77, Signal.IN_TRANSIT, "Export hall")
    script.claim(55, reason, refund(script.paid), "It has not moved since the export hall.")
    script.sells(51.5, c.DeclineOffer(note="Please wait, customs are slow this month."))
    script.buys(49, c.Escalate(note="Three and a half weeks of nothing."))
    script.staff(47, cast.strict, c.TakeCase())
    script.staff(
        45, cast.strict, c.RequestEvidence(of=Role.SELLER, items=("The carrier's statement on this parcel",))
    )
    script.sells(43.4, c.SubmitEvidence(items=(shown("statement", "The carrier is looking into it"),)))
    script.staff(
        41,
        cast.strict,
        c.Rule(
            remedy=refund(script.paid),
            reasons="The number was scanned in the country of origin only. That means not received until "
            "delivery is proven, and it has not been.",
            findings=(
                script.finding(
                    "Every scan lies in the country of origin.", "tracking.presumption", "tracking", reason
                ),
            ),
        ),
    )
    script.sells(38, c.AcceptRuling())
    script.buys(37, c.AcceptRuling())
    return script


def _delivered_after_all(stage: Stage) -> Script:
    cast = stage.cast
    reason = "not_received.shown_delivered"
    script = Script(stage, 64, cast.sevilla, cast.lamps, Bought("table lamp", 1, "sand"))
    script.travel(62, 57)
    script.claim(54, reason, refund(script.paid), "Shown as delivered, but nothing is here.")
    script.sells(53.2, c.DeclineOffer(note="The carrier has a signature. Could a neighbour have it?"))
    script.buys(51, c.Escalate())
    script.staff(49, cast.calm, c.TakeCase())
    script.sells(48, c.AddEvidence(items=(shown("receipt", "Proof of delivery with name and postcode"),)))
    script.staff(
        46,
        cast.calm,
        c.Rule(
            remedy=refund(0),
            reasons="The carrier handed the parcel over at the buyer's postcode against a signature. That "
            "is proof of delivery.",
            findings=(
                script.finding(
                    "Delivered to the buyer's postcode.", "tracking.rebuttal", "receipt, tracking", reason
                ),
            ),
        ),
    )
    return script


def _counterfeit(stage: Stage) -> Script:
    cast = stage.cast
    reason = "fake.counterfeit"
    script = Script(
        stage,
        78,
        cast.boston,
        cast.gadgets,
        Bought("smart watch", 2),
        currency="USD",
        methods=(Method.CARD, Method.BALANCE),
    )
    script.travel(76, 67)
    script.claim(
        62,
        reason,
        refund(script.paid),
        "Neither watch pairs with the maker's app: 'unknown device'.",
        photo("The app's message"),
    )
    script.sells(58.5, c.DeclineOffer(note="The app is known for its bugs."))
    script.buys(56, c.Escalate())
    script.staff(54, cast.strict, c.TakeCase())
    proven = script.finding(
        "No invoice or authorisation of the maker was shown.", "guarantee.counterfeit", "", reason
    )
    script.staff(
        52,
        cast.strict,
        c.Rule(
            remedy=refund(script.paid),
            reasons="The seller must prove that branded goods are genuine and showed nothing. Full refund, "
            "nothing to send back.",
            findings=(proven,),
        ),
    )
    script.sells(
        46,
        c.Appeal(
            note="Here is our invoice.",
            evidence=(shown("document", "An invoice for twelve watches, no serial numbers"),),
        ),
    )
    script.staff(44, cast.young, c.TakeCase())
    script.staff(
        42,
        cast.young,
        c.Rule(
            remedy=refund(script.paid),
            reasons="The invoice names another model and no serial numbers. The first ruling stands.",
            findings=(proven,),
        ),
    )
    return script


def _nobody_ruled(stage: Stage) -> Script:
    cast = stage.cast
    script = Script(stage, 72, cast.curitiba, cast.phones, Bought("phone case", 2, "clear"), currency="BRL")
    script.travel(70, 61)
    script.claim(
        57,
        "not_as_described.color",
        refund(script.share(50)),
        "Yellow, not clear.",
        photo("Both on white paper"),
    )
    script.sells(53, c.DeclineOffer(note="A trick of the light."))
    script.buys(50, c.Escalate(note="It is yellow in the dark, too."))
    return script


def _reopened(stage: Stage) -> Script:
    cast = stage.cast
    reason = "quality.unfit_for_purpose"
    script = Script(stage, 43, cast.sevilla, cast.phones, Bought("small phone", 1, "grey"))
    script.travel(41, 34)
    script.claim(32, reason, return_for(script.paid), "It cannot use any network in Spain.")
    script.sells(28.5, c.DeclineOffer(note="Please choose the network by hand."))
    script.buys(26, c.Escalate())
    script.staff(24, cast.young, c.TakeCase())
    script.staff(
        20,
        cast.young,
        c.Rule(
            remedy=refund(0),
            reasons="The buyer had to show that the phone is unfit and showed nothing.",
            findings=(script.finding("Nothing was shown.", "mediation.burden", "", reason),),
        ),
    )
    script.buys(18, c.AcceptRuling())
    script.sells(17, c.AcceptRuling())
    script.says(16, cast.sevilla, "bands")
    script.staff(
        1.3,
        cast.support,
        c.Reopen(reason="After the ruling the maker confirmed that this batch lacks the European bands."),
    )
    return script
