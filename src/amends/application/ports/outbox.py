"""The outbox, for what follows from no case command."""

from collections.abc import Sequence
from typing import Protocol

from amends.application.ports import Errand


class Outbox(Protocol):
    """Things to do later, besides those that are written with events."""

    async def put(self, errands: Sequence[Errand]) -> None:
        """Keep errands; one whose id is known, done or not, changes nothing."""
