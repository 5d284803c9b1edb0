"""The worker process: nothing else keeps time."""

from amends.interfaces.worker.loop import Worker
from amends.interfaces.worker.signals import stop_on_signal

__all__ = ["Worker", "stop_on_signal"]
