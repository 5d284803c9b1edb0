"""The commands that take orders in and play them: what people type, and what they are told."""

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.adapters.imports import olist_folder
from tests.adapters.imports.olist_folder import DELIVERED, ITEM, PAYMENT
from tests.simulation.worlds import memory_world

from amends.adapters.calendars import CALENDARS
from amends.adapters.imports.olist import OlistReading
from amends.adapters.imports.online_retail import OnlineRetailReading
from amends.adapters.memory.store import MemoryStore
from amends.adapters.packs import load
from amends.application.execute import execute
from amends.application.intake import Reading
from amends.application.ports import Envelope, Result
from amends.application.replay import Play
from amends.domain.scene import Rules
from amends.interfaces.cli.imports import Taker, import_group, replay_group
from amends.simulation.olist import OlistReplay

RETAIL = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HANGING HEART,6,2018-12-01 08:26:00,2.55,17850.0,United Kingdom
C536366,85123A,HANGING HEART,-2,2018-12-02 08:26:00,2.55,17850.0,United Kingdom
"""


class MemoryDoors:
    """What the commands need, in memory; the same store for every command of a test."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def olist(self, folder: Path) -> Reading:
        return OlistReading(folder)

    def online_retail(self, file: Path) -> Reading:
        return OnlineRetailReading(file)

    @asynccontextmanager
    async def taker(self) -> AsyncIterator[Taker]:
        async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
            now = datetime(2026, 1, 1, tzinfo=UTC)
            return await execute(self.store, envelopes, rules=Rules({}, CALENDARS), now=now)

        yield Taker(load(), submit)

    @asynccontextmanager
    async def play(self, reading: Reading, step: timedelta) -> AsyncIterator[Play]:
        world = memory_world(datetime(2016, 1, 1, tzinfo=UTC))
        yield OlistReplay(reading, world, load(), CALENDARS, step=step)


@pytest.fixture
def doors() -> MemoryDoors:
    return MemoryDoors()


def test_an_import_says_what_came_in_and_what_did_not(tmp_path: Path, doors: MemoryDoors) -> None:
    folder = olist_folder.write(
        tmp_path, items=[ITEM, ITEM.replace("o1", "o9")], payments=[PAYMENT.replace("110.50", "110.49")]
    )
    reports = tmp_path / "reports.csv"
    ran = CliRunner().invoke(import_group, ["olist", str(folder), "--reports", str(reports)], obj=doors)
    assert ran.exit_code == 0, ran.output
    assert "item_without_order" in ran.output
    assert "payments_differ" in ran.output
    assert "R$110.49" in ran.output
    with reports.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted((row["severity"], row["reason"], row["amount"]) for row in rows) == [
        ("skipped", "item_without_order", "11050"),
        ("warning", "payments_differ", "-1"),
    ]


def test_importing_twice_finds_everything_unchanged(tmp_path: Path, doors: MemoryDoors) -> None:
    folder = str(olist_folder.write(tmp_path))
    CliRunner().invoke(import_group, ["olist", folder], obj=doors)
    ran = CliRunner().invoke(import_group, ["olist", folder], obj=doors)
    assert ran.exit_code == 0, ran.output
    counts = {
        line.split("│")[1].strip(): line.split("│")[2].strip()
        for line in ran.output.splitlines()
        if "│" in line
    }
    assert (counts["placed now"], counts["known, unchanged"]) == ("0", "1")


def test_invoices_come_in_and_credit_notes_are_matched(tmp_path: Path, doors: MemoryDoors) -> None:
    file = tmp_path / "retail.csv"
    file.write_text(RETAIL)
    ran = CliRunner().invoke(import_group, ["online-retail", str(file)], obj=doors)
    assert ran.exit_code == 0, ran.output
    assert "£15.30" in ran.output
    assert "-£5.10" in ran.output


def test_a_folder_that_is_no_olist_folder_is_refused_in_words(tmp_path: Path, doors: MemoryDoors) -> None:
    ran = CliRunner().invoke(import_group, ["olist", str(tmp_path)], obj=doors)
    assert ran.exit_code == 1
    assert "olist_orders_dataset.csv is missing" in ran.output


@pytest.mark.row("B3")
def test_a_replay_refunds_what_was_never_sent_and_accounts_for_it(tmp_path: Path, doors: MemoryDoors) -> None:
    orders = ["o1,c1,invoiced,2017-07-09 21:57:05,2017-07-09 22:10:13,,,2017-08-01 00:00:00"]
    folder = olist_folder.write(tmp_path, orders=orders)
    ran = CliRunner().invoke(replay_group, ["olist", str(folder), "--step", "0"], obj=doors)
    assert ran.exit_code == 0, ran.output
    assert "cancel.not_shipped_in_time" in ran.output
    assert "Every case ended, and every cent is accounted for." in ran.output


@pytest.mark.row("A5")
def test_a_replay_holds_the_money_until_the_protection_ends(tmp_path: Path, doors: MemoryDoors) -> None:
    folder = olist_folder.write(tmp_path, orders=[DELIVERED])
    ran = CliRunner().invoke(replay_group, ["olist", str(folder), "--step", "0"], obj=doors)
    assert ran.exit_code == 0, ran.output
    # Delivered on 26 July: 15 days of protection, a day until the payout.
    assert "to 2017-08-11" in ran.output
    assert "paid out to sellers" in ran.output
