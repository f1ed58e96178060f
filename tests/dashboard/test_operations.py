"""What whoever operates the service sees: contradictions among the figures, on every page and in health; its metrics;
whether it lives and may be asked, where a part of it hangs.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from infra.settings import Settings
from infra.status import close_status, open_status
from queries import readiness, watch
from queries.published import Tail
from queries.watch import Watch
from sinks.generation import READERS_MOST
from sinks.loader_health import LoaderHealth
from sinks.store import Store
from tests.dashboard.conftest import Known
from tests.patience import await_truth

TITLE = "Do not rely on these figures"
FORGED = """
INSERT INTO postings SELECT * REPLACE (toUInt32(7) AS leg, 'SUPPORT' AS type)
FROM (SELECT * FROM postings WHERE partition = 0 AND offset = 1 LIMIT 1)
"""


@pytest.fixture
def forged(store: Store, browser: httpx.Client) -> Iterator[None]:
    """D-1, a lead disruption, is support too, until it is mended and looked at again; it was counted before."""
    browser.get("/v1/invariants")
    store.query(FORGED)
    yield
    store.query("ALTER TABLE postings DELETE WHERE leg = 7 SETTINGS mutations_sync = 2")
    browser.get("/v1/invariants")


def test_what_is_stored_by_hand_holds(browser: httpx.Client) -> None:
    """Every invariant with its meaning, at the position of the store; nothing is red."""
    found = browser.get("/v1/invariants").json()
    assert (found["status"], found["whole"], found["position"]) == ("ok", True, {"0": 4, "1": 2})
    names = [one["name"] for one in found["invariants"]]
    assert names == ["ONE_ACCOUNT", "LEAD_APART", "TOTALS_AGREE", "STORE_EQUALS_ENTRIES"]
    assert TITLE not in browser.get("/").text


@pytest.mark.usefixtures("forged")
def test_a_breach_is_on_every_page_and_in_health(browser: httpx.Client) -> None:
    """By its partition and offset, with what to do; no page looks for itself."""
    assert TITLE not in browser.get("/").text
    found = browser.get("/v1/invariants").json()
    assert found["status"] == "breached"
    apart = found["invariants"][1]
    assert (apart["breaches"], apart["places"]) == (1, [{"partition": 0, "offset": 1}])
    for path in ("/", "/nowhere", "/?from=yesterday"):
        page = browser.get(path).text
        assert TITLE in page
        assert "LEAD_APART: disruptions are counted as lead and as support (1 found, the first at partition 0" in page
        assert "D-1" not in page.partition(TITLE)[2].partition("</ul>")[0]
    troubles = browser.get("/v1/health").json()["troubles"]
    assert [one["part"] for one in troubles] == ["invariants"] * 4
    (twice,) = [one for one in troubles if "ONE_ACCOUNT" in one["what"]]
    assert "disruptions audit replay" in twice["remedy"]


def read_metrics(browser: httpx.Client) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    answer = browser.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (one.name, *dict(sorted(one.labels.items())).values()): one.value
        for family in families
        for one in family.samples
    }


def test_events_are_counted_by_what_became_of_them(browser: httpx.Client) -> None:
    """Five entries and one refusal were written by hand; codes that nobody met are not there."""
    found = read_metrics(browser)
    events = {key[1:]: n for key, n in found.items() if key[0] == "disruptions_events_total"}
    assert events == {("", "admitted"): 5, ("", "duplicate"): 0, ("SUPPORT_BY_FORCE", "rejected"): 1}
    assert found["disruptions_lag_offsets", "store"] == found["disruptions_lag_seconds", "intake"] == 0
    assert found["disruptions_dependency_up", "store"] == found["disruptions_dependency_up", "broker"] == 1
    assert [n for key, n in found.items() if key[0] == "disruptions_build_info"] == [1]


def test_a_recorder_that_speaks_has_an_age_and_a_due_time(store: Store, browser: httpx.Client) -> None:
    """Kent promised one each minute and spoke 50 seconds ago: it is overdue three minutes after that."""
    heard = datetime.now(UTC) - timedelta(seconds=50)
    columns = ["organisation", "last_sequence", "interval_seconds", "sent_at", "partition", "offset", "written_at"]
    store.insert_rows("heartbeats", columns, [["kent", 7, 60, heard, 0, 0, heard]])
    found = read_metrics(browser)
    assert found["disruptions_heartbeat_age_seconds", "kent"] == pytest.approx(50, abs=10)
    due = found["disruptions_heartbeat_due_timestamp_seconds", "kent"]
    assert due == pytest.approx(heard.timestamp() + 180, abs=1)


def test_requests_are_timed_by_their_route_and_never_by_what_was_written(browser: httpx.Client) -> None:
    """A reference, an unknown path and an asset make no label values of their own."""
    name = "disruptions_read_request_seconds_count"
    before = read_metrics(browser)
    for path in ("/v1/disruptions/KENT-2022-1", "/v1/counts", "/", "/kent-2022-1", "/assets/own/dashboard.css"):
        browser.get(path)
    after = read_metrics(browser)
    routes = {key[1:] for key in after if key[0] == name and after[key] - before.get(key, 0) == 1}
    asked = {("/v1/disruptions/{disruption_id:path}", "200"), ("/v1/counts", "200"), ("/", "200")}
    assert asked | {("none", "404"), ("/assets/", "200")} <= routes
    assert "2022" not in " ".join(text for key in after for text in key[1:])


@pytest.mark.usefixtures("forged")
def test_a_breach_and_a_trouble_are_counted(browser: httpx.Client) -> None:
    """By the invariant and by the part."""
    browser.get("/v1/invariants")
    found = read_metrics(browser)
    assert found["disruptions_invariant_breaches", "LEAD_APART"] == 1
    assert found["disruptions_invariant_breaches", "TOTALS_AGREE"] == 1  # the count of before is another
    assert found["disruptions_troubles", "invariants"] == 4
    assert found["disruptions_invariants_checked_timestamp_seconds",] == pytest.approx(time.time(), abs=60)


def test_metrics_and_probes_are_no_read_of_a_record(browser: httpx.Client, settings: Settings) -> None:
    """Prometheus asks every few seconds for ever."""
    browser.get("/v1/counts")
    log = settings.state / "logs" / "reads.log"
    before = log.read_text()
    for path in ("/metrics", "/v1/live", "/v1/ready", "/v1/invariants"):
        assert browser.get(path).status_code == 200
    assert log.read_text() == before


def test_a_loader_that_hangs_is_neither_live_nor_ready(
    browser: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API answers all the while; its loop beats no more."""
    open_status(tmp_path, "service", os.getpid())
    try:
        assert (browser.get("/v1/live").status_code, browser.get("/v1/ready").status_code) == (200, 200)
        monkeypatch.setattr(readiness, "SILENT_SECONDS", 0.05)
        time.sleep(0.1)
        live, ready = browser.get("/v1/live"), browser.get("/v1/ready")
    finally:
        close_status()
    assert (live.status_code, ready.status_code) == (503, 503)
    assert live.json()["troubles"][0]["what"] == "the loader has shown no sign of life for 0 s"


def test_a_loader_that_stopped_is_not_live(browser: httpx.Client, loader: LoaderHealth) -> None:
    """Whoever supervises starts the process again."""
    loader.state = "stopped"
    found = browser.get("/v1/live")
    loader.state = "loading"
    assert (found.status_code, found.json()["status"]) == (503, "failing")


@pytest.fixture
def watching(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """A watch that samples five times a second."""
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.2)
    monkeypatch.setattr(readiness, "STORE_SECONDS", 0.8)
    made = Watch(settings, store, Known())
    made.start()
    yield made
    made.close()


def wait_for(watching: Watch, parts: list[str]) -> None:
    """Wait until readiness speaks of these parts alone."""
    await_truth(lambda: [one["part"] for one in readiness.judge_readiness(watching, None)] == parts)


def test_a_store_that_hangs_makes_nothing_ready_and_goes_on(watching: Watch, store: Store) -> None:
    """Every connection is lent and none comes back: the watch waits, the probe does not."""
    wait_for(watching, [])
    taken = [store._held.readers._idle.get() for _ in range(READERS_MOST)]
    try:
        wait_for(watching, ["store"])
        assert readiness.judge_liveness(None) == []
    finally:
        for one in taken:
            store._held.readers._idle.put(one)
    wait_for(watching, [])


def test_a_broker_that_was_never_met_is_not_ready_and_one_that_went_is(settings: Settings, store: Store) -> None:
    """Figures are answered without it; but whoever never met it may be asking the wrong one."""
    known = Known()
    known.away = True
    made = Watch(settings, store, known)
    assert [one["part"] for one in readiness.judge_readiness(made, None)] == ["broker"]
    known.away = False
    assert readiness.judge_readiness(made, None) == []
    known.away = True
    assert readiness.judge_readiness(made, None) == []


def test_the_oldest_event_that_waits_says_how_far_behind_the_store_is(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three wait, the first of them for 90 seconds; two outputs are judged and not loaded."""
    appended = round((time.time() - 90) * 1000)
    known = Known()
    tails = {0: Tail(6, 6, True, appended), 1: Tail(3, 3, True, appended + 50_000)}
    monkeypatch.setattr(known, "find_tails", lambda _: tails)
    made = Watch(settings, store, known)
    monkeypatch.setattr(made, "_find_ends", lambda: {("soc.entries", 0): 2})
    found = made.take_sample()
    assert (found.lag, found.behind) == (3, 2)
    assert found.oldest_seconds == pytest.approx(90, abs=5)
