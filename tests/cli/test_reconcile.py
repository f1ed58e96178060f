"""A force's own list beside the ledger: what the command says of each id, and by which exit code."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from cli.event_ids import read_ids
from ledger.errors import Misuse
from sinks.feed_events import COLUMNS
from sinks.store import Store
from tests.cli.conftest import Run
from tests.dashboard.conftest import make_event_id, make_instant

DAY = ("--org", "kent", "--day", "2022-07-03")
DISRUPTION = ("DisruptionEvent", make_event_id(4), "T-2", "D-3", 1, date(2022, 6, 1))


@pytest.fixture(scope="module", autouse=True)
def fed(store: Store) -> None:
    """Kent entered number 2 on the 3rd, 4 on the 5th, and a refused 5 on the 6th; its 3 is missing. Essex's jump."""
    amended = ("DisruptionEvent", make_event_id(5), "T-2", "D-3", 2, date(2022, 6, 1))
    support = ("DisruptionEvent", make_event_id(6), "T-1", "D-9", 1, date(2022, 6, 1))
    essex = [("DisruptionEvent", make_event_id(n), "T-1", f"D-{n}", 1, date(2022, 6, 1)) for n in (7, 8)]
    rows = [
        [0, 1, "essex", 7, make_instant(3), "ADMITTED", "", *essex[0], make_instant(3), False],
        [0, 2, "essex", 2**63 - 1, make_instant(3), "ADMITTED", "", *essex[1], make_instant(3), False],
        [1, 0, "kent", 2, make_instant(3), "ADMITTED", "", *DISRUPTION, make_instant(3), False],
        [1, 1, "kent", 4, make_instant(6), "ADMITTED", "", *amended, make_instant(5), False],
        [0, 3, "kent", 5, make_instant(6), "REFUSED", "SUPPORT_BY_FORCE", *support, make_instant(6), False],
    ]
    store.insert_aside("feed_events", COLUMNS, rows)


def test_a_missing_number_is_said_and_is_exit_1(run: Run) -> None:
    """Of the 3rd: number 2 arrived, number 3 may be of it."""
    shown = run("audit", "reconcile", *DAY)
    assert shown.exit_code == 1
    assert "kent sent 2: 1 admitted, 0 rejected; sequence 3 is missing" in " ".join(shown.stdout.split())


def test_a_day_that_is_whole_is_exit_0(run: Run) -> None:
    """The 6th: one event, refused, which is no loss; and its own list says the same."""
    day = ("--org", "kent", "--day", "2022-07-06")
    shown = run("audit", "reconcile", *day)
    assert (shown.exit_code, "kent sent 1: 0 admitted, 1 rejected, none missing" in shown.stdout) == (0, True)
    listed = run("audit", "reconcile", *day, "--ids", "-", "--json", input=f"{make_event_id(6)}\n")
    own = json.loads(listed.stdout)["list"]
    assert (listed.exit_code, own["verdicts"], own["unlisted"]) == (0, {"REFUSED": 1}, [])
    assert [(one["code"], one["partition"], one["offset"]) for one in own["events"]] == [("SUPPORT_BY_FORCE", 0, 3)]


def test_a_day_on_which_the_numbers_jump_is_whole_by_a_list_alone(run: Run) -> None:
    """Rule F5: after 7 comes the greatest number; what lies between is not missing, and not known to be there."""
    day = ("--org", "essex", "--day", "2022-07-03")
    shown = run("audit", "reconcile", *day)
    said = " ".join(shown.stdout.split())
    assert (shown.exit_code, "essex sent 2: 2 admitted, 0 rejected, none missing" in said) == (1, True)
    assert "its numbers jump from 7 to 9223372036854775807: so far apart" in said
    listed = run("audit", "reconcile", *day, "--ids", "-", input=f"{make_event_id(7)}\n{make_event_id(8)}\n")
    assert listed.exit_code == 0
    feeds = " ".join(run("feeds", "--org", "essex").stdout.split())
    assert "from 7 to 9223372036854775807" in feeds
    assert "Missing numbers" not in feeds


def test_every_id_of_a_list_is_told(run: Run, tmp_path: Path) -> None:
    """One never seen, one of another day, one twice; and the event of the day that is not on it."""
    ours = tmp_path / "ours.csv"
    ours.write_text(
        f"note,event_id\nnew,{make_event_id(99)}\nlater,{make_event_id(5).upper()}\nlater again,{make_event_id(5)}\n"
    )
    shown = run("audit", "reconcile", *DAY, "--ids", str(ours), "--json")
    own = json.loads(shown.stdout)["list"]
    assert shown.exit_code == 1
    assert (own["listed"], own["listed_twice"], own["of_other_days"]) == (2, 1, 1)
    assert own["verdicts"] == {"NEVER_SEEN": 1, "ADMITTED": 1}
    assert [(one["event_id"], one["standing"]) for one in own["events"][1:]] == [(make_event_id(5), "COUNTED")]
    assert [one["event_id"] for one in own["unlisted"]] == [make_event_id(4)]


def test_an_event_that_the_list_lacks_is_exit_1(run: Run) -> None:
    """The 5th is whole but for the gap before it; of the 6th a list of something else lacks the refused event."""
    shown = run(
        "audit", "reconcile", "--org", "kent", "--day", "2022-07-06", "--ids", "-", input=f"{make_event_id(5)}\n"
    )
    assert shown.exit_code == 1
    assert make_event_id(6) in shown.stdout
    assert "refused, not on your list" in shown.stdout


def test_a_day_that_is_not_over_is_never_whole(run: Run) -> None:
    """Nothing is missing of 2299, and nothing is known of it."""
    shown = run("audit", "reconcile", "--org", "kent", "--from", "2299-01-01", "--to", "2299-01-02")
    assert shown.exit_code == 1
    assert "not complete" in shown.stdout


@pytest.mark.parametrize(
    "content",
    [
        f"{make_event_id(1)}\n\n  {make_event_id(2)}\n",
        f"sequence,event_id\n1,{make_event_id(1)}\n2,{make_event_id(2)}\n",
        json.dumps({"event_id": make_event_id(1), "pillar": "PURSUE"})
        + "\n"
        + json.dumps({"event_id": make_event_id(2)}),
        f"\ufeff{make_event_id(1).upper()}\r\n{make_event_id(2)}\r\n",
    ],
    ids=["lines", "csv", "ndjson", "windows"],
)
def test_a_list_is_read_in_each_of_its_forms(tmp_path: Path, content: str) -> None:
    """Two ids, in their order and in small letters."""
    (tmp_path / "ours").write_text(content, newline="")
    assert read_ids(tmp_path / "ours") == [make_event_id(1), make_event_id(2)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "neither an event id"),
        (b"event_id\n", "no event id"),
        (b"name\nx\n", "line 1"),
        (f"{make_event_id(1)}\nsecret\n".encode(), "line 2"),
        (b'{"event_id": 7}\n', "line 1"),
        (b"event_id,x\nsecret,1\n", "line 2"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"event_id\nd\xe9j\xe0\n", "line 2: not UTF-8"),
        (b"x\0", "line 1: neither text in UTF-8"),
        (b"7" * 3_000_000, "line 1: it is longer than any event"),
        (gzip.compress(f"{make_event_id(1)}\n".encode(), mtime=0)[:-6], "damaged or cut off"),
        (gzip.compress(f"{make_event_id(1)}\n".encode() * 90_000, mtime=0)[:-6], "damaged or cut off"),
    ],
)
def test_a_list_that_is_none_is_refused_by_its_place_without_what_is_in_it(
    tmp_path: Path, content: bytes, place: str
) -> None:
    """Of bytes from outside nothing is repeated."""
    (tmp_path / "ours").write_bytes(content)
    with pytest.raises(Misuse, match=place) as refused:
        read_ids(tmp_path / "ours")
    assert "secret" not in str(refused.value)
