"""Ports: free ones are found, taken ones are seen."""

import socket

from local import ports


def test_a_free_port_can_be_listened_on_and_is_outside_the_range_of_clients() -> None:
    port = ports.find_free_port()
    assert ports.FIRST <= port <= ports.LAST < 32_768
    with socket.create_server((ports.LOOPBACK, port)):
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_two_ports_of_one_broker_are_two() -> None:
    """A port that is taken for its clients is not chosen for its controller, though nobody listens there yet."""
    port = ports.find_free_port()
    assert ports.choose_port(port) == port
    assert ports.choose_port(port, port) != port
    half = range(ports.FIRST, (ports.FIRST + ports.LAST) // 2)
    assert all(ports.find_free_port(*half) not in half for _ in range(20))
