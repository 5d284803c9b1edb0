"""What the settings say about support."""

from collections.abc import Mapping

import msgspec


class SupportHouse(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say. ``phones`` are numbers by ISO 3166-1 alpha-2 code, ``*`` for everywhere else.

    ``address`` is where mail to support goes; empty where there is none. ``base`` is the public address.
    """

    base: str
    secret: str
    address: str = ""
    phones: Mapping[str, str] = {}
