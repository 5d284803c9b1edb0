"""A town, and a hand to use its pages."""

from collections.abc import AsyncIterator

import pytest
from litestar.testing import AsyncTestClient
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import Town


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
async def hand(town: Town) -> AsyncIterator[Hand]:
    async with AsyncTestClient(town.app, base_url="http://town.example") as client:
        client.follow_redirects = False
        yield Hand(client, town)
