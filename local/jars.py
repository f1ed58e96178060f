"""Java archives under the clone, fetched once by Maven from a pom, with a stamp that says they are complete."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from ledger.errors import Misuse, Unavailable

KAFKA = Path(__file__).parents[1] / "infra" / "kafka"
STAMP = ".complete"
FETCH_TIMEOUT_SECONDS = 600


def hash_pom(pom: Path) -> str:
    """Return what a complete directory's first stamp line is: it changes with the pom."""
    return hashlib.sha256(pom.read_bytes()).hexdigest()


def is_complete(home: Path) -> bool:
    """Return whether ``home/libs`` holds every archive that ``home/pom.xml`` of today asked for."""
    stamp = home / "libs" / STAMP
    if not stamp.exists():
        return False
    first, *names = stamp.read_text().split("\n")
    return first == hash_pom(home / "pom.xml") and all((home / "libs" / name).exists() for name in names if name)


def fetch_jars(home: Path = KAFKA) -> Path:
    """Return the directory of archives, fetched through Maven where it is not complete yet.

    Raises:
        Misuse: Maven is missing.
        Unavailable: Maven failed; its last words are in the message.
    """
    libs = home / "libs"
    if is_complete(home):
        return libs
    _run_maven(home, fresh := home / "libs.partial")
    names = sorted(jar.name for jar in fresh.glob("*.jar"))
    (fresh / STAMP).write_text("\n".join([hash_pom(home / "pom.xml"), *names]) + "\n")
    shutil.rmtree(libs, ignore_errors=True)
    fresh.rename(libs)
    return libs


def _run_maven(home: Path, into: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Misuse(
            "no Maven on the PATH: `make setup` installs it, or set KAFKA_BOOTSTRAP_SERVERS to a broker you have"
        )
    shutil.rmtree(into, ignore_errors=True)
    command = [
        maven,
        "-B",
        "-q",
        "-f",
        str(home / "pom.xml"),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={into}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_SECONDS, check=False)
    if done.returncode:
        raise Unavailable(
            f"Maven could not fetch what {home / 'pom.xml'} lists:\n{(done.stdout + done.stderr)[-2000:]}"
        )


if __name__ == "__main__":
    sys.stdout.write(f"{fetch_jars(Path(sys.argv[1]) if len(sys.argv) > 1 else KAFKA)}\n")
