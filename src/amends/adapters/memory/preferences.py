"""People's preferences in memory."""

from amends.application.ports.preferences import Preferences
from amends.domain.parties import Actor


class MemoryPreferences:
    """Keeps what `amends.application.ports.preferences.PreferenceBook` promises, while the process lives."""

    def __init__(self) -> None:
        self._kept: dict[Actor, Preferences] = {}

    async def get(self, person: Actor) -> Preferences:
        return self._kept.get(person, Preferences())

    async def put(self, person: Actor, preferences: Preferences) -> None:
        self._kept[person] = preferences
