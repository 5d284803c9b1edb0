"""The small mark beside a seller's name: what the seller's record comes to, leading to all of it."""

from datetime import timedelta

import msgspec

from amends.domain.parties import Role
from amends.domain.records import SellerRecord, Standing
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_STANDINGS: dict[Standing, tuple[str, str]] = {
    Standing.NEW: (N_("Few cases so far"), "plain"),
    Standing.GOOD: (N_("Good record"), "good"),
    Standing.STRAINED: (N_("Strained record"), "bad"),
}


class SellerMark(msgspec.Struct, frozen=True):
    """Where it leads, what the record comes to, and its main figure; empty for too few answers."""

    href: str
    badge: Badge
    told: str


async def seller_mark(visit: Visit, seller_id: str) -> SellerMark | None:
    """The seller's record in short, for those who are not the seller."""
    if visit.role is Role.SELLER:
        return None
    found = await visit.parts.sellers.recent_record(seller_id, visit.now)
    median = found.median_shown_s
    told = ""
    if median is not None:
        length = visit.words.length(timedelta(seconds=median))
        told = visit.words.say(N_("answers within %(length)s"), length=length)
    return SellerMark(f"/sellers/{seller_id}", badge_of(visit, found), told)


def badge_of(visit: Visit, record: SellerRecord) -> Badge:
    """What a record comes to, as a badge."""
    text, tone = _STANDINGS[record.standing]
    return Badge(visit.words.say(text), tone)
