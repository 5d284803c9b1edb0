"""What brings providers' reports, disputes and claims of counterfeits into a house in memory."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.buyers import MemoryBuyerReads, MemoryContests
from amends.adapters.memory.disputes import MemoryDisputeBook
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.rebuttals import MemoryRebuttalBook
from amends.adapters.memory.settlements import MemoryMoneyReads, MemorySettlementBook
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.stripe import StripeHooks
from amends.application.buyers import Buyers
from amends.application.clock import SystemClock
from amends.application.counterfeits import Counterfeits
from amends.application.disputes import Disputes
from amends.application.policies import PolicyBook
from amends.application.ports import Clock, Envelope, Payments, Result
from amends.application.ports.rebuttals import DisputeDesk, Paper
from amends.application.rebuttals import Rebuttals
from amends.application.reconciliation import Reconciliation
from amends.domain.parties import Actor, Role

STRIPE_SECRET = "whsec_of_the_tests"
OPERATORS = (Actor(Role.OPERATOR, "kaya"), Actor(Role.OPERATOR, "olga"))


async def operators() -> Sequence[Actor]:
    """Who is told."""
    return OPERATORS


def buyers_in_memory(store: MemoryStore, book: PolicyBook) -> Buyers:
    """What stands out about buyers, over one store."""
    reads, contests = MemoryBuyerReads(store), MemoryContests()
    return Buyers(reads, contests, book, MemoryOutbox(store), operators)


def rebuttals_in_memory(store: MemoryStore, clock: Clock, desks: Mapping[str, DisputeDesk]) -> Rebuttals:
    """Evidence in disputes over one store, without papers."""

    async def no_papers(*_: object) -> Sequence[Paper]:
        return ()

    return Rebuttals(desks, MemoryRebuttalBook(), store, MemoryOutbox(store), clock, no_papers)


def treasury_in_memory(
    store: MemoryStore,
    clock: Clock,
    submit: Callable[[Envelope], Awaitable[Result]],
    providers: Mapping[str, Payments],
) -> tuple[Counterfeits, Disputes, Reconciliation]:
    """The three over one store."""
    reads = MemoryMoneyReads(store)

    return (
        Counterfeits(store, submit, MemoryOutbox(store), CALENDARS),
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
