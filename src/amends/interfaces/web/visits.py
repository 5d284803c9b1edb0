"""One request by one person: who they are, how they read, and the answers they can get."""

import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.response import Redirect
from litestar.template.base import csrf_token

from amends.application.page_permissions import may_act
from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import AnyCommand, Envelope, KeyRole, Result
from amends.application.ports.accounts import Account
from amends.application.zones import zone_of
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.orders import Order
from amends.domain.parties import Actor, Role
from amends.domain.policy.terms import Terms
from amends.interfaces.web import (
    account_words,
    correspondence_words,
    known_words,
    limit_words,
    people_words,
    sessions,
    studio_words,
    support_words,
    vocabulary,
)
from amends.interfaces.web.origin import HEADERS
from amends.interfaces.web.parts import Parts, Person
from amends.interfaces.web.rendering import environment
from amends.interfaces.web.telling import Teller
from amends.interfaces.web.words import LANGUAGES, N_, Words, choose, wanted

THEME_COOKIE = "amends_theme"
LANGUAGE_COOKIE = "amends_language"
THEMES = {"light": "amends", "dark": "amends-dark"}
STAFF = frozenset({Role.MEDIATOR, Role.OPERATOR})

_SECTIONS: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.BUYER: (
        ("/orders", N_("Orders")),
        ("/cases", N_("Cases")),
        ("/my-returns", N_("Returns")),
        ("/my-refunds", N_("Refunds")),
    ),
    Role.SELLER: (
        ("/inbox", N_("Inbox")),
        ("/orders", N_("Orders")),
        ("/cases", N_("Cases")),
        ("/money", N_("Money")),
        ("/statistics", N_("Statistics")),
        ("/policy", N_("My policy")),
    ),
    Role.MEDIATOR: (("/cases", N_("Queue")), ("/mediation", N_("Decisions"))),
    Role.OPERATOR: (
        ("/overview", N_("Overview")),
        ("/desk", N_("Support")),
        ("/cases", N_("Cases")),
        ("/orders", N_("Orders")),
        ("/people", N_("People")),
        ("/stuck-refunds", N_("Stuck refunds")),
        ("/reconciliation", N_("Reconciliation")),
        ("/mediation", N_("Decisions")),
        ("/analytics", N_("Analytics")),
        ("/studio", N_("Policy studio")),
        ("/lab", N_("Policy lab")),
        ("/held-payouts", N_("Held payouts")),
        ("/journal", N_("Audit log")),
    ),
}
# How many sections the line of the head has room for.
_IN_LINE = 9
_HOMES = {Role.BUYER: "/orders", Role.SELLER: "/inbox", Role.MEDIATOR: "/cases", Role.OPERATOR: "/overview"}
# What was done, by its name in the address of the page that says so.
_DONE: dict[str, str] = {
    **{name: entry[2] for name, entry in vocabulary.ACTIONS.items()},
    **support_words.DONE,
    **correspondence_words.DONE,
    **limit_words.DONE,
    **known_words.DONE,
    **account_words.DONE,
    **studio_words.DONE,
    **people_words.DONE,
}


def home(role: Role) -> str:
    """Where somebody lands after signing in."""
    return _HOMES[role]


class Live(msgspec.Struct, frozen=True):
    """What an open page follows: a case or an order, and where to ask for the page's new state.

    ``since`` is when the page was made, in seconds of the epoch by the machine's own clock.
    """

    stream: str
    page: str
    since: str = msgspec.field(default_factory=lambda: f"{time.time():.3f}")


class Visit:
    """What every page is made from. Nobody is signed in while ``person`` is None."""

    def __init__(self, request: Request[Any, Any, Any], parts: Parts) -> None:
        self.request = request
        self.parts = parts
        self.now: datetime = parts.clock.now()
        self.signed_in = sessions.signed_in(request)
        self.account = self.signed_in.account if self.signed_in else None
        self.person = _person(self.account, parts)
        self.words = _words(request, self.person)
        #: How many notices the reader has not read, up to 100.
        self.unread = 0

    @property
    def actor(self) -> Actor:
        """Who acts. Raises `NotAuthorizedException` when nobody is signed in."""
        if self.person is None:
            raise NotAuthorizedException
        return self.person.actor

    @property
    def role(self) -> Role:
        return self.actor.role

    @property
    def staff(self) -> bool:
        return self.role in STAFF

    def require(self, *roles: Role) -> None:
        """Raises `NotFoundException` for anybody else: what is not yours to do is not there."""
        if self.role not in roles:
            raise NotFoundException

    @property
    def caller(self) -> Caller:
        """The reader as permissions know them."""
        return Caller(KeyRole(self.role.value), self.actor.id)

    def sees(self, case: Case) -> bool:
        """Whether the case exists for the reader."""
        return sees_case(self.caller, case)

    async def scene(self, order_id: str) -> tuple[Custody, list[Case]]:
        """An order and those of its cases the reader may see, newest first. Raises `NotFoundException`."""
        scene = await self.parts.reader.scene(order_id)
        if scene is None or scene.custody is None:
            raise NotFoundException
        if not sees_order(self.caller, scene.custody, scene.cases.values()):
            raise NotFoundException
        self.place(scene.custody.order)
        cases = [case for case in scene.cases.values() if self.sees(case)]
        return scene.custody, sorted(cases, key=lambda case: case.opened_at, reverse=True)

    def place(self, order: Order) -> None:
        """Tell the times of a party's country as the order has it, where nothing says how they live."""
        countries = {Role.BUYER: order.buyer_country, Role.SELLER: order.seller_country}
        self.words = self.words.placed(countries.get(self.role, ""))

    def name_of(self, role: Role, person_id: str) -> str:
        """A party's name, or the id where no name is known."""
        known = self.parts.person(role, person_id)
        return known.name if known else person_id

    def party(self, order: Order | Case, role: Role) -> str:
        """``You``, or who that is and in what role."""
        if role is self.role and role not in STAFF:
            return self.words.say(N_("You"))
        person_id = {Role.BUYER: order.buyer_id, Role.SELLER: order.seller_id}.get(role)
        if person_id is None:
            return self.words.say(vocabulary.ROLES[role])
        return self.words.say(vocabulary.PEOPLE[role], name=self.name_of(role, person_id))

    def party_alone(self, order: Order | Case, role: Role) -> str:
        """As `party`, for where the role stands beside it."""
        if role is self.role and role not in STAFF:
            return self.words.say(N_("You"))
        return self.name_of(role, order.buyer_id if role is Role.BUYER else order.seller_id)

    def others(self, order: Order | Case) -> str:
        """Whom the reader deals with: the other side, for staff both."""
        if self.staff:
            return " · ".join(self.party(order, role) for role in (Role.BUYER, Role.SELLER))
        return self.party(order, Role.SELLER if self.role is Role.BUYER else Role.BUYER)

    def teller(self, order: Order | Case) -> Teller:
        """Tells this order's events to the reader."""
        return Teller(self.words, order.currency, lambda role: self.party(order, role))

    async def fields(self) -> dict[str, list[str]]:
        """What the form of this request holds; files are left out."""
        form = await self.request.form()
        return {name: [value for value in form.getall(name) if isinstance(value, str)] for name in form}

    async def submit(
        self,
        command: AnyCommand,
        order_id: str,
        case_id: str = "",
        *,
        values: Mapping[str, list[str]],
        expected_seq: int | None = None,
        terms: tuple[Terms, ...] = (),
    ) -> Result:
        """Ask for a command as the person signed in; the same form sent twice acts once."""
        if self.account is None or not may_act(self.account):
            raise NotFoundException
        key = (values.get("_key") or [""])[-1][:64]
        content = sorted((name, value) for name, value in values.items() if not name.startswith("_"))
        envelope = Envelope(
            command=command,
            actor=self.actor,
            order_id=order_id,
            case_id=case_id,
            key=f"web-{key}" if key else "",
            fingerprint=sha256(repr((self.request.url.path, content)).encode()).digest(),
            expected_seq=expected_seq,
            terms=terms,
        )
        if self.role is not Role.SELLER:
            return await self.parts.submit(envelope)
        # Events name the seller; who of the team it was is written down before anything happens.
        teams, deed = self.parts.accounts.teams, str(command.__struct_config__.tag)
        deed_id = await teams.note(self.account, deed, order_id, case_id)
        result = await self.parts.submit(envelope)
        await teams.concluded(self.account, deed_id, result)
        return result

    def page(
        self, template: str, status_code: int = 200, *, live: Live | None = None, **context: object
    ) -> Response[str]:
        """A page in the reader's language and colours; ``live`` keeps it up to date while it is open."""
        theme = self.request.cookies.get(THEME_COOKIE, "")
        frame = {
            "words": self.words,
            "say": self.words.say,
            "person": self.person,
            "role": self.words.say(vocabulary.ROLES[self.person.actor.role]) if self.person else "",
            "sections": self._sections(),
            "in_line": _IN_LINE,
            "path": self.request.url.path,
            "here": self._here(),
            "languages": tuple(LANGUAGES.values()),
            "theme": theme if theme in THEMES else "",
            "data_theme": THEMES.get(theme, ""),
            "csrf": csrf_token({"request": self.request}),
            "form_key": secrets.token_urlsafe(12),
            "now": self.now,
            "sandbox": self.parts.sandbox,
            "done": self._done(),
            "live": live,
            "unread": self.unread,
            "webhooks_owner": self.person is not None and self.role in {Role.SELLER, Role.OPERATOR},
            "home": home(self.person.actor.role) if self.person else "/",
        }
        body = environment(self.words.locale.language).get_template(template).render(**frame, **context)
        headers = {**HEADERS, "cache-control": "no-store"}
        return Response(body, media_type=MediaType.HTML, status_code=status_code, headers=headers)

    def redirect(self, path: str, done: str = "") -> Redirect:
        """After a form was carried out: to a page that says so (``done`` is the name of what was done)."""
        mark = "&" if "?" in path else "?"
        return Redirect(f"{path}{mark}done={done}" if done else path, status_code=303)

    def _here(self) -> str:
        """The address of this page, to come back to; of a form that was refused, the page it stood on."""
        url = urlsplit(str(self.request.url))
        if self.request.method != "GET":
            url = urlsplit(self.request.headers.get("referer", ""))
            if url.netloc != self.request.headers.get("host"):
                return "/"
        return f"{url.path}?{url.query}" if url.query else url.path

    def _sections(self) -> list[tuple[str, str]]:
        if self.person is None:
            return []
        listed = list(_SECTIONS.get(self.person.actor.role, ()))
        if self.parts.sandbox:
            # In the line of the head, not behind its "More".
            listed.insert(_IN_LINE - 1, ("/clock", N_("Clock")))
        return [(path, self.words.say(title)) for path, title in listed]

    def _done(self) -> str:
        done = _DONE.get(str(self.request.query_params.get("done", "")))
        return self.words.say(done) if done else ""


def _person(account: Account | None, parts: Parts) -> Person | None:
    """Who is signed in, as the pages name them: what the account says goes before what is known otherwise."""
    if account is None:
        return None
    actor = account.actor
    known = parts.person(actor.role, actor.id) or Person(actor=actor, name=actor.id, zone="")
    country = account.country or known.country
    return Person(
        actor=actor,
        name=account.name or known.name,
        about=known.about,
        zone=account.zone or known.zone or zone_of(country),
        country=country,
        language=account.language or known.language,
    )


def _words(request: Request[Any, Any, Any], person: Person | None) -> Words:
    """What somebody chose for themselves goes before what this device was told, and before its settings."""
    language = choose(
        person.language if person else "",
        request.cookies.get(LANGUAGE_COOKIE, ""),
        wanted(request.headers.get("accept-language", "")),
    )
    return Words(language.locale, person.zone if person else "UTC")


def cookie(parts: Parts, name: str, value: str, max_age: int) -> Cookie:
    """A cookie of ours: not for scripts, not for other sites, and over TLS alone outside the sandbox."""
    return Cookie(
        key=name,
        value=value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=not parts.sandbox,
    )
