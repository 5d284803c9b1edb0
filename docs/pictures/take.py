# ruff: noqa: INP001, T201
"""Takes the pictures of the README and the documents from a new sandbox: ``make pictures``.

The marketplace is the same each time; its dates are those of today.
"""

import sys
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from benchmarks.sandbox import (
    BUYER,
    CHROMIUM,
    FLAGS,
    MEDIATOR,
    OPERATOR,
    SELLER,
    SHOPPER,
    followed,
    sandbox,
    signed_in,
)
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
BYTES_MAX = 1_500_000


class Shot(NamedTuple):
    """One picture: who looks at which page, after following which links, in what window.

    Of the links of a list the first is followed whose page has the next link. ``more`` ends the address,
    with ``{line}`` for the order line it names.
    """

    name: str
    person: str
    path: str
    links: tuple[str, ...] = ()
    size: tuple[int, int] = (1280, 1100)
    dark: bool = False
    more: str = ""


CASE = "main h2 a[href^='/cases/']"
ORDER = "main h2 a[href^='/orders/']"
CLAIM = "main a[href*='/claim?line=']"
SHOTS = (
    Shot("case", BUYER, "/cases?show=turn", (CASE,)),
    Shot("case-dark", BUYER, "/cases?show=turn", (CASE,), dark=True),
    Shot("case-phone", BUYER, "/cases?show=turn", (CASE,), (390, 1100)),
    Shot(
        "remedies", SHOPPER, "/orders?show=here", (ORDER, CLAIM), more="&n.{line}=1&reason=quality.defective"
    ),
    Shot("inbox", SELLER, "/inbox", size=(1280, 760)),
    Shot("mediator", MEDIATOR, "/cases?show=mine", (CASE,), (1280, 1300)),
    Shot("overview", OPERATOR, "/overview", size=(1280, 900)),
)


def take(browser: Browser, url: str, shot: Shot) -> None:
    """One picture, as WebP beside this file."""
    scheme = "dark" if shot.dark else "light"
    context = signed_in(browser, url, shot.person, shot.size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    there = followed(page, shot.path, shot.links)
    if shot.links:
        page.goto(there + shot.more.format(line=there.rpartition("line=")[2]))
    _settle(page)
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").save(HERE / f"{shot.name}.webp", quality=82, method=6)
    context.close()


def _settle(page: Page) -> None:
    """Wait for the typeface and for the pictures in view."""
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            const seen = [...document.images].filter(one => one.getBoundingClientRect().top < innerHeight);
            await Promise.all(seen.map(one => one.decode().catch(() => {})));
        }"""
    )


def main() -> None:
    """Take them all."""
    wanted = set(sys.argv[1:]) or {shot.name for shot in SHOTS}
    with sandbox() as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--hide-scrollbars"])
        for shot in SHOTS:
            if shot.name in wanted:
                take(browser, url, shot)
                print(f"{shot.name}.webp  {(HERE / f'{shot.name}.webp').stat().st_size // 1024} KiB")
        browser.close()
    total = sum(file.stat().st_size for file in HERE.glob("*.webp"))
    if total > BYTES_MAX:
        raise SystemExit(f"The pictures have {total} bytes; at most {BYTES_MAX} are meant to be in git.")


if __name__ == "__main__":
    main()
