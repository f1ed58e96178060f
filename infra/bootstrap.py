"""Sets a fresh clone up: ``python3 infra/bootstrap.py``. Standard library alone; says what it does; instant when done.

1. ``.venv`` from ``requirements/dev.lock``, every archive held to its hash. The lock's own uv installs it (seconds);
   where uv cannot (it does not read all of pip's configuration), pip does (a minute).
2. this project into it, editable.
3. a JDK and Maven from Debian's packages, only if they are missing.
4. the styles and scripts of the dashboard by npm, from ``dashboard/assets/package-lock.json``.
5. with ``--tests``, what tests of the dashboard run: Debian's Chromium, and Prometheus (unpacked, never started).
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
VENV = CLONE / ".venv"
LOCK = CLONE / "requirements" / "dev.lock"
STAMP = VENV / ".complete"
INPUTS = (LOCK, CLONE / "pyproject.toml", Path(__file__))
ASSETS = CLONE / "dashboard" / "assets"
ASSETS_LOCK = ASSETS / "package-lock.json"
ASSETS_STAMP = ASSETS / "node_modules" / ".complete"
PROMETHEUS = CLONE / ".cache" / "prometheus"
PYTHON_LEAST = (3, 11)
JAVA_LEAST = 17


def main() -> int:
    """Do what is missing; 0 when all is there."""
    if sys.version_info < PYTHON_LEAST:
        print_line(f"Python {sys.version.split()[0]} is too old: run `make PYTHON=python3.11 setup` with 3.11 or later")
        return 1
    try:
        provide_environment()
        provide_java()
        provide_assets()
        if "--tests" in sys.argv[1:]:
            provide_chromium()
            provide_prometheus()
            provide_go()
    except (subprocess.CalledProcessError, OSError) as error:
        print_line(f"failed: {error}")
        return 1
    return 0


def provide_environment() -> None:
    """Make the virtual environment, unless it was made from these very inputs."""
    if STAMP.exists() and STAMP.read_text() == hash_inputs():
        return
    if not (VENV / "bin" / "python").exists():
        run_timed("virtual environment .venv", make_venv)
    run_timed("packages of requirements/dev.lock, by hash", install_lock)
    run_timed("this project, editable", install_project)
    STAMP.write_text(hash_inputs())


def hash_inputs() -> str:
    """Return a digest that changes with the lock, with pyproject.toml and with this file."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in INPUTS)).hexdigest()


def make_venv() -> None:
    """Make ``.venv``; Debian keeps what this needs in a package of its own."""
    try:
        import ensurepip  # noqa: F401, PLC0415  # the very question is whether it is there
    except ImportError:
        install_packages("python3-venv")
    run_command(sys.executable, "-m", "venv", str(VENV))


def install_lock() -> None:
    """Install what the lock names, by the lock's uv, or else by pip."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    only_uv = VENV / "uv.lock"
    only_uv.write_text(read_pinned_lines("uv"))
    run_command(*pip, "--quiet", "install", "--require-hashes", "--no-deps", "-r", str(only_uv))
    try:
        run_command(
            str(VENV / "bin" / "uv"), "pip", "install", *build_uv_options(), "--require-hashes", "-r", str(LOCK)
        )
    except subprocess.CalledProcessError:
        print_line("   uv could not install the lock here; pip does it, in about a minute")
        run_command(*pip, "install", "--require-hashes", "--no-deps", "-r", str(LOCK))  # the lock names all there is


def read_pinned_lines(name: str) -> str:
    """Return the lines of one package in the lock: its version and hashes."""
    found = re.search(rf"^{name}==(?:.*\\\n)*.*\n?", LOCK.read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"{LOCK} does not pin {name}: run `make lock`")
    return found[0]


def build_uv_options() -> list[str]:
    """Return uv's options: quiet, into ``.venv``, and from the index that pip is configured for."""
    asked = subprocess.run(
        [str(VENV / "bin" / "python"), "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    chosen = ["--index-url", index] if index else []
    progress = [] if sys.stderr.isatty() else ["--quiet"]
    return [*progress, "--python", str(VENV / "bin" / "python"), *chosen]


def install_project() -> None:
    """Install this project, editable, with the lock's own build backend: nothing unpinned is fetched."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run_command(*pip, "install", "--no-deps", "--no-build-isolation", "-e", str(CLONE))


def provide_java() -> None:
    """Install what is missing of a JDK that can run the broker, and Maven to fetch its archives."""
    wanted = []
    if find_java_version() < JAVA_LEAST:
        wanted.append("default-jdk-headless")
    if shutil.which("mvn") is None:
        wanted.append("maven")
    if wanted:
        run_timed(f"missing here, from Debian's packages: {' '.join(wanted)}", lambda: install_packages(*wanted))


def provide_assets() -> None:
    """Install the dashboard's assets, unless they are those of this very lock."""
    wanted = hashlib.sha256(ASSETS_LOCK.read_bytes()).hexdigest()
    if ASSETS_STAMP.exists() and ASSETS_STAMP.read_text() == wanted:
        return
    if shutil.which("npm") is None:
        run_timed("missing here, from Debian's packages: npm", lambda: install_packages("npm"))
    run_timed("styles and scripts of dashboard/assets/package-lock.json, by npm", install_assets)
    ASSETS_STAMP.write_text(wanted)


def install_assets() -> None:
    """Install exactly what the lock of the assets names; no package's own script is run."""
    run_command("npm", "ci", "--silent", "--ignore-scripts", "--prefix", str(ASSETS))


def provide_chromium() -> None:
    """Install a browser for the tests of pages, if it is missing."""
    if shutil.which("chromium") is None:
        run_timed("missing here, from Debian's packages: chromium", lambda: install_packages("chromium"))


def provide_prometheus() -> None:
    """Unpack Prometheus and promtool for tests: to install the package would start its server."""
    if not (PROMETHEUS / "usr" / "bin" / "promtool").exists():
        run_timed("Prometheus, unpacked from Debian's package", unpack_prometheus)


def provide_go() -> None:
    """Install Go, by whose packages tests check checkpoints and proofs, if it is missing."""
    if shutil.which("go") is None:
        run_timed("missing here, from Debian's packages: golang-go", lambda: install_packages("golang-go"))


def unpack_prometheus() -> None:
    """Unpack Debian's package into the cache, as it is."""
    PROMETHEUS.mkdir(parents=True, exist_ok=True)
    for command in (["apt-get", "update", "-qq"], ["apt-get", "download", "-qq", "prometheus"]):
        subprocess.run(command, check=True, cwd=PROMETHEUS, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    for package in PROMETHEUS.glob("prometheus_*.deb"):
        run_command("dpkg", "-x", str(package), str(PROMETHEUS))
        package.unlink()


def find_java_version() -> int:
    """Return the major version of the Java that would be run; 0 for none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


def install_packages(*names: str) -> None:
    """Install packages by apt-get, as root or through sudo without a question."""
    if shutil.which("apt-get") is None:
        raise OSError(f"please install {' '.join(names)}: this machine has no apt-get")
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *names]):
        subprocess.run([*rights, "apt-get", *step], check=True, env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def run_timed(what: str, step: Callable[[], None]) -> None:
    """Say what begins, and how long it took."""
    print_line(f"== {what}")
    began = time.monotonic()
    step()
    print_line(f"   {time.monotonic() - began:.0f} s")


def run_command(*command: str) -> None:
    """Run a command; its failure is this program's."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def print_line(line: str) -> None:
    """Print to the terminal, at once."""
    print(line, flush=True)  # noqa: T201  # this program's voice


if __name__ == "__main__":
    sys.exit(main())
