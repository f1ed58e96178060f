"""What publishers are told of symbols: every one that an event may hold stands in docs/publishing.md."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCHEMAS = ("DisruptionEvent", "ThreatEvent")


def list_symbols(schema: Any) -> list[str]:
    """List the symbols of every enum within a schema; what a newer symbol reads as is never sent."""
    if isinstance(schema, list):
        return [symbol for one in schema for symbol in list_symbols(one)]
    if not isinstance(schema, dict):
        return []
    own = [one for one in schema.get("symbols", ()) if one != "UNRECOGNISED"]
    return own + [symbol for one in schema.values() for symbol in list_symbols(one)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_publishing_names_every_symbol_that_an_event_may_hold(name: str) -> None:
    """An engineer finds them without reading a schema."""
    symbols = list_symbols(json.loads((ROOT / "schemas" / f"{name}.avsc").read_text(encoding="utf-8")))
    assert len(symbols) > 10
    said = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/publishing.md").read_text(encoding="utf-8")))
    assert not set(symbols) - said, f"name in docs/publishing.md: {sorted(set(symbols) - said)}"
