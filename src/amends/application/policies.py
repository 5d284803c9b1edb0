"""The policy that holds: the packs that come along, and what the studio published, in every process."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from amends.application.ports.policies import PolicySteps
from amends.domain.policy.drafts import completed
from amends.domain.policy.stack import Pack
from amends.domain.policy.studio import Shelf
from amends.domain.policy.terms import in_force


class PolicyBook:
    """Every published version of every pack. ``steps`` None: nothing but what comes along.

    Each question first looks for steps that were taken meanwhile, by whatever process, so that an order is
    never placed under a version that was withdrawn, nor without one that was published. ``texts`` are those
    of the packs that come along, by id.
    """

    def __init__(
        self,
        shipped: Sequence[Pack],
        steps: PolicySteps | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self.shipped = tuple(shipped)
        self.texts = texts or {}
        self._steps = steps
        self._shelf = Shelf()
        self._packs = self.shipped
        self._asked = _conditions(self.shipped)

    async def shelf(self) -> Shelf:
        """What is in the studio now. Raises `PackError` where a published text cannot be read any more."""
        if self._steps is None:
            return self._shelf
        shelf = self._shelf
        fresh = await self._steps.since(shelf.seq)
        if fresh:
            shelf = shelf.after(fresh)
            # Somebody else may have read further while this one waited.
            if shelf.seq > self._shelf.seq:
                self._shelf, self._packs = shelf, self.packs_of(shelf)
                self._asked = _conditions(self._packs)
        return self._shelf

    def packs_of(self, shelf: Shelf) -> tuple[Pack, ...]:
        """The packs that come along and those a shelf has published, with what a later Amends brought."""
        along = {pack.pack_id: pack for pack in self.shipped}
        return (*self.shipped, *(completed(pack, along.get(pack.pack_id)) for pack in shelf.published()))

    async def packs(self) -> tuple[Pack, ...]:
        """Every version that orders fall under, by when they are placed; those scheduled too."""
        await self.shelf()
        return self._packs

    async def in_force(self, at: datetime) -> tuple[Pack, ...]:
        """Of each pack the version that orders placed at an instant fall under."""
        return in_force(await self.packs(), at)

    async def asks(self, condition: str) -> bool:
        """Whether some clause has a condition of this name."""
        await self.shelf()
        return condition in self._asked

    async def text(self, pack_id: str, version: int) -> str | None:
        """The TOML of a version; None where there is none."""
        found = (await self.shelf()).find(pack_id, version)
        if found is not None:
            return found.text
        known = any(pack.pack_id == pack_id and pack.version == version for pack in self.shipped)
        return self.texts.get(pack_id) if known else None


def _conditions(packs: Sequence[Pack]) -> frozenset[str]:
    return frozenset(
        name
        for pack in packs
        for clause in pack.clauses
        for name in clause.when.__struct_fields__
        if getattr(clause.when, name)
    )
