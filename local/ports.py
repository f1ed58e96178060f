"""Free loopback ports, outside the range that the kernel hands to outgoing connections.

A client that keeps asking for a stopped server on a port of that range can be given the very port as its own source,
connect to itself, and so keep the server from starting again.
"""

import random
import socket

from ledger.errors import Unavailable

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20_000, 32_000  # Linux hands out 32768 to 60999
TRIES = 200


def is_free(port: int) -> bool:
    """Return whether a server can listen on ``port`` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no obstacle
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def find_free_port(*taken: int) -> int:
    """Return a port nobody listens on, none of ``taken``; another process may take it first, so callers try again."""
    for _ in range(TRIES):
        port = random.SystemRandom().randint(FIRST, LAST)
        if port not in taken and is_free(port):
            return port
    raise Unavailable(f"no free loopback port between {FIRST} and {LAST} in {TRIES} tries")


def choose_port(last: object, *taken: int) -> int:
    """Return the port of last time where it was one and is free, or else a free one; none of ``taken``."""
    if isinstance(last, int) and not isinstance(last, bool) and 0 < last < 65_536 and last not in taken:
        return last if is_free(last) else find_free_port(*taken)
    return find_free_port(*taken)
