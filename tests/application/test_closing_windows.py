"""Windows that close without anybody's clock: each has a reminder of its own, once, while it matters."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.application.test_deadlines_are_told import DAY, MOMENT, Watch
from tests.contract.stores import claim, done, to
from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, PLACED, SELLER, an_order

from amends.adapters.packs import load
from amends.application.deadlines import together
from amends.application.extensions import terms_agreed
from amends.application.permissions import Caller
from amends.application.ports import KeyRole, Letter
from amends.application.preferences import category_of
from amends.domain.cases import commands as c
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody
from amends.domain.orders import Order, Parcel, Signal, TrackingEvent
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import Terms, resolve
from amends.domain.time import Period

ARRIVED = PLACED + 4 * DAY
WINDOW = 15 * DAY
TELLING = {"return_window_near", "withdrawal_window_near", "fault_window_near", "arrival_window_near"}


def terms_of(*packs: str, country: str = "DE") -> Terms:
    facts = Facts(category="home", currency="EUR", placed_at=PLACED, buyer_country=country)
    return resolve(load(("default", *packs)), facts)


def reminding(lead: Period) -> Terms:
    """The default terms with another lead of the reminders."""
    terms, name = terms_of(), "return.remind_before"
    values = {**terms.values, name: (replace(terms.values[name][0], value=lead),)}
    return replace(terms, terms_id=f"{lead.amount:024x}", values=values)


class Windows(Watch):
    """Orders whose windows close, and what the buyer is told of that."""

    async def sold(self, terms: Terms | None = None, *, lines: int = 1) -> None:
        """An order, each line in a parcel of its own, all on their way since a day."""
        terms = terms or terms_of()
        order = an_order()
        kinds = [
            replace(order.lines[0], line_id=f"l{n}", title=f"Lamp {n}", terms_id=terms.terms_id)
            for n in range(1, lines + 1)
        ]
        sold: Order = replace(
            order,
            lines=tuple(kinds),
            tenders=(replace(order.tenders[0], captured=9000 * lines),),
        )
        placing = to("o1", oc.PlaceOrder(order=sold), OPERATOR, terms=(terms,))
        await done(self.store, placing, now=PLACED)
        for line in kinds:
            parcel = Parcel(line.line_id, PLACED, "Swift Post", f"SW12345678{line.line_id}", (line.line_id,))
            await done(self.store, to("o1", oc.RecordParcel(parcel=parcel), SELLER), now=PLACED)

    async def arrives(self, at: datetime = ARRIVED, line_id: str = "l1") -> None:
        await self.to(at)
        scan = TrackingEvent(at, Signal.DELIVERED, "DE", "10115")
        arrived = oc.RecordTracking(parcel_id=line_id, events=(scan,))
        await done(self.store, to("o1", arrived, CARRIER), now=at)

    async def does(self, command: c.OpenClaim | c.EditDraft | oc.ConfirmReceipt) -> None:
        await done(self.store, to("o1", command, BUYER), now=self.clock.now())

    async def custody(self) -> Custody:
        scene = await self.store.scene("o1")
        assert scene is not None
        assert scene.custody is not None
        return scene.custody

    async def told(self, until: datetime) -> list[Letter]:
        """What the buyer was told of windows by then, first to last."""
        await self.to(until)
        page = await self.letters.correspondence.notices.page(BUYER, "", 100)
        return [one.letter for one in reversed(page.entries) if one.letter.event in TELLING]


@pytest.mark.row("K2")
async def test_goods_that_came_earlier_have_a_reminder_of_their_own() -> None:
    watch = Windows()
    await watch.sold(lines=2)
    await watch.arrives(ARRIVED)
    await watch.arrives(ARRIVED + 5 * DAY, "l2")
    closes = ARRIVED + WINDOW
    (told,) = await watch.told(closes + 30 * DAY)
    assert (told.event, told.at) == ("return_window_near", closes - 3 * DAY)
    # Of the later line the protection's own reminders tell.
    assert "Lamp 1" in told.text
    assert "Lamp 2" not in told.text
    assert f"{closes:%H:%M}" in told.text
    assert "15 days after receipt" not in told.text
    (mail,) = [one for one in watch.letters.postman.to(BUYER) if one.message_id == told.notice_id]
    assert mail.unsubscribe
    assert category_of(told.event) == "reminders"


@pytest.mark.row("K2")
async def test_where_one_end_is_the_end_of_protection_it_is_told_once() -> None:
    watch = Windows()
    await watch.sold()
    await watch.arrives()
    assert await watch.told(ARRIVED + 90 * DAY) == []


@pytest.mark.row("K2")
async def test_whoever_confirmed_early_is_still_told_and_still_sees_the_end() -> None:
    watch = Windows()
    await watch.sold()
    await watch.arrives()
    await watch.does(oc.ConfirmReceipt())
    closes = ARRIVED + WINDOW
    await watch.to(ARRIVED + 5 * DAY)
    seen = await watch.letters.correspondence.deadlines.of(Caller(KeyRole.BUYER, BUYER.id))
    assert [(one.what, one.at) for one in seen] == [("return.window", closes)]
    assert [one.at for one in await watch.told(closes - MOMENT)] == [closes - 3 * DAY]
    await watch.does(claim())  # in time, and not too late
    assert len(await watch.told(closes + DAY)) == 1


@pytest.mark.row("K2")
@pytest.mark.parametrize(
    ("pack", "country", "event", "what"),
    [
        ("uk", "GB", "fault_window_near", "return.faults"),
        ("eu", "DE", "withdrawal_window_near", "withdrawal.window"),
    ],
)
async def test_what_the_law_gives_besides_is_told_too(pack: str, country: str, event: str, what: str) -> None:
    watch = Windows()
    await watch.sold(terms_of(pack, country=country))
    await watch.arrives()
    seen = await watch.letters.correspondence.deadlines.of(Caller(KeyRole.BUYER, BUYER.id))
    ends = {one.what: one.at for one in seen}[what]
    told = [one for one in await watch.told(ends) if one.event == event]
    assert [one.at for one in told] == [ends - 3 * DAY]


@pytest.mark.row("K2")
@pytest.mark.parametrize(("asks", "times"), [(claim(0, 1), 0), (claim(0), 1)], ids=["all", "some"])
async def test_what_is_in_a_case_is_not_reminded_of(asks: c.OpenClaim, times: int) -> None:
    watch = Windows()
    await watch.sold(lines=2)
    await watch.arrives()
    await watch.does(asks)
    await watch.arrives(ARRIVED + 5 * DAY, "l2")
    assert len(await watch.told(ARRIVED + WINDOW)) == times


@pytest.mark.row("K2", "C3")
async def test_more_time_moves_the_reminder() -> None:
    watch = Windows()
    await watch.sold(lines=2)
    await watch.arrives()
    await watch.arrives(ARRIVED + 5 * DAY, "l2")
    until = (ARRIVED + 40 * DAY).date().isoformat()
    offer = oc.OfferExtension(extension_id="x1", until=until)
    await done(watch.store, to("o1", offer, SELLER), now=watch.clock.now())
    custody = await watch.custody()
    terms = await watch.store.terms_of([line.terms_id for line in custody.order.lines])
    agreed = terms_agreed(custody, terms, "x1")
    answer = to("o1", oc.AnswerExtension(extension_id="x1", agreed=True), BUYER, terms=agreed)
    await done(watch.store, answer, now=watch.clock.now())
    # Both lines end with the protection now.
    assert await watch.told(ARRIVED + 60 * DAY) == []


@pytest.mark.row("K2")
@pytest.mark.parametrize(
    ("lead", "at"),
    [
        (Period(6, "days"), lambda closes: [closes - 6 * DAY]),
        (Period(14, "days"), lambda closes: [closes - 7.5 * DAY]),  # never before half of the time is over
        (Period(0, "days"), lambda _: []),
    ],
)
async def test_the_policy_says_how_long_before(
    lead: Period, at: Callable[[datetime], list[datetime]]
) -> None:
    watch = Windows()
    await watch.sold(reminding(lead), lines=2)
    await watch.arrives()
    await watch.arrives(ARRIVED + 5 * DAY, "l2")
    assert [one.at for one in await watch.told(ARRIVED + 60 * DAY)] == at(ARRIVED + WINDOW)


@pytest.mark.row("K2")
async def test_of_several_parcels_each_that_stays_away_is_asked_after() -> None:
    watch = Windows()
    await watch.sold(lines=2)
    await watch.arrives(PLACED + 48 * DAY, "l2")
    ends = PLACED + 60 * DAY
    (told,) = await watch.told(ends)
    assert (told.event, told.at) == ("arrival_window_near", ends - 3 * DAY)
    assert "Lamp 1" in told.text


@pytest.mark.row("K2")
async def test_what_ends_with_the_protection_stands_on_the_list_once() -> None:
    watch = Windows()
    await watch.sold(terms_of("eu"))
    deadlines = watch.letters.correspondence.deadlines
    buyer = Caller(KeyRole.BUYER, BUYER.id)
    await watch.to(PLACED + DAY)
    assert [one.what for one in together(await deadlines.of(buyer))] == ["protection.not_received"]
    await watch.arrives()
    found = together(await deadlines.of(buyer))
    ends = (await watch.custody()).protection_ends_at
    assert [one.what for one in found if one.at == ends] == ["protection.return"]
    assert {"withdrawal.window", "not_received"} <= {one.what for one in found}
    await watch.does(oc.ConfirmReceipt())
    later = {one.what for one in together(await deadlines.of(buyer))}
    assert later == {"return.window", "withdrawal.window"}


async def test_ends_close_together_are_told_as_one() -> None:
    watch = Windows()
    await watch.sold(lines=3)
    await watch.arrives(ARRIVED)
    await watch.arrives(ARRIVED + timedelta(hours=20), "l2")
    await watch.arrives(ARRIVED + 5 * DAY, "l3")
    (told,) = await watch.told(ARRIVED + 60 * DAY)
    assert told.at == ARRIVED + WINDOW - 3 * DAY
    assert "Lamp 1 and Lamp 2" in told.text
