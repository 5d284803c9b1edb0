"""People's preferences in PostgreSQL."""

import msgspec

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.preferences import Preferences
from amends.domain.parties import Actor

_SQL = statements("preferences")


class PostgresPreferences:
    """Keeps what `amends.application.ports.preferences.PreferenceBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def get(self, person: Actor) -> Preferences:
        body = await self._pool.fetchval(_SQL["preferences_of"], person.role.value, person.id)
        return Preferences() if body is None else msgspec.json.decode(body, type=Preferences)

    @reaching
    async def put(self, person: Actor, preferences: Preferences) -> None:
        body = msgspec.json.encode(preferences).decode()
        await self._pool.execute(_SQL["put_preferences"], person.role.value, person.id, body)
