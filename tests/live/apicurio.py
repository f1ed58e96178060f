"""A real schema registry (Apicurio, schemas in memory) as a child process, for the live tests."""

import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import httpx

from ledger.errors import Misuse, Unavailable
from local import child_processes, jvm
from local.ports import LOOPBACK, find_free_port

ARTIFACT = "io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all"  # its libraries are inside: nothing else is resolved
FETCH_TIMEOUT_SECONDS = 600.0
READY_TIMEOUT_SECONDS = 60.0
PROBE_TIMEOUT_SECONDS = 2.0
HEAP_MEGABYTES = 256


class Registry:
    """One registry on a free loopback port; what was registered is gone with the process.

    Args:
        directory: its log; made if missing.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()
        self._port = find_free_port()
        self._child: child_processes.ChildProcess | None = None

    @property
    def url(self) -> str:
        """Where a Confluent client finds it."""
        return f"http://{LOOPBACK}:{self._port}/apis/ccompat/v7"

    @property
    def log(self) -> Path:
        """Where the process's output goes."""
        return self._directory / "registry.log"

    def start(self) -> "Registry":
        """Start the process and wait until it answers.

        Raises:
            Unavailable: it ended, or did not answer in time; the message names its log.
        """
        command = [
            jvm.find_java(),
            "-Xms64m",
            f"-Xmx{HEAP_MEGABYTES}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Dquarkus.http.host={LOOPBACK}",
            f"-Dquarkus.http.port={self._port}",
            "-jar",
            str(fetch_registry()),
        ]
        self._child = child_processes.spawn_child(command, self.log)
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not self._answers_now():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"the schema registry did not start; see {self.log}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        """SIGTERM and wait."""
        if self._child is not None:
            child_processes.stop_child(self._child)

    def __enter__(self) -> "Registry":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers_now(self) -> bool:
        try:
            return httpx.get(f"{self.url}/subjects", timeout=PROBE_TIMEOUT_SECONDS).is_success
        except httpx.TransportError:
            return False


def fetch_registry() -> Path:
    """The registry's jar, fetched through Maven and unpacked under the clone the first time.

    Raises:
        Misuse: Maven is missing.
        Unavailable: Maven failed; its last words are in the message.
    """
    home = jvm.CACHE / "registry"
    if not home.exists():
        partial = home.with_suffix(f".{os.getpid()}")
        _unpack_archive(_run_maven(partial), partial)
        partial.rename(home)
    (runner,) = home.glob("*-runner.jar")
    return runner


def _run_maven(into: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise Misuse("no Maven on the PATH: `make setup` installs it")
    command = [maven, "-B", "-q", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={into}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_SECONDS, check=False)
    if done.returncode:
        raise Unavailable(f"Maven could not fetch {ARTIFACT}:\n{(done.stdout + done.stderr)[-2000:]}")
    (archive,) = into.glob("*.tar.gz")
    return archive


def _unpack_archive(archive: Path, into: Path) -> None:
    with tarfile.open(archive) as files:
        files.extractall(into, filter="data")
    archive.unlink()
