"""The network that storms have: it carries, it stalls one client and not another, it loses and resets connections."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from local.ports import LOOPBACK, find_free_port
from tests.chaos.network import Network

QUICK_SECONDS, WAIT_SECONDS = 0.3, 5.0


class EchoServer:
    """Answers every byte with itself, and counts the connections that ended."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self.ended = threading.Semaphore(0)
        threading.Thread(target=self._accept_all, daemon=True).start()

    def _accept_all(self) -> None:
        while True:
            threading.Thread(target=self._echo, args=(self._listener.accept()[0],), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        try:
            while data := connection.recv(1000):
                connection.sendall(data)
        except ConnectionError:
            pass
        self.ended.release()


@pytest.fixture
def server() -> EchoServer:
    """Behind the network."""
    return EchoServer()


@pytest.fixture
def network(server: EchoServer) -> Iterator[Network]:
    """With one route to it."""
    made = Network()
    made.port = find_free_port()  # type: ignore[attr-defined]  # the fixture's own
    made.open_route(made.port, server.port)  # type: ignore[attr-defined]  # the fixture's own
    yield made
    made.close()


def connect(network: Network) -> socket.socket:
    client = socket.create_connection((LOOPBACK, network.port), timeout=WAIT_SECONDS)  # type: ignore[attr-defined]  # the fixture's own
    assert ask(client, b"first") == b"first"
    return client


def ask(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(1000)


def find_port(client: socket.socket) -> set[int]:
    return {client.getsockname()[1]}


def test_a_stall_holds_one_clients_bytes_and_lets_them_go_at_its_end(network: Network) -> None:
    """The other client is served meanwhile; what was held arrives."""
    held, free = connect(network), connect(network)
    network.stall(find_port(held))
    held.sendall(b"late")
    assert ask(free, b"now") == b"now"
    held.settimeout(QUICK_SECONDS)
    with pytest.raises(TimeoutError):
        held.recv(1000)
    network.stall(set())
    held.settimeout(WAIT_SECONDS)
    assert held.recv(1000) == b"late"


def test_a_stall_of_all_holds_whoever_connects_meanwhile(network: Network) -> None:
    network.stall(None)
    late = socket.create_connection((LOOPBACK, network.port), timeout=QUICK_SECONDS)  # type: ignore[attr-defined]  # the fixture's own
    late.sendall(b"late")
    with pytest.raises(TimeoutError):
        late.recv(1000)
    network.stall(())
    late.settimeout(WAIT_SECONDS)
    assert late.recv(1000) == b"late"


def test_a_delay_takes_its_time(network: Network) -> None:
    """There and back, a tenth of a second each."""
    client = connect(network)
    network.delay(None, 0.1)
    began = time.monotonic()
    assert ask(client, b"slow") == b"slow"
    assert time.monotonic() - began >= 0.2


def test_a_lost_connection_ends_for_its_server_and_says_nothing_to_its_client(
    network: Network, server: EchoServer
) -> None:
    """Half-open: what the client sends is taken, and goes nowhere; a new connection is served."""
    client = connect(network)
    assert network.lose(find_port(client)) == 1
    assert server.ended.acquire(timeout=WAIT_SECONDS)
    client.sendall(b"anybody?")
    client.settimeout(QUICK_SECONDS)
    with pytest.raises(TimeoutError):
        client.recv(1000)
    connect(network)


def test_a_reset_connection_ends_at_both_ends(network: Network, server: EchoServer) -> None:
    client = connect(network)
    assert network.reset(find_port(client)) == 1
    with pytest.raises(ConnectionResetError):
        client.recv(1000)
    assert server.ended.acquire(timeout=WAIT_SECONDS)
