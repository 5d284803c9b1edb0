"""Where evidence about disputed play money goes: strict, and unreliable by the dispute's name."""

from hashlib import sha256

import msgspec

from amends.adapters.payments.sandbox import DECLINED, UNREACHABLE
from amends.application.ports import ProviderSilent
from amends.application.ports.rebuttals import Statement, StatementRefused


class SandboxDisputes:
    """A `amends.application.ports.rebuttals.DisputeDesk`.

    A dispute whose id ends with ``-declined`` takes no evidence, one with ``-unreachable`` never answers.
    """

    def __init__(self) -> None:
        #: What came in under each key.
        self.taken: dict[str, Statement] = {}

    async def state(self, key: str, dispute_id: str, statement: Statement) -> str:
        """Take evidence once for a key; refuses what says nothing, and another statement under it."""
        if dispute_id.endswith(UNREACHABLE):
            raise ProviderSilent(f"no answer about {dispute_id}")
        if dispute_id.endswith(DECLINED):
            raise StatementRefused("The time for evidence in this dispute is over.")
        if not statement.stripe.get("evidence") or not statement.paypal.get("evidences"):
            raise StatementRefused("There is no evidence in it.")
        if self.taken.setdefault(key, statement) != statement:
            raise StatementRefused("Other evidence was sent under this key before.")
        return "sb_" + sha256(msgspec.json.encode((key, dispute_id))).hexdigest()[:20]
