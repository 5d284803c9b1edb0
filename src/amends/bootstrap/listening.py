"""Whether an address is free to listen at, asked before the server starts."""

import errno
import socket


class AddressUnavailable(Exception):
    """Nothing can listen there. The message says why, and how to mend it."""


_MEND = {
    errno.EADDRINUSE: "stop what listens there, or set AMENDS_PORT to another number",
    errno.EADDRNOTAVAIL: "set AMENDS_HOST to an address of this machine (127.0.0.1, or 0.0.0.0 for all)",
    errno.EACCES: "set AMENDS_PORT to 1024 or above, or give the right to listen below",
}


def require_free(host: str, port: int) -> None:
    """Raise `AddressUnavailable` where listening is not possible.

    The server itself listens with SO_REUSEPORT, so that its processes share the port: it would share it with
    a forgotten server just as silently, and half of the requests would go there.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise AddressUnavailable(
            f"{host} is no address to listen at: {error.strerror}\n  mend:  {_MEND[errno.EADDRNOTAVAIL]}"
        ) from error
    with socket.socket(family, kind, protocol) as trial:
        # Connections that have just ended do not count; whoever listens does.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except OSError as error:
            mend = _MEND.get(error.errno or 0, "set AMENDS_HOST and AMENDS_PORT to where one can listen")
            raise AddressUnavailable(
                f"Cannot listen at {host}, port {port}: {error.strerror}\n  mend:  {mend}"
            ) from error
