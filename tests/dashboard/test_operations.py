"""What whoever operates the service sees: contradictions among the figures, on every page and in health."""

from collections.abc import Iterator

import httpx
import pytest

from sinks.store import Store

TITLE = "Do not rely on these figures"
FORGED = """
INSERT INTO postings SELECT * REPLACE (toUInt32(7) AS leg, 'SUPPORT' AS type)
FROM (SELECT * FROM postings WHERE partition = 0 AND offset = 1 LIMIT 1)
"""


@pytest.fixture
def site(address: str) -> Iterator[httpx.Client]:
    """A client of all that the service answers."""
    with httpx.Client(base_url=address, trust_env=False) as opened:
        yield opened


@pytest.fixture
def forged(store: Store, site: httpx.Client) -> Iterator[None]:
    """D-1, a lead disruption, is support too, until it is mended and looked at again."""
    store.query(FORGED)
    yield
    store.query("ALTER TABLE postings DELETE WHERE leg = 7 SETTINGS mutations_sync = 2")
    site.get("/v1/invariants")


def test_what_is_stored_by_hand_holds(site: httpx.Client) -> None:
    """Every invariant with its meaning, at the position of the store; nothing is red."""
    found = site.get("/v1/invariants").json()
    assert (found["status"], found["whole"], found["position"]) == ("ok", True, {"0": 4, "1": 2})
    names = [one["name"] for one in found["invariants"]]
    assert names == ["ONE_ACCOUNT", "LEAD_APART", "TOTALS_AGREE", "STORE_EQUALS_ENTRIES"]
    assert TITLE not in site.get("/").text


@pytest.mark.usefixtures("forged")
def test_a_breach_is_on_every_page_and_in_health(site: httpx.Client) -> None:
    """By its partition and offset, with what to do; no page looks for itself."""
    assert TITLE not in site.get("/").text
    found = site.get("/v1/invariants").json()
    assert found["status"] == "breached"
    apart = found["invariants"][1]
    assert (apart["breaches"], apart["places"]) == (1, [{"partition": 0, "offset": 1}])
    for path in ("/", "/nowhere", "/?from=yesterday"):
        page = site.get(path).text
        assert TITLE in page
        assert "LEAD_APART: it is not so that no disruption is both lead and support (1 found in partition 0" in page
        assert "D-1" not in page
    troubles = site.get("/v1/health").json()["troubles"]
    assert [one["part"] for one in troubles] == ["invariants"] * 3
    assert "disruptions audit replay" in troubles[0]["remedy"]
