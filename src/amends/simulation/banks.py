"""Payment providers of the simulated marketplace besides the sandbox's own."""

from collections.abc import Mapping

from amends.application.ports import PaymentAnswer, Payments

QUIET_BANK = "quiet-bank"


class QuietBank:
    """Takes every refund and never says what became of it, so that it falls overdue and is traced.

    It can neither confirm nor stop a refund; payouts it pays at once.
    """

    async def refund(self, key: str, tender_ref: str, amount: int, currency: str) -> PaymentAnswer:  # noqa: ARG002  the port's
        """Under way, for ever."""
        return PaymentAnswer("pending", f"qb_{key}")

    async def pay_out(self, key: str, destination: str, amount: int, currency: str) -> PaymentAnswer:  # noqa: ARG002  the port's
        """Paid."""
        return PaymentAnswer("succeeded", f"qb_{key}")

    async def look_up(self, key: str) -> PaymentAnswer:
        """Under way, for ever."""
        return PaymentAnswer("pending", f"qb_{key}")

    async def recall(self, key: str) -> PaymentAnswer:
        """Somebody is looking for it."""
        return PaymentAnswer("pending", f"qb_{key}")


def banks() -> Mapping[str, Payments]:
    """The providers that orders of the simulated marketplace name, by the name they are known by there."""
    return {QUIET_BANK: QuietBank()}
