"""The peers run in an environment of their own: what they import, however far away, is in its lock."""

import re
import subprocess
import sys
import time
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import psutil
import pytest

from bench.processes import OutputProgress
from infra.settings import load_settings
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
OURS = ("bench", "streams", "ledger", "methodology", "schemas", "infra", "synthetic", "access", "producers", "local")


def test_whatever_the_peers_import_is_in_their_lock() -> None:
    """One that is missing is a process that ends at once, and a measurement that waits for nothing."""
    graph = grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)
    found = graph.find_upstream_modules("bench.peers.quix") | graph.find_upstream_modules("bench.peers.plain")
    program = "import sys, bench.peers.plain, streams.outputs; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    outside = found & set(done.stdout.split()) - set(OURS) - sys.stdlib_module_names  # what is imported later is not
    known = packages_distributions()
    wanted = {re.sub(r"[-_.]+", "-", known[name][0]).lower() for name in outside if name in known}
    wanted |= {"quixstreams"}
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "bench.lock").read_text(), re.MULTILINE))
    assert "structlog" in wanted
    assert wanted <= locked, f"name {wanted - locked} in requirements/bench.in and run `make lock`"


def test_whatever_distribution_the_peers_ask_for_by_name_is_in_their_environment() -> None:
    """Entries name this software's version, which only an installed distribution has: the lock alone is not enough."""
    program = """
import importlib.metadata as metadata
asked, read = set(), metadata.version
metadata.version = lambda name: asked.add(name) or read(name)
from bench.peers.plain import PeerRecord, PlainFolds
outputs = PlainFolds(1).list_outputs(0, [PeerRecord(0, 1, b"a", b"no event", ())])
print(len(outputs), *asked)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    outputs, *asked = done.stdout.split()
    made = subprocess.run(
        ["make", "-n", "-B", ".bench-venv/.complete"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    installed = re.findall(r"^\.bench-venv/bin/python .* install .*--editable (\S+)$", made.stdout, re.MULTILINE)
    ours = {tomllib.loads((ROOT / one / "pyproject.toml").read_text())["project"]["name"] for one in installed}
    assert outputs == "1"
    assert asked == ["disruption-ledger"]
    assert ours == {"disruption-ledger"}, "install the project into .bench-venv (Makefile)"


def test_a_measured_process_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    """It is said at once, with how it ended."""
    ended = psutil.Popen([sys.executable, "-c", "raise SystemExit(3)"], stdout=subprocess.DEVNULL)
    ended.wait(PATIENCE_SECONDS)
    settings = load_settings(tmp_path).model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})  # nobody is asked
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="exit 3"):
        OutputProgress(settings).sample_until(1, 60.0, [ended])
    assert time.monotonic() - began < 30
