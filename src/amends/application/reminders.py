"""Reminders: of deadlines that come near, and of messages that nobody has answered.

They are planned when a deadline or message comes into being and looked at again when they are due: what was
done meanwhile is not reminded of.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from amends.application.messages import Messages, Unanswered
from amends.application.notices import RECIPIENTS, Notice
from amends.application.ports import Clock, Errand, Reader, Store
from amends.application.ports.outbox import Outbox
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role, Waiting
from amends.domain.policy.terms import Terms
from amends.domain.time import Calendars, deadline

# Where the terms say nothing.
REMIND_BEFORE = timedelta(days=1)
_PEOPLE = frozenset({Role.BUYER, Role.SELLER, Role.MEDIATOR})
_SWEEP = 500


class Nearing(msgspec.Struct, frozen=True, kw_only=True):
    """The body of ``deadline.remind``: the stream whose deadline it is, and the instant."""

    order_id: str
    case_id: str
    until: datetime


class Reminders:
    """Plans reminders and, when they are due, makes notices of those that are still true."""

    def __init__(
        self,
        reader: Reader,
        store: Store,
        outbox: Outbox,
        messages: Messages,
        clock: Clock,
        calendars: Calendars,
    ) -> None:
        self._reader = reader
        self._store = store
        self._outbox = outbox
        self._messages = messages
        self._clock = clock
        self._calendars = calendars
        self._swept: datetime | None = None

    async def follow(self, notice: Notice, order_id: str, case_id: str) -> Sequence[Errand]:
        """What a notice of a new deadline calls for (`amends.application.delivery.Follower`)."""
        waiting = notice.waiting
        if waiting is None or notice.event not in RECIPIENTS or waiting.on not in _PEOPLE:
            return ()
        return [await self._planned(order_id, case_id, waiting.until, notice.at)]

    async def sweep(self) -> int:
        """Plan reminders of what is due within a day whoever was told of it; how many deadlines were new.

        Deadlines that concern nobody but their author, as of shipping, have no notice to follow.
        """
        now = self._clock.now()
        since, until = self._swept or now, now + REMIND_BEFORE
        if until <= since:
            return 0
        due = await self._store.due_orders(until, _SWEEP, since=since)
        fresh = [one for one in due if one.due_at > now]
        await self._outbox.put([await self._planned(o.order_id, o.case_id, o.due_at, now) for o in fresh])
        full = len(due) == _SWEEP and due[-1].due_at > since
        self._swept = due[-1].due_at if full else until
        return len(fresh) if full else 0

    async def remind(self, errand: Errand) -> bool:
        """Tell whoever is waited on, if the deadline still stands."""
        near = msgspec.convert(errand.body, Nearing)
        custody, case, waiting = await self._standing(near)
        if custody is None or waiting is None or waiting.until != near.until:
            return True
        person = _person(waiting.on, custody, case)
        if person is None or self._clock.now() >= near.until:
            return True
        stream = near.case_id or near.order_id
        notice = Notice(
            event="deadline_near",
            seq=0,
            stream=f"{stream}/until/{_stamp(near.until)}",
            at=self._clock.now(),
            to=(person,),
            currency=custody.order.currency,
            clause=waiting.clause,
            waiting=waiting,
            buyer_country=custody.order.buyer_country,
            seller_country=custody.order.seller_country,
        )
        await self._outbox.put([_told(notice, near.order_id, near.case_id)])
        return True

    async def follow_up(self, errand: Errand) -> bool:
        """Remind those who owe an answer to a message."""
        return await self._unanswered(errand, "message_unanswered")

    async def silence(self, errand: Errand) -> bool:
        """Tell the buyer that the seller's silence is reason enough to open a dispute (B74, D37)."""
        return await self._unanswered(errand, "silence_invites_dispute")

    async def _unanswered(self, errand: Errand, event: str) -> bool:
        waits = msgspec.convert(errand.body, Unanswered)
        scene = await self._reader.scene(waits.order_id)
        if scene is None or scene.custody is None:
            return True
        first = await self._messages.first_unanswered(waits.order_id, waits.seq)
        if first is None:
            return True
        order = scene.custody.order
        sides = {
            Role.BUYER: Actor(Role.BUYER, order.buyer_id),
            Role.SELLER: Actor(Role.SELLER, order.seller_id),
        }
        if event == "silence_invites_dispute":
            if any(case.live for case in scene.cases.values()):
                return True
            to = first.author
        else:
            to = sides[Role.SELLER if first.author.role is Role.BUYER else Role.BUYER]
        notice = Notice(
            event=event,
            seq=waits.seq,
            stream=f"{waits.order_id}/{event}",
            at=self._clock.now(),
            to=(to,),
            currency=order.currency,
        )
        await self._outbox.put(
            [_told(notice, waits.order_id, "" if to.role is Role.BUYER else waits.case_id)]
        )
        return True

    async def _planned(self, order_id: str, case_id: str, until: datetime, at: datetime) -> Errand:
        stream = case_id or order_id
        due_at = max(at, await self._before(order_id, case_id, until, at))
        return Errand(
            errand_id=f"remind:{stream}:{_stamp(until)}",
            topic="deadline.remind",
            order_id=order_id,
            case_id=case_id,
            body=msgspec.to_builtins(Nearing(order_id=order_id, case_id=case_id, until=until)),
            due_at=due_at,
        )

    async def _before(self, order_id: str, case_id: str, until: datetime, at: datetime) -> datetime:
        """When to remind: as long before as the terms say, but not before half of the time is over."""
        lead = REMIND_BEFORE
        terms = await self._terms(order_id, case_id)
        if terms is not None and terms.has("deadline.remind_before"):
            period = terms.period("deadline.remind_before")
            lead = deadline(until, period, self._calendars) - until
        return until - min(lead, (until - at) / 2)

    async def _terms(self, order_id: str, case_id: str) -> Terms | None:
        if case_id:
            file = await self._reader.case_file(case_id)
            return next(iter(file.terms.values()), None) if file else None
        scene = await self._reader.scene(order_id)
        if scene is None or scene.custody is None or not scene.custody.order.lines:
            return None
        terms_id = scene.custody.order.lines[0].terms_id
        return (await self._reader.terms_of([terms_id])).get(terms_id)

    async def _standing(self, near: Nearing) -> tuple[Custody | None, Case | None, Waiting | None]:
        scene = await self._reader.scene(near.order_id)
        if scene is None or scene.custody is None:
            return None, None, None
        if not near.case_id:
            return scene.custody, None, scene.custody.waiting
        case = scene.cases.get(near.case_id)
        return scene.custody, case, case.waiting if case else None


def _person(role: Role, custody: Custody, case: Case | None) -> Actor | None:
    if role is Role.BUYER:
        return Actor(role, custody.order.buyer_id)
    if role is Role.SELLER:
        return Actor(role, custody.order.seller_id)
    if role is Role.MEDIATOR and case is not None and case.mediator_id:
        return Actor(role, case.mediator_id)
    return None


def _told(notice: Notice, order_id: str, case_id: str) -> Errand:
    return Errand(
        errand_id=f"notice:{notice.stream}:{notice.seq}",
        topic="notice",
        order_id=order_id,
        case_id=case_id,
        body=msgspec.to_builtins(notice),
        due_at=notice.at,
    )


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%S%fZ")
