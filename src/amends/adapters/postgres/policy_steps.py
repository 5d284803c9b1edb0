"""Steps of the policy studio in PostgreSQL."""

from collections.abc import Sequence

import msgspec

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import WriteConflict
from amends.domain.policy.steps import Entry, Step

_SQL = statements("policy_steps")
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder[Step](Step).decode


class PostgresPolicySteps:
    """Keeps what `amends.application.ports.policies.PolicySteps` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def since(self, seq: int) -> Sequence[Entry]:
        """The steps after number ``seq``, oldest first."""
        return tuple(
            Entry(
                seq=row["seq"],
                pack_id=row["pack_id"],
                version=row["version"],
                at=row["at"],
                by=row["actor"],
                step=_decode(row["body"]),
            )
            for row in await self._pool.fetch(_SQL["since"], seq)
        )

    @reaching
    async def append(self, entry: Entry) -> None:
        """Keep the next step."""
        kept = await self._pool.fetchval(
            _SQL["append"],
            entry.seq,
            entry.pack_id,
            entry.version,
            entry.at,
            entry.by,
            _encode(entry.step),
        )
        if kept is None:
            raise WriteConflict(f"step {entry.seq} of the policy studio is not the next one")
