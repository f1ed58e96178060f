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
            threading.Thread(target=self._echo_bytes, args=(self._listener.accept()[0],), daemon=True).start()

    def _echo_bytes(self, connection: socket.socket) -> None:
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


def open_connection(network: Network) -> socket.socket:
    client = socket.create_connection((LOOPBACK, network.port), timeout=WAIT_SECONDS)  # type: ignore[attr-defined]  # the fixture's own
    assert ask_echo(client, b"first") == b"first"
    return client


def ask_echo(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(1000)


def find_port(client: socket.socket) -> set[int]:
    return {client.getsockname()[1]}


def test_a_stall_holds_one_clients_bytes_and_lets_them_go_at_its_end(network: Network) -> None:
    """The other client is served meanwhile; what was held arrives."""
    held, free = open_connection(network), open_connection(network)
    network.stall_links(find_port(held))
    held.sendall(b"late")
    assert ask_echo(free, b"now") == b"now"
    held.settimeout(QUICK_SECONDS)
    with pytest.raises(TimeoutError):
        held.recv(1000)
    network.stall_links(set())
    held.settimeout(WAIT_SECONDS)
    assert held.recv(1000) == b"late"


def test_a_stall_of_all_holds_whoever_connects_meanwhile(network: Network) -> None:
    network.stall_links(None)
    late = socket.create_connection((LOOPBACK, network.port), timeout=QUICK_SECONDS)  # type: ignore[attr-defined]  # the fixture's own
    late.sendall(b"late")
    with pytest.raises(TimeoutError):
        late.recv(1000)
    network.stall_links(())
    late.settimeout(WAIT_SECONDS)
    assert late.recv(1000) == b"late"


def test_a_delay_takes_its_time(network: Network) -> None:
    """There and back, a tenth of a second each."""
    client = open_connection(network)
    network.delay_links(None, 0.1)
    began = time.monotonic()
    assert ask_echo(client, b"slow") == b"slow"
    assert time.monotonic() - began >= 0.2


def test_a_lost_connection_ends_for_its_server_and_says_nothing_to_its_client(
    network: Network, server: EchoServer
) -> None:
    """Half-open: what the client sends is taken, and goes nowhere; a new connection is served."""
    client = open_connection(network)
    assert network.lose_links(find_port(client)) == 1
    assert server.ended.acquire(timeout=WAIT_SECONDS)
    client.sendall(b"anybody?")
    client.settimeout(QUICK_SECONDS)
    with pytest.raises(TimeoutError):
        client.recv(1000)
    open_connection(network)


def test_a_frozen_connection_carries_nothing_and_ends_at_neither_end(network: Network, server: EchoServer) -> None:
    """For ever, whatever stalls and goes on; a new connection is served."""
    client = open_connection(network)
    assert network.freeze_links(find_port(client)) == 1
    client.sendall(b"anybody?")
    client.settimeout(QUICK_SECONDS)
    with pytest.raises(TimeoutError):
        client.recv(1000)
    assert not server.ended.acquire(timeout=QUICK_SECONDS)
    open_connection(network)


def test_a_reset_connection_ends_at_both_ends(network: Network, server: EchoServer) -> None:
    client = open_connection(network)
    assert network.reset_links(find_port(client)) == 1
    with pytest.raises(ConnectionResetError):
        client.recv(1000)
    assert server.ended.acquire(timeout=WAIT_SECONDS)
