"""Lookups skip what cannot hold what they look for, in rows of before the migration as in those that came after it."""

import pytest

from queries.explain import _ASSESSMENTS
from queries.rejection_desk import _ANSWERING
from schemas.answered import ANSWERS
from sinks.schema import list_statements
from sinks.store import Store

GRANULES = 5
ROWS = GRANULES * 8192
FILL = f"""
INSERT INTO entries (partition, offset, previous_offset, record, threat_id, part, header_names, header_values)
SELECT 0, number, number - 1, 'ThreatEvent', 'T' || toString(intDiv(number, 4)), 0,
    if(number = 77, ['{ANSWERS}'], ['ce_id']), ['0:5'] FROM numbers({ROWS})
"""  # noqa: S608  (names of ours alone)
FILL_POSTINGS = f"""
INSERT INTO postings (partition, offset, leg, threat_id, organisation, type, event_date, sign)
SELECT 0, number, 0, 'T' || toString(intDiv(number, 4)), 'kent', 'LEAD', '2022-07-01', 1 FROM numbers({ROWS})
"""  # noqa: S608  (as above)
BY_THREAT: dict[str, object] = {"threat_id": "T7", "position": [ROWS]}
LOOKUPS: dict[str, tuple[str, str, dict[str, object]]] = {
    "a threat's assessments": ("by_threat", _ASSESSMENTS, BY_THREAT),
    "a threat's postings": ("by_threat", "SELECT count() FROM postings FINAL WHERE threat_id = 'T7'", {}),
    "answered by": ("by_header", _ANSWERING, {"places": ["0:5"], "position": [ROWS]}),
}


def find_granules(store: Store, index: str, sql: str, asked: dict[str, object]) -> str:
    """Find how many granules an index leaves, of how many, as the engine plans it."""
    plan = [str(row["explain"]).strip(" │") for row in store.query(f"EXPLAIN indexes = 1 {sql}", asked)]
    after = plan[plan.index(f"Name: {index}") :]
    return next(line for line in after if line.startswith("Granules: "))


@pytest.mark.parametrize("before", [False, True], ids=["written after it", "written before it"])
def test_lookups_read_one_granule(store: Store, before: bool) -> None:
    """Of five that there are; and without the index there is none to be found in the plan."""
    if before:
        for table, index in (("entries", "by_threat"), ("entries", "by_header"), ("postings", "by_threat")):
            store.query(f"ALTER TABLE {table} DROP INDEX {index} SETTINGS mutations_sync = 1")
    store.query(FILL)
    store.query(FILL_POSTINGS)
    if before:
        with pytest.raises(ValueError, match="by_threat"):
            find_granules(store, *LOOKUPS["a threat's postings"])
        for statement in list_statements(None):
            if "ADD INDEX" in statement or "MATERIALIZE INDEX" in statement:
                store.query(statement, settings={"mutations_sync": 1})
    found = {name: find_granules(store, *lookup) for name, lookup in LOOKUPS.items()}
    assert found == dict.fromkeys(LOOKUPS, f"Granules: 1/{GRANULES}")
    assert store.query(LOOKUPS["answered by"][1], LOOKUPS["answered by"][2])[0]["offset"] == 77
