"""The first thing somebody does: a fresh sandbox, and what its people have shown and said."""

import re
import time
from html import unescape

import httpx
import pytest

from tests.reliability.house import House, a_house

PATIENCE_S = 120


@pytest.mark.timeout(2 * PATIENCE_S)
def test_a_fresh_sandbox_shows_tickets_with_their_pictures() -> None:
    """The process that fills it has used the file store: its server must not inherit half of that."""
    with a_house() as house:
        house.open()
        _await(house)
        with httpx.Client(base_url=house.url, follow_redirects=True, timeout=20) as client:
            page = client.get("/").text
            token = re.findall(r'name="_csrf_token" value="([^"]+)"', page)[0]
            who = {"_csrf_token": token, "person": "operator:operator-support"}
            assert client.post("/sign-in", data=who, headers={"origin": house.url}).status_code == 200
            tickets = set(re.findall(r'"(/desk/[0-9a-f]{16})"', client.get("/desk").text))
            assert len(tickets) == 3
            shown = []
            for ticket in tickets:
                for address in re.findall(r'<img src="([^"]+)"', client.get(ticket).text):
                    picture = client.get(unescape(address))
                    shown.append((picture.status_code, picture.headers["content-type"]))
        assert shown == [(200, "image/jpeg")] * 2


def _await(house: House) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{house.url}/", timeout=20).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError(house.log.read_text(errors="replace")[-3000:])
