"""Somebody at the pages without a browser: reads the forms of a page, fills them and sends them."""

from html.parser import HTMLParser
from typing import Any

from httpx import Response
from litestar.testing import AsyncTestClient
from tests.interfaces.web.town import Town

from amends.domain.parties import Actor

_BLOCKS = frozenset(
    {"p", "dt", "dd", "li", "h1", "h2", "h3", "div", "td", "th", "option", "summary", "legend"}
)


class SentForm:
    """A form of a page: where it goes, and what stands in its fields."""

    def __init__(self, method: str, action: str, enctype: str = "") -> None:
        self.method = method
        self.enctype = enctype
        self.action = action
        self.fields: dict[str, str] = {}
        self.names: set[str] = set()
        self.choices: dict[str, list[str]] = {}


class Page(HTMLParser):
    """A page as read: forms, links, words, and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[SentForm] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.words = ""
        self._select = ""
        self._area = ""
        self._open: SentForm | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in _BLOCKS:
            self.words += " "
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self._open = SentForm(
                given.get("method", "get"), given.get("action", ""), given.get("enctype", "")
            )
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, given)

    def _field(self, form: SentForm, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if name and tag in {"input", "textarea", "select", "button"}:
            form.names.add(name)
        if tag == "input" and given.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.fields[name] = given["value"]
        elif tag == "input" and name:
            form.fields[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, form.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(given["value"])
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._area and self._open is not None:
            self._open.fields[self._area] += data

    def form(self, ending: str) -> SentForm:
        """The form whose address ends so."""
        found = [form for form in self.forms if form.action.endswith(ending)]
        assert found, f"no form for {ending!r}; there are {[form.action for form in self.forms]}"
        return found[0]

    def says(self, words: str) -> bool:
        """Whether the page has these words, however they are broken into lines."""
        return " ".join(words.split()) in " ".join(self.words.split())


class Hand:
    """One person's hand: looks at pages and sends their forms."""

    def __init__(self, client: AsyncTestClient[Any], town: Town) -> None:
        self.client = client
        self.town = town
        self.at = ""
        self.page = Page("")
        self.status = 0

    async def sign_in(self, actor: Actor) -> "Hand":
        """Become somebody by pressing their card."""
        self.client.cookies.clear()
        await self.look("/")
        return await self.send("/sign-in", person=f"{actor.role.value}:{actor.id}")

    async def look(self, path: str, expect: int = 200) -> "Hand":
        """Open a page."""
        return await self._arrive(await self.client.get(path), expect)

    async def send(self, ending: str, expect: int = 200, **fields: str) -> "Hand":
        """Fill the form whose address ends so, and press its button."""
        form = self.page.form(ending)
        unknown = {name for name in fields if name not in form.names}
        assert not unknown, f"the form for {ending} has no field {unknown}; it has {sorted(form.names)}"
        values = {**form.fields, **fields}
        where = form.action or self.at
        if form.method == "get":
            return await self._arrive(await self.client.get(where, params=values), expect)
        return await self._arrive(await self.client.post(where, data=values), expect)

    async def _arrive(self, answer: Response, expect: int) -> "Hand":
        while answer.is_redirect:
            assert answer.status_code == 303, answer.status_code
            answer = await self.client.get(answer.headers["location"])
        self.status = answer.status_code
        self.at = answer.url.path
        self.page = Page(answer.text)
        assert answer.status_code == expect, (answer.status_code, self.at, self.page.words[:2000])
        return self
