"""Events as they are recorded: numbered, dated, signed with their author, and chained by hash."""

from datetime import datetime
from hashlib import sha256

import msgspec

from amends.domain.cases import events as case_events
from amends.domain.custody import events as custody_events
from amends.domain.parties import Actor

GENESIS = bytes(32)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one stream. ``stream`` is a case id or an order id; ``seq`` counts from 1 without gaps.

    ``from_state`` is empty for the first event of a stream.
    """

    stream: str
    order_id: str
    seq: int
    at: datetime
    actor: Actor
    from_state: str
    event: case_events.CaseEvent | custody_events.OrderEvent

    @property
    def name(self) -> str:
        """What it is called among all events: ``stream#seq``."""
        return f"{self.stream}#{self.seq}"


_encode = msgspec.json.Encoder(order="deterministic").encode


def link(previous: bytes, recorded: Recorded) -> tuple[bytes, bytes]:
    """The event's canonical JSON body and its hash: SHA-256 over the previous hash, head and body."""
    body = _encode(recorded.event)
    return body, digest_of(previous, recorded, body)


def digest_of(previous: bytes, recorded: Recorded, body: bytes) -> bytes:
    """The hash of an event whose body is kept: what `link` gave, unless somebody changed it since."""
    actor = f"{recorded.actor.role}:{recorded.actor.id}"
    head = f"{recorded.stream}\n{recorded.seq}\n{recorded.at.isoformat()}\n{actor}\n"
    return sha256(previous + head.encode() + body).digest()
