"""The command line of a Java program: found Java, bounded heap, a class-data archive that halves its start."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ledger.errors import Misuse

CACHE = Path(__file__).parent.parent / ".cache"  # under the clone, never committed
ARCHIVE = CACHE / "kafka.jsa"


def find_java() -> str:
    """Return the java to run: JAVA_HOME's, or else the PATH's."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise Misuse(
            "no Java: `make setup` installs a JDK, or set JAVA_HOME, or KAFKA_BOOTSTRAP_SERVERS to a broker you have"
        )
    return os.path.abspath(found)  # it may be started from another directory


def build_command(main: str, *arguments: str, libs: Path, options: Sequence[str]) -> list[str]:
    """Return the argument list that runs class ``main`` on the archives of ``libs``."""
    small = ["-Xms64m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true", "-Dlog4j2.disable.jmx=true"]
    return [find_java(), *small, *options, "-cp", f"{libs}/*", main, *arguments]


def build_archive_options() -> list[str]:
    """Use the class-data archive where it was made; the JVM ignores one that is not of its classes or version."""
    if not ARCHIVE.exists():
        return []
    return [f"-XX:SharedArchiveFile={ARCHIVE}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
