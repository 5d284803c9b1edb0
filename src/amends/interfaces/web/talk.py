"""What an order's page says of its messages: how many, and whether the seller's silence is long enough."""

import msgspec

from amends.domain.parties import Role
from amends.interfaces.web.visits import Visit


class Talk(msgspec.Struct, frozen=True):
    """``count`` messages the reader may see, ``new`` of them unread; ``silent`` since when, in words."""

    count: int
    new: int
    silent: str = ""


async def talk_of(visit: Visit, order_id: str) -> Talk:
    """The messages of an order in short."""
    found = await visit.parts.correspondence.messages.thread(visit.caller, order_id)
    if found is None:
        return Talk(0, 0)
    read = next((mark.through for mark in found.marks if mark.person == visit.actor), 0)
    new = [one for one in found.messages if one.seq > read and one.author != visit.actor]
    invited = found.invited_at is not None and visit.now >= found.invited_at
    idle = visit.role is Role.BUYER and not any(case.live for case in found.cases)
    silent = visit.words.moment(found.silent_since) if invited and idle and found.silent_since else ""
    return Talk(len(found.messages), len(new), silent)
