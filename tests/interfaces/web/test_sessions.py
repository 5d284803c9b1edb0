"""Sessions name one person, cannot be changed, and run out."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from tests.interfaces.web.town import KAYA, NORA

from amends.interfaces.web import sessions

SECRET = "a secret that is long enough for anybody"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_session_names_who_it_was_issued_to() -> None:
    assert sessions.read(sessions.issue(NORA, SECRET, NOW), SECRET, NOW) == NORA


def test_a_session_runs_out_at_the_exact_instant() -> None:
    cookie = sessions.issue(NORA, SECRET, NOW)
    end = NOW + sessions.LENGTH
    assert sessions.read(cookie, SECRET, end - timedelta(seconds=1)) == NORA
    assert sessions.read(cookie, SECRET, end) is None


def test_a_changed_session_is_nobodys() -> None:
    body, _, signature = sessions.issue(NORA, SECRET, NOW).partition(".")
    other = urlsafe_b64encode(urlsafe_b64decode(body).replace(b"nora", b"yuki")).decode()
    assert sessions.read(f"{other}.{signature}", SECRET, NOW) is None


def test_another_secret_signs_another_session() -> None:
    assert sessions.read(sessions.issue(KAYA, "x" * 40, NOW), SECRET, NOW) is None


def test_what_is_no_session_is_nobodys() -> None:
    for cookie in ("", ".", "x", "x.y", "ü.ü", "e30=." + "0" * 64):
        assert sessions.read(cookie, SECRET, NOW) is None
