"""Every contract is kept twice: in memory, and by a PostgreSQL."""

import pytest


@pytest.fixture(params=["memory", "postgres"])
def address(request: pytest.FixtureRequest) -> str:
    """Where the database is; empty for memory."""
    if request.param == "memory":
        return ""
    url: str = request.getfixturevalue("database_url")
    return url
