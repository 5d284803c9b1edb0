"""Two servers never share a port by accident."""

import socket
from collections.abc import Iterator

import pytest

from amends.bootstrap.listening import AddressUnavailable, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port where somebody listens, ready to share it as web servers are."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_where_somebody_listens_is_refused_with_a_way_out(taken: int) -> None:
    with pytest.raises(AddressUnavailable, match=f"port {taken}: Address already in use") as refused:
        require_free("127.0.0.1", taken)
    assert "set AMENDS_PORT to another number" in str(refused.value)


def test_a_server_can_start_again_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as before:
        port = before.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            # Closed from this end first, the connection lingers for a minute.
            before.accept()[0].close()
    require_free("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.9", "nobody.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(AddressUnavailable, match="set AMENDS_HOST to an address of this machine"):
        require_free(host, 8000)
