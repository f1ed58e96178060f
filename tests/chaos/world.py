"""The whole that faults strike: brokers under a supervisor, a network before them, `disruptions up` behind it.

Publishers and the judge reach the brokers past the network; what `up` starts goes through it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import KafkaException, TopicCollection

from infra import logs
from infra.settings import Settings, load_settings
from infra.status import WORKING, read_status
from infra.topic_admin import build_admin_client
from infra.topics import ENTRIES, PUBLISHED, REJECTED, choose_replication
from local.broker import Broker
from local.cluster_member import make_members
from local.ports import LOOPBACK, find_free_port
from local.supervisor import StartStage, Supervisor
from tests.chaos.history import PlannedRecord
from tests.chaos.network import Network
from tests.chaos.schedule import SESSION_SECONDS, SILENCE_SECONDS
from tests.live.adversary.running import RunningLedger, await_true

PARTITIONS, WORKERS = 4, 2
HEAP_MEGABYTES = 256
SMALL = {"log.cleaner.dedupe.buffer.size": "16777216"}  # of the heap, by default 128 MB
LISTENER = "THROUGH"
IN_SYNC_SECONDS = 60.0


class ChaosWorld:
    """One whole; ``run_world`` makes it.

    Args:
        directory: of all that it keeps.
        brokers: one, or a cluster of three.
        environment: what the ledger's processes have beside others'.
        workers: how many.
        partitions: of each topic.
    """

    def __init__(
        self,
        directory: Path,
        brokers: int = 1,
        environment: Mapping[str, str] | None = None,
        *,
        workers: int = WORKERS,
        partitions: int = PARTITIONS,
    ) -> None:
        self.directory = directory
        self._workers, self._partitions = workers, partitions
        self.network = Network()
        self.planned: list[PlannedRecord] = []  # all that was published
        self.brokers, self._through = self._place_brokers(brokers)
        self.settings = self._choose_settings()
        self.ledger = RunningLedger(
            directory,
            {
                "KAFKA_BOOTSTRAP_SERVERS": ",".join(self._through),
                "DISRUPTIONS_PARTITIONS": str(partitions),
                "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
                "DISRUPTIONS_PART_SILENCE_SECONDS": str(SILENCE_SECONDS),
                "DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS": "1",
                **(environment or {}),
            },
        )
        log = logs.open_log_file(directory / "brokers.log", self.settings)
        self.supervisor = Supervisor([StartStage(parts=self.brokers)], log, silence_seconds=SILENCE_SECONDS)

    def _place_brokers(self, brokers: int) -> tuple[list[Broker], list[str]]:
        members = make_members(brokers) if brokers > 1 else [None]
        placed, through = [], []
        for number, member in enumerate(members, 1):
            inner, outer = find_free_port(), find_free_port()
            self.network.open_route(outer, inner)
            through.append(f"{LOOPBACK}:{outer}")
            more = SMALL | {
                "listeners": f"{LISTENER}://{LOOPBACK}:{inner}",
                "advertised.listeners": f"{LISTENER}://{LOOPBACK}:{outer}",
                "listener.security.protocol.map": f"{LISTENER}:PLAINTEXT",
            }
            directory = self.directory / f"broker-{number}"
            placed.append(Broker(directory, heap_megabytes=HEAP_MEGABYTES, properties=more, member=member))
        return placed, through

    def _choose_settings(self) -> Settings:
        servers = ",".join(one.bootstrap_servers for one in self.brokers)
        chosen = {"kafka_bootstrap_servers": servers, "partitions": self._partitions}
        return load_settings(self.directory / "judge").model_copy(update=chosen)

    def start(self) -> None:
        """Start brokers, then the ledger."""
        self.supervisor.start()
        await_true(self._is_formed, IN_SYNC_SECONDS)
        self.ledger.start_up("--workers", str(self._workers))

    def list_parts(self) -> list[str]:
        """The ledger's own processes, by their names."""
        return sorted(json.loads((self.ledger.state / "run" / "children.json").read_text()))

    def find_process(self, name: str) -> psutil.Process:
        """The process of a part or a broker that runs now. Raises LookupError while none does."""
        try:
            for broker in self.brokers:
                if broker.name == name:
                    return psutil.Process(broker.pid or -1)
            return self.ledger.find_part(name)
        except (OSError, ValueError, KeyError, psutil.Error) as error:
            raise LookupError(name) from error

    def is_at_work(self, name: str, pid: int) -> bool:
        """Whether this process of a part says that it works."""
        said = read_status(self.ledger.state, name)
        return (said.get("pid"), said.get("state")) == (pid, WORKING)

    def list_ports(self, name: str) -> set[int]:
        """The ports from which a part speaks now."""
        with suppress(LookupError, psutil.Error):
            return {one.laddr.port for one in self.find_process(name).net_connections("tcp") if one.raddr}
        return set()

    def list_clients(self, name: str) -> set[int]:
        """The ports from which a part speaks through the network now."""
        return self.list_ports(name) & self.network.list_clients()

    def await_in_sync(self) -> None:
        """Return once every partition has all its copies in sync: then one broker may be struck."""
        await_true(self._is_in_sync, IN_SYNC_SECONDS)

    def _is_formed(self) -> bool:
        """Whether every broker is heard of."""
        with suppress(KafkaException):
            return len(build_admin_client(self.settings).list_topics(timeout=5).brokers) == len(self.brokers)
        return False

    def _is_in_sync(self) -> bool:
        client, topics = build_admin_client(self.settings), [PUBLISHED, ENTRIES, REJECTED]
        with suppress(Exception):  # a broker is away
            found = client.describe_topics(TopicCollection(topics), request_timeout=5)
            partitions = [one for future in found.values() for one in future.result().partitions]
            return all(len(one.isr) == choose_replication(len(self.brokers)) for one in partitions)
        return False

    def stop(self) -> int:
        """Stop everything; the exit code of `up`."""
        try:
            return self.ledger.stop_up() if self.ledger.is_up() else -1
        finally:
            self.ledger.kill_up()
            self.supervisor.stop()
            self.network.close()


@contextmanager
def run_world(directory: Path, brokers: int = 1, **options: Any) -> Iterator[ChaosWorld]:
    """A whole for as long as the block lasts; `up` must outlive it, whatever happens meanwhile."""
    world = ChaosWorld(directory, brokers, **options)
    try:
        world.start()
        yield world
    finally:
        code = world.stop()
    assert code == 0, world.ledger.log.read_text()[-3000:]
