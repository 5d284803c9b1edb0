"""Charts by a child process that is started when somebody looks and ends when nobody does."""

import asyncio
import select
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import structlog

from amends.application.ports.charts import Chart, ChartsUnavailable

_log = structlog.get_logger()
_PROGRAM = (sys.executable, "-m", "amends.adapters.charts.child")
_WAIT_S = 30.0
_KEPT = 64


class ChildCharts:
    """`amends.application.ports.charts.Charts`. The same figures are not drawn twice."""

    def __init__(self, program: Sequence[str] = _PROGRAM, wait_s: float = _WAIT_S) -> None:
        self._program = list(program)
        self._wait_s = wait_s
        self._child: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()
        self._drawn: OrderedDict[bytes, str] = OrderedDict()

    async def draw(self, charts: Sequence[Chart]) -> Sequence[str]:
        """One SVG for each chart. Raises `ChartsUnavailable`."""
        keys = [msgspec.json.encode(chart) for chart in charts]
        missing = [key for key in dict.fromkeys(keys) if key not in self._drawn]
        if missing:
            drawn = await asyncio.to_thread(self._asked, missing)
            self._drawn.update(zip(missing, drawn, strict=True))
        found = [self._drawn[key] for key in keys]
        while len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)
        return found

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        child.kill()
        child.wait()

    def __del__(self) -> None:
        self.close()

    def _asked(self, keys: Sequence[bytes]) -> list[str]:
        with self._one_at_a_time:
            try:
                return self._answer(b"[" + b",".join(keys) + b"]\n")
            except (OSError, ValueError) as error:
                self.close()
                _log.warning("charts_unavailable", error=repr(error))
                raise ChartsUnavailable(str(error)) from error

    def _answer(self, line: bytes) -> list[str]:
        child = self._started()
        if child.stdin is None or child.stdout is None:
            raise OSError("the child has no pipes")
        child.stdin.write(line)
        child.stdin.flush()
        if not select.select([child.stdout], [], [], self._wait_s)[0]:
            raise OSError(f"no chart within {self._wait_s:g} s")
        return msgspec.json.decode(child.stdout.readline(), type=list[str])

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(  # noqa: S603  our own program
                self._program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        return self._child
