"""The read API: what it answers, refuses and withholds."""

import base64
import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from structlog.testing import capture_logs

from dashboard.middleware import HEADERS
from infra.settings import Settings
from queries.unloadable import list_unloadable
from sinks.loader_health import LoaderHealth
from sinks.store import Store
from tests.dashboard.conftest import make_instant

YEAR = {"from": "2021-07-01", "to": "2022-06-30"}


def test_counts_are_lead_and_counted_unless_asked(client: httpx.Client) -> None:
    """D-1 and D-3 lead; D-2 is support and in another question."""
    answer = client.get("/counts", params={"by": "org,pillar"}).json()
    assert answer["rows"] == [
        {"org": "kent", "pillar": "PROTECT", "n": 1},
        {"org": "metropolitan", "pillar": "PURSUE", "n": 1},
    ]
    assert answer["position"] == {"0": 4, "1": 2}
    assert answer["filters"] == {"type": "LEAD", "standing": "COUNTED"}
    assert answer["complete"] is True
    assert answer["measure"]
    assert answer["as_at"].endswith("Z")
    support = client.get("/counts", params={"by": "org", "type": "support"}).json()
    assert support["rows"] == [{"org": "rocu-tarian", "n": 1}]


def test_an_extraction_sees_what_had_been_entered_and_learnt_by_then(client: httpx.Client) -> None:
    """D-3 was assessed on the 5th, which the ledger learnt on the 6th."""

    def read_rows(**instants: str) -> list[dict[str, str | int]]:
        found: list[dict[str, str | int]] = client.get(
            "/extract", params=YEAR | {"by": "standing", "standing": "all"} | instants
        ).json()["rows"]
        return found

    before = [{"standing": "COUNTED", "n": 1}, {"standing": "UNASSESSED", "n": 1}]
    after = [{"standing": "COUNTED", "n": 2}]
    assert read_rows(as_at="2022-07-04", known_at="2022-07-31") == before
    assert read_rows(as_at="2022-07-05", known_at="2022-07-05") == before
    assert read_rows(as_at="2022-07-05", known_at="2022-07-06") == after
    assert read_rows() == after


def test_an_extraction_repeats_its_instants_in_utc(client: httpx.Client) -> None:
    """A date is the end of its day in London."""
    answer = client.get("/extract", params=YEAR | {"as_at": "2022-07-04", "org": "kent"}).json()
    assert answer["as_at"] == "2022-07-04T22:59:59.999Z"
    assert answer["filters"] == {
        "type": "LEAD",
        "standing": "COUNTED",
        "org": "kent",
        "from": "2021-07-01",
        "to": "2022-06-30",
    }


def test_threats_are_those_of_rule_8(client: httpx.Client) -> None:
    """The one threat is tactical, moderated, SOC, tier 1 and open."""
    assert client.get("/threats", params={"by": "org,kind"}).json()["rows"] == [
        {"org": "metropolitan", "kind": "OCG", "n": 1}
    ]
    assert client.get("/threats", params={"as_at": "2022-06-30"}).json()["rows"] == []


def test_movement_says_how_old_the_newest_entry_is(client: httpx.Client) -> None:
    """Nothing moved in the last five minutes; the newest entry is of 6 July 2022."""
    answer = client.get("/movement").json()
    assert answer["rows"] == []
    assert answer["newest"] == "2022-07-06T12:00:00.000Z"
    assert answer["age_seconds"] > 86_400


def test_rejected_carries_code_sentence_and_position(client: httpx.Client) -> None:
    """And nothing else of the event."""
    assert client.get("/rejected").json()["rows"] == [
        {
            "event_id": "00000000-0000-4000-8000-000000000006",
            "code": "SUPPORT_BY_FORCE",
            "message": "A force records lead disruptions only.",
            "partition": 0,
            "offset": 3,
            "original_size": None,
            "original_digest": None,
        }
    ]


def test_a_story_has_entries_postings_and_the_account_it_stands_in(client: httpx.Client) -> None:
    """D-3: two entries, three legs, one account left."""
    (threat,) = client.get("/disruptions/D-3").json()["threats"]
    assert [(row["partition"], row["offset"]) for row in threat["entries"]] == [(1, 0), (1, 1)]
    assert [(row["sign"], row["standing"]) for row in threat["postings"]] == [
        (1, "UNASSESSED"),
        (-1, "UNASSESSED"),
        (1, "COUNTED"),
    ]
    (account,) = threat["stands_in"]
    assert account["standing"] == "COUNTED"
    assert account["event_date"] == "2022-06-01"
    assert client.get("/disruptions/D-404").json()["threats"] == []


def test_a_reference_is_asked_for_by_path_or_by_parameter(client: httpx.Client) -> None:
    """Whatever is in it: a slash, a step of an address, a question mark, a plus, a space, letters of other scripts."""
    for reference in ("KENT/2022/381", "/D-3/", "..", ".", "a/../b", "a?b#c", "a+b", "a b", "50%", "Zoë-Ω"):
        told = client.get("/disruptions", params={"disruption_id": reference})
        assert (told.status_code, told.json()["disruption_id"]) == (200, reference)
    for reference in ("KENT/2022/381", "/D-3/", "a?b#c", "a+b", "a b", "50%", "Zoë-Ω"):
        told = client.get(f"/disruptions/{quote(reference, safe='')}")
        assert (told.status_code, told.json()["disruption_id"]) == (200, reference)
    assert client.get("/disruptions/KENT/2022/381").json()["disruption_id"] == "KENT/2022/381"


def test_a_reference_is_asked_for_as_the_ledger_keeps_it(client: httpx.Client) -> None:
    """Spaces at its ends are none of it; a refused event is found however it spelled the reference."""
    assert client.get("/disruptions", params={"disruption_id": " D-3 "}).json()["threats"]
    assert client.get("/disruptions", params={"disruption_id": " D-9"}).json()["refusals"]


def test_refusals_that_are_not_listed_are_counted(client: httpx.Client) -> None:
    """One of one is all of them; an answer that is cut says so."""
    assert client.get("/rejected").json()["codes"] == {"SUPPORT_BY_FORCE": 1}
    assert client.get("/rejected").json()["truncated"] is False
    other = client.get("/rejected", params={"code": "MISROUTED"}).json()
    assert (other["rows"], other["codes"], other["truncated"]) == ([], {}, False)


def test_positions_stand_beside_what_was_published(client: httpx.Client) -> None:
    """All is stored."""
    all_of_it = {"0": 4, "1": 2}
    assert client.get("/positions").json() == {"stored": all_of_it, "published": all_of_it, "undecided": {}}


def test_stored_rows_come_as_lines_with_their_bytes(client: httpx.Client) -> None:
    """Any byte survives, as base64; the bounds are of source offsets, both included."""
    response = client.get("/stored/entries", params={"partition": 0, "first": 1, "last": 1})
    assert response.headers["content-type"] == "application/x-ndjson"
    (row,) = map(json.loads, response.text.splitlines())
    assert (row["offset"], row["disruption_id"]) == (1, "D-1")
    assert base64.b64decode(row["value"]) == b"\x00\xff"
    assert len(client.get("/stored/postings").text.splitlines()) == 5


def test_what_was_set_aside_is_listed_up_to_a_bound_and_counted(
    client: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two records of garbage, of which one is listed: the answer says that it is cut."""
    columns = ["topic", "partition", "offset", "reason", "key", "value", "quarantined_at"]
    rows = [["soc.entries", 0, n, "no position", b"", b"\xff", make_instant(7)] for n in (3, 4)]
    store.insert_rows("unloadable", columns, rows)
    monkeypatch.setattr("queries.store_answers.list_unloadable", partial(list_unloadable, most=1))
    answer = client.get("/unloadable").json()
    store.query("DELETE FROM unloadable WHERE true")
    assert [row["offset"] for row in answer["rows"]] == [3]
    assert (answer["total"], answer["truncated"]) == (2, True)
    assert client.get("/unloadable").json() == {"rows": [], "total": 0, "truncated": False}


@pytest.fixture
def away(published: Any) -> Iterator[None]:
    """The broker is away for the length of a test."""
    published.away = True
    yield
    published.away = False


@pytest.mark.usefixtures("away")
def test_a_broker_that_is_away_is_a_503_where_it_is_needed(client: httpx.Client) -> None:
    """Counts are still answered, and no longer claim to be complete."""
    assert client.get("/positions").status_code == 503
    assert client.get("/counts").json()["complete"] is False
    assert client.get("/health").json()["lag"] is None


def test_health_speaks_of_the_loader(
    client: httpx.Client, loader: LoaderHealth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ok, degraded by what could not be stored, and 503 once the loader has stopped."""
    healthy = client.get("/health")
    assert (healthy.status_code, healthy.json()["status"], healthy.json()["lag"]) == (200, "ok", 0)
    monkeypatch.setattr("queries.watch.count_unloadable", lambda _: 1)
    degraded = client.get("/health")
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    assert degraded.json()["unloadable"] == 1
    assert degraded.json()["troubles"][0]["what"] == "1 records could not be stored"
    monkeypatch.undo()
    loader.state = "stopped"
    stopped = client.get("/health")
    loader.state = "loading"
    assert (stopped.status_code, stopped.json()["loader"]) == (503, "stopped")


def test_every_answer_has_the_security_headers(client: httpx.Client) -> None:
    """Errors too."""
    for path in ("counts", "nothing-here", "counts?by=colour"):
        found = client.get(path).headers
        assert {name: found[name] for name in HEADERS} == HEADERS


def test_reads_are_logged_with_who_and_which_filters(client: httpx.Client, settings: Settings) -> None:
    """Data Protection Act 2018 s.62: consultation, with who and when; no value of a record."""
    client.get("/extract", params=YEAR | {"by": "org"}, headers={"X-Reader": "Zo%C3%AB%0A100%25"})
    line = (settings.state / "logs" / "reads.log").read_text().splitlines()[-1]
    read = json.loads(line)
    assert set(read) == {"at", "reader", "via", "question", "filters", "status", "milliseconds"}
    assert read["reader"] == "Zoë\n100%"
    assert read["question"] == "extract"
    assert read["filters"] == YEAR | {"by": "org"}
    assert (read["via"], read["status"]) == ("127.0.0.1", 200)
    assert "metropolitan" not in line


def test_how_far_the_ledger_has_come_is_no_read_of_a_record(client: httpx.Client, settings: Settings) -> None:
    """`wait` asks it five times a second."""
    client.get("/counts")
    before = (settings.state / "logs" / "reads.log").read_text()
    client.get("/positions")
    client.get("/health")
    assert (settings.state / "logs" / "reads.log").read_text() == before


def test_what_cannot_be_logged_is_not_answered(client: httpx.Client, settings: Settings) -> None:
    """503 with the file and why; nothing of the answer."""
    log = settings.state / "logs" / "reads.log"
    log.unlink(missing_ok=True)
    log.symlink_to("/dev/full")
    try:
        answer = client.get("/counts")
        assert client.get("/health").status_code == 200
    finally:
        log.unlink()
    assert answer.status_code == 503
    assert "reads.log cannot be written (No space left on device)" in answer.json()["detail"]
    assert "rows" not in answer.json()


def test_a_defect_of_ours_shows_no_trace(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 as a problem; the log has the trace."""
    monkeypatch.setattr("queries.store_answers.rejections.find_rejections", lambda *_: 1 / 0)
    with capture_logs() as lines:
        response = client.get("/rejected")
    assert response.status_code == 500
    assert response.json()["detail"] == "the read API failed; its log says why"
    assert [line["event"] for line in lines] == ["failed"]
