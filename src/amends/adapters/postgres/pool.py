"""Connections to PostgreSQL."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

import asyncpg

from amends.application.ports import StoreUnreachable

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
ServerConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

POOL_SIZE = 8

UNREACHABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    # A database that is closed to connections, as for maintenance.
    asyncpg.ObjectNotInPrerequisiteStateError,
    OSError,
)
"""What asyncpg raises where the server does not answer, is coming up or going down."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

_SETTINGS = {
    # The statements are few, short and always by index. A plan made once serves every batch; made while a
    # table was almost empty, it must not scan it when it has grown.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
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


def reaching(ask: Callable[_P, Coroutine[Any, Any, _T]]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """A question to the database; raises `StoreUnreachable`, in the words of the port, if nobody answers."""

    @wraps(ask)
    async def asking(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return await ask(*args, **kwargs)
        except UNREACHABLE as error:
            raise StoreUnreachable(str(error)) from error

    return asking
