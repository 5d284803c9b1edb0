"""A seller's record and policy as buyers see them: what is counted, over which time, and what it comes to."""

from datetime import timedelta

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from amends.domain.parties import Role
from amends.domain.policy.sellers import pack_of
from amends.domain.policy.terms import ClauseText
from amends.domain.records import SellerRecord
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Pair
from amends.interfaces.web.seller_marks import badge_of
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class RecordLine(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a record: what it is, its value, and how it is counted."""

    label: str
    value: str
    counted: str


@get("/sellers/{seller_id:str}")
async def record(visit: NamedDependency[Visit], seller_id: FromPath[str]) -> Response[str]:
    """The public page of a seller: the record and the policy in force."""
    sellers = visit.parts.sellers
    found = await sellers.record(seller_id, visit.now)
    published = await sellers.policies.in_force(seller_id, visit.now)
    known = visit.parts.person(Role.SELLER, seller_id)
    if not (found.orders or found.cases or published or known):
        raise NotFoundException
    pack = pack_of(published, ()) if published else None
    return visit.page(
        "seller_record.html",
        seller=known.name if known else seller_id,
        badge=badge_of(visit, found),
        lines=record_lines(visit, found),
        reasons=reason_pairs(visit, found),
        since=found.since,
        rates_from=visit.words.number(found.rates_from),
        version=published.version if published else 0,
        published_at=published.published_at if published else None,
        clauses=[
            ClauseText(one.id, one.sentence, one.citation, one.sure) for one in (pack.clauses if pack else ())
        ],
        own=visit.person is not None and visit.person.actor.id == seller_id and visit.role is Role.SELLER,
    )


def record_lines(visit: Visit, record: SellerRecord) -> list[RecordLine]:
    """Every figure with how it is counted; shares only from enough cases on."""
    words = visit.words
    say = words.say
    few = say(N_("too few to say"))

    def share(value: int | None) -> str:
        return few if value is None else words.percent(round(value, -2))

    median = record.median_shown_s
    answer = few if median is None else words.length(timedelta(seconds=median))
    return [
        RecordLine(
            label=say(N_("Time to answer")),
            value=answer,
            counted=say(N_("Half of the requests were answered within this time.")),
        ),
        RecordLine(
            label=say(N_("Left unanswered")),
            value=share(record.lapse_share),
            counted=say(
                N_("%(number)s of %(all)s cases in which a deadline of the seller passed."),
                number=words.number(record.lapsed),
                all=words.number(record.asked),
            ),
        ),
        RecordLine(
            label=say(N_("Disputes lost")),
            value=share(record.upheld_share),
            counted=say(
                N_("%(number)s of %(all)s cases were decided for the buyer by a mediator."),
                number=words.number(record.upheld),
                all=words.number(record.cases),
            ),
        ),
        *(
            [
                RecordLine(
                    label=say(N_("Counterfeits")),
                    value=words.number(record.counterfeits),
                    counted=say(N_("Cases in which a mediator found that the goods were not genuine.")),
                )
            ]
            if record.counterfeits
            else []
        ),
        RecordLine(
            label=say(N_("Orders with a case")),
            value=share(record.case_share),
            counted=say(
                N_("%(number)s cases on %(all)s orders."),
                number=words.number(record.cases),
                all=words.number(record.orders),
            ),
        ),
        RecordLine(
            label=say(N_("Returns")),
            value=words.number(record.sent_back),
            counted=say(
                N_("Sent back; %(number)s of them were rejected."), number=words.number(record.rejected)
            ),
        ),
    ]


def reason_pairs(visit: Visit, record: SellerRecord) -> list[Pair]:
    """Cases by reason, the most frequent first."""
    return [
        Pair(visit.words.say(vocabulary.FAMILIES.get(family, family)), visit.words.number(count))
        for family, count in record.reasons.items()
    ]
