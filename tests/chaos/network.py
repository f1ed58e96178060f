"""A network between clients and brokers: TCP proxies on ports of their own, whose weather changes while they run.

Clients are told by their own port, so that the weather may be one process's alone. A thread of its own carries bytes.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from local.ports import LOOPBACK
from tests.patience import PATIENCE_SECONDS

PIECE_BYTES = 65_536
LOOK_SECONDS = 0.02
UNSENT_DROPPED = struct.pack("ii", 1, 0)  # linger for no time: the end is a reset
BROKEN = (ConnectionError, OSError)


class Link:
    """One connection of a client through the network."""

    def __init__(self, port: int, client: asyncio.StreamWriter) -> None:
        self.port = port
        self.client = client
        self.server: asyncio.StreamWriter | None = None
        self.lost = self.frozen = False

    def reset_both(self) -> None:
        """Reset both ends."""
        for end in (self.client, self.server):
            if end is not None:
                with suppress(OSError):  # it has ended by itself just now
                    end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, UNSENT_DROPPED)
                end.transport.abort()


class Network:
    """Routes, each from a port to another, under one weather; everybody's unless the ports of clients are named.

    Attributes:
        carried: bytes that arrived.
        held_back: bytes that waited for the end of a stall.
        swallowed: bytes that were sent into half-open connections.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._links: set[Link] = set()
        self._stalled: Collection[int] | None = ()
        self._delayed: Collection[int] | None = ()
        self._delay_seconds = 0.0
        self.carried = self.held_back = self.swallowed = 0  # bytes
        self._thread.start()

    def open_route(self, port: int, server: int) -> None:
        """Listen on a port of loopback, and carry what comes to another."""

        async def open_listener() -> None:
            await asyncio.start_server(lambda reader, writer: self._serve(reader, writer, server), LOOPBACK, port)

        asyncio.run_coroutine_threadsafe(open_listener(), self._loop).result(PATIENCE_SECONDS)

    def stall_links(self, ports: Collection[int] | None) -> None:
        """Let nothing through of the clients with these ports, or of all; what is on its way stays there."""
        self._stalled = ports

    def delay_links(self, ports: Collection[int] | None, seconds: float) -> None:
        """Let every piece of 64 KiB take so long."""
        self._delayed, self._delay_seconds = ports, seconds

    def list_clients(self) -> set[int]:
        """Return the ports of the clients that have a whole connection now."""

        async def list_ports() -> set[int]:
            whole = (link for link in self._links if link.server is not None and not link.lost and not link.frozen)
            return {link.port for link in whole}

        return asyncio.run_coroutine_threadsafe(list_ports(), self._loop).result(PATIENCE_SECONDS)

    def lose_links(self, ports: Collection[int]) -> int:
        """Forget connections: their servers see them end, their clients see nothing; how many there were."""
        return self._strike_links(ports, lose_link)

    def freeze_links(self, ports: Collection[int]) -> int:
        """Carry nothing more of connections, for ever, and tell neither end; how many there were."""

        def freeze_link(link: Link) -> None:
            link.frozen = True

        return self._strike_links(ports, freeze_link)

    def reset_links(self, ports: Collection[int]) -> int:
        """Reset connections at both ends; how many there were."""
        return self._strike_links(ports, Link.reset_both)

    def close(self) -> None:
        """Carry nothing any more."""

        async def end_all() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end_all(), self._loop).result(PATIENCE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _strike_links(self, ports: Collection[int], strike: object) -> int:
        async def strike_all() -> int:
            struck = [link for link in self._links if link.port in ports and not link.lost and not link.frozen]
            for link in struck:
                strike(link)  # type: ignore[operator]  # one of two functions of a link
            return len(struck)

        return asyncio.run_coroutine_threadsafe(strike_all(), self._loop).result(PATIENCE_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: int) -> None:
        link = Link(writer.get_extra_info("peername")[1], writer)
        with self._hold_link(link), suppress(*BROKEN, asyncio.CancelledError):
            await self._await_weather(link)
            back, link.server = await asyncio.open_connection(LOOPBACK, server)
            await asyncio.gather(
                self._carry_bytes(link, reader, link.server),
                self._carry_bytes(link, back, writer),
                return_exceptions=True,
            )

    @contextmanager
    def _hold_link(self, link: Link) -> Iterator[None]:
        self._links.add(link)
        try:
            yield
        finally:
            self._links.discard(link)
            for end in (link.client, link.server):
                if end is not None:
                    end.close()

    async def _carry_bytes(self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Carry one direction to its end; a client of a lost link is heard, and answered by nobody."""
        with suppress(*BROKEN):
            while data := await source.read(PIECE_BYTES):
                self.held_back += len(data) if is_named(self._stalled, link.port) else 0
                await self._await_weather(link)
                if link.lost:
                    self.swallowed += len(data)
                    continue
                target.write(data)
                self.carried += len(data)
                await target.drain()
        if not link.lost:
            target.close()

    async def _await_weather(self, link: Link) -> None:
        if self._delay_seconds and is_named(self._delayed, link.port):
            await asyncio.sleep(self._delay_seconds)
        while link.frozen or is_named(self._stalled, link.port):  # noqa: ASYNC110 - set by other threads
            await asyncio.sleep(LOOK_SECONDS)


def lose_link(link: Link) -> None:
    """Make it half-open."""
    link.lost = True
    if link.server is not None:
        link.server.transport.abort()


def is_named(ports: Collection[int] | None, port: int) -> bool:
    return ports is None or port in ports
