"""Which addresses may be called on a stranger's word: public ones, never what is inside (SSRF).

After OWASP's cheat sheet on server-side request forgery: the name is resolved once, every address it has is
checked, and the connection goes to one of those that were checked, whatever the name says a moment later.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from amends.application.ports.webhooks import UrlRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a host name. Raises `OSError`."""

_URL_MAX = 2000
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
# Python calls some of these global, because the registries do; nobody's shop is there.
_NEVER: tuple[Network, ...] = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "::/96",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8",
    )
)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Guard:
    """Checks addresses. ``inside`` are networks of one's own that may be called, over http too."""

    def __init__(self, inside: Iterable[str] = (), resolver: Resolve = resolve) -> None:
        """Raises `ValueError` for what is no network."""
        self._inside = tuple(ip_network(one) for one in inside)
        self._resolve = resolver

    def check(self, url: str) -> SplitResult:
        """What can be told from the text alone. Raises `UrlRefused`."""
        if len(url) > _URL_MAX or any(c.isspace() or not c.isprintable() or c == "\\" for c in url):
            raise UrlRefused("The address is too long or has characters no address has.")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise UrlRefused(f"This is no address: {error}.") from error
        if parts.scheme != "https" and not (parts.scheme == "http" and self._inside):
            raise UrlRefused("The address must start with https://")
        if not parts.hostname or parts.username is not None or parts.password is not None:
            raise UrlRefused("The address must name a host, and no user or password.")
        if port == 0:
            raise UrlRefused("Port 0 cannot be called.")
        literal = _literal(parts.hostname)
        if literal is not None and not self._allowed(literal, parts.scheme):
            raise UrlRefused("The address lies inside a private network.")
        return parts

    async def pinned(self, url: str) -> tuple[SplitResult, str]:
        """The address taken apart, and the one IP address to connect to. Raises `UrlRefused`, `OSError`."""
        parts = self.check(url)
        host = parts.hostname or ""
        found = await self._resolve(host, parts.port or (443 if parts.scheme == "https" else 80))
        addresses = [ip_address(one.partition("%")[0]) for one in found]
        if not addresses:
            raise OSError(f"{host} has no address")
        # One bad address is enough: a name that has both is no accident.
        if not all(self._allowed(one, parts.scheme) for one in addresses):
            raise UrlRefused("The address lies inside a private network.")
        return parts, str(addresses[0])

    def _allowed(self, address: Address, scheme: str) -> bool:
        for real in _carried(address):
            if any(real.version == one.version and real in one for one in self._inside):
                continue
            if scheme != "https" or not public(real):
                return False
        return True


def public(address: Address) -> bool:
    """Whether an address is anybody's on the internet."""
    if any(address.version == one.version and address in one for one in _NEVER):
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def _carried(address: Address) -> list[Address]:
    """The address that is really reached: IPv4 may travel inside IPv6 in several ways."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if any(address in one for one in _NAT64):
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        # 127.1, 0x7f000001 and 2130706433 are addresses to the C library.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
