"""Figures of the pages on a real `amends run`: `make lighthouse live weight`.

Each part prints a table; with --write it also goes into its place in docs/pages.md.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

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

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "docs" / "pages.md"
STATIC = ROOT / "src" / "amends" / "interfaces" / "web" / "static"
LIGHTHOUSE = Path(__file__).parent / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
CASE = "main h2 a[href^='/cases/']"
ORDER = "main h2 a[href^='/orders/']"
OFFER = "form[action$='/make_offer']"
WRITE = "form[action$='/messages']"
CLAIM = "main a[href*='/claim?line=']"
# The browser it starts at times never tells of the page's start (NO_NAVSTART), or of its end.
_TRIES, _EXAMINED_S = 4, 120


class Target(NamedTuple):
    """A page, whose it is, and how to get there from ``path``; ``more`` ends the address."""

    name: str
    person: str
    path: str
    links: tuple[str, ...] = ()
    more: str = ""


TARGETS = (
    Target("sign-in", "", "/"),
    Target("help", "", "/help"),
    Target("orders of a buyer", BUYER, "/orders"),
    Target("an order", BUYER, "/orders", (ORDER,)),
    Target("a case, its buyer", BUYER, "/cases?show=turn", (CASE,)),
    Target(
        "claim: remedies",
        SHOPPER,
        "/orders?show=here",
        (ORDER, CLAIM),
        "&n.{line}=1&reason=quality.defective",
    ),
    Target("my returns", BUYER, "/my-returns"),
    Target("inbox of a seller", SELLER, "/inbox"),
    Target("a case, its seller", SELLER, "/cases", (CASE,)),
    Target("queue of a mediator", MEDIATOR, "/cases"),
    Target("workbench of a mediator", MEDIATOR, "/cases?show=mine", (CASE,)),
    Target("overview of an operator", OPERATOR, "/overview"),
    Target("analytics of an operator", OPERATOR, "/analytics"),
)


def lighthouse(browser: Browser, url: str, wanted: str) -> Iterator[str]:
    """Lighthouse's marks for performance and accessibility, as on a phone of the middle class."""
    told = ("performance", "accessibility", "first paint", "largest paint", "blocked", "shift", "loaded")
    yield f"| page | {' | '.join(told)} |"
    yield f"|---{'|---' * len(told)}|"
    for target in TARGETS:
        if wanted not in target.name:
            continue
        context = signed_in(browser, url, target.person)
        page = context.new_page()
        address = followed(page, target.path, target.links)
        address += target.more.format(line=address.rpartition("line=")[2])
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
        context.close()
        marks, audits = _examined(address, cookies)
        times = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")
        shown = [
            *(str(audits[name]["displayValue"]).replace("\xa0", " ") for name in times),
            audits["cumulative-layout-shift"]["displayValue"],
            f"{audits['total-byte-weight']['numericValue'] / 1024:.0f} KiB",
        ]
        yield f"| {target.name} | {marks['performance']} | {marks['accessibility']} | {' | '.join(shown)} |"


def _examined(address: str, cookies: str) -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix="amends-lighthouse-") as folder:
        out = Path(folder) / "report.json"
        command = [
            os.environ.get("NODE", "node"),
            LIGHTHOUSE,
            address,
            "--quiet",
            "--output=json",
            f"--output-path={out}",
            "--only-categories=performance,accessibility",
            f"--chrome-flags={' '.join(FLAGS)}",
            f"--extra-headers={json.dumps({'Cookie': cookies} if cookies else {})}",
        ]
        for left in reversed(range(_TRIES)):
            try:
                tools = os.environ | {"CHROME_PATH": CHROMIUM, "TMPDIR": folder}
                subprocess.run(command, env=tools, check=True, timeout=_EXAMINED_S)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                if not left:
                    raise
            else:
                break
        found = json.loads(out.read_text())
    marks = {name: round(100 * one["score"]) for name, one in found["categories"].items()}
    for name, audit in found["audits"].items():
        if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary":
            items = audit.get("details", {}).get("items", [])
            places = [one.get("node", {}).get("selector") for one in items]
            print(f"<!-- {urlsplit(address).path}: {name} {places} -->")
    return marks, found["audits"]


def live(browser: Browser, url: str, times: int) -> Iterator[str]:
    """From one party's press of a button until the other party's open page shows it, in two browsers."""
    yield "| what | times | median | longest |"
    yield "|---|---|---|---|"
    buyer, seller = (signed_in(browser, url, person).new_page() for person in (BUYER, SELLER))
    for name, act in (("a message", _message), ("a status", _status)):
        took = [act(buyer, seller, n) for n in range(times)]
        yield f"| {name} | {times} | {statistics.median(took):.0f} ms | {max(took):.0f} ms |"


def _shared(buyer: Page, seller: Page, path: str, has: str) -> str:
    """The path of something of the buyer's where the seller finds a form like ``has``."""
    buyer.goto(path)
    for href in buyer.locator("main h2 a").evaluate_all(
        "found => found.map(one => one.getAttribute('href'))"
    ):
        there = href if has.startswith(OFFER) else f"{href}/messages"
        answer = seller.goto(there)
        if answer is not None and answer.ok and seller.locator(has).count():
            return str(there)
    raise LookupError(f"{path} of the buyer shows nothing with {has} for the seller")


def _message(buyer: Page, seller: Page, n: int) -> float:
    if n == 0:
        _listens(buyer, _shared(buyer, seller, "/orders", WRITE))
    # The buyer may see it before the seller's own page is there again.
    seller.goto(buyer.url)
    # Without digits: what might be the number of a card is hidden.
    said = "Word " + "".join(random.choices("bcdfghjklmnpqrstvwxz", k=12))
    seller.locator(f"{WRITE} textarea[name=text]").fill(said)
    return _until(seller.locator(f"{WRITE} button.btn-primary").click, buyer, said)


def _status(buyer: Page, seller: Page, n: int) -> float:
    """Of a case: an offer of the seller's, which the buyer can accept."""
    if n == 0:
        _listens(buyer, _shared(buyer, seller, "/cases?show=turn", OFFER))
    seller.goto(buyer.url)
    seller.locator("main details").evaluate_all("found => found.forEach(each => {each.open = true})")
    form = seller.locator(OFFER)
    form.locator("[name=what][value=keep]").check()
    form.locator("[name=amount]").fill(f"{1 + n / 100:.2f}")
    return _until(form.locator("button.btn-primary").last.click, buyer, f"{1 + n / 100:.2f}")


def _listens(page: Page, path: str) -> None:
    with page.expect_response(lambda answer: "/live/" in answer.url):
        page.goto(path)


def _until(press: Callable[[], None], page: Page, text: str) -> float:
    """Milliseconds from the press until the page shows the text."""
    began = time.perf_counter()
    press()
    page.locator("main").get_by_text(text).first.wait_for(timeout=20_000)
    return 1000 * (time.perf_counter() - began)


def weight(browser: Browser, url: str) -> Iterator[str]:
    """Compressed sizes, and what the pages ask for."""
    yield "| what | compressed | goal |"
    yield "|---|---|---|"
    for ending, goal in (("css", 15), ("js", 25)):
        size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in STATIC.glob(f"*.{ending}"))
        yield f"| all {ending.upper()} | {size / 1024:.1f} KiB | {goal} KiB |"
    home, asked, pages = urlsplit(url).netloc, 0, 0
    strangers: set[str] = set()
    for target in TARGETS:
        context = signed_in(browser, url, target.person)
        seen: list[str] = []
        page = context.new_page()
        page.on("request", lambda request, seen=seen: seen.append(request.url))
        page.goto(followed(page, target.path, target.links))
        pages, asked = pages + 1, asked + len(seen)
        strangers |= {urlsplit(one).netloc for one in seen} - {home, ""}
        context.close()
    yield f"| requests to others, of {asked} of {pages} pages | {len(strangers)} | 0 |"


def main() -> None:
    """Measure what was asked for and print it; with --write also into docs/pages.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("part", choices=("lighthouse", "live", "weight"))
    parser.add_argument(
        "--url", default="", help="a server that runs already, with the simulated marketplace"
    )
    parser.add_argument("--only", default="", help="pages whose name has this in it")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--write", action="store_true", help=f"also into {REPORT.name}")
    asked = parser.parse_args()
    with sandbox(asked.url) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        parts: dict[str, Callable[[], Iterator[str]]] = {
            "lighthouse": lambda: lighthouse(browser, url, asked.only),
            "live": lambda: live(browser, url, asked.times),
            "weight": lambda: weight(browser, url),
        }
        lines = []
        for line in parts[asked.part]():
            print(line, flush=True)
            lines.append(line)
        browser.close()
    if asked.write:
        _write(asked.part, lines)


def _write(part: str, lines: list[str]) -> None:
    """Between the marks of the part: the table, in place of the one before."""
    text = REPORT.read_text()
    begin, end = f"<!-- {part} -->\n", f"<!-- /{part} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{REPORT} has no place for {part}.")
    REPORT.write_text(before + begin + "\n".join(lines) + "\n" + end + after)


if __name__ == "__main__":
    main()
