"""What operators do with providers' reports, held payouts and disputes, and what the seller sees of it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import KAYA, LUMEN, NORA, YUKI, Town

from amends.adapters.payments.memory_vault import MemoryVault
from amends.application.ports.settlements import DifferenceFilter
from amends.domain.cases.commands import AcceptOffer, OpenClaim
from amends.domain.cases.model import EvidenceItem, Remedy
from amends.domain.custody import commands as oc
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role
from amends.domain.reconciliation import State

WANTED = DifferenceFilter(states=(State.PROPOSED,))
OLGA = Actor(Role.OPERATOR, "olga")


def claim(town: Town, reason: str, amount: int) -> OpenClaim:
    shown = EvidenceItem(Role.BUYER, "photo", "See the photo", town.clock.now())
    units = (Unit("l1", 0),)
    return OpenClaim(reason=reason, units=units, wanted=Remedy(amount), story="See.", evidence=(shown,))


async def differing(town: Town) -> str:
    """A day on which the provider paid a refund twice; the day."""
    await town.place("10-1")
    await town.deliver("10-1")
    await town.do(claim(town, "quality.not_working", 3000), NORA, "10-1")
    await town.do(AcceptOffer(), LUMEN, "10-1", "10-1.1")
    await town.wait(days=2)
    vault = town.provider._vault
    assert isinstance(vault, MemoryVault)
    (refund,) = (one for one in vault.requests.values() if one.kind == "refund")
    again = replace(refund, key=f"{refund.key}~2", settles_at=refund.settles_at + timedelta(minutes=1))
    vault.requests[again.key] = again
    await town.reconciliation.sweep()
    return refund.settles_at.date().isoformat()


@pytest.mark.row("H5")
async def test_what_differs_is_told_explained_and_written_off_by_two(hand: Hand, town: Town) -> None:
    day = await differing(town)
    await hand.sign_in(KAYA)
    await hand.look("/reconciliation")
    assert hand.page.says("More than once")
    assert hand.page.says("1 needs somebody")
    assert "/orders/10-1/money" in hand.page.links
    assert "/cases/10-1.1" in hand.page.links
    await hand.look(f"/reconciliation?provider=sandbox&day={day}")
    assert hand.page.says("exactly what lies between the two")
    await hand.send("/resolve", 422, how="", reason="")
    assert hand.page.says("Choose what was done.")
    await hand.send("/resolve", how="written_off", reason="The bank keeps it.")
    assert hand.page.says("Waits for a second person")
    assert hand.page.says("Somebody else has to agree.")
    (proposed,) = await town.reconciliation.book.differences(WANTED, 9)
    refused = await town.reconciliation.answer(proposed.difference_id, KAYA, agreed=True)
    assert getattr(refused, "kind", "") == "conflict_of_interest"
    await town.reconciliation.answer(proposed.difference_id, OLGA, agreed=True)
    await hand.look(f"/reconciliation?provider=sandbox&day={day}")
    assert hand.page.says("Dealt with")
    await hand.look("/reconciliation")
    assert hand.page.says("Nothing needs anybody")
    await hand.send("/reconciliation", 422, provider="sandbox", day="2026-02-30")
    assert hand.page.says("Choose a day that is over.")
    await hand.send("/reconciliation", provider="sandbox", day=day)
    for nobody in (NORA, LUMEN):
        await hand.sign_in(nobody)
        await hand.look("/reconciliation", 404)


@pytest.mark.row("E9")
async def test_payouts_of_orders_like_a_counterfeit_are_held_and_released(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await town.place("10-2", buyer=YUKI)
    await town.do(claim(town, "fake.counterfeit", 7080), NORA, "10-1")
    await town.wait(hours=1)
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-2")
    assert hand.page.says("Goods like these are said to be counterfeit.")
    assert hand.page.says("payouts of the seller's orders of the same goods wait, 30 days at most")
    assert "/cases/10-1.1" in hand.page.links
    await hand.look("/cases/10-1.1/similar-orders", 404)
    await hand.sign_in(YUKI)
    await hand.look("/orders/10-2")
    assert not hand.page.says("counterfeit")
    await hand.sign_in(KAYA)
    await hand.look("/cases/10-1.1")
    assert "/cases/10-1.1/similar-orders" in hand.page.links
    await hand.look("/cases/10-1.1/similar-orders")
    assert hand.page.says("Held")
    await hand.send("/similar-orders", 422, reason="")
    assert hand.page.says("Say why.")
    await hand.send("/similar-orders", order="10-2", deed="keep", reason="The maker looks at it.")
    assert hand.page.says("Stays held")
    await hand.look("/orders/10-2/money")
    await hand.send("/keep", 422, answer_reason="")
    page = hand.page.form("/money/keep")
    page.action = page.action.replace("/keep", "/release")
    await hand.send("/release", answer_reason="It is genuine.")
    assert hand.page.says("Released")
    await hand.send("/hold", hold_reason="Another look.")
    assert hand.page.says("Another look.")
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-2")
    assert hand.page.says("It is genuine.")
    await hand.sign_in(KAYA)
    await hand.look("/held-payouts?seller=lumen")
    assert hand.page.says("Another look.")
    await hand.send("/held-payouts", 422, deed="release", reason="")
    assert hand.page.says("Say why.")
    await hand.send("/held-payouts", deed="release", reason="Nothing was found.")
    assert hand.page.says("No payout is held.")
    await hand.look("/held-payouts?show=ended")
    assert hand.page.says("Nothing was found.")


@pytest.mark.row("P5")
async def test_the_evidence_for_the_bank_is_downloaded_from_the_orders_money(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    opened = oc.OpenChargeback(dispute_id="dp_1", tender_id="t1", amount=7080, reason="fraudulent")
    await town.do(opened, KAYA, "10-1")
    await hand.sign_in(KAYA)
    await hand.look("/orders/10-1/money")
    (path,) = (link for link in hand.page.links if link.endswith("evidence.zip"))
    answer = await hand.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.content.startswith(b"PK")
    # It goes to the provider once a second person has read it.
    await hand.send("/statement", 422, deed="send", note="")
    assert hand.page.says("Say why.")
    await hand.send("/statement", deed="send", note="It was delivered and signed for.")
    assert hand.page.says("Sent to the provider") or hand.page.says("On its way to the provider")
    await town.wait(hours=1)
    await hand.look("/orders/10-1/money")
    assert hand.page.says("Sent to the provider")
    assert "It was delivered" in str(next(iter(town.bank.taken.values())).stripe)
    await hand.look("/orders/10-1/chargebacks/none/evidence.zip", 404)
    await hand.sign_in(LUMEN)
    assert (await hand.client.get(path)).status_code == 404
