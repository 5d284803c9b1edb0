"""Exchanges: what could come instead, and keeping it in the marketplace's stock while the way back lasts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from amends.application.ports import CaseFile, Clock, Done, Envelope, Errand, Reader, Result
from amends.application.ports.stock import Article, Stock, StockSilent, Variant
from amends.domain.cases import commands as c
from amends.domain.cases.dues import BEFORE_REPLACEMENT, wanted_of_stock
from amends.domain.cases.events import VariantReserved
from amends.domain.cases.model import Case
from amends.domain.orders import Order, Unit
from amends.domain.parties import Actor, Role
from amends.domain.time import Calendars, deadline

TOPIC = "stock.keep"
# Somebody waits for the page meanwhile.
PATIENCE_S = 2.0
# How small a part of the time may be missing before the stock is asked for it.
_ON_THE_WAY, _AT_THE_END = 2, 8
STOCK = Actor(Role.OPERATOR, "stock")

Submit = Callable[[Envelope], Awaitable[Result]]


class Replacements(msgspec.Struct, frozen=True, kw_only=True):
    """What could replace some units. ``known``: the stock answered; otherwise anything can be asked for.

    ``paid`` is what was paid for one of the units, in minor units, ``quantity`` how many are to be replaced.
    """

    known: bool
    quantity: int
    paid: int
    currency: str
    variants: tuple[Variant, ...] = ()

    def in_stock(self, variant: str) -> bool | None:
        """Whether there are enough of a form; None where nobody knows."""
        if not self.known:
            return None
        return any(one.variant == variant and one.available >= self.quantity for one in self.variants)

    def difference(self, variant: str) -> int:
        """What the form costs more than was paid, all units together, in minor units; below zero: less."""
        found = next((one for one in self.variants if one.variant == variant), None)
        return 0 if found is None else (found.price - self.paid) * self.quantity


class Exchanges:
    """What pages, API and worker know of replacements. One a process; without a stock anything goes."""

    def __init__(
        self, reader: Reader, clock: Clock, calendars: Calendars, submit: Submit, stock: Stock | None = None
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._calendars = calendars
        self._submit = submit
        self._stock = stock

    async def replacements(self, order: Order, units: Sequence[Unit]) -> Replacements:
        """What the units could be exchanged for, as the stock knows it now."""
        article = article_of(order, units)
        line = order.line(units[0].line_id) if units else None
        found = Replacements(
            known=False,
            quantity=len(units),
            paid=line.units[units[0].index].goods if line is not None else 0,
            currency=order.currency,
        )
        if self._stock is None or article is None:
            return found
        try:
            async with asyncio.timeout(PATIENCE_S):
                variants = tuple(await self._stock.variants(article))
        except (StockSilent, TimeoutError):
            return found
        # An article the stock does not know may still be exchanged by agreement.
        return msgspec.structs.replace(found, known=bool(variants), variants=variants)

    async def keep(self, errand: Errand) -> bool:
        """Make the stock keep what a case waits for, let it go where none does; a worker's chore.

        False: the stock is silent, ask again later.
        """
        if self._stock is None:
            return True
        file = await self._reader.case_file(errand.case_id)
        article = article_of(file.custody.order, file.case.units) if file is not None else None
        if file is None or article is None:
            return True
        try:
            return await self._agree(file, article, self._stock)
        except StockSilent:
            return False

    async def _agree(self, file: CaseFile, article: Article, stock: Stock) -> bool:
        case, key = file.case, f"exchange:{file.case.case_id}"
        variant = wanted_of_stock(case)
        if not variant:
            if case.replacement is not None:
                await stock.take(key)
            else:
                await stock.release(key)
            return True
        until = self._latest(file)
        if until is None or self._kept_long_enough(case, until):
            return True
        if variant not in {one.variant for one in await stock.variants(article)}:
            # Agreed on in words of their own: whether it is to be had, the seller says.
            return True
        held = await stock.hold(key, article, variant, len(case.units), until)
        if held is None:
            await self._tell(case, c.RecordSoldOut(variant=variant))
            return True
        told = c.RecordReservation(variant=variant, until=min(held.until, until), reference=held.reference)
        if not isinstance(await self._tell(case, told), Done):
            # The case went on meanwhile: what it waits for now is the next errand's.
            await stock.release(key)
        return True

    def _latest(self, file: CaseFile) -> datetime | None:
        """Until when the terms keep a replacement after the last step; None where they do not any more."""
        line = file.custody.order.line(file.case.units[0].line_id)
        terms = file.terms[line.terms_id] if line is not None else None
        if terms is None or not terms.has("exchange.reserve", file.case.reason):
            return None
        period = terms.period("exchange.reserve", file.case.reason)
        steps = (one.recorded for one in file.timeline if not isinstance(one.recorded.event, VariantReserved))
        until = deadline(max(one.at for one in steps), period, self._calendars)
        return until if until > self._clock.now() else None

    def _kept_long_enough(self, case: Case, until: datetime) -> bool:
        """Whether more than half of the time is kept: each scan need not be told to the stock."""
        kept, now = case.reservation, self._clock.now()
        if kept is None or kept.until <= now:
            return False
        part = _AT_THE_END if case.state in BEFORE_REPLACEMENT else _ON_THE_WAY
        return until - kept.until < (until - now) / part

    async def _tell(self, case: Case, command: c.RecordReservation | c.RecordSoldOut) -> Result:
        fingerprint = sha256(msgspec.json.encode(command)).digest()
        return await self._submit(
            Envelope(
                command=command,
                actor=STOCK,
                order_id=case.order_id,
                case_id=case.case_id,
                key=f"stock:{case.case_id}:{case.seq}:{fingerprint.hex()[:16]}",
                fingerprint=fingerprint,
            )
        )


def article_of(order: Order, units: Sequence[Unit]) -> Article | None:
    """The one article that the units are; None where they are several, or have no stock number."""
    lines = {unit.line_id for unit in units}
    line = order.line(next(iter(lines))) if len(lines) == 1 else None
    if line is None or not line.sku:
        return None
    return Article(seller_id=order.seller_id, sku=line.sku, currency=order.currency)
