"""The help centre: what is asked most, every article, and the search in both."""

from collections.abc import Mapping
from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from amends.application.help.centre import QUESTION_MAX
from amends.domain.parties import Role
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_ICONS: Mapping[str, str] = {
    "returns": "back",
    "windows": "clock",
    "evidence": "photo",
    "shipping-back": "truck",
    "refunds": "coins",
    "exchanges": "swap",
    "unreturnable": "no",
    "not-arrived": "tracking",
    "cancelling": "no",
    "disputes": "scale",
    "appeals": "back",
    "answering": "shop",
    "checking": "receipt",
}
_GROUPS = (("buyer", N_("Buying")), ("everybody", N_("For both sides")), ("seller", N_("Selling")))


@get("/help")
async def home(
    visit: NamedDependency[Visit], q: Annotated[str, QueryParameter(max_length=QUESTION_MAX)] = ""
) -> Response[str]:
    """Everything there is to read, or what answers a question."""
    centre = visit.parts.help
    articles = await centre.articles(visit.words)
    groups = list(_GROUPS)
    if visit.person is not None and visit.role is Role.SELLER:
        groups.reverse()
    return visit.page(
        "help.html",
        q=q,
        results=await centre.search(q, visit.words) if q.strip() else None,
        groups=[
            (visit.words.say(title), [one for one in articles if one.audience == audience])
            for audience, title in groups
        ],
        questions=await centre.questions(visit.words),
        icons=_ICONS,
        guided=_guided(visit),
    )


@get("/help/articles/{article_id:str}")
async def article(visit: NamedDependency[Visit], article_id: FromPath[str]) -> Response[str]:
    """One article, with the numbers of the policy in force."""
    found = await visit.parts.help.article(article_id, visit.words)
    if found is None:
        raise NotFoundException
    listed = {one.id: one for one in await visit.parts.help.articles(visit.words)}
    return visit.page(
        "help_article.html",
        article=found,
        related=[listed[one] for one in found.related if one in listed],
        icons=_ICONS,
        guided=_guided(visit),
    )


def _guided(visit: Visit) -> bool:
    """Whether there are questions to be led through: buyers have them, and who is not signed in yet."""
    return visit.person is None or visit.role is Role.BUYER


routes = Router("/", route_handlers=[home, article])
