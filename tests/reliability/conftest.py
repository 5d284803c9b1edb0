"""How deep the search goes: `--hypothesis-profile=nightly` for hours, the tests' own depth otherwise."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "nightly",
    max_examples=2000,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
