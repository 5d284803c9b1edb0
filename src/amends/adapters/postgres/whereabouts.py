"""Whose parcel goes under a number, and news of numbers nobody has, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.sightings import WAITING_MAX, Bearer, Sighting
from amends.domain.orders import Signal, TrackingEvent

_SQL = statements("whereabouts")


class PostgresWhereabouts:
    """Keeps what `amends.application.ports.sightings.Whereabouts` promises.

    The database keeps the numbers by itself, by triggers on what is recorded of parcels.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def bearers(self, number: str) -> Sequence[Bearer]:
        return tuple(Bearer(**dict(row)) for row in await self._pool.fetch(_SQL["bearers"], number))

    @reaching
    async def put_by(self, sightings: Sequence[Sighting], until: datetime) -> None:
        # What a carrier writes besides may name people; who has no parcel here has not agreed to that.
        await self._pool.execute(
            _SQL["put_by"],
            *_keys(sightings),
            [one.event.country for one in sightings],
            [one.event.postcode for one in sightings],
            [one.event.weight_g for one in sightings],
            until,
            WAITING_MAX,
        )

    @reaching
    async def known_now(self, now: datetime, limit: int) -> Sequence[Sighting]:
        rows = await self._pool.fetch(_SQL["known_now"], now, limit)
        return tuple(
            Sighting(
                carrier=row["carrier"],
                number=row["number"],
                event=TrackingEvent(
                    at=row["at"],
                    signal=Signal(row["signal"]),
                    country=row["country"],
                    postcode=row["postcode"],
                    weight_g=row["weight_g"],
                ),
            )
            for row in rows
        )

    @reaching
    async def drop(self, sightings: Sequence[Sighting]) -> None:
        await self._pool.execute(_SQL["drop"], *_keys(sightings))

    @reaching
    async def forget(self, now: datetime) -> int:
        told = await self._pool.execute(_SQL["forget"], now)
        return int(told.rpartition(" ")[2])


def _keys(sightings: Sequence[Sighting]) -> tuple[list[str], list[str], list[str], list[datetime]]:
    return (
        [one.number for one in sightings],
        [one.carrier for one in sightings],
        [one.event.signal.value for one in sightings],
        [one.event.at for one in sightings],
    )
