"""The stock of one process: the marketplace's by its address, or the sandbox's."""

from collections.abc import Awaitable, Callable, Sequence

from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.sandbox_shelf import PostgresShelf
from amends.adapters.stock.http import HttpStock
from amends.adapters.stock.sandbox import SandboxStock
from amends.application.exchanges import Exchanges
from amends.application.ports import Clock, Envelope, Reader, Result
from amends.application.ports.stock import Article, Stock
from amends.domain.time import Calendars
from amends.settings import Settings
from amends.simulation.catalog import CATALOG, price


def exchanges_of(
    settings: Settings,
    pool: Pool,
    reader: Reader,
    clock: Clock,
    calendars: Calendars,
    submit: Callable[[Envelope], Awaitable[Result]],
) -> Exchanges:
    """Exchanges by whatever stock there is; with neither an address nor the sandbox, by agreement alone."""
    stock: Stock | None = None
    if settings.stock_url:
        stock = HttpStock(settings.stock_url, settings.stock_token)
    elif settings.sandbox:
        stock = SandboxStock(PostgresShelf(pool), clock, sold_in_the_sandbox)
    return Exchanges(reader, clock, calendars, submit, stock)


# Forms nobody has bought yet, at so many percent of the usual price.
_DEARER = {"TLD-6990": (("brass", 120),)}
_BY_SKU = {article.sku: article for article in CATALOG.values()}


def sold_in_the_sandbox(article: Article) -> Sequence[tuple[str, int]]:
    """The forms of an article of the simulated marketplace, all at the same price."""
    found = _BY_SKU.get(article.sku)
    if found is None:
        return ()
    try:
        tag = price(found.cents, article.currency)
    except KeyError:
        return ()
    dearer = [(variant, tag * percent // 100) for variant, percent in _DEARER.get(article.sku, ())]
    return (*((variant, tag) for variant in found.variants), *dearer)
