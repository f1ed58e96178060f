"""``/v1/changes``: what is another than at a cursor, and the cursor to go on from.

The store knows of no topics: its ledger is named by nothing, of which SHA-256 begins with e3b0c442.
"""

import httpx
import pytest


def test_changes_from_the_beginning_are_the_live_counts(client: httpx.Client) -> None:
    """Two disruptions count: D-1 of the metropolitan, D-3 of kent."""
    found = client.get("/changes", params={"since": "none", "by": "org"}).json()
    assert found["rows"] == [{"org": "kent", "n": 1, "moved": 1}, {"org": "metropolitan", "n": 1, "moved": 1}]
    assert (found["since"], found["cursor"]) == ("none", "e3b0c442@0:4,1:2")
    assert found["filters"] == {"type": "LEAD", "standing": "COUNTED"}


def test_changes_since_a_cursor_are_the_cells_that_moved(client: httpx.Client) -> None:
    """Past 0:4,1:1 there is the event at 1:1 alone, by which D-3 of kent came to count."""
    found = client.get("/changes", params={"since": "e3b0c442@0:4,1:1", "by": "org,pillar"}).json()
    assert found["rows"] == [{"org": "kent", "pillar": "PROTECT", "n": 1, "moved": 1}]


def test_nothing_has_changed_since_the_newest_cursor(client: httpx.Client) -> None:
    """So a page that resumes from it draws nothing anew."""
    cursor = client.get("/changes", params={"since": "none"}).json()["cursor"]
    found = client.get("/changes", params={"since": cursor, "by": "org"}).json()
    assert (found["rows"], found["cursor"]) == ([], cursor)


@pytest.mark.parametrize("since", ["e3b0c442@0:5,1:2", "e3b0c442@7:0", "00000000@0:1,1:1", "0:4,1:1", "yesterday"])
def test_a_cursor_of_another_ledger_is_refused_by_its_field(client: httpx.Client, since: str) -> None:
    """Ahead of the store, of a partition that is not there, of another ledger, of none, or no cursor at all."""
    refused = client.get("/changes", params={"since": since})
    assert (refused.status_code, refused.json()["field"]) == (400, "since")
    assert refused.json()["detail"].startswith("since: ")
