"""What Prometheus is given here (rules, scrape configuration, dashboard), and Prometheus itself as Debian packs it."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from infra.bootstrap import CLONE, PROMETHEUS
from local import child_processes, ports
from tests.patience import PATIENCE_SECONDS, PATIENT

PROGRAMS: Final = PROMETHEUS / "usr" / "bin"
DIRECTORY: Final = CLONE / "infra" / "prometheus"
DASHBOARD: Final = CLONE / "infra" / "grafana" / "operations.json"
METRIC: Final = re.compile(r"\b(?:disruptions|process|python)_[a-z_]+\b")
SUFFIXES: Final = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
CONFIGURATION: Final = """
global: {{scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: disruptions
    file_sd_configs: [{{files: ["{run}/*.targets.json"], refresh_interval: 1s}}]
"""


def list_rules() -> list[str]:
    """The expressions of the alerts."""
    groups = yaml.safe_load((DIRECTORY / "rules.yml").read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def list_panels() -> list[str]:
    """The expressions of the dashboard's panels."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def list_metrics(exposition: str) -> set[str]:
    """The names of the samples that an exposition has, or would have once there is anything to say."""
    types = re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE)
    return {name + suffix for name, kind in types for suffix in SUFFIXES[kind]}


def run_promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run promtool."""
    command = [str(PROGRAMS / "promtool"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def run_prometheus(directory: Path, state: Path) -> Iterator[httpx.Client]:
    """A Prometheus of one's own on loopback, that scrapes what runs on a state directory; its HTTP interface."""
    directory.mkdir()
    file = directory / "prometheus.yml"
    file.write_text(CONFIGURATION.format(rules=DIRECTORY / "rules.yml", run=state / "run"))
    address = f"127.0.0.1:{ports.find_free_port()}"
    command = [PROGRAMS / "prometheus", "--config.file", file, "--storage.tsdb.path", directory / "data"]
    child = child_processes.spawn_child(
        [*map(str, command), f"--web.listen-address={address}"], directory / "prometheus.log"
    )
    try:
        with httpx.Client(base_url=f"http://{address}/api/v1", **PATIENT) as client:
            yield client
    finally:
        child_processes.stop_child(child, timeout_seconds=PATIENCE_SECONDS)


def ask_prometheus(client: httpx.Client, path: str, **parameters: str) -> Any:
    """What it answers; None while it does not."""
    try:
        answer = client.get(path, params=parameters)
    except httpx.TransportError:
        return None
    return answer.json()["data"] if answer.status_code == 200 else None
