"""What the worker counts."""

from prometheus_client import CollectorRegistry, Counter


class Metrics:
    """Counters of one worker; give them the process's registry to have them scraped."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.lapses = Counter(
            "amends_lapses", "Deadlines that were acted upon.", ["default"], registry=registry
        )
        self.errands = Counter("amends_errands", "Errands that were run.", registry=registry)
        self.failures = Counter("amends_worker_failures", "Rounds that failed.", ["lane"], registry=registry)
