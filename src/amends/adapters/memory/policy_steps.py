"""Steps of the policy studio in memory."""

from collections.abc import Sequence

from amends.application.ports import WriteConflict
from amends.domain.policy.steps import Entry


class MemoryPolicySteps:
    """Keeps what `amends.application.ports.policies.PolicySteps` promises."""

    def __init__(self) -> None:
        self._kept: list[Entry] = []

    async def since(self, seq: int) -> Sequence[Entry]:
        """The steps after number ``seq``, oldest first."""
        return tuple(self._kept[seq:])

    async def append(self, entry: Entry) -> None:
        """Keep the next step."""
        if entry.seq != len(self._kept) + 1:
            raise WriteConflict(f"step {entry.seq} of the policy studio is not the next one")
        self._kept.append(entry)
