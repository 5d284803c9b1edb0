"""Pages travel compressed to whoever asks for them, and not where another site made the browser ask."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import NORA

GZIP = {"accept-encoding": "gzip, br"}


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_a_page_somebody_asks_for_themselves_is_compressed(hand: Hand, site: str) -> None:
    await hand.sign_in(NORA)
    answer = await hand.client.get("/orders", headers={**GZIP, "sec-fetch-site": site})
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert int(answer.headers["content-length"]) < len(answer.content) / 3
    assert answer.text.rstrip().endswith("</html>")


@pytest.mark.parametrize("site", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {}])
async def test_the_length_of_a_page_tells_another_site_nothing(hand: Hand, site: dict[str, str]) -> None:
    await hand.sign_in(NORA)
    answer = await hand.client.get("/orders", headers={**GZIP, **site})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


async def test_styles_are_compressed_for_everybody_and_fonts_are_left_alone(hand: Hand) -> None:
    styles = await hand.client.get("/static/app.css", headers=GZIP)
    assert styles.headers["content-encoding"] == "gzip"
    assert "frame-ancestors" in styles.headers["content-security-policy"]
    assert b"--color-primary" in styles.content
    font = await hand.client.get("/static/inter-latin.woff2", headers=GZIP)
    assert "content-encoding" not in font.headers
    assert font.content[:4] == b"wOF2"
    plain = await hand.client.get("/static/app.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == styles.content
