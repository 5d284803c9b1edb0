"""A policy lab in memory, computing in this process."""

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.lab import MemoryArchive, MemoryLabRuns
from amends.adapters.memory.store import MemoryStore
from amends.application.clock import present
from amends.application.lab.bench import Workbench
from amends.application.lab.runs import Lab
from amends.application.policies import PolicyBook
from amends.application.ports import Clock
from amends.application.ports.sellers import SellerPolicies


def lab_in_memory(store: MemoryStore, policies: SellerPolicies, book: PolicyBook, clock: Clock) -> Lab:
    """The lab over what a store holds."""
    archive = MemoryArchive(store)
    bench = Workbench(archive, policies, book, CALENDARS)
    return Lab(MemoryLabRuns(), archive, {"processes": bench}, bench, book, clock, present)
