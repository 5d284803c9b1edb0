"""Evidence against a disputed payment, sent to the provider; above an amount by two people.

What is sent is made when it is sent, of the order, its cases and their terms as they are then. A provider
that cannot be reached is asked again; what it turns down is kept with its words, and can be tried anew.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256

import msgspec
import structlog
from msgspec.structs import replace

from amends.application.ports import Clock, Errand, ProviderSilent, Reader
from amends.application.ports.outbox import Outbox
from amends.application.ports.rebuttals import (
    DisputeDesk,
    Paper,
    Rebuttal,
    RebuttalBook,
    Statement,
    StatementRefused,
)
from amends.application.representment import Evidence, for_paypal, for_stripe
from amends.domain.cases.model import Case
from amends.domain.custody.model import Chargeback, Custody
from amends.domain.parties import Actor
from amends.domain.refusals import Refused

_log = structlog.get_logger()

TOPIC = "dispute.state"
ALONE = "chargeback.alone"
"""The parameter that says up to which disputed amount one person sends evidence alone."""
NOTE_MAX = 2000
_PATIENT = 3
UNDER_WAY = frozenset({"proposed", "approved", "sent"})
"""States of evidence beside which nothing else can be sent."""

Papers = Callable[[Custody, Sequence[Case]], Awaitable[Sequence[Paper]]]
"""The documents that go along with an order's evidence."""


class Rebuttals:
    """Proposes, agrees to and sends evidence. ``desks`` are the providers that take it by themselves."""

    def __init__(
        self,
        desks: Mapping[str, DisputeDesk],
        book: RebuttalBook,
        reader: Reader,
        outbox: Outbox,
        clock: Clock,
        papers: Papers,
    ) -> None:
        self.book = book
        self._desks = desks
        self._reader = reader
        self._outbox = outbox
        self._clock = clock
        self._papers = papers

    @property
    def chores(self) -> dict[str, Callable[[Errand], Awaitable[bool]]]:
        """Errands that are done here, by topic."""
        return {TOPIC: self.send}

    def takes(self, custody: Custody, dispute: Chargeback) -> str:
        """The provider of a dispute, if evidence can be sent to it; else empty."""
        tender = next((t for t in custody.order.tenders if t.tender_id == dispute.tender_id), None)
        return tender.provider if tender is not None and tender.provider in self._desks else ""

    async def of_dispute(self, order_id: str, dispute_id: str) -> list[Rebuttal]:
        """What was proposed in one dispute, oldest first."""
        return [one for one in await self.book.of_order(order_id) if one.dispute_id == dispute_id]

    async def propose(self, order_id: str, dispute_id: str, note: str, by: Actor) -> Rebuttal | Refused:
        """Somebody has read the evidence and wants it sent; above the limit a second person has to agree."""
        if not note.strip() or len(note) > NOTE_MAX:
            return _invalid(f"Say in 1 to {NOTE_MAX} characters why the payment was right.")
        scene = await self._reader.scene(order_id)
        custody = scene.custody if scene else None
        dispute = _dispute(custody, dispute_id)
        if custody is None or dispute is None:
            return Refused(kind="not_found", detail=f"Order {order_id} has no dispute {dispute_id!r}.")
        provider = self.takes(custody, dispute)
        if dispute.state != "open" or not provider:
            detail = (
                "This provider takes no evidence from here: download it and send it there."
                if dispute.state == "open"
                else f"Dispute {dispute_id} has ended: {dispute.state}."
            )
            return Refused(kind="not_possible_now", detail=detail, facts={"state": dispute.state})
        tried = await self.of_dispute(order_id, dispute_id)
        if tried and tried[-1].state in UNDER_WAY:
            return _not_now(tried[-1])
        alone = await self._alone(custody)
        fresh = Rebuttal(
            order_id=order_id,
            dispute_id=dispute_id,
            number=len(tried) + 1,
            provider=provider,
            note=note.strip(),
            by=by.id,
            at=self._clock.now(),
            state="approved" if alone is None or dispute.amount <= alone else "proposed",
        )
        if fresh.state == "approved":
            # The errand first: what the book says is agreed to is not forgotten.
            await self._outbox.put([self._errand(fresh)])
        return fresh if await self.book.add(fresh) else _not_now(fresh)

    async def answer(
        self, order_id: str, dispute_id: str, by: Actor, *, agreed: bool, why: str = ""
    ) -> Rebuttal | Refused:
        """A second person agrees that it is sent; anybody may say no, with a reason."""
        tried = await self.of_dispute(order_id, dispute_id)
        if not tried:
            return Refused(kind="not_found", detail=f"No evidence about {dispute_id!r} was proposed.")
        last = tried[-1]
        if last.state != "proposed":
            return _not_now(last)
        if not agreed:
            if not why.strip() or len(why) > NOTE_MAX:
                return _invalid(f"Say why, in 1 to {NOTE_MAX} characters.")
            dropped = replace(
                last, state="dropped", agreed_by=by.id, why=why.strip(), done_at=self._clock.now()
            )
            return dropped if await self.book.change(dropped, "proposed") else _not_now(last)
        if by.id == last.by:
            return Refused(
                kind="conflict_of_interest",
                detail="Somebody else than who wants it sent has to agree.",
                facts={"proposed_by": last.by},
            )
        approved = replace(last, state="approved", agreed_by=by.id)
        await self._outbox.put([self._errand(approved)])
        return approved if await self.book.change(approved, "proposed") else _not_now(last)

    async def send(self, errand: Errand) -> bool:
        """Send what was agreed to; false where it should be tried again."""
        dispute_id, number = str(errand.body["dispute_id"]), errand.body["number"]
        found = await self.of_dispute(errand.order_id, dispute_id)
        one = next((one for one in found if one.number == number), None)
        if one is None or one.state == "proposed":
            # The book is written in a moment, or never.
            return errand.attempts >= _PATIENT
        if one.state == "approved":
            return await self._sent(errand.errand_id, one)
        return True

    async def _sent(self, errand_id: str, one: Rebuttal) -> bool:
        scene = await self._reader.scene(one.order_id)
        custody = scene.custody if scene else None
        dispute = _dispute(custody, one.dispute_id)
        if scene is None or custody is None or dispute is None or dispute.state != "open":
            await self._end(replace(one, state="refused", why="ended"))
            return True
        desk = self._desks.get(one.provider)
        if desk is None:
            return False
        cases = sorted(scene.cases.values(), key=lambda case: case.opened_at)
        terms = await self._reader.terms_of([line.terms_id for line in custody.order.lines])
        evidence = Evidence(custody=custody, dispute=dispute, cases=cases, terms=terms, note=one.note)
        statement = Statement(
            stripe=for_stripe(evidence),
            paypal=for_paypal(evidence),
            papers=tuple(await self._papers(custody, cases)),
        )
        try:
            # What has changed since it went unanswered is another request.
            digest = sha256(msgspec.json.encode(statement, order="deterministic")).hexdigest()
            reference = await desk.state(f"{errand_id}:{digest[:16]}", one.dispute_id, statement)
        except ProviderSilent as silence:
            _log.warning("statement_not_sent", dispute_id=one.dispute_id, why=str(silence))
            return False
        except StatementRefused as refusal:
            await self._end(replace(one, state="refused", why=str(refusal)[:NOTE_MAX]))
            return True
        await self._end(replace(one, state="sent", reference=reference))
        return True

    async def _end(self, changed: Rebuttal) -> None:
        await self.book.change(replace(changed, done_at=self._clock.now()), "approved")

    async def _alone(self, custody: Custody) -> int | None:
        terms_id = custody.order.lines[0].terms_id
        terms = (await self._reader.terms_of([terms_id])).get(terms_id)
        if terms is None or not terms.has(ALONE):
            return None
        return int(str(terms.get(ALONE).value))

    def _errand(self, one: Rebuttal) -> Errand:
        return Errand(
            errand_id=f"statement:{one.order_id}:{one.dispute_id}:{one.number}",
            topic=TOPIC,
            order_id=one.order_id,
            case_id="",
            body={"dispute_id": one.dispute_id, "number": one.number},
            due_at=self._clock.now(),
        )


def _dispute(custody: Custody | None, dispute_id: str) -> Chargeback | None:
    found = custody.chargebacks if custody else ()
    return next((one for one in found if one.dispute_id == dispute_id), None)


def _invalid(detail: str) -> Refused:
    return Refused(kind="invalid", detail=detail, pointer="/note")


def _not_now(found: Rebuttal) -> Refused:
    return Refused(
        kind="not_possible_now",
        detail=f"Evidence about this dispute is {found.state} already.",
        facts={"state": found.state},
    )
