"""Connections to PostgreSQL."""

from typing import TypeAlias

import asyncpg

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
ServerConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

POOL_SIZE = 8

_SETTINGS = {
    # The statements are few, short and always by index. A plan made once serves every batch; made while a
    # table was almost empty, it must not scan it when it has grown.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "timezone": "UTC",
    "application_name": "amends",
}


async def open_pool(url: str, size: int = POOL_SIZE) -> Pool:
    """Open ``size`` connections. Raises what asyncpg raises where nobody answers."""
    return await asyncpg.create_pool(
        url, min_size=size, max_size=size, server_settings=_SETTINGS, reset=_reset
    )


async def _reset(connection: ServerConnection) -> None:
    # asyncpg would ask the server to forget everything each time a connection is given back, a round trip
    # each. Nothing is left behind but, after a cancellation, an open transaction.
    if connection.is_in_transaction():
        await connection.reset()
