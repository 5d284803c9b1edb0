"""Everything people can do about a case, by the forms of its page."""

import re
from collections.abc import Awaitable, Callable

import pytest
from tests.interfaces.web.gallery import hang
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import CARRIER, IDRIS, INES, KAYA, LUMEN, NORA, Town

from amends.domain.cases.commands import FailRefund, OpenClaim, RecordReplacementScan, RecordReturnScan
from amends.domain.cases.model import Goods, Outcome, Remedy, Settled, State
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Actor, Role

CASE = "/cases/10-1.1"
ID = "10-1.1"
RETURN = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)
As = Callable[[Actor], Awaitable[Hand]]


@pytest.fixture
async def case(town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    claim = OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=RETURN, story="It flickers.")
    await town.do(claim, NORA, "10-1")


@pytest.fixture
def acting(hand: Hand, case: None) -> As:
    async def signed_in(actor: Actor) -> Hand:
        await hand.sign_in(actor)
        return await hand.look(CASE)

    return signed_in


async def _rule(hand: Hand, **changes: str) -> Hand:
    clause = hand.page.form("/rule").choices["clause_1"][1]
    fields = {
        "fact_1": "The lamp flickers on the video.",
        "clause_1": clause,
        "what": "keep",
        "amount": "40",
        "variant": "",
        "reasons": "The defect is shown; it can still be used.",
    }
    return await hand.send("/rule", **(fields | changes))


@pytest.mark.row("E2")
async def test_the_page_says_whose_turn_until_when_and_what_otherwise(acting: As) -> None:
    hand = await acting(NORA)
    for words in (
        "Waiting for the seller",
        "The seller has until Thursday, 26 November 2026, 15:22 (UTC+1) to reply",
        "Without a reply by then you automatically get: refund of €70.80 once it is sent back.",
        "5 days left",
        "Held safely for this order €70.80",
        "Why this deadline?",
        "Clause negotiation.seller_response",
    ):
        assert hand.page.says(words), words
    hand = await acting(LUMEN)
    assert hand.page.says("You have until Thursday, 26 November 2026, 14:22 (UTC) to reply")
    assert hand.page.says("If you do not reply by then, the buyer automatically gets")


async def test_every_open_case_says_whose_turn_until_when_what_otherwise_where_the_money_is_and_why(
    hand: Hand, town: Town
) -> None:
    """In every kind of state, to both sides and to staff (U8)."""
    await hang(town)
    live = [case for cases in town.store.cases_by_order.values() for case in cases.values() if case.live]
    assert len({case.state for case in live}) >= 11
    for actor in (NORA, LUMEN, KAYA):
        await hand.sign_in(actor)
        for case in live:
            if case.state is State.DRAFTING and actor is not NORA:
                continue
            await hand.look(f"/cases/{case.case_id}")
            said, told = hand.page.says, f"{case.state} to {actor.id}"
            assert case.waiting is not None
            assert re.search(r"\d (days?|hrs?|mins?).{0,20} left", hand.page.words), told
            # In the words of the sentence that also says who has to do what.
            assert re.search(rf"{case.waiting.until:%Y}, \d\d:\d\d \(UTC(\+\d)?\)", hand.page.words), told
            assert said("Where the money is"), told
            assert said("Why this deadline?"), told
            assert "#rule" in hand.page.links, told


@pytest.mark.row("E2")
async def test_silence_grants_the_request(acting: As, town: Town) -> None:
    await town.wait(days=5)
    hand = await acting(NORA)
    assert hand.page.says("Granted because the answer did not come in time")
    assert (await town.case(ID)).settlement.by is Settled.SILENCE  # type: ignore[union-attr]


@pytest.mark.row("D3")
async def test_offers_go_back_and_forth_until_one_is_accepted(acting: As, town: Town) -> None:
    hand = await acting(LUMEN)
    await hand.send("/make_offer", what="keep", amount="15", note="It is only a flicker.")
    hand = await acting(NORA)
    assert hand.page.says("You can accept")
    assert hand.page.says("“It is only a flicker.”")
    await hand.send("/make_offer", what="keep", amount="25.50", variant="")
    hand = await acting(LUMEN)
    assert hand.page.says("Accept: refund of €25.50, the item is kept")
    assert hand.page.says("This is final")
    await hand.send("/accept_offer")
    case = await town.case(ID)
    assert case.settlement is not None
    assert (case.settlement.by, case.settlement.remedy.amount) == (Settled.AGREEMENT, 2550)
    assert [offer.state for offer in case.offers][-1] == "accepted"


@pytest.mark.row("D3")
async def test_an_exchange_can_be_offered(acting: As, town: Town) -> None:
    hand = await acting(LUMEN)
    await hand.send("/make_offer", what="exchange_keep", variant="Sand")
    offer = (await town.case(ID)).offers[-1]
    assert (offer.remedy.exchange_variant, offer.remedy.goods) == ("Sand", Goods.KEEP)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"what": "", "amount": "10"}, "Choose what should happen."),
        ({"what": "keep", "amount": ""}, "Enter an amount."),
        ({"what": "keep", "amount": "70.81"}, "Enter at most €70.80."),
        ({"what": "exchange_return", "variant": ""}, "Say what it is exchanged for."),
    ],
)
async def test_an_offer_that_is_none_is_said_where_it_was_typed(
    acting: As, town: Town, fields: dict[str, str], said: str
) -> None:
    hand = await acting(LUMEN)
    await hand.send("/make_offer", 422, note="A friendly word", **fields)
    assert hand.page.says(said)
    assert hand.page.says("There is a problem")
    assert hand.page.form("/make_offer").fields["note"] == "A friendly word"
    assert any(tag == "details" and "open" in given for tag, given in hand.page.tags)
    assert len((await town.case(ID)).offers) == 1


async def test_declining_hands_the_turn_back(acting: As, town: Town) -> None:
    hand = await acting(LUMEN)
    await hand.send("/decline_offer", note="It worked when it left.")
    assert (await town.case(ID)).state is State.AWAITING_BUYER
    hand = await acting(NORA)
    assert hand.page.says("Your turn")
    assert hand.page.says("“It worked when it left.”")


@pytest.mark.row("E7")
async def test_withdrawing_needs_a_second_thought(acting: As, town: Town) -> None:
    hand = await acting(NORA)
    await hand.send("/withdraw", 422)
    assert hand.page.says("Confirm that you want to withdraw this case.")
    await hand.send("/withdraw", sure="yes")
    assert (await town.case(ID)).outcome is Outcome.WITHDRAWN
    assert hand.page.says("This case is closed.")


@pytest.mark.row("E3", "E4")
async def test_a_mediator_asks_for_evidence_and_rules(acting: As, town: Town) -> None:
    hand = await acting(NORA)
    await hand.send("/escalate", note="We do not agree.")
    hand = await acting(INES)
    assert hand.page.says("What the rules recommend")
    await hand.send("/request_evidence", of="seller", items="Test protocol\nPhoto of the packaging")
    hand = await acting(LUMEN)
    assert hand.page.says("Test protocol")
    await hand.send("/submit_evidence", kind="document", evidence="It passed the test on 12 November.")
    hand = await acting(INES)
    await _rule(hand)
    case = await town.case(ID)
    assert case.state is State.RULED
    assert (case.rulings[0].mediator_id, case.rulings[0].remedy.amount) == ("ines", 4000)
    hand = await acting(NORA)
    assert hand.page.says("The lamp flickers on the video.")
    assert hand.page.says("The defect is shown; it can still be used.")


async def test_a_mediator_rules_in_three_presses_from_the_queue(hand: Hand, acting: As, town: Town) -> None:
    buyer = await acting(NORA)
    await buyer.send("/escalate")
    await hand.sign_in(INES)
    assert hand.at == "/cases"
    assert CASE in hand.page.links
    await hand.look(CASE)
    # The recommendation stands in the form already: read it, and record it.
    await hand.send("/rule")
    assert (await town.case(ID)).rulings[0].mediator_id == "ines"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fact_1": "", "fact_2": "", "fact_3": ""}, "Name at least one fact you found."),
        ({"clause_1": ""}, "Choose the clause this fact falls under."),
        ({"reasons": ""}, "Explain your decision to both sides."),
        ({"what": "keep", "amount": "7081"}, "Enter at most €70.80."),
    ],
)
async def test_a_ruling_needs_facts_clauses_and_reasons(
    acting: As, changes: dict[str, str], said: str
) -> None:
    hand = await acting(NORA)
    await hand.send("/escalate")
    hand = await acting(INES)
    await hand.send("/rule", 422, **changes)
    assert hand.page.says(said)


@pytest.mark.row("E5")
async def test_an_appeal_goes_to_another_mediator_and_is_final(acting: As, town: Town) -> None:
    hand = await acting(LUMEN)
    await hand.send("/escalate")
    hand = await acting(INES)
    await hand.send("/take_case")
    await _rule(hand)
    hand = await acting(LUMEN)
    await hand.send("/appeal", 422, note="The film shows another lamp.")
    assert hand.page.says("Describe your evidence, or send a file.")
    await hand.send(
        "/appeal", note="The film shows another lamp.", evidence="The shade has no seam.", kind="photo"
    )
    others = dict((await acting(IDRIS)).page.form("/rule").fields)
    # Who has ruled already is not asked again, and is refused who asks for it nevertheless.
    hand = await acting(INES)
    assert [form.action for form in hand.page.forms if form.action.startswith(CASE)] == []
    others["_csrf_token"] = hand.page.form("/sign-out").fields["_csrf_token"]
    refused = await hand.client.post(f"{CASE}/rule", data=others)
    assert refused.status_code == 422
    assert "somebody else has to decide" in refused.text
    hand = await acting(IDRIS)
    await _rule(hand, amount="20")
    case = await town.case(ID)
    assert [ruling.remedy.amount for ruling in case.rulings] == [4000, 2000]
    assert case.rulings[-1].final


@pytest.mark.row("E5")
async def test_a_ruling_accepted_by_both_takes_effect(acting: As, town: Town) -> None:
    hand = await acting(NORA)
    await hand.send("/escalate")
    await _rule(await acting(INES))
    for actor in (NORA, LUMEN):
        hand = await acting(actor)
        await hand.send("/accept_ruling")
    assert (await town.case(ID)).settlement.by is Settled.RULING  # type: ignore[union-attr]


async def _sent_back(acting: As, town: Town) -> None:
    await (await acting(LUMEN)).send("/accept_offer")
    hand = await acting(LUMEN)
    await hand.send("/give_instructions", 422, label="seller")
    assert hand.page.says("Enter the address to send it to.")
    await hand.send("/give_instructions", address="Rua das Flores 9\n1200 Lisbon", label="seller")
    hand = await acting(NORA)
    assert hand.page.says("Rua das Flores 9")
    assert hand.page.says("RMA-10-1.1")
    await hand.send("/ship_return", 422, carrier="Swift Post", tracking_number="12")
    assert hand.page.says("8 to 40 letters and digits")
    await hand.send(
        "/ship_return", carrier="Swift Post", tracking_number="RR123456785PT", freight_paid="7.90"
    )
    await town.wait(days=2)
    scan = RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
    await town.do(scan, CARRIER, "10-1", ID)


@pytest.mark.row("F1", "F2", "G1", "H2")
async def test_a_return_goes_from_agreement_to_refund(acting: As, town: Town) -> None:
    await _sent_back(acting, town)
    hand = await acting(LUMEN)
    await hand.send("/inspect_return", 422)
    assert hand.page.says("Choose how it arrived.")
    await hand.send("/inspect_return", reception_1="received", accepted_1="yes")
    hand = await acting(NORA)
    assert hand.page.says("Refund on its way")
    assert hand.page.says("€70.80 to card")
    await town.wait(days=21)
    hand = await acting(NORA)
    assert hand.page.says("Refunded in full")
    assert hand.page.says("How the refund is made up")


@pytest.mark.row("G2", "P8")
async def test_a_rejected_return_is_contested_before_a_mediator(acting: As, town: Town) -> None:
    await _sent_back(acting, town)
    hand = await acting(LUMEN)
    fields = {"reception_1": "damaged", "accepted_1": "no"}
    await hand.send("/inspect_return", 422, **fields)
    assert hand.page.says("Choose the ground on which you reject it.")
    await hand.send(
        "/inspect_return", ground_1="not_original_condition", note_1="The shade is torn.", **fields
    )
    hand = await acting(NORA)
    assert hand.page.says("Not in its original condition")
    assert hand.page.says("The shade is torn.")
    await hand.send("/contest_rejection", 422)
    await hand.send(
        "/contest_rejection", note="It was whole when I sent it.", evidence="Before packing", kind="photo"
    )
    case = await town.case(ID)
    assert (case.state, case.contested) == (State.MEDIATING, True)


async def test_a_rejection_can_be_accepted(acting: As, town: Town) -> None:
    await _sent_back(acting, town)
    hand = await acting(LUMEN)
    await hand.send(
        "/inspect_return", reception_1="wrong_item", accepted_1="no", ground_1="does_not_match_claim"
    )
    await (await acting(NORA)).send("/accept_rejection")
    assert (await town.case(ID)).state is State.CLOSED


@pytest.mark.row("I1")
async def test_an_exchange_is_sent_and_confirmed(acting: As, town: Town) -> None:
    await (await acting(LUMEN)).send("/make_offer", what="exchange_keep", variant="Sand")
    await (await acting(NORA)).send("/accept_offer")
    hand = await acting(LUMEN)
    await hand.send("/ship_replacement", carrier="Swift Post", tracking_number="SW987654326PT")
    scan = RecordReplacementScan(signal=Signal.IN_TRANSIT, scanned_at=town.clock.now())
    await town.do(scan, CARRIER, "10-1", ID)
    hand = await acting(NORA)
    assert hand.page.says("SW987654326PT")
    await hand.send("/confirm_replacement")
    assert (await town.case(ID)).outcome is Outcome.EXCHANGED


async def test_a_failed_refund_asks_the_buyer_for_another_way(acting: As, town: Town) -> None:
    await (await acting(LUMEN)).send("/make_offer", what="keep", amount="30")
    await (await acting(NORA)).send("/accept_offer")
    refund = (await town.case(ID)).refunds[0]
    await town.do(FailRefund(refund_id=refund.refund_id, why="card closed"), KAYA, "10-1", ID)
    hand = await acting(NORA)
    assert hand.page.says("card closed")
    await hand.send("/choose_refund_method", 422, method="bank_transfer")
    assert hand.page.says("Enter the account the money should go to.")
    await hand.send("/choose_refund_method", method="balance")
    assert (await town.case(ID)).outcome is Outcome.PARTLY_REFUNDED


@pytest.mark.row("E6")
async def test_support_reopens_a_closed_case_with_a_reason(acting: As, town: Town) -> None:
    await (await acting(NORA)).send("/withdraw", sure="yes")
    hand = await acting(KAYA)
    await hand.send("/reopen", 422)
    assert hand.page.says("Say what new facts there are.")
    await hand.send("/reopen", reason="The seller found the test protocol.")
    assert (await town.case(ID)).state is State.MEDIATING
    assert hand.page.says("“The seller found the test protocol.”")
    # What was agreed on nobody had to prove; now that it is heard again somebody has.
    assert hand.page.says("To prove the reason")


async def test_support_records_what_carriers_and_providers_say(acting: As, town: Town) -> None:
    await (await acting(LUMEN)).send("/make_offer", what="keep", amount="60")
    await (await acting(NORA)).send("/accept_offer")
    hand = await acting(KAYA)
    (refund,) = (await town.case(ID)).refunds
    await hand.send("/confirm_refund", refund_id=refund.refund_id)
    assert (await town.case(ID)).state is State.CLOSED
    # The seller had offered a part of what was paid, and still has.
    assert not hand.page.says("Full refund")


async def test_what_cannot_be_taken_back_is_done_only_to_the_case_as_read(
    acting: As, hand: Hand, town: Town
) -> None:
    await (await acting(LUMEN)).send("/make_offer", what="keep", amount="30")
    buyer = await acting(NORA)
    stale = dict(buyer.page.form("/accept_offer").fields)
    seller = await acting(LUMEN)
    await seller.send("/make_offer", what="keep", amount="10")
    await acting(NORA)
    stale["_csrf_token"] = hand.page.form("/accept_offer").fields["_csrf_token"]
    answer = await hand.client.post(f"{CASE}/accept_offer", data=stale)
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.text
    assert (await town.case(ID)).settlement is None


async def test_after_the_deadline_nobody_can_act_any_more(acting: As, town: Town) -> None:
    case = await town.case(ID)
    assert case.waiting is not None
    hand = await acting(LUMEN)
    form = dict(hand.page.form("/accept_offer").fields)
    # The worker has not come by yet: the instant itself is late.
    await town.clock.go_on(case.waiting.until)
    answer = await hand.client.post(f"{CASE}/accept_offer", data=form)
    assert answer.status_code == 422
    assert "The time for this ended on Thursday, 26 November 2026, 14:22" in answer.text


@pytest.mark.parametrize("action", ["lapse", "edit_draft", "nothing", "open_claim"])
async def test_what_is_no_action_of_people_is_not_there(acting: As, hand: Hand, action: str) -> None:
    await acting(NORA)
    form = hand.page.form("/escalate")
    answer = await hand.client.post(f"{CASE}/{action}", data=form.fields)
    assert answer.status_code == 404


@pytest.mark.row("X1", "E8")
async def test_the_page_says_who_has_to_prove_what(acting: As) -> None:
    hand = await acting(NORA)
    for words in ("You have to show it", "One of these will do.", "It is still missing."):
        assert hand.page.says(words), words
    await hand.send("/add_evidence", kind="video", evidence="It flickers for a minute.")
    assert hand.page.says("It is there.")


@pytest.mark.row("P1")
async def test_only_what_one_may_do_is_offered(acting: As) -> None:
    seen = {}
    for actor in (NORA, LUMEN, KAYA):
        hand = await acting(actor)
        seen[actor.id] = {f.action.rpartition("/")[2] for f in hand.page.forms if f.action.startswith(CASE)}
    assert seen["nora"] == {"make_offer", "escalate", "add_evidence", "withdraw"}
    assert seen["lumen"] == {"accept_offer", "make_offer", "decline_offer", "escalate", "add_evidence"}
    assert seen["kaya"] == set()
