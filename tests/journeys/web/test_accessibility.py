"""Every page in every kind of state: no violations, no sideways scrolling, nothing from elsewhere."""

import gzip
import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Request, expect

from amends.adapters.packs import LAWS, load
from amends.application.people import By
from amends.application.permissions import Caller
from amends.application.policies import PolicyBook
from amends.application.ports import KeyRole
from amends.application.ports.accounts import Member
from amends.application.ports.settlements import DifferenceFilter
from amends.application.ports.support import Conversation
from amends.application.ports.webhooks import Endpoint
from amends.application.sellers import Sellers
from amends.application.sessions import Guest
from amends.application.support import Opening
from amends.application.withdrawals import commands, rights
from amends.application.words import Words
from amends.domain.orders import Signal, Tier
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Layer
from amends.domain.policy.drafts import new_text
from amends.domain.policy.seasons import Season, clause_of
from amends.domain.policy.steps import Commented, Edited
from amends.domain.policy.studio import Revision
from amends.domain.policy.writing import with_clause
from amends.domain.reconciliation import Movement, State
from amends.domain.signals import Contest, Sign
from amends.interfaces.web import sessions
from amends.interfaces.web.rendering import STATIC
from tests.application.test_lab import HASTY, HEAD
from tests.interfaces.web.gallery import SCENES, hang
from tests.interfaces.web.house import QUICK
from tests.interfaces.web.test_known import stands_out
from tests.interfaces.web.test_money_from_outside import claim as claim_of
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, YUKI, Town
from tests.journeys.web.conftest import Street, open_street

pytestmark = pytest.mark.browser

CLAIM = "/orders/10-claim/lines/l1/claim"
PAGES: dict[str, tuple[Actor | None, str]] = {
    "sign-in": (None, "/"),
    "orders": (NORA, "/orders"),
    "order": (NORA, "/orders/10-103"),
    "order in yen": (YUKI, "/orders/20-1"),
    "order of a seller": (LUMEN, "/orders/10-new"),
    "cancellation": (NORA, "/orders/10-new/cancellation"),
    "cancellation closed": (NORA, "/orders/10-103/cancellation"),
    "claim: reason": (NORA, CLAIM),
    "claim: reason missing": (NORA, f"{CLAIM}?asked=reason"),
    "claim: remedies": (NORA, f"{CLAIM}?reason=quality.defective&n.l1=2"),
    "claim: items": (NORA, f"{CLAIM}?reason=quality.defective"),
    "claim: search": (NORA, f"{CLAIM}?q=broken"),
    "my returns": (NORA, "/my-returns?show=all"),
    "my refunds": (NORA, "/my-refunds?show=all"),
    "terms of an offer": (None, "/embed/terms?seller=lumen&currency=EUR"),
    "claim: none open": (NORA, f"{CLAIM}?reason=late.after_promise"),
    "claim: details": (NORA, f"{CLAIM}?reason=quality.defective&n.l1=2&remedy=partial"),
    "cases of a buyer": (NORA, "/cases"),
    "cases of a seller": (LUMEN, "/cases"),
    "queue": (INES, "/cases"),
    "closed cases": (NORA, "/cases?show=closed"),
    "clock": (KAYA, "/clock"),
    "inbox": (LUMEN, "/inbox"),
    "inbox narrowed": (LUMEN, "/inbox?show=answer&q=lamp&choose=all"),
    "inbox empty": (LUMEN, "/inbox?q=nothing-like-it"),
    "money": (LUMEN, "/money"),
    "statistics": (LUMEN, "/statistics"),
    "policy": (LUMEN, "/policy"),
    "record": (NORA, "/sellers/lumen"),
    "not found": (NORA, "/nowhere"),
    **{
        f"case {scene.__name__} for {actor.id}": (actor, f"/cases/10-{number}.1")
        for number, scene in enumerate(SCENES, 101)
        for actor in (NORA, LUMEN)
        if (scene.__name__, actor) != ("draft", LUMEN)
    },
    "case mediated for kaya": (KAYA, "/cases/10-104.1"),
    "case stuck for kaya": (KAYA, "/cases/10-112.1"),
    "case withdrawn for kaya": (KAYA, "/cases/10-114.1"),
    "case mediated for ines": (INES, "/cases/10-104.1"),
    "case ruled for ines": (INES, "/cases/10-106.1"),
}
PAGES |= {
    "find nothing": (NORA, "/find?q=10-404"),
    "forgotten": (None, "/forgotten"),
    "reset": (None, "/reset/MAILED"),
    "invitation": (None, "/invitation/MAILED"),
    "unsubscribe": (None, "/unsubscribe/MAILED"),
    "reset that is not known": (None, "/reset/unknown"),
    "invitation that is not known": (None, "/invitation/unknown"),
    "unsubscribe that is not known": (None, "/unsubscribe/unknown"),
    "hand-over without a token": (None, "/hand-over"),
    "account": (NORA, "/account"),
    "devices": (NORA, "/account/sessions"),
    "keys": (LUMEN, "/account/keys"),
    "team": (LUMEN, "/account/team"),
    "my returns to do": (NORA, "/my-returns"),
    "my refunds to come": (NORA, "/my-refunds"),
    "terms of no offer": (None, "/embed/terms"),
    "overview": (KAYA, "/overview"),
    "analytics": (KAYA, "/analytics"),
    "journal": (KAYA, "/journal?who=nora"),
    "journal of accounts": (KAYA, "/journal/accounts"),
    "people": (KAYA, "/people"),
    "person": (KAYA, "/people/BUYER-ACCOUNT"),
    "person suspended": (KAYA, "/people/SELLER-ACCOUNT"),
    "orders of everybody": (KAYA, "/orders?seller=lumen"),
    "cases of everybody": (KAYA, "/cases?q=10-10"),
    "studio": (KAYA, "/studio"),
    "version in force": (KAYA, "/studio/default/1"),
    "version drafted": (KAYA, "/studio/default/2"),
    "text of a version": (KAYA, "/studio/default/2/text"),
    "clause of a version": (KAYA, "/studio/default/2/clauses/return.window.default"),
    "version tried": (KAYA, "/studio/default/2/preview"),
    "seasons": (KAYA, "/seasons"),
    "protection fund": (KAYA, "/cover"),
    "lab": (KAYA, "/lab"),
    "lab run": (KAYA, "/lab/LABRUN"),
    "lab case": (KAYA, "/lab/LABRUN/cases/LABCASE"),
    "mediation": (KAYA, "/mediation"),
    "known about me": (YUKI, "/account/known"),
    "nothing known about me": (NORA, "/account/known"),
    "known about a buyer": (KAYA, "/buyers/yuki"),
    "contests": (KAYA, "/contests"),
    "stuck refunds": (KAYA, "/stuck-refunds"),
    "reconciliation": (KAYA, "/reconciliation"),
    "reconciliation of a day": (KAYA, "/reconciliation?provider=sandbox&day=RECONCILED"),
    "held payouts": (KAYA, "/held-payouts"),
    "orders like a counterfeit": (KAYA, "/cases/10-fake.1/similar-orders"),
    "order held for a counterfeit": (LUMEN, "/orders/10-fake2"),
    "money held for a counterfeit": (KAYA, "/orders/10-fake2/money"),
    "money of an order": (KAYA, "/orders/10-103/money"),
    "messages": (NORA, "/orders/10-103/messages"),
    "help": (None, "/help"),
    "help found": (NORA, "/help?q=refnud"),
    "help article": (NORA, "/help/articles/refunds"),
    "guide": (NORA, "/help/guide"),
    "guide at its end": (NORA, "/help/guide?order=10-103&topic=money"),
    "support": (NORA, "/support"),
    "conversation": (NORA, "/support/CONVERSATION"),
    "desk": (KAYA, "/desk"),
    "support writes first": (KAYA, "/desk/write"),
    "conversation on the desk": (KAYA, "/desk/CONVERSATION"),
    "notifications": (NORA, "/notifications"),
    "deadlines": (NORA, "/deadlines"),
    "preferences": (NORA, "/preferences"),
    "webhooks": (LUMEN, "/webhooks"),
    "webhook": (LUMEN, "/webhooks/ENDPOINT"),
    "claim on an order": (NORA, "/orders/10-claim/claim"),
    "return": (NORA, "/cases/10-108.1/return"),
    "withdrawal without a law": (NORA, "/orders/10-103/withdrawal"),
    "withdrawal": (NORA, "/orders/10-law/withdrawal"),
    "withdrawal stated": (NORA, "/orders/10-law-2/withdrawal"),
    "receipt of a withdrawal": (NORA, "/orders/10-law-2/withdrawal/10-law-2.1"),
    "why": (NORA, "/orders/10-103/lines/l1/why?reason=no_reason.withdrawal"),
    "guarantees": (NORA, "/guarantees"),
    "hidden limit": (NORA, "/cases/10-102.1/hidden-limit"),
    "hidden limit too late": (LUMEN, "/cases/10-104.1/hidden-limit"),
}
#: What is no page of its own: files, feeds, streams, and what leads on at once.
NO_PAGES = frozenset(
    {
        "/live/{stream}",
        "/sign-in/provider",
        "/sign-in/provider/back",
        "/my-returns.csv",
        "/analytics.csv",
        "/lab/{run_id}/changes.csv",
        "/cover.csv",
        "/studio/{pack_id}/{version}/file.toml",
        "/calendar/{name}",
        "/files/{file_id}/{part}",
        "/cases/{case_id}/file.pdf",
        "/cases/{case_id}/file.zip",
        "/orders/{order_id}/chargebacks/{dispute_id}/evidence.zip",
        "/cases/{case_id}/return/code.svg",
        "/cases/{case_id}/return/label.pdf",
        "/orders/{order_id}/withdrawal/{case_id}/receipt.txt",
        "/cases/{case_id}/return/packing-list.pdf",
        "/cases/{case_id}/return/carrier-claim.pdf",
        "/static/{file_path}",
    }
)
#: Pages that are meant to say no, and with which status. All others answer with 200.
_SAY_NO = {
    "/nowhere": 404,
    "/find?q=10-404": 404,
    "/reset/unknown": 404,
    "/invitation/unknown": 404,
    "/unsubscribe/unknown": 404,
    "/embed/terms": 404,
    "/hand-over": 403,
    f"{CLAIM}?asked=reason": 422,
}
WIDTHS = (1280, 320)
Look = tuple[Literal["light", "dark"], Literal["ltr", "rtl"]]
#: Where an element lies, and whether it can be pressed.
Place = tuple[int, int, int, int, bool]
PLAIN: Look = ("light", "ltr")
LOOKS: tuple[Look, ...] = (PLAIN, ("light", "rtl"), ("dark", "rtl"), ("dark", "ltr"))
#: The rules of axe that can come out otherwise in the other direction, and in the other theme.
OF_PLACES = ["target-size", "scrollable-region-focusable", "skip-link"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
#: Colours of texts, with all that lies behind them, that were measured in each theme, on whichever page.
_MEASURED: dict[str, set[str]] = {"light": set(), "dark": set()}
#: All that pages may load as scripts.
SCRIPTS = frozenset({"evidence.js", "frame.js", "htmx.min.js", "hx-sse.min.js", "live.js"})
_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
_AT_ONCE = 6
GROUPS = [list(PAGES)[start : start + _AT_ONCE] for start in range(0, len(PAGES), _AT_ONCE)]


@pytest.fixture(scope="module")
async def gallery() -> AsyncIterator[Street]:
    async with open_street() as opened:
        await hang(opened.town)
        opened.endpoint_id = await _endpoint_tried(opened.town)
        await _version_drafted(opened.town)
        _TRIED.update(await _draft_tried(opened.town))
        _TRIED.update(await _support_asked(opened.town))
        _TRIED.update(await _money_differs(opened.town))
        _TRIED.update(await _links_mailed(opened.town))
        _TRIED.update(await _looked_after(opened.town))
        await _withdrawn_under_a_law(opened.town)
        await _contested(opened.town)
        yield opened


_TRIED: dict[str, str] = {}


async def _draft_tried(town: Town) -> dict[str, str]:
    """A run of the policy lab, and one of the cases it compared."""
    run, runner = await town.lab.start(HEAD + HASTY, "draft.toml", by="operator:kaya")
    async for standing in town.lab.work(run, runner):
        run = standing
    page = await town.lab.changes(run.run_id)
    return {"LABRUN": run.run_id, "LABCASE": page.pairs[0].either.case_id}


async def _money_differs(town: Town) -> dict[str, str]:
    """A claim of counterfeit goods with an order like it, and a day on which the provider paid by itself."""
    await town.place("10-fake", "Watch “Meridian”")
    await town.ship("10-fake")
    await town.scan("10-fake", Signal.DELIVERED)
    await town.place("10-fake2", "Watch “Meridian”", buyer=YUKI)
    await town.do(claim_of(town, "fake.counterfeit", 7080), NORA, "10-fake")
    await town.errands.run()
    yesterday = town.clock.now() - timedelta(days=1)
    lines = [
        Movement(
            provider="sandbox",
            line_id=f"sb_{number}",
            kind="refund",
            reference=f"10-103.{number}-r1",
            amount=-1200,
            currency="EUR",
            at=yesterday,
        )
        for number in range(2)
    ]
    await town.reconciliation.take("sandbox", lines)
    (first, *_) = await town.reconciliation.book.differences(DifferenceFilter(states=(State.OPEN,)), 9)
    await town.reconciliation.resolve(first.difference_id, "written_off", "The bank keeps it.", KAYA)
    return {"RECONCILED": yesterday.date().isoformat()}


async def _version_drafted(town: Town) -> None:
    """A draft of the policy with a change and a comment, and a season."""
    begun = await town.studio.begin("default", "operator:kaya", copy_of=1, note="More time.")
    assert isinstance(begun, Revision)
    text = begun.text.replace('"return.window" = "15 d"', '"return.window" = "20 d"')
    await town.studio.take("default", 2, Edited(text=text), "operator:kaya")
    said = Commented(note="Is twenty enough?", clause="return.window.default")
    await town.studio.take("default", 2, said, "operator:kaya")
    days = {"first": date(2026, 12, 1), "last": date(2026, 12, 31), "until": date(2027, 1, 31)}
    season = with_clause(
        new_text("seasons", Layer.PROMOTION, "Seasons"), clause_of(Season(name="Winter", **days), ())
    )
    await town.studio.begin("seasons", "operator:kaya", text=season)


async def _support_asked(town: Town) -> dict[str, str]:
    """A conversation with support that was answered, with a note of its own."""
    opening = Opening(text="The parcel went to my neighbour.", order_id="10-103")
    made = await town.support.open(Caller(KeyRole.BUYER, NORA.id), opening, Words())
    assert isinstance(made, Conversation)
    desk = Caller(KeyRole.OPERATOR, KAYA.id)
    await town.support.take(desk, made.conversation_id)
    await town.support.note(desk, made.conversation_id, "The carrier was asked.")
    await town.support.say(desk, made.conversation_id, "Which number has the neighbour's house?")
    return {"CONVERSATION": made.conversation_id}


async def _links_mailed(town: Town) -> dict[str, str]:
    """What mails lead to: a new password, a seat in a team, an end of mails of one kind."""
    accounts, mail = town.accounts, "nora@mail.example"
    password = await QUICK.hashed("a lantern on the sill")
    await accounts.roster.add(
        Role.BUYER, party_id="nora", email=mail, name="Nora Lindqvist", password=password
    )
    await accounts.credentials.forgotten(mail, Guest())
    await town.errands.run()
    reset = town.letterbox.link()
    await town.token_of(LUMEN)
    owner = (await accounts.roster.of_party(LUMEN))[0]
    assert await accounts.teams.invite(owner, "mira@shop.example", Member.AGENT) is None
    await town.errands.run()
    return {
        "/reset/MAILED": reset,
        "/invitation/MAILED": town.letterbox.link(),
        "/unsubscribe/MAILED": urlsplit(town.letters.postman.to(NORA)[-1].unsubscribe).path,
    }


async def _looked_after(town: Town) -> dict[str, str]:
    """A buyer who was given a tier, and a member of a seller's team who was shut out."""
    for actor in (NORA, FERN):
        await town.token_of(actor)
    nora, fern = [(await town.accounts.roster.of_party(actor))[0] for actor in (NORA, FERN)]
    kaya = By(KAYA, "Kaya Berg")
    await town.accounts.people.set_tier(kaya, nora.account_id, Tier.DIAMOND, "Ten years with us")
    await town.accounts.people.suspend(kaya, fern.account_id, "Left the company")
    return {"BUYER-ACCOUNT": nora.account_id, "SELLER-ACCOUNT": fern.account_id}


async def _withdrawn_under_a_law(town: Town) -> None:
    """Two orders under a right to withdraw: one it can be used for, and one it was used for."""
    plain = town.sellers
    town.sellers = Sellers(plain.policies, plain.reads, PolicyBook(load(("default", *LAWS))))
    for order_id in ("10-law", "10-law-2"):
        await town.place(order_id)
        await town.ship(order_id)
        await town.scan(order_id, Signal.DELIVERED)
    town.sellers = plain
    scene = await town.reader.scene("10-law-2")
    assert scene is not None
    assert scene.custody is not None
    custody = scene.custody
    terms = await town.reader.terms_of([line.terms_id for line in custody.order.lines])
    found = rights(custody, {}, terms, town.clock.now(), town.calendars)
    for command in commands(found, (), "I withdraw from the contract on order 10-law-2."):
        await town.do(command, NORA, "10-law-2")


async def _contested(town: Town) -> None:
    """A buyer who sends back a lot, and says why."""
    await stands_out(town, YUKI, 12, 12)
    made = await town.buyers.contest(YUKI.id, Sign.SERIAL_RETURNS, "The sizes run small.", town.clock.now())
    assert isinstance(made, Contest)


async def _endpoint_tried(town: Town) -> str:
    """An endpoint of the seller's with a delivery in its log; its id."""
    webhooks = town.correspondence.webhooks
    made = await webhooks.register(Caller(KeyRole.SELLER, LUMEN.id), "https://hooks.shop.example/a", ["*"])
    assert isinstance(made, Endpoint)
    await webhooks.ping(made)
    await town.errands.run()
    return made.endpoint_id


async def _visit(page: Page, street: Street, actor: Actor | None, path: str) -> None:
    await page.context.clear_cookies()
    if actor is not None:
        value = await street.town.token_of(actor)
        await page.context.add_cookies([{"name": sessions.COOKIE, "value": value, "url": street.url}])
    for placeholder, found in {"ENDPOINT": street.endpoint_id, **_TRIED}.items():
        path = path.replace(placeholder, found)
    answer = await page.goto(street.url + path)
    assert answer is not None
    # What is looked at is the page that is meant, and not the one that says it is not there.
    assert answer.status == _SAY_NO.get(path, 200), path


async def _violations(page: Page) -> list[str]:
    answer: dict[str, Any] = (await Axe().run(page)).response
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


def test_every_page_of_the_route_table_is_looked_at() -> None:
    """A new page without an entry in `PAGES` fails here."""
    shapes = {
        re.sub(r"\{(\w+)(:\w+)?\}", r"{\1}", route.path)
        for route in Town().app.routes
        if "GET" in getattr(route, "methods", ())
    }
    seen = {urlsplit(path).path for _, path in PAGES.values()}
    matched = {shape for shape in shapes if any(_fits(shape, path) for path in seen)}
    assert shapes - matched - NO_PAGES == set()


def _fits(shape: str, path: str) -> bool:
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", shape)
    )
    return re.fullmatch(pattern, path) is not None


@pytest.mark.timeout(300)
@pytest.mark.parametrize("names", GROUPS, ids=lambda names: f"from {names[0]}")
async def test_no_page_has_an_axe_violation_scrolls_sideways_or_asks_elsewhere(
    chromium: Browser, gallery: Street, names: list[str]
) -> None:
    """Each page is loaded once and then looked at in light and dark, both directions, wide and narrow."""
    # Colours that fade into each other would be measured on their way.
    context = await chromium.new_context(
        viewport={"width": WIDTHS[0], "height": 900}, reduced_motion="reduce"
    )
    gallery.visitors.append(context)
    page = await context.new_page()
    asked: list[Request] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # a method of list has no attributes
    page.on("console", lambda message: told.append(message.text))
    found: list[str] = []
    for name in names:
        await _visit(page, gallery, *PAGES[name])
        await page.evaluate("document.querySelectorAll('main details').forEach(each => {each.open = true})")
        found += [f"{name} {fault}" async for fault in _too_wide(page)]
        await page.evaluate(_FEWER)
        await page.evaluate(_AXE)
        found += [f"{name} {fault}" async for fault in _faults_in_every_look(page)]
    await context.close()
    assert found == []
    _nothing_from_elsewhere(gallery, asked)
    # What the content security policy blocks is told on the console.
    assert [text for text in told if "Content Security Policy" in text] == []


def _nothing_from_elsewhere(street: Street, asked: list[Request]) -> None:
    home = urlsplit(street.url).netloc
    assert {urlsplit(request.url).netloc for request in asked} == {home}
    assert {request.resource_type for request in asked} <= {
        "document",
        "fetch",  # what a page that keeps itself up to date asks for
        "stylesheet",
        "font",
        "image",
        "script",
        "other",
    }
    scripts = {urlsplit(one.url).path for one in asked if one.resource_type == "script"}
    assert scripts <= {f"/static/{name}" for name in SCRIPTS}


async def _faults_in_every_look(page: Page, within: str = "html") -> AsyncIterator[str]:
    """What axe has to say in all eight looks, in as many runs as can differ.

    At each width every rule but those of colours runs once. In the other looks of that width run the rules
    that can come out otherwise there. Those of places and sizes run in the other direction where something
    that can be pressed does not lie as in a mirror, and in the dark on what does not lie where it lies in the
    light. Those of colours run on texts whose colours, with what lies behind them, were not measured yet in
    that theme. All other rules go by the elements and by which of them are shown, and that is compared in
    every look.
    """
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        shown: list[str] = []
        lies: dict[str, list[Place]] = {}
        for look in LOOKS:
            theme, direction = look
            await page.emulate_media(color_scheme=theme)
            await page.evaluate("direction => {document.documentElement.dir = direction}", direction)
            wide, shows, styles, places = json.loads(await page.evaluate(_SEEN, within))
            if wide > width:
                yield f"{look}: {wide} px wide at {width}"
            shown = shown or shows
            if shows != shown:
                yield f"{look} {width}: shows other elements: {_differing(shows, shown)}"
            fresh = [at for at, style in enumerate(styles) if style and style not in _MEASURED[theme]]
            runs: list[tuple[list[str] | None, list[int] | None]] = [(None, None), (OF_COLOURS, fresh)]
            if look != PLAIN:
                known = lies.get(direction)
                turned = known is None and not _mirrored(places, lies["ltr"], width)
                moved = _differing(places, known) if known is not None else []
                runs = [(OF_PLACES, None if turned else moved), (OF_COLOURS, fresh)]
            for rules, only in runs:
                for violation in [] if only == [] else await page.evaluate(_RUN, [within, rules, only]):
                    yield f"{look} {width}: {violation}"
            lies.setdefault(direction, places)
            _MEASURED[theme].update(styles)


async def _too_wide(page: Page) -> AsyncIterator[str]:
    """At which widths the page as a whole, with all it lists, scrolls sideways."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        for _, direction in LOOKS[:2]:
            await page.evaluate("direction => {document.documentElement.dir = direction}", direction)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{direction}: {wide} px wide at {width}"


def _mirrored(places: list[Place], others: list[Place], width: int) -> bool:
    """Whether all that can be pressed lies as in a mirror of the other direction."""
    return len(places) == len(others) and all(
        not pressed or max(abs(width - x - wide - x2), abs(y - y2), abs(wide - wide2), abs(high - high2)) <= 1
        for (x, y, wide, high, pressed), (x2, y2, wide2, high2, _) in zip(places, others, strict=True)
    )


def _differing(ones: Sequence[object], others: Sequence[object]) -> list[int]:
    return [at for at, one in enumerate(ones) if at >= len(others) or one != others[at]]


# Rows of a list that are made of the same elements are looked at by their first few.
_FEWER = """() => {
    const shape = each => [each.tagName, each.className, ...[...each.children].map(shape)].join(" ");
    for (const list of document.querySelectorAll("main :is(ul, ol, dl, tbody)")) {
        const times = {};
        for (const each of [...list.children]) {
            const one = shape(each);
            times[one] = (times[one] ?? 0) + 1;
            if (times[one] > 3) each.remove();
        }
    }
}"""
# How wide the page is; of every element, in their order: whether it is shown, what the colours of its text
# and of what lies behind it come from, and where it lies.
_SEEN = """within => {
    const shows = [], styles = [], places = [], grounds = new Map();
    // What lies behind an element: its ancestors' grounds, up to one that nothing shines through.
    const ground = each => {
        if (!each) return "";
        if (!grounds.has(each)) {
            const {backgroundColor, backgroundImage, opacity, position} = getComputedStyle(each);
            const own = [backgroundColor, backgroundImage, opacity].join();
            // What is moved off its place lies on whatever is there, which is for this page alone to say.
            const here = ["static", "relative"].includes(position) ? "" : location.pathname;
            const solid = !/rgba|\\//.test(backgroundColor) && opacity === "1" && !here;
            grounds.set(each, own + here + (solid ? "" : ground(each.parentElement)));
        }
        return grounds.get(each);
    };
    const pressable = "a, button, input, select, textarea, summary, label, [tabindex]";
    for (const each of document.querySelectorAll(`${within} *`)) {
        const style = getComputedStyle(each);
        const shown = style.visibility === "visible" && each.getClientRects().length > 0;
        shows.push(shown ? "shown" : "hidden");
        const {x, y, width, height} = each.getBoundingClientRect();
        places.push([...[x, y, width, height].map(Math.round), shown && each.matches(pressable)]);
        // What WCAG calls large may have less contrast.
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.5 && style.fontWeight >= 700);
        const says = [...each.childNodes].some(one => one.nodeType === 3 && one.data.trim())
            || each.matches("input, select, textarea");
        const link = each.closest("a");
        styles.push(!shown || !says ? "" : [
            style.color, style.fill, style.textShadow, style.textDecorationLine, large,
            link && getComputedStyle(link.parentElement).color, ground(each),
        ].join());
    }
    // As one text: what is passed on piece by piece takes longer than all the rest.
    return JSON.stringify([document.documentElement.scrollWidth, shows, styles, places]);
}"""
# Nothing is preloaded: no rule that runs reads style sheets of elsewhere or films.
_RUN = """async ([within, rules, only]) => {
    const every = document.querySelectorAll(`${within} *`);
    const options = {resultTypes: ["violations"], elementRef: false, iframes: false, preload: false};
    if (rules) options.runOnly = {type: "rule", values: rules};
    // The one is of WCAG 2.2 and does not run unasked; colours have a run of their own.
    else options.rules = {
        "target-size": {enabled: true},
        "color-contrast": {enabled: false},
        "link-in-text-block": {enabled: false},
    };
    const answer = await axe.run(only ? {include: only.map(at => every[at])} : within, options);
    return answer.violations.flatMap(v => v.nodes.map(n => `${v.id} at ${n.target}: ${n.failureSummary}`));
}"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("actor", [NORA, LUMEN, INES, KAYA], ids=lambda actor: actor.role.value)
async def test_menus_of_the_head_have_no_violations(chromium: Browser, gallery: Street, actor: Actor) -> None:
    context = await chromium.new_context(viewport={"width": 320, "height": 900}, reduced_motion="reduce")
    gallery.visitors.append(context)
    page = await context.new_page()
    await _visit(page, gallery, actor, "/account")
    await page.evaluate(_AXE)
    menus = page.locator("header details")
    assert await menus.count() >= 2
    found = []
    for number in range(await menus.count()):
        menu = menus.nth(number)
        # Some stand in the head of wide pages only, some in that of narrow ones.
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            if await menu.locator("summary").is_visible():
                break
        await menu.locator("summary").click()
        await expect(menu.locator(".flyout-panel")).to_be_visible()
        found += [fault async for fault in _faults_in_every_look(page, "header")]
        await menu.evaluate("menu => {menu.open = false}")
    await context.close()
    assert found == []


async def test_forms_sent_back_with_errors_have_no_violations(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context(viewport={"width": 320, "height": 900}, color_scheme="dark")
    page = await context.new_page()
    await _visit(page, gallery, LUMEN, "/cases/10-102.1")
    await page.locator("summary", has_text="Make a counter-offer").click()
    await page.get_by_role("button", name="Send the offer").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await _violations(page) == []
    # The summary leads to the field, which lies in a form that stands open.
    href = await page.get_by_role("alert").get_by_role("link").first.get_attribute("href")
    await expect(page.locator(str(href))).to_be_visible()
    await _visit(page, gallery, NORA, f"{CLAIM}?reason=quality.defective&n.l1=2&remedy=partial")
    await page.get_by_role("button", name="Check your answers").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await _violations(page) == []
    await context.close()


async def test_a_case_is_readable_in_forced_colours_and_on_paper(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await _visit(page, gallery, NORA, "/cases/10-103.1")
    assert await _violations(page) == []
    # Dark on the screen, and dark on white on paper, with nothing to press and nothing folded away.
    await page.emulate_media(media="print", color_scheme="dark", forced_colors="none")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await _violations(page) == []
    assert await page.locator("main .btn:visible").count() == 0
    sheet = page.locator("main details", has_text="How the refund is made up").locator("dd")
    assert await sheet.first.evaluate("part => part.getClientRects().length > 0 && part.checkVisibility()")
    await context.close()


async def test_colours_follow_the_device_unless_somebody_chose(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context(color_scheme="dark", java_script_enabled=True)
    page = await context.new_page()
    ground = "getComputedStyle(document.body).backgroundColor"
    await page.goto(gallery.url)
    dark = await page.evaluate(ground)
    await page.get_by_role("button", name="Light").click()
    light = await page.evaluate(ground)
    assert dark != light
    await page.get_by_role("button", name="As my device").click()
    assert await page.evaluate(ground) == dark
    await context.close()


def test_style_sheet_and_scripts_stay_small() -> None:
    assert len(gzip.compress((STATIC / "app.css").read_bytes(), 9)) <= 15 * 1024
    scripts = [gzip.compress(file.read_bytes(), 9) for file in STATIC.glob("*.js")]
    assert sum(map(len, scripts)) <= 25 * 1024
