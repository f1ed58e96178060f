"""A public release as the read API answers it: what is hidden is null, and stays hidden in whichever table is asked."""

import httpx
import pytest

YEAR = {"from": "2021-07-01", "to": "2022-06-30"}


def test_small_cells_are_null_in_every_table_of_the_release(client: httpx.Client) -> None:
    """Two lead disruptions stand in the year: one of the Met's, one of Kent's. All of it is small."""
    for by in (None, "org", "region", "pillar", "org,pillar", "pillar,org", "region,pillar", "crime_type"):
        answer = client.get("/public", params=YEAR | ({"by": by} if by else {}))
        assert answer.status_code == 200, answer.text
        rows = answer.json()["rows"]
        assert rows
        assert [row["n"] for row in rows if row["n"]] == []
        assert answer.json()["hidden"] == sum(row["n"] is None for row in rows) > 0
        assert {name for row in rows for name in row} - {"n"} == set((by or "").replace("by", "").split(",")) - {""}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2021-07-02", "to": "2022-06-30"}, "to"),
        (YEAR | {"by": "org,crime_type"}, "by"),
        (YEAR | {"by": "kind"}, "by"),
        (YEAR | {"by": "org,org"}, "by"),
        (YEAR | {"as_at": "2022-06-29"}, "as_at"),
        (YEAR | {"as_at": "2022-06-30T22:59:59.998Z"}, "as_at"),
        (YEAR | {"known_at": "2022-01-01"}, "known_at"),
        ({"from": "2198-07-01", "to": "2199-06-30"}, "to"),
    ],
)
def test_what_could_be_subtracted_is_refused(client: httpx.Client, asked: dict[str, str], field: str) -> None:
    """The problem names the field and what may be released; a year that is not over would be released again."""
    answer = client.get("/public", params=asked)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_year_is_released_as_at_its_last_millisecond(client: httpx.Client) -> None:
    """30 June ends in London at 22:59:59.999Z."""
    assert client.get("/public", params=YEAR | {"as_at": "2022-06-30"}).status_code == 200
    assert client.get("/public", params=YEAR | {"as_at": "2022-06-30T22:59:59.999Z"}).status_code == 200
