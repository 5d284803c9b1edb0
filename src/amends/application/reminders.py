"""Reminders: of deadlines that come near, and of messages that nobody has answered.

They are planned when a deadline or message comes into being and looked at again when they are due: what was
done meanwhile is not reminded of.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from amends.application.letter_words import NEAR
from amends.application.messages import Messages, Unanswered
from amends.application.nearing import AHEAD, Nearing, stamp
from amends.application.notices import RECIPIENTS, Notice, told
from amends.application.ports import Clock, DuePlace, Errand, Reader, Store
from amends.application.ports.outbox import Outbox
from amends.domain.cases.model import Case
from amends.domain.cases.turns import UNANSWERED, due_of, due_of_order
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role, Waiting
from amends.domain.policy.terms import Terms
from amends.domain.time import Calendars, deadline

# Where the terms say nothing.
REMIND_BEFORE = timedelta(days=1)
REMIND = "deadline.remind"
_SWEEP = 500

Operators = Callable[[], Awaitable[Sequence[Actor]]]
"""Everybody who runs the marketplace."""


async def nobody() -> Sequence[Actor]:
    """No operators to tell."""
    return ()


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
        operators: Operators = nobody,
    ) -> None:
        self._reader = reader
        self._store = store
        self._outbox = outbox
        self._messages = messages
        self._clock = clock
        self._calendars = calendars
        self._operators = operators
        self._swept: DuePlace | None = None

    async def follow(self, notice: Notice, order_id: str, case_id: str) -> Sequence[Errand]:
        """What a notice of a new deadline calls for (`amends.application.delivery.Follower`)."""
        waiting = notice.waiting
        if waiting is None or notice.event not in RECIPIENTS or waiting.default in UNANSWERED:
            return ()
        return [await self._planned(order_id, case_id, waiting.until, notice.at)]

    async def plan(self, errand: Errand) -> bool:
        """Plan the reminder of a deadline that no notice told of."""
        near = msgspec.convert(errand.body, Nearing)
        await self._outbox.put([await self._planned(near.order_id, near.case_id, near.until, errand.due_at)])
        return True

    async def sweep(self, through: datetime | None = None) -> int:
        """Plan reminders of what comes near whoever was told of it; how many deadlines were looked at, if
        there are more.

        Deadlines that concern nobody but their author, as of shipping, have no notice to follow. ``through``
        is an instant the clock is about to be moved to.
        """
        now = self._clock.now()
        after, until = max(self._swept or (now, ""), (now, "")), max(through or now, now) + AHEAD
        if until <= after[0]:
            return 0
        due = await self._store.due_orders(until, _SWEEP, after)
        fresh = [one for one in due if one.due_at > now and one.default not in UNANSWERED]
        await self._outbox.put([await self._planned(o.order_id, o.case_id, o.due_at) for o in fresh])
        full = len(due) == _SWEEP
        self._swept = due[-1].place if full else (until, "")
        return len(due) if full else 0

    async def foresee(self, through: datetime) -> None:
        """Plan every reminder of deadlines that stand now and that a clock moved so far will meet."""
        while await self.sweep(through):
            pass

    async def remind(self, errand: Errand) -> bool:
        """Tell those whose deadline it is, if it still stands."""
        near = msgspec.convert(errand.body, Nearing)
        custody, case, waiting = await self._standing(near)
        if custody is None or waiting is None or waiting.until != near.until:
            return True
        people = await self._people(custody, case)
        if not people or self._clock.now() >= near.until:
            return True
        stream = near.case_id or near.order_id
        notice = Notice(
            event=NEAR,
            seq=0,
            stream=f"{stream}/until/{stamp(near.until)}",
            at=self._clock.now(),
            to=people,
            currency=custody.order.currency,
            clause=waiting.clause,
            waiting=waiting,
            state=case.state.value if case is not None else "",
            buyer_country=custody.order.buyer_country,
            seller_country=custody.order.seller_country,
        )
        await self._outbox.put([told(notice, near.order_id, near.case_id)])
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
        await self._outbox.put([told(notice, waits.order_id, "" if to.role is Role.BUYER else waits.case_id)])
        return True

    async def _planned(
        self, order_id: str, case_id: str, until: datetime, at: datetime | None = None
    ) -> Errand:
        """The reminder of a deadline; ``at`` is since when its clock runs, None where that is long ago."""
        stream = case_id or order_id
        lead = await self._lead(order_id, case_id, until)
        # Not before half of the time is over.
        due_at = until - min(lead, (until - at) / 2 if at is not None else AHEAD / 2)
        return Errand(
            errand_id=f"remind:{stream}:{stamp(until)}",
            topic=REMIND,
            order_id=order_id,
            case_id=case_id,
            body=msgspec.to_builtins(Nearing(order_id=order_id, case_id=case_id, until=until)),
            due_at=max(due_at, at or self._clock.now()),
        )

    async def _lead(self, order_id: str, case_id: str, until: datetime) -> timedelta:
        """How long before a deadline the terms want it to be reminded of."""
        terms = await self._terms(order_id, case_id)
        if terms is None or not terms.has("deadline.remind_before"):
            return REMIND_BEFORE
        return deadline(until, terms.period("deadline.remind_before"), self._calendars) - until

    async def _terms(self, order_id: str, case_id: str) -> Terms | None:
        if case_id:
            file = await self._reader.case_file(case_id)
            return next(iter(file.terms.values()), None) if file else None
        scene = await self._reader.scene(order_id)
        if scene is None or scene.custody is None or not scene.custody.order.lines:
            return None
        terms_id = scene.custody.order.lines[0].terms_id
        return (await self._reader.terms_of([terms_id])).get(terms_id)

    async def _people(self, custody: Custody, case: Case | None) -> tuple[Actor, ...]:
        """Whose deadline it is; where no mediator has taken a case, it is those who see to it."""
        order = custody.order
        people: list[Actor] = []
        for role in due_of(case) if case is not None else due_of_order(custody):
            if role is Role.BUYER:
                people.append(Actor(role, order.buyer_id))
            elif role is Role.SELLER:
                people.append(Actor(role, order.seller_id))
            elif role is Role.MEDIATOR and case is not None and case.mediator_id:
                people.append(Actor(role, case.mediator_id))
            else:
                people += await self._operators()
        return tuple(people)

    async def _standing(self, near: Nearing) -> tuple[Custody | None, Case | None, Waiting | None]:
        scene = await self._reader.scene(near.order_id)
        if scene is None or scene.custody is None:
            return None, None, None
        if not near.case_id:
            return scene.custody, None, scene.custody.waiting
        case = scene.cases.get(near.case_id)
        return scene.custody, case, case.waiting if case else None
