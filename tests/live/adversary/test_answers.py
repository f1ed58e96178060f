"""Whoever asks a running ledger gets an answer or a sentence: never a figure of something else, never a 500."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote, quote_from_bytes

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.live.adversary.running import RunningLedger
from tests.live.cli_events import make_disruption, make_threat, write_ndjson
from tests.patience import PATIENT

REFERENCES = ("KENT/2022/000381", "a?b#c+d e", "Zoë%2F", "..")
NOT_COUNTED = make_disruption(
    30, "R-1", "2022-06-14", "2022-06-15", recorded_by="kent", type="SUPPORT", benefits="essex"
)
EVENTS = [
    make_threat(1, "T-1", "kent"),
    *(
        make_disruption(10 + n, reference, "2022-06-14", "2022-06-15", threat_id="T-1", recorded_by="kent")
        for n, reference in enumerate(REFERENCES)
    ),
    NOT_COUNTED,
    NOT_COUNTED | {"event_id": "00000000-0000-4000-8000-000000000031", "disruption_id": "R-2"},
]
YEAR = "from=2021-07-01&to=2022-06-30"

# Per path of the OpenAPI document, what is asked of it; every question is one that has an answer.
ASKED = {
    "/v1/counts": ["counts", "counts?by=org,region,type,pillar,kind,crime_type,category,standing,month&org=kent"],
    "/v1/extract": [f"extract?{YEAR}&standing=all&by=standing", f"extract?{YEAR}&as_at=2022-06-20&known_at=2299-12-31"],
    "/v1/threats": ["threats?by=org,region,kind,crime_type,assessment_type,moderation_status,tier"],
    "/v1/movement": ["movement", "movement?seconds=86400&by=org"],
    "/v1/changes": ["changes?since=none", "changes?since={ledger}@0:1&by=org,pillar&org=kent"],
    "/v1/rejected": ["rejected", "rejected?code=SUPPORT_BY_FORCE&limit=1", "rejected?code=MISROUTED"],
    "/v1/disruptions": [f"disruptions?disruption_id={quote(REFERENCES[0], safe='')}", "disruptions?disruption_id=R-1"],
    "/v1/disruptions/{disruption_id}": ["disruptions/KENT/2022/000381", "disruptions/nobody"],
    "/v1/stored/{table}": ["stored/entries", "stored/rejected?partition=0&first=0&last=1"],
    "/v1/unloadable": ["unloadable"],
    "/v1/positions": ["positions"],
    "/v1/health": ["health"],
    "/v1/rebuild": ["rebuild"],
    "/v1/live": ["live"],
    "/v1/ready": ["ready"],
    "/v1/invariants": ["invariants"],
    "/v1/alerts": ["alerts", "alerts?limit=1"],
    "/v1/public": [f"public?{YEAR}", f"public?{YEAR}&by=org,pillar"],
    "/v1/rates": [f"rates?{YEAR}", f"rates?{YEAR}&org=kent&pillar=PURSUE"],
    "/v1/compare": [f"compare?{YEAR}&then=2022-06-20&by=org,pillar"],
    "/v1/compare/moves": [f"compare/moves?{YEAR}&then=2022-06-20"],
    "/v1/threats/listed": ["threats/listed?org=kent&limit=1", "threats/listed?region=London&kind=OCG"],
    "/v1/records": [f"records?{YEAR}", f"records?{YEAR}&standing=all&org=kent&limit=1"],
    "/v1/recent": ["recent"],
    "/v1/span": ["span"],
    "/v1/entries/{partition}/{offset}": ["entries/{held}/0"],
    "/v1/refusals": ["refusals", "refusals?code=SUPPORT_BY_FORCE"],
    "/v1/refusals/events": ["refusals/events"],
    "/v1/feeds": ["feeds", "feeds?org=kent", "feeds?known_at=2022-07-04"],
    "/v1/feeds/events": ["feeds/events?org=kent"],
    "/v1/reconcile": ["reconcile?org=kent&day=2022-06-15", "reconcile?org=kent&from=2022-06-14&to=2022-06-16"],
    "/v1/reconcile/events": [
        "reconcile/events?org=kent&day=2022-06-15",
        "reconcile/events?org=kent&day=2022-06-15&limit=1",
    ],
    "/v1/reconcile/ids": ["reconcile/ids?ids=00000000-0000-4000-8000-000000000031"],
    "/v1/figures": ["figures", "figures?limit=1"],
    "/v1/figures/{partition}/{offset}": ["figures/0/0"],
    "/v1/seal": ["seal"],
    "/v1/signals": [f"signals?{YEAR}"],
    "/v1/signals/records": [f"signals/records?{YEAR}&org=kent&signal=LATE_ENTRY"],
}
POSTED = {  # in this order: what is built is not switched to, as it was not compared, and goes
    "/v1/unloadable/load-again": ("", 200),
    "/v1/rebuild/begin": ("?rate=1000", 200),
    "/v1/rebuild/switch": ("", 400),
    "/v1/rebuild/cancel": ("", 200),
    "/v1/rebuild/drop-old": ("", 400),
}
LINES = {"/v1/stored/{table}", "/v1/refusals/events"}  # one object each
ENDLESS = {"/v1/events"}  # tests/dashboard/test_live.py reads it
NASTY = [
    "9999-12-31",
    "0001-01-01",
    "0000-00-00",
    "2300-01-01",
    "1899-12-31",
    "1900-01-01",
    "2299-12-31",
    "10000-01-01",
    "2016-12-31T23:59:60Z",
    "2022-06-30T24:00",
    "2022-06-30T24:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "1900-01-01T00:00:00+01:00",
    "2299-12-31T23:59:59.999999-00:01",
    "2022-07-04T09:00:00+23:59",
    "2022-W01-1T00:00Z",
    "20220630T000000Z",
    "-2022-06-30",
    "2022-06-30\x00",
    "\x00",
    "",
    " ",
    "now",
    "1e309",
    "٢٠٢٢-٠٦-٣٠",
    "2022-06-30'; DROP TABLE entries; --",
    "{p0:String}",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WRITTEN = (
    st.sampled_from(NASTY)
    | st.dates().map(str)
    | st.dates(date(1890, 1, 1), date(2310, 1, 1)).map(str)
    | st.datetimes().map(lambda one: f"{one.isoformat()}Z")
    | st.tuples(st.datetimes(), st.integers(-1439, 1439)).map(
        lambda one: f"{one[0].isoformat()}{'-' if one[1] < 0 else '+'}{abs(one[1]) // 60:02d}:{abs(one[1]) % 60:02d}"
    )
    | TEXT
)
PERIODS = st.sampled_from([("2021-07-01", "2022-06-30"), ("1900-01-01", "2299-12-31")]) | st.tuples(WRITTEN, WRITTEN)
PATHS = ("counts", "extract", "threats", "movement", "rejected", "disruptions", "stored/entries", "positions", "health")
NAMES = ("by", "org", "type", "standing", "from", "to", "as_at", "known_at", "seconds", "code", "limit", "partition",
         "first", "last", "disruption_id")  # fmt: skip


@pytest.fixture(scope="module")
def answering(ledger: RunningLedger) -> RunningLedger:
    """The module's ledger with the events above stored."""
    sent = ledger.run_command("publish", "-", stdin=write_ndjson(EVENTS))
    assert sent.returncode == 0, sent.stderr
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    days, instants = (
        ("--from", "2021-07-01", "--to", "2022-06-30"),
        ("--as-at", "2022-07-04", "--known-at", "2020-01-01"),
    )
    said = ("--note", "Nothing was known then", "--published-by", "hmicfrs")
    published = ledger.run_command("audit", "publish-figure", *days, *instants, *said)
    assert published.returncode == 0, published.stderr
    return ledger


@pytest.fixture(scope="module")
def client(answering: RunningLedger) -> Iterator[httpx.Client]:
    """A client of its read API."""
    with httpx.Client(base_url=f"{answering.addresses['read_api']}/v1", **PATIENT) as opened:
        yield opened


def assert_answered(response: httpx.Response) -> None:
    """An answer, or a problem document that is the caller's fault."""
    assert response.status_code in (200, 400), f"{response.url}: {response.status_code} {response.text}"
    if response.status_code == 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]


def test_an_organisation_that_is_not_on_the_list_has_no_figure(answering: RunningLedger, client: httpx.Client) -> None:
    """Exit 2 and the nearest; what is on the list, and has nothing, is a figure of nothing."""
    for asked, meant in {"KENT": "did you mean kent?", "": "there are: cleveland, "}.items():
        done = answering.run_command("counts", "--org", asked)
        assert (done.returncode, done.stdout) == (2, ""), asked
        assert done.stderr.startswith(f"disruptions: --org: there is no {asked!r}; {meant}")
    for asked, meant in {
        "Kent Police": "kent",
        "Avon & Somerset": "avon-and-somerset",
        "avon-somerset": "mean",
    }.items():
        for question in ("counts?", f"extract?{YEAR}&", "threats?", "movement?"):
            refused = client.get(f"{question}org={quote(asked)}")
            assert (refused.status_code, meant in refused.json()["detail"]) == (400, True), asked
    assert client.get("counts?org=kent").json()["rows"] == [{"n": len(REFERENCES)}]
    assert client.get("counts?org=essex").json()["rows"] == []


def test_a_parameter_or_an_option_that_would_be_passed_over_is_refused(
    answering: RunningLedger, client: httpx.Client
) -> None:
    """At every endpoint of the document, by its own name; twice is as wrong as unknown."""
    for questions in ASKED.values():
        path, _, query = questions[-1].partition("?")
        stranger = client.get(f"{path}?{query}&as-at=2022-07-04")
        assert (stranger.status_code, "'as-at'" in stranger.json()["detail"]) == (400, True), path
        if query:
            twice = client.get(f"{path}?{query}&{query}")
            assert (twice.status_code, "2 times" in twice.json()["detail"]) == (400, True), path
    assert "did you mean as_at?" in client.get(f"extract?{YEAR}&as-at=2022-07-04").json()["detail"]
    twice_told = answering.run_command("counts", "--org", "kent", "--org", "essex")
    assert (twice_told.returncode, twice_told.stdout) == (2, "")


def test_any_reference_is_explained(answering: RunningLedger, client: httpx.Client) -> None:
    """With slashes, marks of addresses, letters of other scripts, and one that clients take for a step up."""
    for reference in REFERENCES:
        told = client.get("disruptions", params={"disruption_id": reference}).json()
        assert told["threats"][0]["stands_in"][0]["standing"] == "COUNTED", reference
    for reference, code in {"KENT/2022/000381": 0, "..": 0, "KENT/2022/000382": 1, "": 2}.items():
        done = answering.run_command("explain", reference)
        assert (done.returncode, "COUNTED: counted" in done.stdout) == (code, code == 0), reference
        assert ("Nothing is stored of it" in done.stdout) == (code == 1)


@settings(max_examples=200, deadline=None, print_blob=True)
@given(period=PERIODS, as_at=st.none() | WRITTEN, known_at=st.none() | WRITTEN)
def test_whatever_date_is_written_there_is_an_answer_or_a_sentence(
    client: httpx.Client, period: tuple[str, str], as_at: str | None, known_at: str | None
) -> None:
    """Every date and instant of an extraction and of the threat count."""
    instants = {"as_at": as_at, "known_at": known_at}
    given_instants = {name: value for name, value in instants.items() if value is not None}
    assert_answered(client.get("extract", params={"from": period[0], "to": period[1], **given_instants}))
    assert_answered(client.get("threats", params={"by": "region", **given_instants}))


@settings(max_examples=150, deadline=None, print_blob=True)
@given(
    path=st.sampled_from(PATHS),
    query=st.dictionaries(
        st.sampled_from(NAMES) | TEXT,
        st.sampled_from(["kent", "org,pillar", "lead", "all", "1", "0", "-1", str(2**63), "9" * 400]) | TEXT
        | st.binary(max_size=8).map(quote_from_bytes),
        max_size=4,
    ),
)  # fmt: skip
def test_whatever_is_asked_there_is_an_answer_or_a_sentence(
    client: httpx.Client, path: str, query: dict[str, str]
) -> None:
    """Any parameters, escapes that are no UTF-8 among them."""
    written = "&".join(f"{quote(name)}={value if '%' in value else quote(value)}" for name, value in query.items())
    assert_answered(client.get(f"{path}?{quote(written, safe='%&=')}"))


def find_schema(document: dict[str, Any], path: str, status: int, method: str = "get") -> dict[str, Any]:
    """The schema that the document gives for an answer."""
    responses = document["paths"][path][method]["responses"]
    assert "422" not in responses, "a wrong parameter is a 400 here"
    found: dict[str, Any] = responses.get(str(status), responses.get(f"{status // 100}XX"))["content"]
    return next(iter(found.values())).get("schema", {}) | {"components": document["components"]}


def test_every_answer_is_as_the_document_says(client: httpx.Client) -> None:
    """Each endpoint's answers, and its refusals, against its own schema: all that is documented is there, no more."""
    document = client.get("openapi.json").json()
    for schema in document["components"]["schemas"].values():
        schema.update({"additionalProperties": False} if "properties" in schema else {})
    assert {path for path, found in document["paths"].items() if "get" in found} == set(ASKED) | ENDLESS, (
        "ask the others too"
    )
    held = next(number for number, end in client.get("positions").json()["stored"].items() if end)
    ledger = client.get("changes?since=none").json()["cursor"].partition("@")[0]
    for path, questions in ASKED.items():
        for question in questions:
            response = client.get(question.format(held=held, ledger=ledger))
            assert response.status_code == 200, (question, response.text)
            if path not in LINES:
                Draft202012Validator(find_schema(document, path, 200)).validate(response.json())
        refusal = client.get(f"{questions[0].partition('?')[0]}?nothing=1")
        Draft202012Validator(find_schema(document, path, refusal.status_code)).validate(refusal.json())
    assert [path for path, found in document["paths"].items() if "post" in found] == list(POSTED), "ask the others too"
    for path, (asked, answered) in POSTED.items():
        for headers, status in (({}, 400), ({"X-Reader": "analyst"}, answered)):
            body = {"certificate": {}} if path.endswith("/switch") else None
            done = client.post(path.removeprefix("/v1/") + asked, headers=headers, json=body)
            assert done.status_code == status, done.text
            Draft202012Validator(find_schema(document, path, status, "post")).validate(done.json())


def test_a_list_of_refusals_that_is_cut_says_so(answering: RunningLedger, client: httpx.Client) -> None:
    """Two were refused; one is listed, both are counted."""
    cut = client.get("rejected?limit=1").json()
    assert (len(cut["rows"]), cut["codes"], cut["truncated"]) == (1, {"SUPPORT_BY_FORCE": 2}, True)
    assert "The first 1 of 2 are listed" in answering.run_command("rejected", "--limit", "1").stdout
    assert client.get("rejected").json()["truncated"] is False


def test_a_figure_for_ever_that_may_still_grow_is_exit_1(answering: RunningLedger) -> None:
    """Asked for as known at an instant that is not past; the same without that instant is a live figure, and fine."""
    asked = ("extract", "--from", "2021-07-01", "--to", "2022-06-30", "--json")
    for more, code in {("--known-at", "2299-12-31"): 1, ("--known-at", "2020-01-01"): 0, (): 0}.items():
        done = answering.run_command(*asked, *more)
        assert (done.returncode, done.stderr) == (code, ""), more
        assert not (code and json.loads(done.stdout)["complete"])
