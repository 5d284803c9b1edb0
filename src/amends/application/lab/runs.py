"""Runs of the policy lab: started, followed, cancelled, taken up again."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from copy import deepcopy
from datetime import datetime, timedelta

from msgspec.structs import replace

from amends.application.lab.bench import Workbench
from amends.application.policies import PolicyBook
from amends.application.ports import Clock
from amends.application.ports.lab import Archive, Bench, BenchUnavailable, ChangePage, Job, LabRun, LabRuns
from amends.domain.lab.compare import Pair
from amends.domain.lab.draft import drafted
from amends.domain.policy.packs import load_pack

_log = logging.getLogger(__name__)

CHUNK = 200
# Who has not been heard of for so long has died.
STALE = timedelta(seconds=120)
DRAFT_MAX = 400_000
_BROKEN_MAX = 100


class Lab:
    """The lab. ``benches`` are by the name of the engine; ``present`` is the machine's clock."""

    def __init__(
        self,
        runs: LabRuns,
        archive: Archive,
        benches: Mapping[str, Bench],
        workbench: Workbench,
        book: PolicyBook,
        clock: Clock,
        present: Callable[[], datetime],
    ) -> None:
        self.runs = runs
        self._archive = archive
        self._benches = benches
        self._workbench = workbench
        self._book = book
        self._clock = clock
        self._present = present
        self._working: set[asyncio.Task[None]] = set()

    async def check(self, text: str, file: str) -> None:
        """Whether a draft can be tried. Raises `PackError` with every mistake by file and line."""
        drafted(text, file, await self._book.packs())

    async def start(
        self, text: str, file: str, *, by: str, sample: int = 0, engine: str = "processes"
    ) -> tuple[LabRun, str]:
        """Keep a new run and the token of who works on it: hand both to `work`. Nothing is computed yet.

        ``sample`` 0 takes all past orders that had a case. Raises `PackError`, and `BenchUnavailable` for an
        engine that is not there.
        """
        if engine not in self._benches:
            known = ", ".join(self._benches)
            raise BenchUnavailable(f"there is no engine {engine!r}: known are {known}")
        await self.check(text, file)
        now, runner = self._present(), secrets.token_hex(8)
        run = LabRun(
            run_id=secrets.token_hex(6),
            by=by,
            title=load_pack(text, file).title,
            file=file,
            draft=text,
            until=self._clock.now(),
            created_at=now,
            seen_at=now,
            sample=max(0, sample),
            engine=engine,
        )
        await self.runs.add(run, runner)
        return run, runner

    async def work(self, run: LabRun, runner: str) -> AsyncGenerator[LabRun, None]:
        """Compute until the end, or until somebody cancels; says where it is after each part.

        A mistake ends the run as failed and is raised: it can be taken up again from where it stood.
        """
        try:
            async with aclosing(self._parts(run, runner)) as standings:
                async for standing in standings:
                    run = standing
                    yield run
        except Exception as error:
            failed = replace(run, state="failed", error=str(error)[:500], seen_at=self._present())
            await self.runs.advance(failed, runner)
            raise

    async def _parts(self, run: LabRun, runner: str) -> AsyncGenerator[LabRun, None]:
        ids = await self._archive.orders(run.until, run.sample, run.run_id, run.cursor)
        run = replace(run, orders=run.done + len(ids), seen_at=self._present())
        if not await self.runs.advance(run, runner):
            return
        yield run
        chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
        job = Job(draft=run.draft, file=run.file, until=run.until)
        began, spent = time.monotonic(), run.seconds
        parts = self._benches[run.engine].compare(job, chunks)
        try:
            async for part in parts:
                tally = deepcopy(run.tally)
                tally.merge(part.tally)
                run = replace(
                    run,
                    cursor=part.cursor,
                    done=run.done + part.orders,
                    tally=tally,
                    broken=(*run.broken, *part.broken)[:_BROKEN_MAX],
                    seconds=round(spent + time.monotonic() - began, 2),
                    seen_at=self._present(),
                )
                if not await self.runs.advance(run, runner, part.changes):
                    return
                yield run
        finally:
            await parts.aclose()
        done = replace(run, state="done", seen_at=self._present())
        if await self.runs.advance(done, runner):
            yield done

    def begin(self, run: LabRun, runner: str) -> None:
        """Work on a run beside everything else this process does; what came of it is kept."""
        task = asyncio.get_running_loop().create_task(self._through(run, runner))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _through(self, run: LabRun, runner: str) -> None:
        try:
            async for _ in self.work(run, runner):
                pass
        except Exception:  # noqa: BLE001  the run says why; it must not end the process
            _log.exception("run %s of the policy lab failed", run.run_id)

    async def close(self) -> None:
        """Leave what is under way: it can be taken up again."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def resume(self, run_id: str) -> tuple[LabRun, str] | None:
        """Take up a run that was cancelled, failed or left behind; None where there is nothing to take up."""
        now, runner = self._present(), secrets.token_hex(8)
        run = await self.runs.resume(run_id, runner, now, now - STALE)
        return None if run is None else (run, runner)

    async def cancel(self, run_id: str) -> bool:
        """Stop a run; what was computed stays. False where it is not running."""
        return await self.runs.cancel(run_id, self._present())

    def stale(self, run: LabRun) -> bool:
        """Whether a run that says it is running has been left behind."""
        return not run.ended and self._present() - run.seen_at > STALE

    async def side_by_side(self, run: LabRun, case_id: str) -> Pair | None:
        """One case of the past with the way it went and would go; None where it is not in the lab."""
        pasts = await self._archive.pasts([case_id.rpartition(".")[0]])
        if not pasts:
            return None
        job = Job(draft=run.draft, file=run.file, until=run.until)
        compared = await self._workbench.one(job, pasts[0], steps=True)
        return next((pair for pair in compared.pairs if pair.either.case_id == case_id), None)

    async def changes(self, run_id: str, after: str = "", limit: int = 50) -> ChangePage:
        """Cases that end differently, by id."""
        return await self.runs.changes(run_id, after, limit)
