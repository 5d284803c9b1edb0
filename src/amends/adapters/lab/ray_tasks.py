"""A bench on a Ray cluster (https://docs.ray.io), for pasts too large for one machine."""

import asyncio
import importlib
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from amends.adapters.lab.processes import Begin, Compute, Place
from amends.application.ports.lab import BenchUnavailable, Job, Part

_HOW = (
    "Ray is not installed. Install it beside Amends with `pip install 'amends[ray]'` on every machine of "
    "the cluster, and set RAY_ADDRESS to join one; or use the engine 'processes', which needs nothing."
)
_AT_ONCE = 64
_part = msgspec.msgpack.Decoder(Part).decode


class RayBench:
    """`amends.application.ports.lab.Bench` by Ray tasks; every node has to reach ``where``.

    ``RAY_ADDRESS`` names the cluster to join; without it one is started on this machine and ended with the
    run. ``begin`` and ``compute`` are functions of a module, found by name on every node.
    """

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

        joined = await asyncio.to_thread(_join, ray)
        ahead: deque[Any] = deque()
        try:
            remote = ray.remote(task)
            for chunk in chunks:
                ahead.append(remote.remote(list(chunk)))
                if len(ahead) >= _AT_ONCE:
                    yield _part(await asyncio.wrap_future(ahead[0].future()))
                    ahead.popleft()
            while ahead:
                yield _part(await asyncio.wrap_future(ahead[0].future()))
                ahead.popleft()
        finally:
            for reference in ahead:
                ray.cancel(reference)
            ahead.clear()
            if joined:
                await asyncio.to_thread(ray.shutdown)


def _join(ray: Any) -> bool:
    """Join the cluster, or start one; false where this process is in one already, which then stays."""
    if ray.is_initialized():
        return False
    address = os.environ.get("RAY_ADDRESS", "")
    alone: dict[str, Any] = {} if address else {"include_dashboard": False}
    ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **alone)
    return True


def _ray() -> Any:
    # Nothing is reported to anybody about how the lab is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise BenchUnavailable(_HOW) from error
