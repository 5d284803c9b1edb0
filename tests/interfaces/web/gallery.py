"""Cases in every kind of state, each on an order of its own, so that every page can be looked at."""

from collections.abc import Awaitable, Callable

from tests.interfaces.web.town import (
    CARRIER,
    FERN,
    INES,
    LUMEN,
    NORA,
    PROVIDER,
    START,
    YUKI,
    Components,
    Town,
)

from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Finding, Goods, Inspection, Reception, Remedy
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role

UNIT = Unit("l1", 0)
RETURN = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)
CRACK = EvidenceItem(
    Role.BUYER,
    "photo",
    "Crack through the base, seen from the left",
    START,
    "https://pictures.example/crack.jpg",
)
Scene = Callable[[Town, str], Awaitable[None]]


async def draft(town: Town, order_id: str) -> None:
    await town.do(
        c.OpenClaim(reason="quality.leaking", units=(UNIT,), wanted=RETURN, draft=True), NORA, order_id
    )


async def asked(town: Town, order_id: str) -> None:
    claim = c.OpenClaim(
        reason="quality.damaged_in_transit",
        units=(UNIT,),
        wanted=RETURN,
        story="The lamp arrived today and the base is cracked right through. It is not safe to use.",
        evidence=(CRACK, EvidenceItem(Role.BUYER, "photo", "Parcel with a dented corner", START)),
    )
    await town.do(claim, NORA, order_id)


async def countered(town: Town, order_id: str) -> None:
    await asked(town, order_id)
    packed = EvidenceItem(Role.SELLER, "photo", "Lamp before it was packed", START)
    await town.do(c.AddEvidence(items=(packed,)), LUMEN, order_id, f"{order_id}.1")
    note = "Happy to give you €25 back – the crack is only cosmetic and you can keep the lamp."
    await town.do(c.MakeOffer(remedy=Remedy(amount=2500), note=note), LUMEN, order_id, f"{order_id}.1")


async def mediated(town: Town, order_id: str) -> None:
    await countered(town, order_id)
    await town.do(c.Escalate(), NORA, order_id, f"{order_id}.1")


async def evidence_asked(town: Town, order_id: str) -> None:
    await mediated(town, order_id)
    wanted = ("Photo of the packaging before it was sent", "Receipt of the carrier")
    await town.do(c.RequestEvidence(of=Role.SELLER, items=wanted), INES, order_id, f"{order_id}.1")


async def ruled(town: Town, order_id: str) -> None:
    await mediated(town, order_id)
    ruling = c.Rule(
        remedy=Remedy(amount=4000),
        reasons="The photo shows the crack on the day of delivery. The lamp can still be used as decoration.",
        findings=(
            Finding("The base was cracked on arrival.", "return.window.default", "Photo of 24 November"),
            Finding("The seller’s photo shows it whole before packing.", "freight.payer.fault", "Photo"),
        ),
    )
    file = await town.reader.case_file(f"{order_id}.1")
    assert file is not None
    clauses = sorted(next(iter(file.terms.values())).clauses)
    known = tuple(
        Finding(f.fact, f.clause if f.clause in clauses else clauses[0], f.evidence) for f in ruling.findings
    )
    await town.do(
        c.Rule(remedy=ruling.remedy, reasons=ruling.reasons, findings=known), INES, order_id, f"{order_id}.1"
    )


async def agreed(town: Town, order_id: str) -> None:
    await asked(town, order_id)
    await town.do(c.AcceptOffer(), LUMEN, order_id, f"{order_id}.1")


async def instructed(town: Town, order_id: str) -> None:
    await agreed(town, order_id)
    given = c.GiveInstructions(
        address="Lumen & Clay\nRua das Flores 9\n1200-195 Lisbon", note="Pack it as it came.", label="seller"
    )
    await town.do(given, LUMEN, order_id, f"{order_id}.1")


async def delivered_back(town: Town, order_id: str) -> None:
    await instructed(town, order_id)
    shipped = c.ShipReturn(carrier="Swift Post", tracking_number="RR123456785PT", freight=790)
    await town.do(shipped, NORA, order_id, f"{order_id}.1")
    scan = c.RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
    await town.do(scan, CARRIER, order_id, f"{order_id}.1")


async def rejected(town: Town, order_id: str) -> None:
    await delivered_back(town, order_id)
    seen = Inspection(UNIT, Reception.DAMAGED, False, "not_original_condition", "The shade is torn.")
    await town.do(c.InspectReturn(inspections=(seen,)), LUMEN, order_id, f"{order_id}.1")


async def paying(town: Town, order_id: str) -> None:
    await delivered_back(town, order_id)
    seen = Inspection(UNIT, Reception.RECEIVED, True)
    await town.do(c.InspectReturn(inspections=(seen,)), LUMEN, order_id, f"{order_id}.1")


async def stuck(town: Town, order_id: str) -> None:
    await paying(town, order_id)
    refund = (await town.case(f"{order_id}.1")).refunds[0]
    await town.do(
        c.FailRefund(refund_id=refund.refund_id, why="card closed"), PROVIDER, order_id, f"{order_id}.1"
    )


async def exchanging(town: Town, order_id: str) -> None:
    await asked(town, order_id)
    offer = c.MakeOffer(remedy=Remedy(amount=7080, exchange_variant="Sand"))
    await town.do(offer, LUMEN, order_id, f"{order_id}.1")
    await town.do(c.AcceptOffer(), NORA, order_id, f"{order_id}.1")


async def withdrawn(town: Town, order_id: str) -> None:
    await asked(town, order_id)
    await town.do(c.Withdraw(), NORA, order_id, f"{order_id}.1")


SCENES: tuple[Scene, ...] = (
    draft,
    asked,
    countered,
    mediated,
    evidence_asked,
    ruled,
    agreed,
    instructed,
    delivered_back,
    rejected,
    paying,
    stuck,
    exchanging,
    withdrawn,
)


async def hang(town: Town) -> dict[str, str]:
    """Everything, and orders to claim on, to cancel and in yen; the case's id by the scene's name."""
    ids = {scene.__name__: f"10-{number}" for number, scene in enumerate(SCENES, 101)}
    for order_id in [*ids.values(), "10-claim"]:
        await town.place(order_id, quantity=1 if order_id != "10-claim" else 3)
        await town.ship(order_id)
    await town.wait(days=2)
    for order_id in [*ids.values(), "10-claim"]:
        await town.scan(order_id, Signal.IN_TRANSIT, "FR")
    await town.wait(days=1)
    for order_id in [*ids.values(), "10-claim"]:
        await town.scan(order_id, Signal.DELIVERED)
    await town.wait(hours=20)
    await town.place("10-new", "Wall light “Mole”", unit=Components(item=12900, shipping=900))
    yen = Components(item=18900)
    await town.place(
        "20-1",
        "Rain jacket “Skye”",
        buyer=YUKI,
        seller=FERN,
        unit=yen,
        currency="JPY",
        country="JP",
        variant="M",
    )
    for scene in SCENES:
        await scene(town, ids[scene.__name__])
    await town.wait(hours=4)
    return {name: f"{order_id}.1" for name, order_id in ids.items()}
