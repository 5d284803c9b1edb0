"""What a buyer's lists ask of the world: orders by words and stage, cases that sent goods back or paid."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.application.ports import CasePage, OrderPage
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody


class PurchaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders of a party to list, newest first; empty fields do not narrow.

    One of ``buyer_id`` and ``seller_id`` must be given. ``stages`` are any of; with ``with_cases`` only
    orders that have had a case.
    """

    buyer_id: str = ""
    seller_id: str = ""
    stages: tuple[str, ...] = ()
    with_cases: bool = False


class Moment(msgspec.Struct, frozen=True):
    """When a refund came to a stage: an event's name, the refund's id and the instant."""

    event: str
    refund_id: str
    at: datetime


SIFTED_MAX = 2000
"""How many orders or cases one page may look through. A list that fits seldom ends its page there."""


class Purchases(Protocol):
    """Lists of one party's orders and cases.

    ``keep`` is asked of each in turn until ``limit`` are kept or `SIFTED_MAX` were seen; ``next`` of the page
    goes on after the last one seen, so a page may hold fewer, or none, and still have a next.
    """

    async def orders(
        self, wanted: PurchaseFilter, keep: Callable[[Custody], bool], cursor: str, limit: int
    ) -> OrderPage:
        """A page of orders. Raises `ValueError` for a cursor that is none of ours."""

    async def cases(self, buyer_id: str, keep: Callable[[Case], bool], cursor: str, limit: int) -> CasePage:
        """A page of a buyer's cases, newest first. Raises `ValueError` for a cursor that is none of ours."""

    async def custodies(self, order_ids: Sequence[str]) -> Mapping[str, Custody]:
        """Orders by id; unknown ids are left out."""

    async def refund_moments(self, case_ids: Sequence[str]) -> Mapping[str, Sequence[Moment]]:
        """When the refunds of each case came to their stages, failures and redirections too, in order."""
