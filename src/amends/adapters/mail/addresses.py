"""Mail addresses of people."""

import re

from amends.domain.parties import Actor

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}", re.ASCII)


class InventedAddresses:
    """Addresses for the sandbox, under a domain that can never receive mail (RFC 2606)."""

    async def address(self, person: Actor) -> str | None:
        """``role.id@example.invalid``, or None for an id that does not fit into an address."""
        if _PLAIN.fullmatch(person.id) is None:
            return None
        return f"{person.role.value}.{person.id}@example.invalid"
