"""Hazardous schemas are refused before a value is read: that could take for ever, or end the process."""

import copy
from typing import Any

import pytest

from ledger.errors import Rejected
from schemas.definitions import DISRUPTION, NAMES, read_definition
from schemas.hazards import is_hazardous
from schemas.plans import HAZARDOUS, make_plan
from schemas.registry import UNKNOWN
from schemas.upcast import CHAINS

LIST = {"type": "record", "name": "Link", "fields": [{"name": "next", "type": ["null", "Link"]}]}
EMPTY = {"type": "record", "name": "Empty", "fields": [{"name": "nothing", "type": "null"}]}
FIXED = {"type": "fixed", "name": "Fixed", "size": 0}


def add_field(kind: Any) -> Any:
    """The disruption's schema with one field more."""
    schema = copy.deepcopy(read_definition(DISRUPTION))
    schema["fields"].append({"name": "extra", "type": kind})
    return schema


@pytest.mark.parametrize(
    "kind",
    [
        LIST,
        {"type": "array", "items": LIST},
        {"type": "map", "values": ["null", LIST]},
        {"type": "array", "items": "null"},
        {"type": "array", "items": {"type": "null"}},
        {"type": "array", "items": EMPTY},
        {"type": "array", "items": FIXED},
        ["null", {"type": "array", "items": "null"}],
        {"type": {"type": "array", "items": "null"}},
        {"type": "record", "name": "Both", "fields": [
            {"name": "one", "type": EMPTY}, {"name": "many", "type": {"type": "array", "items": "Empty"}},
        ]},
    ],
)  # fmt: skip
def test_a_type_that_contains_itself_and_an_array_of_nothing_are_refused(kind: Any) -> None:
    """Wherever in the schema, by its code and what to do."""
    with pytest.raises(Rejected, match=HAZARDOUS.partition(";")[0]):
        make_plan(add_field(kind), CHAINS)


@pytest.mark.parametrize(
    "kind",
    [
        "null",
        EMPTY,
        {"type": "array", "items": ["null", "string"]},
        {"type": "array", "items": {"type": "map", "values": "null"}},
        {"type": "array", "items": {"type": "enum", "name": "One", "symbols": ["ONE"]}},
        {"type": "fixed", "name": "Fixed", "size": 16},
    ],
)
def test_plain_fields_that_are_added_are_passed_over(kind: Any) -> None:
    """Each item of an array has a byte, or the field is none."""
    assert make_plan(add_field(kind), CHAINS).name == DISRUPTION


def test_what_is_very_deep_is_refused() -> None:
    """An array of arrays, ten thousand deep."""
    kind: Any = "string"
    for _ in range(10_000):
        kind = {"type": "array", "items": kind}
    assert is_hazardous(kind)


def test_no_schema_of_the_ledger_is_hazardous() -> None:
    """Nor could any be added unseen."""
    assert not any(is_hazardous(read_definition(name)) for name in NAMES)


def test_what_is_no_schema_is_no_hazard() -> None:
    """It is refused for that."""
    assert not is_hazardous(7)


@pytest.mark.parametrize("fields", [None, 7, ["a name"], [None]])
def test_what_a_registry_lets_pass_and_is_no_schema_is_refused(fields: Any) -> None:
    """Not every registry looks at what is registered; a partition is not to stand still for it."""
    with pytest.raises(Rejected, match=UNKNOWN.partition(";")[0]):
        make_plan({"type": "record", "name": DISRUPTION, "fields": fields}, CHAINS)


def test_a_record_without_a_name_is_none_of_the_ledgers() -> None:
    """A number is no name."""
    with pytest.raises(Rejected, match=UNKNOWN.partition(";")[0]):
        make_plan({"type": "record", "name": 7, "fields": []}, CHAINS)
