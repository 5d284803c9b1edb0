"""A fresh marketplace for each test."""

from collections.abc import AsyncIterator

import pytest
from tests.journeys.api.market import Market, open_market


@pytest.fixture
async def market() -> AsyncIterator[Market]:
    async with open_market() as market:
        yield market
