"""What brings providers' reports, disputes and claims of counterfeits into a house in memory."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from amends.adapters.memory.disputes import MemoryDisputeBook
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.settlements import MemoryMoneyReads, MemorySettlementBook
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.stripe import StripeHooks
from amends.application.clock import SystemClock
from amends.application.counterfeits import Counterfeits
from amends.application.disputes import Disputes
from amends.application.ports import Clock, Envelope, Payments, Result
from amends.application.reconciliation import Reconciliation
from amends.domain.parties import Actor, Role

STRIPE_SECRET = "whsec_of_the_tests"
OPERATORS = (Actor(Role.OPERATOR, "kaya"), Actor(Role.OPERATOR, "olga"))


def treasury_in_memory(
    store: MemoryStore,
    clock: Clock,
    submit: Callable[[Envelope], Awaitable[Result]],
    providers: Mapping[str, Payments],
) -> tuple[Counterfeits, Disputes, Reconciliation]:
    """The three over one store."""
    reads = MemoryMoneyReads(store)

    async def operators() -> Sequence[Actor]:
        return OPERATORS

    return (
        Counterfeits(store, submit),
        Disputes(
            {"stripe": StripeHooks([STRIPE_SECRET])},
            MemoryDisputeBook(),
            reads,
            store,
            submit,
            clock,
            SystemClock(),
        ),
        Reconciliation(providers, reads, MemorySettlementBook(), clock, MemoryOutbox(store), operators),
    )
