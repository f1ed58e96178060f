"""Ports: free ones are found, taken ones are seen."""

import socket

from local import ports


def test_a_free_port_can_be_listened_on_and_is_outside_the_range_of_clients() -> None:
    port = ports.find_free_port()
    assert ports.FIRST <= port <= ports.LAST < 32_768
    with socket.create_server((ports.LOOPBACK, port)):
        assert not ports.is_free(port)
    assert ports.is_free(port)
