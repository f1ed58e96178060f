"""The refusals desk: found, counted, masked until asked for, downloaded to be mended, and known to be answered."""

import base64
import json
from html import unescape
from pathlib import Path
from uuid import UUID, uuid5

import httpx
import pytest

from infra.settings import Settings
from producers.files import read_rows
from producers.records import ReadableRow
from schemas.codec import Codec
from schemas.registry import pin_ids
from sinks.store import Store
from tests.dashboard.conftest import ENTRY, REFUSAL, make_event_id, make_instant, write_rows
from tests.facts import make_disruption

MENDED = UUID("6b0e0b9c-2f4e-5a53-9d0c-8f6f4b1f2a70")

ORIGINAL = f"{REFUSAL} key value header_names header_values"
NAMED = "OP-NIGHTJAR"


@pytest.fixture(scope="module", autouse=True)
def refused(store: Store) -> None:
    """Three refusals beside the one of force's support: two of Kent, of which one was answered, and one of no schema.

    Kent's event at 0:4 was answered by an admitted one at 0:6, that at 1:2 by nobody; that at 0:5 has no headers.
    """
    codec = Codec(pin_ids())
    for partition, offset, day in ((0, 4, 7), (1, 2, 9)):
        fact = make_disruption(
            event_id=make_event_id(40 + offset), disruption_id=f"K-{offset}", plan_ref=NAMED, type="SUPPORT"
        )
        said = ("SUPPORT_BY_FORCE", "A force records lead disruptions only.", fact.event_id, "T-1", fact.disruption_id)
        bytes_ = (b"T-1", codec.encode_fact(fact), ["ce_source"], [b"/kent/crimes%2Fnew"])
        write_rows(store, "rejected", ORIGINAL, [(partition, offset, offset - 1, make_instant(day), *said, *bytes_)])
    garbage = ("UNDECODABLE", "The value does not start with a schema id.", None, None, None, b"k", b"\xff\x00", [], [])
    write_rows(store, "rejected", ORIGINAL, [(0, 5, 4, make_instant(8), *garbage)])
    answer = (make_event_id(60), "T-1", "K-4", 1, "kent", make_instant(9), b"T-1", b"", ["ce_answers"], [b"0:4"], 0, 0)
    write_rows(store, "entries", ENTRY, [(0, 6, 5, make_instant(9), "ADMITTED", "DisruptionEvent", *answer)])


def test_refusals_are_found_newest_first_with_their_numbers(client: httpx.Client) -> None:
    """By ledger time; in groups of code and recorder; the answered one names its answer."""
    found = client.get("/refusals").json()
    assert [(row["partition"], row["offset"]) for row in found["rows"]] == [(1, 2), (0, 5), (0, 4), (0, 3)]
    assert found["groups"] == [
        {"code": "SUPPORT_BY_FORCE", "recorder": "kent", "n": 2},
        {"code": "SUPPORT_BY_FORCE", "recorder": "", "n": 1},
        {"code": "UNDECODABLE", "recorder": "", "n": 1},
    ]
    assert [row["answered_by"] for row in found["rows"]] == [
        [],
        [],
        [{"partition": 0, "offset": 6, "refused": False}],
        [],
    ]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"org": "kent"}, [(1, 2), (0, 4)]),
        ({"code": "UNDECODABLE"}, [(0, 5)]),
        ({"event_id": make_event_id(42)}, [(1, 2)]),
        ({"reference": "K-4"}, [(0, 4)]),
        ({"reference": "T-1", "org": "kent"}, [(1, 2), (0, 4)]),
        ({"org": "essex"}, []),
        ({"known_at": "2022-07-07"}, [(0, 4), (0, 3)]),
        ({"known_at": "1969-12-30"}, []),
    ],
)
def test_a_search_finds_what_it_names(
    client: httpx.Client, asked: dict[str, str], places: list[tuple[int, int]]
) -> None:
    """By recorder, code, event id, or the reference of a disruption or a threat."""
    found = client.get("/refusals", params=asked).json()
    assert [(row["partition"], row["offset"]) for row in found["rows"]] == places
    assert found["total"] == len(places)


def test_pages_of_refusals_list_each_once(client: httpx.Client) -> None:
    """By the place of the last; ``rejected`` in the order of positions, as ever."""
    listed, after = [], None
    for _ in range(4):
        page = client.get("/refusals", params={"limit": "1"} | ({"after": after} if after else {})).json()
        listed += [(row["partition"], row["offset"]) for row in page["rows"]]
        after = page["next"]
    assert (listed, after) == ([(1, 2), (0, 5), (0, 4), (0, 3)], None)
    first = client.get("/rejected", params={"limit": "2", "org": "kent"}).json()
    assert ([row["offset"] for row in first["rows"]], first["truncated"]) == ([4, 2], False)
    rest = client.get("/rejected", params={"limit": "2", "after": "0:4"}).json()
    assert ([row["offset"] for row in rest["rows"]], rest["truncated"]) == ([5, 2], False)
    refusal = client.get("/refusals", params={"after": "page 9"})
    assert (refusal.status_code, "write partition:offset" in refusal.json()["detail"]) == (400, True)


def test_the_record_is_masked_until_it_is_asked_for(browser: httpx.Client, settings: Settings) -> None:
    """Then it is shown, and the log of reads has a line of who asked for which."""
    page = browser.get("/refusals").text
    assert "Its fields are masked" in page
    assert NAMED not in page
    assert "K-2" not in page
    shown = browser.get("/refusals", params={"show": "1:2"}, headers={"X-Reader": "duty"}).text
    assert shown.count(NAMED) == 1
    line = json.loads((settings.state / "logs" / "reads.log").read_text().splitlines()[-1])
    assert (line["reader"], line["question"], line["filters"]) == ("duty", "/refusals", {"show": "1:2"})


def test_the_desk_says_what_to_do_and_what_has_answered(browser: httpx.Client) -> None:
    """The code in words, the sentence, the recorder's name, and the answer's position."""
    text = " ".join(unescape(browser.get("/refusals", params={"org": "kent"}).text).split())
    assert '<strong id="refused">2</strong> rejected events match.' in text
    assert "A force records lead disruptions only." in text
    assert "Kent Police" in text
    assert "admitted at <a" in text
    assert "partition 0, offset 6</a>" in text
    assert 'href="/v1/refusals/events?org=kent"' in text
    assert browser.get("/refusals", params={"code": "NONSENSE"}).status_code == 400


def test_a_download_is_lines_that_publish_takes_without_what_they_answer(client: httpx.Client, tmp_path: Path) -> None:
    """In the order of positions; what cannot be read is there as bytes, with a note."""
    answer = client.get("/refusals/events", params={"org": "kent"})
    assert "OFFICIAL-SENSITIVE rejected events.ndjson" in answer.headers["content-disposition"]
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line.pop("answers") for line in lines] == ["0:4", "1:2"]
    assert {line.pop("refused") for line in lines} == {"SUPPORT_BY_FORCE: A force records lead disruptions only."}
    assert [line.pop("rejected_event_id") for line in lines] == [make_event_id(44), make_event_id(42)]
    ids = [str(uuid5(MENDED, f"{place} {make_event_id(rejected)}")) for place, rejected in (("0:4", 44), ("1:2", 42))]
    (tmp_path / "mended.ndjson").write_text("\n".join(map(json.dumps, lines)))
    facts = [row.fact for row in read_rows(tmp_path / "mended.ndjson") if isinstance(row, ReadableRow)]
    assert facts == [
        make_disruption(event_id=new, disruption_id=f"K-{n}", plan_ref=NAMED, type="SUPPORT")
        for n, new in zip((4, 2), ids, strict=True)
    ]
    (garbage,) = map(json.loads, client.get("/refusals/events", params={"code": "UNDECODABLE"}).text.splitlines())
    assert (garbage["answers"], base64.b64decode(garbage["value"])) == ("0:5", b"\xff\x00")
    assert "send it anew from its source" in garbage["note"]
