"""The help centre: an article in somebody's words, with the numbers of the policy, and the search."""

from collections.abc import Mapping

import msgspec

from amends.application.help.articles import ARTICLES, FAQ, Article, Question
from amends.application.help.figures import Figures
from amends.application.ports import Clock
from amends.application.ports.help import Found, HelpSearch, Sheet
from amends.application.sellers import Sellers
from amends.application.words import Words
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import Terms

QUESTION_MAX = 200
# Amounts of the policy are in this currency where no order says otherwise.
_CURRENCY = "USD"


class SaidSection(msgspec.Struct, frozen=True):
    """A piece of an article in its reader's words."""

    heading: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]


class SaidArticle(msgspec.Struct, frozen=True):
    """An article in its reader's words."""

    id: str
    audience: str
    title: str
    summary: str
    sections: tuple[SaidSection, ...]
    related: tuple[str, ...]


class SaidQuestion(msgspec.Struct, frozen=True):
    """A question and its answer in the reader's words."""

    id: str
    question: str
    answer: str
    article: str


class Results(msgspec.Struct, frozen=True):
    """What was found, best first; how it was understood is told in `amends.application.ports.help.Found`."""

    articles: tuple[SaidArticle, ...]
    questions: tuple[SaidQuestion, ...]
    corrected: str
    tolerant: bool


class HelpCentre:
    """Articles and search. Texts have the numbers of ``terms``, or else of the policy in force."""

    def __init__(self, search: HelpSearch, sellers: Sellers, clock: Clock) -> None:
        self._search = search
        self._sellers = sellers
        self._clock = clock

    async def terms(self) -> Terms:
        """What an order of no shop in particular would get now."""
        return await self._sellers.terms_for(Facts(placed_at=self._clock.now(), currency=_CURRENCY))

    async def articles(self, words: Words, terms: Terms | None = None) -> tuple[SaidArticle, ...]:
        """Every article."""
        figures = Figures(terms or await self.terms(), words)
        return tuple(_article(one, words, figures) for one in ARTICLES.values())

    async def article(self, article_id: str, words: Words, terms: Terms | None = None) -> SaidArticle | None:
        """One article; None where there is none of that name."""
        found = ARTICLES.get(article_id)
        return _article(found, words, Figures(terms or await self.terms(), words)) if found else None

    async def questions(self, words: Words) -> tuple[SaidQuestion, ...]:
        """What people often ask."""
        figures = Figures(await self.terms(), words)
        return tuple(_question(one, words, figures) for one in FAQ)

    async def search(self, question: str, words: Words) -> Results:
        """Articles and answers that speak of something; nothing for a question without words."""
        asked = " ".join(question.replace("\x00", " ")[:QUESTION_MAX].split())
        terms = await self.terms()
        figures = Figures(terms, words)
        articles = {f"article:{one.id}": _article(one, words, figures) for one in ARTICLES.values()}
        questions = {f"faq:{one.id}": _question(one, words, figures) for one in FAQ}
        sheets = [
            *(Sheet(key, one.title, _text(one, words)) for key, one in articles.items()),
            *(Sheet(key, one.question, one.answer) for key, one in questions.items()),
        ]
        language = words.locale.language
        found = await self._search.search(asked, language, sheets) if asked else Found(())
        return Results(
            tuple(articles[one] for one in found.sheet_ids if one in articles),
            tuple(questions[one] for one in found.sheet_ids if one in questions),
            found.corrected,
            found.tolerant,
        )


def _text(article: SaidArticle, words: Words) -> str:
    parts = [article.summary, words.say(ARTICLES[article.id].words)]
    for section in article.sections:
        parts += [section.heading, *section.paragraphs, *section.points]
    return "\n".join(parts)


def _article(one: Article, words: Words, figures: Mapping[str, str]) -> SaidArticle:
    def say(text: str) -> str:
        return filled(words.say(text), text, figures)

    sections = tuple(
        SaidSection(
            say(each.heading) if each.heading else "",
            tuple(map(say, each.paragraphs)),
            tuple(map(say, each.points)),
        )
        for each in one.section
    )
    return SaidArticle(one.id, one.audience, say(one.title), say(one.summary), sections, one.related)


def _question(one: Question, words: Words, figures: Mapping[str, str]) -> SaidQuestion:
    answer = filled(words.say(one.answer), one.answer, figures)
    return SaidQuestion(one.id, words.say(one.question), answer, one.article)


def filled(text: str, english: str, figures: Mapping[str, str]) -> str:
    """A text with its numbers; the English one where a translation names what the policy does not have."""
    try:
        return text % figures
    except (KeyError, ValueError, TypeError):
        return english % figures
