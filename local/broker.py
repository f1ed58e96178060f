"""A real Apache Kafka (KRaft) as a child process, for a laptop, the demo and the live tests; alone or in a cluster.

It runs in its own directory and is told relative names alone: Kafka takes a comma in a log directory for the end of
one, Java's properties a backslash for an escape, and log4j a file's name for an address.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import TimeoutExpired

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.file_replacement import replace_text
from infra.preallocated_file import read_json_object
from ledger.errors import Misuse, Unavailable
from local import child_processes, jars, jvm
from local.broker_words import measure_log, read_life, tell_end
from local.cluster_member import ClusterMember, name_cluster
from local.ports import LOOPBACK, choose_port, is_free
from local.properties import write_properties

READY_TIMEOUT_SECONDS = 60.0
FORMAT_TIMEOUT_SECONDS = 60.0
CALL_TIMEOUT_SECONDS = 2.0
PROPERTIES_FILE, DATA = "server.properties", "data"
LOCALE = {"LC_ALL": "C.UTF-8"}  # or Java cannot name a directory beyond ASCII
LOG4J = jars.KAFKA / "log4j2.properties"

# What a single node on a laptop needs; topics state retention, timestamps and replication (infra.topic_admin).
PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "broker.session.timeout.ms": "2000",  # so long a killed one's registration bars its restart
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "offsets.retention.minutes": "525600",
    "log.flush.start.offset.checkpoint.interval.ms": "5000",  # usually a minute, before which a crash undoes deletions
    "auto.create.topics.enable": "false",
    "delete.topic.enable": "true",
    "controlled.shutdown.enable": "true",  # nobody to hand leadership to: a clean stop takes half a second less
}

LISTS = frozenset({"listeners", "advertised.listeners", "listener.security.protocol.map"})


class Broker(child_processes.OwnsChild):
    """One broker whose ports and data live under ``directory`` and outlive the process.

    Args:
        directory: its data, logs, ports and properties; made if missing.
        port: the client port; None chooses a free one and keeps it for resuming.
        heap_megabytes: bound of the JVM's heap.
        java_options: more options of the JVM; the class-data archive where it was made, unless given.
        properties: more of ``server.properties``; listeners are added to its own.
        member: its place in a cluster; None for a broker by itself.
    """

    def __init__(  # noqa: PLR0913 - options, each by its name and with a default
        self,
        directory: Path,
        *,
        port: int | None = None,
        heap_megabytes: int = 512,
        java_options: Sequence[str] | None = None,
        properties: Mapping[str, str] | None = None,
        member: ClusterMember | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self._wanted = port
        self._heap = heap_megabytes
        self._java_options = java_options
        self._member = member
        self._more = (member.list_properties() if member else {}) | dict(properties or {})
        self._chosen: tuple[int, int] | None = None
        self._child: child_processes.ChildProcess | None = None
        self._admin: AdminClient | None = None
        self._logs_began = 0, 0

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect; the same after every restart (unless another process took the port meanwhile)."""
        return f"{LOOPBACK}:{self._choose_ports()[0]}"

    @property
    def name(self) -> str:
        """What log lines call it."""
        return f"broker-{self._member.number}" if self._member else "broker"

    def is_alive(self) -> bool:
        """Return whether the process runs, ready or not."""
        return self.pid is not None

    @property
    def log(self) -> Path:
        """Where the process's output goes; the broker's own log is in ``logs/`` beside it."""
        return self.directory / "console.log"

    def launch(self) -> None:
        """Start the process and return at once; data is formatted the first time."""
        if self.is_alive():
            return
        for port in self._choose_ports():
            if not is_free(port):
                raise Misuse(f"port {port} is taken: free it, or set DISRUPTIONS_KAFKA_PORT to another")
        self.directory.mkdir(parents=True, exist_ok=True)
        replace_text(self.directory / LOG4J.name, LOG4J.read_text())
        self._write_properties()
        self._format_data()
        self._logs_began = measure_log(self._own_log), measure_log(self.log)
        self._child = self._spawn_java("kafka.Kafka", PROPERTIES_FILE)

    def start(self) -> "Broker":
        """Launch it, and wait until an admin call is answered.

        Raises:
            Unavailable: the process ended, or did not answer in time; the message names its log.
        """
        self.launch()
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not self.is_ready():
            if not self.is_alive() or time.monotonic() > deadline:
                raise Unavailable(f"the broker did not start; see {self.log} and logs/ beside it")
            time.sleep(0.05)
        return self

    def is_ready(self) -> bool:
        """Return whether the broker answers an admin call (it is registered and unfenced)."""
        if not self.is_alive() or is_free(self._choose_ports()[0]):
            return False
        try:
            metadata = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0}).list_topics(
                timeout=1.0
            )
        except KafkaException:
            return False
        return bool(metadata.brokers)

    def shows_life(self) -> bool:
        """Return whether it answers an admin call now; asked by one thread."""
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        try:
            return bool(self._admin.list_topics(timeout=CALL_TIMEOUT_SECONDS).brokers)
        except KafkaException:
            return False

    def last_words(self) -> str:
        """Return what it lacked, and the last error in its own log, when it ended by itself."""
        if not self.exit_code or self.exit_code < 0:
            return ""
        own, console = self._logs_began
        said = tell_end(read_life(self._own_log, own), read_life(self.log, console))
        return f"{said} (exit code {self.exit_code})" if said else ""

    def __enter__(self) -> "Broker":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _own_log(self) -> Path:
        return self.directory / "logs" / "broker.log"

    def _spawn_java(self, main: str, *arguments: str) -> child_processes.ChildProcess:
        chosen = jvm.build_archive_options() if self._java_options is None else self._java_options
        system = [f"-Dlog4j2.configurationFile={LOG4J.name}", "-Dledger.kafka.logs=logs"]
        options = [f"-Xmx{self._heap}m", "-XX:+ExitOnOutOfMemoryError", *chosen, *system]
        command = jvm.build_command(main, *arguments, libs=jars.KAFKA / "libs", options=options)
        mark = {child_processes.MARK: str(self.directory.parent)}
        return child_processes.spawn_child(command, self.log, LOCALE | mark, self.directory)

    def _choose_ports(self) -> tuple[int, int]:
        """Return ports for clients and for the controller: chosen once, those of last time where they are free."""
        if self._chosen is None:
            file = self.directory / "ports.json"
            last = read_json_object(file)
            broker = self._wanted or choose_port(last.get("broker"))
            controller = self._member.controller if self._member else choose_port(last.get("controller"), broker)
            self._chosen = broker, controller
            self.directory.mkdir(parents=True, exist_ok=True)
            replace_text(file, json.dumps(dict(zip(("broker", "controller"), self._chosen, strict=True))))
        return self._chosen

    def _write_properties(self) -> None:
        broker, controller = self._choose_ports()
        listeners = f"PLAINTEXT://{LOOPBACK}:{broker}"
        values = PROPERTIES | {
            "listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": listeners,
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
            "log.dirs": DATA,
        }
        values |= {name: _extend_list(name, values, more) for name, more in self._more.items()}
        write_properties(self.directory / PROPERTIES_FILE, values)

    def _format_data(self) -> None:
        """Format the data directory once; an interrupted format is begun again, what holds records never is.

        Raises:
            Unavailable: it failed, or was not done in time.
        """
        data, done = self.directory / DATA, self.directory / "formatted"
        if done.exists() or _holds_records(data):
            return
        shutil.rmtree(data, ignore_errors=True)
        cluster = self._member.cluster if self._member else name_cluster()
        formatting = self._spawn_java(
            "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", PROPERTIES_FILE
        )
        try:
            failed = formatting.wait(FORMAT_TIMEOUT_SECONDS)
        except TimeoutExpired:
            child_processes.kill_child(formatting)
            raise Unavailable(
                f"the broker's data directory was not formatted within {FORMAT_TIMEOUT_SECONDS:.0f} s; see {self.log}"
            ) from None
        if failed:
            raise Unavailable(f"the broker's data directory could not be formatted; see {self.log}")
        done.write_text(cluster)


def _extend_list(name: str, values: Mapping[str, str], more: str) -> str:
    return f"{values[name]},{more}" if name in LISTS and name in values else more


def _holds_records(data: Path) -> bool:
    """Return whether a broker has run on it: formatting makes files alone."""
    return data.is_dir() and any(one.is_dir() for one in data.iterdir())
