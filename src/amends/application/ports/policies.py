"""Where the steps of the policy studio are kept: a list that only ever grows."""

from collections.abc import Sequence
from typing import Protocol

from amends.domain.policy.steps import Entry


class PolicySteps(Protocol):
    """Every step ever taken in the studio, in one row counted from 1."""

    async def since(self, seq: int) -> Sequence[Entry]:
        """The steps after number ``seq``, oldest first; they see what is committed."""

    async def append(self, entry: Entry) -> None:
        """Keep the next step. Raises `WriteConflict` where another has its number: nothing is kept then."""
