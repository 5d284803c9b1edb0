"""What the policy lab works on: past orders, runs that are kept, and processes to compute in."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.domain.chain import Recorded
from amends.domain.lab.compare import Pair
from amends.domain.lab.tally import Tally
from amends.domain.policy.terms import Terms


class PastOrder(msgspec.Struct, frozen=True):
    """All events of an order, stream by stream, and the terms frozen for its lines by line id."""

    order_id: str
    recorded: tuple[Recorded, ...]
    terms: Mapping[str, Terms]


class Archive(Protocol):
    """Past orders."""

    async def orders(self, until: datetime, sample: int, seed: str, after: str) -> Sequence[str]:
        """Ids, ascending and above ``after``, of orders with a case closed by ``until``.

        ``sample`` above zero draws so many of them at random, the same for the same ``seed``.
        """

    async def pasts(self, order_ids: Sequence[str]) -> Sequence[PastOrder]:
        """These orders, by id; unknown ids are left out."""


class LabRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the lab. ``state`` is running, done, cancelled or failed.

    ``draft`` is the TOML text and ``file`` its name; ``sample`` 0 means all. ``orders`` is how many there
    are, ``done`` how many are compared, up to ``cursor``. ``broken`` orders could not be replayed, with why.
    ``until`` is the present of the run. ``seconds`` is the time spent.
    """

    run_id: str
    by: str
    title: str
    file: str
    draft: str
    until: datetime
    created_at: datetime
    seen_at: datetime
    sample: int = 0
    engine: str = "processes"
    state: str = "running"
    orders: int = 0
    done: int = 0
    cursor: str = ""
    seconds: float = 0.0
    tally: Tally = msgspec.field(default_factory=Tally)
    broken: tuple[tuple[str, str], ...] = ()
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state != "running"


class ChangePage(msgspec.Struct, frozen=True):
    """Changed cases by id; ``next`` is the last id of the page where more follow, else empty."""

    pairs: tuple[Pair, ...]
    next: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A changed case as it is kept: ``body`` is its `Pair` as JSON, written where it was found."""

    case_id: str
    order_id: str
    buyer_id: str
    seller_id: str
    body: bytes


class LabRuns(Protocol):
    """The runs that are kept. Each has one runner at a time, known by its token."""

    async def add(self, run: LabRun, runner: str) -> None:
        """Keep a new run, held by ``runner``."""

    async def get(self, run_id: str) -> LabRun | None:
        """A run as it stands."""

    async def latest(self, limit: int) -> Sequence[LabRun]:
        """The runs, newest first, without their drafts' texts being cut."""

    async def advance(self, run: LabRun, runner: str, changes: Sequence[Change] = ()) -> bool:
        """Keep where a running run stands, with the changed cases found, together or not at all.

        False where it is no longer running or another runner has it: nothing is kept then.
        """

    async def cancel(self, run_id: str, at: datetime) -> bool:
        """Stop a running run; false where it is not running."""

    async def resume(self, run_id: str, runner: str, at: datetime, stale: datetime) -> LabRun | None:
        """Give a run that was stopped, failed, or not seen since ``stale`` to a runner; None for others."""

    async def changes(self, run_id: str, after: str, limit: int) -> ChangePage:
        """Changed cases of a run, by case id."""

    async def people(self, run_id: str) -> tuple[int, int]:
        """How many buyers and how many sellers have a case that changed."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a process needs to know: the draft, the present, and which packs came before by their names."""

    draft: str
    file: str
    until: datetime


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What came of some orders; ``cursor`` is the last of them."""

    cursor: str
    orders: int
    tally: Tally
    changes: tuple[Change, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()


class BenchUnavailable(Exception):
    """The engine asked for is not there; the text says how to get it."""


class Bench(Protocol):
    """Somewhere to compute."""

    def compare(self, job: Job, chunks: Sequence[Sequence[str]]) -> AsyncGenerator[Part, None]:
        """One part for each chunk, in their order. Raises `BenchUnavailable`.

        Closing the iterator stops the work.
        """
