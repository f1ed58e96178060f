"""From a record down to its Kafka position: a disruption's story, a threat's, and what became of one position."""

import json
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest

from infra.settings import Settings
from schemas.codec import Codec
from schemas.registry import pin_ids
from sinks.store import Store
from tests.dashboard.conftest import ENTRY, POSTING, make_event_id, make_instant, write_rows
from tests.facts import make_disruption, make_threat

PERIOD = "from=2021-07-01&to=2022-06-30"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module", autouse=True)
def sent(store: Store) -> None:
    """Two events of T-1 with their real bytes: D-1 is reassessed (offset 4), and the threat assessed anew (offset 5).

    The second moves D-1 from drugs to firearms, from the entry of the 8th on.
    """
    codec = Codec(pin_ids())
    reassessed = make_disruption(
        event_id=make_event_id(14), version=2, change="REASSESSED", category="MINOR", reason=SCRIPT
    )
    threat = make_threat(event_id=make_event_id(15), version=2, crime_type="FIREARMS", phase="Closed")
    events: list[tuple[int, str, Any, int]] = [(4, "DisruptionEvent", reassessed, 7), (5, "ThreatEvent", threat, 8)]
    for offset, record, fact, day in events:
        identity = (fact.event_id, "T-1", fact.disruption_id, 2, "metropolitan", make_instant(day))
        source = (b"T-1", codec.encode_fact(fact), ["ce_id", "odd"], [fact.event_id.encode(), b"\xff"])
        write_rows(
            store,
            "entries",
            ENTRY,
            [(0, offset, offset - 1, make_instant(day), "ADMITTED", record, *identity, *source, 2, 0)],
        )
    on, ocg = date(2022, 6, 30), ("metropolitan", "LEAD", "PURSUE", "OCG")
    legs = [
        (4, 0, "DRUGS", "MAJOR", -1, 7),
        (4, 1, "DRUGS", "MINOR", 1, 7),
        (5, 0, "DRUGS", "MINOR", -1, 8),
        (5, 1, "FIREARMS", "MINOR", 1, 8),
    ]
    for offset, leg, crime, category, sign, entered in legs:
        place = (0, offset, leg, make_instant(entered), make_event_id(offset + 10), "T-1", "D-1")
        write_rows(
            store, "postings", POSTING, [(*place, *ocg, crime, category, on, "COUNTED", sign, make_instant(entered))]
        )


@pytest.fixture
def site(client: httpx.Client) -> str:
    """Where the pages are."""
    return str(client.base_url).removesuffix("/v1/")


def read_page(client: httpx.Client, address: str) -> str:
    """Read a page as it says it, without its marks."""
    return " ".join(unescape(client.get(address).raise_for_status().text).split())


def test_a_disruption_tells_where_it_stands_and_every_event_that_moved_it(client: httpx.Client, site: str) -> None:
    """Three events: recorded, reassessed with its reason and actor, and its threat assessed anew; each leads down."""
    text = read_page(client, f"{site}/disruptions?disruption_id=D-1&{PERIOD}")
    assert "<strong>Counted</strong><br>It is in the headline figure" in text
    assert "Organised crime group, firearms" in text
    order = [text.index(one) for one in ("Version 1:", "Version 2: reassessed", "Its threat was assessed (version 2)")]
    assert order == sorted(order)
    assert "Entered 1 June 2022, 13:00:00 BST by a. The ledger learnt of it 7 July 2022, 13:00:00 BST." in text
    assert f'href="/entries/0/5?{PERIOD}">soc.published, partition 0, offset 5</a>' in text
    assert f'href="/threats/T-1?{PERIOD}"' in text


def test_a_reason_is_shown_as_text_whatever_it_holds(client: httpx.Client, site: str) -> None:
    """It is a publisher's word, never part of the page."""
    for path in ("disruptions?disruption_id=D-1", "entries/0/4"):
        page = client.get(f"{site}/{path}").text
        assert SCRIPT not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_disruption_in_a_past_view_stands_where_it_stood(client: httpx.Client, site: str) -> None:
    """As at the 7th it is minor and in drugs; known at the 6th it is major; as at the 1st nothing was known."""
    address = f"{site}/disruptions?disruption_id=D-1&{PERIOD}"
    assert "Organised crime group, drugs" in read_page(client, f"{address}&as_at=2022-07-07")
    known = read_page(client, f"{address}&known_at=2022-07-06")
    assert "Major</dd>" in known
    assert "Version 2" not in known
    assert "Nothing was known of it then." in read_page(client, f"{address}&as_at=2022-07-01")


def test_what_became_of_a_position_has_all_of_the_event(client: httpx.Client, site: str) -> None:
    """Fields by the schema that wrote them, headers that are text or not, the bytes, and what it moved."""
    found = client.get("/entries/0/4").json()
    assert (found["outcome"], found["version"], found["record"]) == ("ADMITTED", 2, "DisruptionEvent")
    assert found["fields"]["category"] == "MINOR"
    assert (found["fields"]["event_date"], found["fields"]["entered_at"]) == ("2022-06-01", "2022-06-01T12:00:00.000Z")
    assert found["headers"][1] == {"name": "odd", "text": None, "hex": "ff"}
    assert (found["key"], found["value"][:2]) == ("542d31", "00")
    assert [(leg["sign"], leg["category"]) for leg in found["postings"]] == [(-1, "MAJOR"), (1, "MINOR")]
    text = read_page(client, f"{site}/entries/0/4?{PERIOD}")
    assert "bytes ff" in text
    assert f"000000 {found['value'][:4]} {found['value'][4:8]}" in text


def test_what_cannot_be_read_says_why(client: httpx.Client, site: str) -> None:
    """An entry of other bytes, and a refusal whose bytes are not kept."""
    other = client.get("/entries/0/1").json()
    assert other["fields"] is None
    assert other["unreadable"] == "The value does not start with a schema id; publish in the Confluent wire format."
    refused = client.get("/entries/0/3").json()
    assert (refused["outcome"], refused["code"], refused["value"]) == ("REFUSED", "SUPPORT_BY_FORCE", None)
    assert "Rejected: support recorded by a force." in read_page(client, f"{site}/entries/0/3")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("entries/0/6", "offset: nothing was published at 6, or it is not stored yet: it is up to 6"),
        ("entries/7/0", "partition: nothing is stored of 7; there are: 0, 1"),
        ("entries/0/-1", "is not a whole number from 0"),
        ("entries/0/99999999999999999999", "is not a whole number from 0"),
    ],
)
def test_a_position_that_is_none_is_refused(client: httpx.Client, site: str, path: str, says: str) -> None:
    """By the read API and by the page."""
    for place in (f"/{path}", f"{site}/{path}"):
        answer = client.get(place)
        assert answer.status_code == 400
        assert says in unescape(answer.text)


def test_a_threat_tells_its_assessments_and_its_disruptions(client: httpx.Client, site: str) -> None:
    """The latest first; lead and support apart, in the view's past where it has one."""
    text = read_page(client, f"{site}/threats/T-1?{PERIOD}")
    assert "Version 2: Organised crime group, firearms" in text
    assert "Tactical, moderated, tier 2, phase Closed" in text
    lead, support = (text.index(f'<h2 class="govuk-heading-l">{type}') for type in ("Lead", "Support"))
    assert lead < text.index(">D-1</a>") < support < text.index(">D-2</a>")
    past = read_page(client, f"{site}/threats/T-1?{PERIOD}&as_at=2022-07-01")
    assert "Version 2" not in past
    assert "No assessment of it is stored" in read_page(client, f"{site}/threats/T-9?{PERIOD}")


def test_a_look_at_a_record_is_a_read_of_its_own(client: httpx.Client, site: str, settings: Settings) -> None:
    """With the position that was looked at, and who."""
    client.get(f"{site}/entries/0/4", headers={"X-Reader": "duty"})
    line: dict[str, Any] = json.loads((settings.state / "logs" / "reads.log").read_text().splitlines()[-1])
    assert (line["reader"], line["question"]) == ("duty", "/entries/0/4")
