"""Where hidden limits are kept: sealed, apart from cases, events and everything that tells of them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from amends.domain.parties import Role


class SealedLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One side's limit. ``sealed`` can be opened by the house alone; empty: the limit was taken back.

    ``round`` counts the offers of the other side when it was last set, ``changes`` how often it was changed
    since the last of them.
    """

    side: Role
    sealed: str
    round: int = 0
    changes: int = 0


class HeldLimits(Protocol):
    """The limits of one case, while nobody else can change them."""

    @property
    def limits(self) -> Mapping[Role, SealedLimit]: ...

    async def put(self, limit: SealedLimit) -> None:
        """Write one side's limit over the one before."""


class BlindLimits(Protocol):
    """Sealed limits by case and side."""

    def hold(self, order_id: str, case_id: str) -> AbstractAsyncContextManager[HeldLimits]:
        """Both sides' limits, locked until the block ends; what was put is kept if it does not raise.

        Raises `StoreUnreachable`.
        """

    async def of(self, case_id: str, side: Role) -> SealedLimit | None:
        """One side's limit, without a look at the other's."""

    async def destroy(self, case_id: str) -> None:
        """Remove everything of a case."""

    async def cases(self, after: str, limit: int) -> Sequence[str]:
        """The cases something is kept of, by id, from the one after ``after``."""
