"""Exchanges: what could come instead, and keeping it in the marketplace's stock while the way back lasts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from amends.application.ports import CaseFile, Clock, Done, Envelope, Errand, Reader, Result
from amends.application.ports.stock import Article, Held, Stock, StockSilent, Variant
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
    Units of several articles are one set: its forms are those that every article comes in.
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
        asked = articles_of(order, units)
        goods = [
            line.units[unit.index].goods
            for unit in units
            if (line := order.line(unit.line_id)) is not None and unit.index < line.quantity
        ]
        one = len({unit.line_id for unit in units}) == 1 or len(asked) == 1
        found = Replacements(
            known=False,
            quantity=len(units) if one else 1,
            paid=goods[0] if one and goods else sum(goods),
            currency=order.currency,
        )
        if self._stock is None or not asked:
            return found
        try:
            async with asyncio.timeout(PATIENCE_S):
                told = [tuple(await self._stock.variants(article)) for article in asked]
        except (StockSilent, TimeoutError):
            return found
        variants = told[0] if one else _as_sets(told, tuple(asked.values()))
        # An article the stock does not know may still be exchanged by agreement.
        return msgspec.structs.replace(found, known=all(told), variants=variants if all(told) else ())

    async def keep(self, errand: Errand) -> bool:
        """Make the stock keep what a case waits for, let it go where none does; a worker's chore.

        False: the stock is silent, ask again later.
        """
        if self._stock is None:
            return True
        file = await self._reader.case_file(errand.case_id)
        articles = articles_of(file.custody.order, file.case.units) if file is not None else {}
        if file is None or not articles:
            return True
        try:
            return await self._agree(file, articles, self._stock)
        except StockSilent:
            return False

    async def _agree(self, file: CaseFile, articles: Mapping[Article, int], stock: Stock) -> bool:
        case = file.case
        variant = wanted_of_stock(case)
        if not variant:
            for key in _keys(case, articles):
                await (stock.release(key) if case.replacement is None else stock.take(key))
            return True
        until = self._latest(file)
        if until is None or self._kept_long_enough(case, until):
            return True
        for article in articles:
            if variant not in {one.variant for one in await stock.variants(article)}:
                # Agreed on in words of their own: whether it is to be had, the seller says.
                return True
        kept = await _hold_all(stock, _keys(case, articles), articles, variant, until)
        if kept is None:
            await self._tell(case, c.RecordSoldOut(variant=variant))
            return True
        told = c.RecordReservation(
            variant=variant,
            until=min(until, *(one.until for one in kept)),
            reference=" ".join(one.reference for one in kept if one.reference),
        )
        if not isinstance(await self._tell(case, told), Done):
            # The case went on meanwhile: what it waits for now is the next errand's.
            for key in _keys(case, articles):
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


def articles_of(order: Order, units: Sequence[Unit]) -> dict[Article, int]:
    """The articles that the units are, with how many of each; none where any of them has no stock number."""
    found: Counter[Article] = Counter()
    for unit in units:
        line = order.line(unit.line_id)
        if line is None or not line.sku:
            return {}
        found[Article(seller_id=order.seller_id, sku=line.sku, currency=order.currency)] += 1
    return dict(found)


def _keys(case: Case, articles: Mapping[Article, int]) -> list[str]:
    """What the stock keeps for a case is named by it, and by the article where there are several."""
    key = f"exchange:{case.case_id}"
    return [key] if len(articles) == 1 else [f"{key}:{article.sku}" for article in articles]


async def _hold_all(
    stock: Stock, keys: Sequence[str], articles: Mapping[Article, int], variant: str, until: datetime
) -> list[Held] | None:
    """Keep every article of a set, or none of them."""
    kept: list[Held] = []
    for key, (article, quantity) in zip(keys, articles.items(), strict=True):
        held = await stock.hold(key, article, variant, quantity, until)
        if held is None:
            for every in keys:
                await stock.release(every)
            return None
        kept.append(held)
    return kept


def _as_sets(told: Sequence[Sequence[Variant]], quantities: Sequence[int]) -> tuple[Variant, ...]:
    """The forms that all articles come in: the price of a set, and for how many sets there are enough."""
    by_name = [{one.variant: one for one in variants} for variants in told]
    names = [name for name in by_name[0] if all(name in known for known in by_name)]
    return tuple(
        Variant(
            variant=name,
            price=sum(known[name].price * quantity for known, quantity in zip(by_name, quantities)),
            available=min(known[name].available // quantity for known, quantity in zip(by_name, quantities)),
        )
        for name in names
    )
