"""What the application asks of the marketplace's stock: what an exchange could bring, and to keep it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """Something a seller sold: its stock number and the currency its prices are asked in (ISO 4217)."""

    seller_id: str
    sku: str
    currency: str


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One form an article comes in: its price for one piece in minor units, and how many can be had now."""

    variant: str
    price: int
    available: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that nobody else can buy until ``until`` (half-open); ``reference`` is the marketplace's own."""

    until: datetime
    reference: str = ""


class StockSilent(Exception):
    """The marketplace did not answer, or not in a way that can be read: ask again later."""


class Stock(Protocol):
    """The marketplace's stock. Everything raises `StockSilent`."""

    async def variants(self, article: Article) -> Sequence[Variant]:
        """The forms the article comes in, sold out ones too; none for an article the stock does not know."""

    async def hold(
        self, key: str, article: Article, variant: str, quantity: int, until: datetime
    ) -> Held | None:
        """Keep pieces until ``until``, or a shorter time; the same key again prolongs what it holds.

        None: there are not so many to be had, and nothing is kept.
        """

    async def take(self, key: str) -> None:
        """What was kept has been sent; a key that keeps nothing changes nothing."""

    async def release(self, key: str) -> None:
        """What was kept is for sale again; a key that keeps nothing changes nothing."""
