"""The articles and questions of the help centre, as they come with the package."""

from collections.abc import Mapping
from importlib.resources import files

import msgspec


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of an article: paragraphs, then points. ``related`` belongs to the last one of an article."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    related: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is said, in order."""
        return (*((self.heading,) if self.heading else ()), *self.paragraphs, *self.points)


class Article(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article in English. ``audience``: buyer, seller or everybody. ``words`` are looked for, never shown.

    Texts name parameters of the policy as ``%(return.window)s``.
    """

    id: str
    audience: str
    title: str
    summary: str
    words: str
    section: tuple[Section, ...]

    @property
    def related(self) -> tuple[str, ...]:
        """The ids of articles to read next."""
        return tuple(one for section in self.section for one in section.related)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything the article says, in order."""
        return (self.title, self.summary, *(text for section in self.section for text in section.texts))


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question people ask often, and the article that says more."""

    id: str
    question: str
    answer: str
    article: str


class Shelf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    article: tuple[Article, ...]
    faq: tuple[Question, ...]


_FILE = files("amends.application.help") / "articles.toml"
_SHELF = msgspec.toml.decode(_FILE.read_bytes(), type=Shelf)

ARTICLES: Mapping[str, Article] = {one.id: one for one in _SHELF.article}
"""Every article by its id, in the order they are listed."""

FAQ: tuple[Question, ...] = _SHELF.faq
"""The questions, in the order they are listed."""
