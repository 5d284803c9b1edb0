"""Case sheets: those asked for at the same time are read by one statement, as commands are written."""

import asyncio
from collections import defaultdict

import msgspec

from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.statements import statements
from amends.application.ports import CaseSheet, Happened
from amends.domain.cases.model import Case

_SQL = statements("read")
BATCH_MAX = 64
# Measured with nothing else to do: one batch at once reads a fifth less, more than four read no more.
CONCURRENT_MAX = 4


class _Line(msgspec.Struct):
    line_id: str
    terms_id: str


class _Order(msgspec.Struct):
    lines: tuple[_Line, ...]


class _Custody(msgspec.Struct):
    """Of an order in custody, only what a sheet needs; the rest is not decoded."""

    order: _Order


_lines = msgspec.json.Decoder(_Custody).decode
_Answer = asyncio.Future[CaseSheet | None]
# A case, and whether with what happened to it.
_Asked = tuple[str, bool]


class CaseSheets:
    """Reads sheets, up to 64 at once. Nobody waits for others to come; who comes meanwhile is next."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[_Asked, list[_Answer]] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._scheduled = False

    async def get(self, case_id: str, *, timeline: bool) -> CaseSheet | None:
        """The sheet of a case, None where there is no such case. Raises what asyncpg raises."""
        loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        self._waiting.setdefault((case_id, timeline), []).append(answer)
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._start)
        return await answer

    def _start(self) -> None:
        self._scheduled = False
        while self._waiting and len(self._reading) < CONCURRENT_MAX:
            asked = {one: self._waiting.pop(one) for one in list(self._waiting)[:BATCH_MAX]}
            task = asyncio.get_running_loop().create_task(self._answer(asked))
            self._reading.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        self._start()

    async def _answer(self, asked: dict[_Asked, list[_Answer]]) -> None:
        try:
            found = await self._read(list(asked))
        except BaseException as error:
            for answers in asked.values():
                for answer in answers:
                    if not answer.done():
                        answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for one, answers in asked.items():
            for answer in answers:
                if not answer.done():
                    answer.set_result(found.get(one))

    async def _read(self, asked: list[_Asked]) -> dict[_Asked, CaseSheet]:
        case_ids = list(dict.fromkeys(case_id for case_id, _ in asked))
        told = [case_id for case_id, timeline in asked if timeline]
        order_ids = [case_id.rpartition(".")[0] for case_id in case_ids]
        terms: dict[str, dict[str, str]] = {}
        cases: dict[str, Case] = {}
        events: dict[str, list[Happened]] = defaultdict(list)
        for part, found_id, *row in await self._pool.fetch(_SQL["case_sheets"], order_ids, case_ids, told):
            if part == "e":
                events[found_id].append(Happened._make(row))
            elif part == "c":
                cases[found_id] = rows.case_of(row[4])
            else:
                terms[found_id] = {line.line_id: line.terms_id for line in _lines(row[4]).order.lines}
        return {
            (case_id, timeline): CaseSheet(
                cases[case_id],
                terms[cases[case_id].order_id],
                tuple(events[case_id]) if timeline else (),
            )
            for case_id, timeline in asked
            if case_id in cases
        }
