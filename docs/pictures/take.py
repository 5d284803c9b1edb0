# ruff: noqa: INP001, S603, T201
"""Takes the pictures of the README and the documents from a new sandbox: ``make pictures``.

The marketplace is the same each time; its dates are those of today.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
AMENDS = Path(sys.executable).with_name("amends")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
START_S = 300
BYTES_MAX = 1_500_000

BUYER, SHOPPER = "buyer:buyer-berlin", "buyer:buyer-boston"
SELLER = "seller:seller-lamps"
MEDIATOR = "mediator:mediator-calm"
OPERATOR = "operator:operator-support"


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


@contextmanager
def sandbox() -> Iterator[str]:
    """A server of its own with a new marketplace; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="amends-pictures-") as home:
        # The database runs as another user where this is run by root.
        Path(home).chmod(0o755)
        settings = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
        settings |= {"AMENDS_HOME": home, "AMENDS_PORT": str(port)}
        server = subprocess.Popen([AMENDS, "run"], env=settings, stdout=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            _await(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(60)
            subprocess.run([AMENDS, "stop"], env=settings, check=False, stdout=subprocess.DEVNULL)


def _await(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"`amends run` ended with {server.returncode}.")
        try:
            with urlopen(url, timeout=5):  # noqa: S310  # our own server
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"`amends run` did not answer within {START_S} s.")


def take(browser: Browser, url: str, shot: Shot) -> None:
    """One picture, as WebP beside this file."""
    width, height = shot.size
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/")
    page.locator(f"button[value='{shot.person}']").click()
    page.goto(shot.path)
    if shot.links:
        href = _followed(page, shot.links)
        page.goto(href + shot.more.format(line=href.rpartition("line=")[2]))
    _settle(page)
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").save(HERE / f"{shot.name}.webp", quality=82, method=6)
    context.close()


def _followed(page: Page, links: Sequence[str]) -> str:
    """The address that the last of ``links`` leads to from this page."""
    hrefs: list[str] = page.locator(links[0]).evaluate_all("found => found.map(one => one.href)")
    for href in hrefs if links[1:] else hrefs[:1]:
        if not links[1:]:
            return href
        page.goto(href)
        if page.locator(links[1]).count():
            return _followed(page, links[1:])
    raise SystemExit(f"No page has {links[-1]}.")


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
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
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
