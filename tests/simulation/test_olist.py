"""Playing Olist orders: deadlines and parcels in their order, every case to its end, every centavo found."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.adapters.imports import olist_folder
from tests.adapters.imports.olist_folder import DELIVERED, ITEM, PAYMENT
from tests.simulation.worlds import memory_world

from amends.adapters.calendars import CALENDARS
from amends.adapters.imports.olist import OlistReading
from amends.adapters.packs import load
from amends.adapters.payments.sandbox import Faults
from amends.application.replay import Replayed, World
from amends.simulation.habits import Habits
from amends.simulation.olist import OlistReplay

BEGAN = datetime(2017, 1, 1, tzinfo=UTC)
AGREEABLE = Habits(agrees=100, haggles=0, refuses=0, late=100)
SILENT = Habits(agrees=0, haggles=0, refuses=0, late=100)

UNSHIPPED = "o1,c1,{},2017-07-09 21:57:05,2017-07-09 22:10:13,,,2017-08-01 00:00:00"
NEVER_ARRIVED = DELIVERED.replace("delivered", "shipped").replace("2017-07-26 10:57:55", "")
LATE = DELIVERED.replace("2017-07-26", "2017-08-03")


async def play(
    folder: Path, habits: Habits, *, world: World | None = None, step: timedelta = timedelta(hours=6)
) -> Replayed:
    replay = OlistReplay(OlistReading(folder), world or memory_world(BEGAN), load(), CALENDARS, habits, step)
    at = BEGAN
    async for progress in replay.run():
        assert progress.at >= at
        at = progress.at
    return await replay.outcome()


def ended(replayed: Replayed) -> dict[str, str]:
    return {line.reason: line.outcome for line in replayed.played.cases}


def held(replayed: Replayed, account: str) -> int:
    return replayed.played.accounts[0].held[account]


async def test_a_plain_order_ends_with_the_seller_paid(tmp_path: Path) -> None:
    replayed = await play(olist_folder.write(tmp_path), AGREEABLE)
    assert replayed.sound
    assert (replayed.eligible, replayed.played.cases) == (0, ())
    assert held(replayed, "bank") == 11050
    assert replayed.played.stages == {"paid_out": 1}


async def test_an_order_that_never_ships_is_refunded_at_its_day(tmp_path: Path) -> None:
    replayed = await play(olist_folder.write(tmp_path, orders=[UNSHIPPED.format("processing")]), SILENT)
    assert replayed.sound
    assert replayed.implied == {"never_shipped": 1}
    assert ended(replayed) == {"cancel.not_shipped_in_time": "refunded"}
    assert replayed.played.accounts[0].refunded == 11050


async def test_a_parcel_that_leaves_after_its_day_meets_a_cancelled_order(tmp_path: Path) -> None:
    orders = [DELIVERED.replace("2017-07-11 14:58:04", "2017-07-13 22:10:14")]
    replayed = await play(olist_folder.write(tmp_path, orders=orders), AGREEABLE)
    assert replayed.sound
    assert replayed.overtaken == 1
    assert ended(replayed) == {"cancel.not_shipped_in_time": "refunded"}


async def test_a_parcel_that_leaves_a_second_before_its_day_is_in_time(tmp_path: Path) -> None:
    orders = [DELIVERED.replace("2017-07-11 14:58:04", "2017-07-13 22:10:12")]
    replayed = await play(olist_folder.write(tmp_path, orders=orders), AGREEABLE, step=timedelta(days=2))
    assert (replayed.overtaken, replayed.played.cases) == (0, ())


async def test_a_parcel_that_leaves_at_the_very_instant_is_late(tmp_path: Path) -> None:
    orders = [DELIVERED.replace("2017-07-11 14:58:04", "2017-07-13 22:10:13")]
    replayed = await play(olist_folder.write(tmp_path, orders=orders), AGREEABLE, step=timedelta(days=2))
    assert replayed.overtaken == 1


async def test_a_canceled_order_is_cancelled_by_its_buyer(tmp_path: Path) -> None:
    replayed = await play(olist_folder.write(tmp_path, orders=[UNSHIPPED.format("canceled")]), AGREEABLE)
    assert replayed.sound
    assert replayed.implied == {"canceled": 1}
    assert set(ended(replayed)) == {"cancel.changed_mind"}
    assert replayed.played.stages == {"cancelled": 1}


async def test_silence_of_the_seller_refunds_what_never_arrived(tmp_path: Path) -> None:
    replayed = await play(olist_folder.write(tmp_path, orders=[NEVER_ARRIVED]), SILENT)
    assert replayed.sound
    assert ended(replayed) == {"not_received.overdue": "refunded"}
    assert replayed.played.fired["grant_request"] == 1
    assert replayed.played.accounts[0].refunded == 11050


async def test_a_late_delivery_is_claimed(tmp_path: Path) -> None:
    replayed = await play(olist_folder.write(tmp_path, orders=[LATE]), AGREEABLE)
    assert replayed.sound
    assert set(ended(replayed)) == {"late.after_promise"}


async def test_a_bad_review_is_claimed_and_a_good_one_is_not(tmp_path: Path) -> None:
    review = "r1,o1,{},,,2017-07-27 00:00:00,2017-07-28 10:00:00"
    unhappy = await play(olist_folder.write(tmp_path, reviews=[review.format(1)]), AGREEABLE)
    assert unhappy.sound
    assert unhappy.implied == {"unhappy": 1}
    assert unhappy.played.closed == 1
    happy = await play(olist_folder.write(tmp_path, reviews=[review.format(5)]), AGREEABLE)
    assert (happy.implied, happy.played.closed) == ({}, 0)


async def test_what_was_paid_beyond_the_price_goes_back_with_a_full_refund(tmp_path: Path) -> None:
    payments = [PAYMENT.replace("110.50", "120.00")]
    folder = olist_folder.write(tmp_path, orders=[UNSHIPPED.format("processing")], payments=payments)
    replayed = await play(folder, SILENT)
    assert replayed.sound
    assert replayed.played.accounts[0].refunded == 12000


def many(folder: Path) -> Path:
    """Orders of every kind, many times over, by a few sellers."""
    shapes = [DELIVERED, LATE, NEVER_ARRIVED, UNSHIPPED.format("canceled"), UNSHIPPED.format("invoiced")]
    orders, items, payments, reviews = [], [], [], []
    for n in range(60):
        name = f"o{n + 1}"
        orders.append(shapes[n % len(shapes)].replace("o1,", f"{name},", 1))
        items.append(ITEM.replace("o1,", f"{name},", 1).replace("s1", f"s{n % 3 + 1}"))
        payments.append(f"{name},1,voucher,1,10.51")
        payments.append(f"{name},2,credit_card,1,99.99")
        score = n % 5 + 1
        reviews.append(f"r{n},{name},{score},,,2017-08-05 00:00:00,2017-08-06 10:00:00")
    return olist_folder.write(folder, orders=orders, items=items, payments=payments, reviews=reviews)


@pytest.mark.parametrize("faults", [Faults(), Faults(seed=7, declined=0.2, late=0.2, lost_reply=0.2)])
async def test_every_case_ends_and_every_centavo_is_found(tmp_path: Path, faults: Faults) -> None:
    habits = Habits(agrees=25, haggles=25, refuses=25, late=100)
    replayed = await play(many(tmp_path), habits, world=memory_world(BEGAN, faults))
    assert replayed.played.live == 0
    assert replayed.sound
    (accounts,) = replayed.played.accounts
    assert accounts.captured == 60 * 11050
    assert accounts.refunded > 0


async def test_the_same_past_is_played_the_same_way(tmp_path: Path) -> None:
    folder = many(tmp_path)
    assert await play(folder, Habits()) == await play(folder, Habits())
