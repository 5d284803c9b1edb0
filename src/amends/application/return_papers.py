"""The papers of a return in words: its label, what to enclose, and the claim to a carrier that lost it."""

from collections.abc import Sequence

from amends.application.case_words import KINDS, SIGNALS
from amends.application.ports import CaseFile
from amends.application.ports.carriers import LabelFacts, PaperFacts
from amends.application.words import N_, Words
from amends.domain.cases.events import ReturnScanned
from amends.domain.cases.model import Case, Shipment
from amends.domain.cases.parcels import parcel_of, units_in
from amends.domain.custody.model import Custody

SIZES = ("a4", "4x6")

_CLOTHES = (N_("Tags still on the clothes"), N_("Clean and dry, folded into a bag"))

#: What belongs into the parcel, by each word of the line's category; `ALWAYS` for every parcel.
CHECKLISTS: dict[str, tuple[str, ...]] = {
    "electronics": (
        N_("All cables, chargers and remote controls"),
        N_("Batteries inside the device, not loose; switched off"),
        N_("Your data deleted and accounts signed out"),
    ),
    "fashion": _CLOTHES,
    "apparel": _CLOTHES,
    "shoes": (N_("Shoes in their own box, inside another one"), N_("Soles clean, nothing worn outdoors")),
    "swimwear": (N_("The hygiene strip still in place"),),
    "jewellery": (N_("In its own case or pouch, with certificates"),),
    "beauty": (N_("Seals unbroken"), N_("Liquids closed and in a bag of their own")),
    "home": (N_("Fragile parts wrapped one by one"), N_("Screws and small parts in a bag")),
    "toys": (N_("All small parts counted"), N_("Batteries taken out")),
}
ALWAYS: tuple[str, ...] = (
    N_("The return number on a slip of paper inside the parcel"),
    N_("Everything that came with the item: accessories, manual, warranty card"),
    N_("The original or similar packaging, padded so that nothing moves"),
    N_("A photo of the open parcel and one of the closed parcel with its label"),
)


def checklist(case: Case, custody: Custody, words: Words) -> tuple[str, ...]:
    """What to enclose and to check before the parcel is closed, by the category of what is in it."""
    found = list(ALWAYS)
    for unit in case.units:
        line = custody.order.line(unit.line_id)
        segments = line.category.split("/") if line is not None else []
        for segment in segments:
            found += [item for item in CHECKLISTS.get(segment, ()) if item not in found]
    return tuple(words.say(item) for item in found)


def label_facts(
    file: CaseFile, words: Words, size: str, sender: Sequence[str], *, link: str = ""
) -> LabelFacts | None:
    """The label of a return that has one; ``sender`` are the lines of who sends it. None without a label."""
    case = file.case
    label, instructions = case.label, case.instructions
    if label is None or instructions is None:
        return None
    notes = [words.say(N_("Put this on the outside of the parcel, and the return number inside."))]
    if case.waiting is not None:
        notes.append(words.say(N_("Hand it in before %(until)s."), until=words.moment(case.waiting.until)))
    return LabelFacts(
        size=size,
        authorisation=instructions.authorisation,
        carrier=label.carrier.upper(),
        service=label.service,
        tracking_number=label.tracking_number,
        code=label.code,
        lines=tuple(
            line.strip() for line in instructions.address.replace(",", "\n").splitlines() if line.strip()
        ),
        sender=tuple(sender),
        notes=tuple(notes),
        words={
            "from": words.say(N_("From")),
            "to": words.say(N_("To")),
            "authorisation": words.say(N_("Return number")),
            "code": words.say(N_("Drop-off code")),
        },
        link=link,
    )


def claim_facts(file: CaseFile, words: Words, number: str = "") -> PaperFacts | None:
    """What a carrier needs to look for a return and to pay for it; None before anything was sent.

    ``number`` says which parcel where there are several; without it, the first that has not arrived.
    """
    case, order = file.case, file.custody.order
    shipment = _claimed(case, number)
    if shipment is None:
        return None
    units = units_in(case, shipment)
    named = "" if shipment is case.shipment else shipment.tracking_number
    value = sum(
        line.units[unit.index].goods for unit in units if (line := order.line(unit.line_id)) is not None
    )
    pairs = [
        (words.say(N_("Carrier")), shipment.carrier),
        (words.say(N_("Tracking number")), shipment.tracking_number),
        (words.say(N_("Handed over")), words.stamp(shipment.shipped_at)),
        (words.say(N_("Last seen")), words.stamp(shipment.last_scan_at)),
        (words.say(N_("Scans")), words.number(shipment.scans)),
        (words.say(N_("Sent from")), f"{order.buyer_postcode} {order.buyer_country}".strip()),
        (words.say(N_("Sent to")), case.instructions.address if case.instructions else ""),
        (words.say(N_("Return number")), case.instructions.authorisation if case.instructions else ""),
        (words.say(N_("Value of the goods")), words.money(value, order.currency)),
        (words.say(N_("Postage paid")), words.money(shipment.freight, order.currency)),
        (words.say(N_("Receipt")), shipment.receipt or words.say(N_("none"))),
    ]
    if shipment.weight_g:
        weight = words.say(N_("%(weight)s g"), weight=words.number(shipment.weight_g))
        pairs.append((words.say(N_("Weighed by the carrier")), weight))
    goods = tuple(
        (line.title, line.variant, words.money(line.units[unit.index].goods, order.currency))
        for unit in units
        if (line := order.line(unit.line_id)) is not None
    )
    scanned = [link.recorded.event for link in file.timeline]
    scans = tuple(
        (words.stamp(one.scanned_at), words.say(SIGNALS[one.signal]), one.note)
        for one in scanned
        if isinstance(one, ReturnScanned) and one.tracking_number == named
    )
    proofs = tuple(
        (words.say(KINDS[item.kind]), item.note, words.stamp(item.at))
        for item in case.evidence
        if item.step == "return"
    )
    return PaperFacts(
        title=words.say(N_("Claim for a parcel that did not arrive")),
        intro=words.say(
            N_(
                "This parcel was handed to you and has not reached its recipient. "
                "Please trace it or pay for it."
            )
        ),
        pairs=tuple(pairs),
        sections=tuple(
            (words.say(title), rows)
            for title, rows in (
                (N_("Contents"), goods),
                (N_("What was seen of it"), scans),
                (N_("Proof of posting"), proofs),
            )
            if rows
        ),
        footer=words.say(N_("Case %(case)s, order %(order)s"), case=case.case_id, order=order.order_id),
        lang=str(words.locale)[:2],
    )


def _claimed(case: Case, number: str) -> Shipment | None:
    if number:
        return parcel_of(case, number)
    return next((parcel for parcel in case.parcels if parcel.delivered_at is None), case.shipment)
