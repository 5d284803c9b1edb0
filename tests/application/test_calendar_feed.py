"""The calendar of deadlines keeps to RFC 5545, so that every program that reads calendars reads it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from amends.application.calendar_feed import calendar_of
from amends.application.deadlines import Deadline
from amends.application.words import LANGUAGES, Words
from amends.domain.parties import Role
from amends.interfaces.web.correspondence_words import described

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
# What a calendar has to quote, and what takes several bytes a sign.
TITLE = "Lampe, sehr “groß”; 100% \\ new\nline 台灯" + "灯" * 60
TURN = Deadline(
    at=NOW + timedelta(days=3),
    what="awaiting_seller",
    order_id="10-1",
    case_id="10-1.1",
    on=Role.SELLER,
    mine=True,
    reader=Role.SELLER,
    default="grant_request",
    title=TITLE,
)
WINDOW = Deadline(
    at=NOW + timedelta(days=4),
    what="return.window",
    order_id="10-1",
    line_id="l1",
    on=Role.BUYER,
    reader=Role.BUYER,
    title="Lamp",
)
THEIRS = Deadline(
    at=NOW + timedelta(days=5),
    what="inspecting",
    order_id="10-2",
    case_id="10-2.1",
    on=Role.SELLER,
    reader=Role.BUYER,
    default="accept_return",
)


def feed(*found: Deadline, code: str = "en", now: datetime = NOW) -> bytes:
    words = Words(LANGUAGES[code].locale)
    return calendar_of(found, words, described, now, "https://market.example")


@pytest.mark.row("K2")
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_lines_are_as_the_standard_has_them(code: str) -> None:
    raw = feed(TURN, WINDOW, THEIRS, code=code)
    # 3.1: lines end in CR LF, have at most 75 bytes, and no sign is torn apart.
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    folded = raw[:-2].split(b"\r\n")
    assert max(len(line) for line in folded) <= 75
    for line in folded:
        line.decode("utf-8")
    whole = raw.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]
    assert whole[0] == "BEGIN:VCALENDAR"
    assert whole[-1] == "END:VCALENDAR"
    assert {"VERSION:2.0", "METHOD:PUBLISH", "X-PUBLISHED-TTL:PT1H"} <= set(whole)
    for line in whole:
        assert re.match(r"[A-Z-]+(;[A-Z-]+=[^:;,\"]+)*:", line), line
        # 3.3.11: in a text, commas, semicolons and backslashes are quoted.
        if line.startswith(("SUMMARY", "DESCRIPTION")):
            assert not re.search(r"(?<!\\)[,;]", line.partition(":")[2].replace("\\\\", "")), line
    # 3.6.1: each event has one UID, one DTSTAMP and one DTSTART, in UTC.
    for name, wanted in (("UID:", 3), ("DTSTAMP:20260302T090000Z", 3), ("DTSTART:", 3), ("TRIGGER:-P1D", 2)):
        assert sum(line.startswith(name) for line in whole) == wanted, name


@pytest.mark.row("K2")
def test_what_is_read_is_what_was_meant() -> None:
    turn, window, theirs = Calendar.from_ical(feed(TURN, WINDOW, THEIRS)).walk("VEVENT")
    assert turn["SUMMARY"].removeprefix("Your turn: reply to the buyer: ") == TITLE
    assert turn.decoded("DTSTART") == TURN.at
    assert str(turn["URL"]) == "https://market.example/cases/10-1.1"
    # An alarm for what is one's own to do or to lose, none for what the other side has to do.
    assert [len(one.walk("VALARM")) for one in (turn, window, theirs)] == [1, 1, 0]
    assert len(Calendar.from_ical(feed(WINDOW, now=WINDOW.at - timedelta(hours=2))).walk("VALARM")) == 0


@pytest.mark.row("K2")
def test_a_deadline_that_moves_is_the_same_entry() -> None:
    later = Deadline(**{name: getattr(TURN, name) for name in TURN.__struct_fields__} | {"at": WINDOW.at})
    before, after = (Calendar.from_ical(feed(one)).walk("VEVENT")[0] for one in (TURN, later))
    assert before["UID"] == after["UID"]
    assert before["DTSTART"] != after["DTSTART"]
    assert len({one["UID"] for one in Calendar.from_ical(feed(TURN, WINDOW, THEIRS)).walk("VEVENT")}) == 3
