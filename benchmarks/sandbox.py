"""A real `amends run` with a new simulated marketplace, and people who are signed in to it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page

AMENDS = Path(sys.executable).with_name("amends")
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_START_S = 600

BUYER, SHOPPER = "buyer:buyer-berlin", "buyer:buyer-boston"
SELLER = "seller:seller-lamps"
MEDIATOR = "mediator:mediator-calm"
OPERATOR = "operator:operator-support"


@contextmanager
def sandbox(url: str = "") -> Iterator[str]:
    """The address of ``url``, or of a server, worker and database of its own, gone afterwards."""
    if url:
        yield url
        return
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="amends-pages-") as home:
        # The database runs as another user where this is run by root.
        Path(home).chmod(0o755)
        settings = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
        settings |= {"AMENDS_HOME": home, "AMENDS_PORT": str(port)}
        server = subprocess.Popen([AMENDS, "run"], env=settings, stdout=subprocess.DEVNULL)
        try:
            _await(f"http://127.0.0.1:{port}", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)
            subprocess.run([AMENDS, "stop"], env=settings, check=False, stdout=subprocess.DEVNULL)


def _await(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"`amends run` ended with {server.returncode}.")
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"`amends run` did not answer within {_START_S} s.")


def signed_in(
    browser: Browser, url: str, person: str, size: tuple[int, int] = (1280, 900), **look: Any
) -> BrowserContext:
    """A browser's context of somebody of the marketplace, by their card; of nobody for "".

    ``look`` is passed on to `Browser.new_context`.
    """
    width, height = size
    context = browser.new_context(base_url=url, viewport={"width": width, "height": height}, **look)
    if person:
        page = context.new_page()
        page.goto("/")
        page.locator(f"button[value='{person}']").click()
        page.wait_for_url(lambda there: not there.endswith("/sign-in"))
        page.close()
    return context


def followed(page: Page, path: str, links: Sequence[str] = ()) -> str:
    """The address the last of ``links`` leads to from ``path``: of each list, the first that has the next."""
    page.goto(path)
    if not links:
        return page.url
    hrefs: list[str] = page.locator(links[0]).evaluate_all("found => found.map(one => one.href)")
    for href in hrefs if links[1:] else hrefs[:1]:
        if not links[1:]:
            return href
        try:
            return followed(page, href, links[1:])
        except LookupError:
            continue
    raise LookupError(f"{path} has no {links[0]}")
