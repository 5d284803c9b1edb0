"""Carriers of one process: sheets, numbers, the sandbox's carrier, papers."""

from collections.abc import Awaitable, Callable, Sequence

from amends.adapters.carriers import live, rates
from amends.adapters.carriers.live import LiveCarriers
from amends.adapters.carriers.news import SignedNews, Source
from amends.adapters.carriers.numbers import PATTERNS
from amends.adapters.carriers.sandbox import SandboxCarriers
from amends.adapters.documents.child_process import ChildPapers
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.tracking_numbers import PostgresTrackingNumbers
from amends.adapters.postgres.whereabouts import PostgresWhereabouts
from amends.application.ports import Clock, Envelope, Reader, Result
from amends.application.ports.carriers import Carriers
from amends.application.shipping import Shipping
from amends.application.sightings import Sightings
from amends.domain.carriage import Service
from amends.domain.policy.stack import Pack
from amends.domain.time import Calendars
from amends.settings import Settings


def shipping_of(
    pool: Pool,
    reader: Reader,
    clock: Clock,
    calendars: Calendars,
    submit: Callable[[Envelope], Awaitable[Result]],
    packs: Sequence[Pack],
    settings: Settings,
) -> Shipping:
    """Everything about sending goods back, with live carriers where accounts are given.

    Otherwise the sandbox has its own, and outside of it nobody is asked. Raises `AccountsRefused`.
    """
    sheet = rates.load()
    return Shipping(
        reader,
        clock,
        calendars,
        submit,
        services=sheet.services,
        patterns=PATTERNS,
        numbers=PostgresTrackingNumbers(pool),
        papers=ChildPapers(),
        outbox=PostgresOutbox(pool),
        carriers=_carriers(settings, sheet.services),
        rates=next((pack.rates for pack in packs if pack.rates is not None), None),
        illustrative=sheet.illustrative,
    )


def _carriers(settings: Settings, services: Sequence[Service]) -> Carriers | None:
    if settings.carrier_accounts is not None:
        return LiveCarriers(live.load(settings.carrier_accounts))
    return SandboxCarriers(services) if settings.sandbox else None


def sightings_of(
    settings: Settings,
    pool: Pool,
    reader: Reader,
    clock: Clock,
    submit: Callable[[Envelope], Awaitable[Result]],
) -> tuple[SignedNews, Sightings]:
    """Who reads carriers' own news, and who records it."""
    sources = [Source(name=name, form=form, secret=secret) for name, form, secret in settings.carrier_news]
    return SignedNews(sources), Sightings(reader, clock, submit, PostgresWhereabouts(pool))
