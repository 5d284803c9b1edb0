"""A bench on a Ray cluster (https://docs.ray.io), for pasts too large for one machine."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from amends.adapters.lab.processes import Begin, Compute, Place
from amends.application.ports.lab import BenchUnavailable, Job, Part

_HOW = (
    "Ray is not installed. Install it beside Amends with `pip install 'ray[default]'` on every machine of "
    "the cluster, and set RAY_ADDRESS to join one; or use the engine 'processes', which needs nothing."
)
_AT_ONCE = 64
_part = msgspec.msgpack.Decoder(Part).decode


class RayBench:
    """`amends.application.ports.lab.Bench` by Ray tasks; every node has to reach ``where``."""

    def __init__(self, begin: Begin, where: Place, compute: Compute) -> None:
        self._begin = begin
        self._where = where
        self._compute = compute

    async def compare(self, job: Job, chunks: Sequence[Sequence[str]]) -> AsyncGenerator[Part, None]:
        """One part for each chunk, in their order. Raises `BenchUnavailable` where there is no Ray."""
        ray = _ray()
        begin, where, compute = self._begin, self._where, self._compute

        def task(chunk: Sequence[str]) -> bytes:
            begin(where)
            return compute(job, chunk)

        await asyncio.to_thread(ray.init, ignore_reinit_error=True, log_to_driver=False)
        remote = ray.remote(task)
        ahead: list[Any] = []
        try:
            for chunk in chunks:
                ahead.append(remote.remote(list(chunk)))
                if len(ahead) >= _AT_ONCE:
                    yield _part(await asyncio.wrap_future(ahead.pop(0).future()))
            while ahead:
                yield _part(await asyncio.wrap_future(ahead.pop(0).future()))
        finally:
            for reference in ahead:
                ray.cancel(reference)


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise BenchUnavailable(_HOW) from error
