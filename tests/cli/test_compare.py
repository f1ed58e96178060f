"""``disruptions compare`` over a real read API: D-3 of Kent was unassessed on 4 July 2022, minor from the 5th."""

import json

import pytest

from queries import snapshot
from tests.cli.conftest import Run
from tests.dashboard.conftest import Known

ASKED = ("compare", "--from", "2021-07-01", "--to", "2022-06-30")
KENT = {"org": "kent", "then": 0, "now": 1, "difference": 1, "causes": {"REASSESSED": 1}}
METROPOLITAN = {"org": "metropolitan", "then": 1, "now": 1, "difference": 0, "causes": {}}


def test_then_stands_beside_now_with_the_causes_and_their_total(run: Run) -> None:
    """As a table for people, and as the API's answer."""
    shown = run(*ASKED, "--then", "2022-07-04", "--by", "org")
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["kent", "0", "1", "+1", "reassessed", "+1"] in lines
    assert ["metropolitan", "1", "1", "+0"] in lines
    assert ["Total", "1", "2", "+1", "reassessed", "+1"] in lines
    assert "Its assessment category was changed" in shown.stdout
    assert "as at 4 July 2022 23:59:59 Europe/London" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    body = json.loads(run(*ASKED, "--then", "2022-07-04", "--by", "org", "--json").stdout)
    assert body["rows"] == [KENT, METROPOLITAN]
    assert body["then"]["complete"]


def test_one_clock_may_be_given_apart(run: Run) -> None:
    """Entered on the 5th and learnt on the 6th: between the two, the ledger had yet to hear of it."""
    known = run(*ASKED, "--then-known-at", "2022-07-05", "--then-as-at", "2022-07-05", "--org", "kent", "--json")
    entered = run(*ASKED, "--then-as-at", "2022-07-05", "--org", "kent", "--json")
    assert json.loads(known.stdout)["rows"] == [{"then": 0, "now": 1, "difference": 1, "causes": {"LEARNT_LATE": 1}}]
    assert json.loads(entered.stdout)["rows"] == [{"then": 1, "now": 1, "difference": 0, "causes": {}}]


def test_nothing_to_compare_is_a_line_of_zeros(run: Run) -> None:
    """No row, and still a table."""
    shown = run(*ASKED, "--then", "2022-07-04", "--org", "essex").stdout
    assert ["0", "0", "+0"] in [line.split() for line in shown.splitlines()]


def test_lead_and_support_stand_in_tables_of_their_own(run: Run) -> None:
    """And no total adds the two."""
    shown = run(*ASKED, "--then", "2022-07-01", "--by", "type").stdout
    assert [line.split()[:4] for line in shown.splitlines() if "Total" in line] == [
        ["Total", "0", "2", "+2"],
        ["Total", "0", "1", "+1"],
    ]


def test_a_then_that_may_still_grow_is_exit_1(run: Run, published: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is known as of an instant, for ever, and the broker cannot say that this is all."""
    monkeypatch.setattr(snapshot, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(published, "away", True)
    assert run(*ASKED, "--then", "2022-07-09").exit_code == 1
    assert run(*ASKED, "--then-as-at", "2022-07-09").exit_code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "--then: it is missing"),
        (("--then", "yesterday"), "--then: 'yesterday' is not an instant"),
        (("--then", "2022-07-04", "--now", "2022-07-03"), "--then-as-at: then"),
        (("--then", "2299-01-01"), "--then-as-at: 2299-01-01T23:59:59.999Z is still to come"),
    ],
)
def test_states_that_make_no_sense_are_exit_2_in_one_line(run: Run, options: tuple[str, ...], says: str) -> None:
    """Which names the option."""
    shown = run(*ASKED, *options)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert says in shown.stderr
