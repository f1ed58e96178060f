"""Metrics of a process of its own: served on loopback, named for Prometheus, off by a setting."""

import json
from pathlib import Path

import httpx
import pytest

from infra.metrics import JUDGED_EVENTS, REGISTRY, measure_stage
from infra.settings import load_settings
from streams.worker import offer_metrics
from tests.patience import PATIENT


def test_a_worker_serves_its_metrics_where_its_target_file_says(tmp_path: Path) -> None:
    """In the form of Prometheus's file discovery, for as long as it runs."""
    file = tmp_path / "run" / "worker-7.targets.json"
    with offer_metrics(load_settings(tmp_path), "worker-7") as address:
        (target,) = json.loads(file.read_text())
        assert target == {"targets": [address], "labels": {"process": "worker-7"}}
        assert str(address).startswith("127.0.0.1:")
        JUDGED_EVENTS.inc(3)
        text = httpx.get(f"http://{address}/metrics", **PATIENT).text
    assert f"disruptions_judged_events_total {JUDGED_EVENTS._value.get()}" in text
    assert "process_resident_memory_bytes" in text
    assert not file.exists()


@pytest.mark.effect_of("DISRUPTIONS_WORKER_METRICS")
def test_a_worker_serves_none_where_the_setting_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No port is opened and no target named."""
    monkeypatch.setenv("DISRUPTIONS_WORKER_METRICS", "false")
    with offer_metrics(load_settings(tmp_path), "worker-7") as address:
        assert address is None
        assert not (tmp_path / "run").exists()


def test_a_directory_that_cannot_be_written_to_stops_no_worker(tmp_path: Path) -> None:
    """Its metrics are served all the same."""
    (tmp_path / "run").write_text("in the way")
    with offer_metrics(load_settings(tmp_path), "worker-7") as address:
        assert httpx.get(f"http://{address}/metrics", **PATIENT).status_code == 200


def test_a_stage_is_timed_however_it_ends() -> None:
    """One observation each."""

    def read_count() -> float:
        return REGISTRY.get_sample_value("disruptions_stage_seconds_count", {"stage": "tried"}) or 0.0

    with measure_stage("tried"):
        pass
    with pytest.raises(RuntimeError), measure_stage("tried"):
        raise RuntimeError
    assert read_count() == 2
