"""Answers as tables that read well at 80 columns. Lead and support are labelled and never share a table or a total."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ledger.instants import format_for_people

AnswerJson = Mapping[str, Any]
AnswerRow = dict[str, Any]

HEADINGS = {
    "org": "Organisation",
    "region": "Region",
    "type": "Type",
    "pillar": "Pillar",
    "kind": "Threat kind",
    "crime_type": "Crime type",
    "category": "Category",
    "standing": "Standing",
    "month": "Month",
}
TYPES = ("LEAD", "SUPPORT")
ALL = "all"
LABEL_CHARACTERS = 12
TOLD = {"type", "standing", "from", "to", "literal", "org"}  # filters that the heading tells in words of its own


def open_console(*, error: bool = False) -> Console:
    """Return the terminal; its width is the caller's."""
    return Console(stderr=error, highlight=False, emoji=False, markup=False)


def print_json(body: Any) -> None:
    """Print one JSON document on stdout, exactly as the API answered."""
    spelled = json.dumps(body, indent=2, ensure_ascii=not _prints_every_letter())
    print(spelled)  # noqa: T201  (stdout is this command's product)


def _prints_every_letter() -> bool:
    """Return whether the output's encoding has all letters; where it has not, JSON's own escapes do."""
    return (sys.stdout.encoding or "").lower().startswith("utf")


def draw_disruptions(answer: AnswerJson, *, moved: list[AnswerRow] | None = None) -> RenderableType:
    """Draw counts or an extraction: heading and rows; with ``moved``, what the last minutes changed beside them.

    Lead and support, where both were asked for, are two tables. Across standings nothing is added: what counts and what
    does not have no total together.
    """
    asked, standing = str(answer["filters"]["type"]), str(answer["filters"]["standing"])
    standings = "every standing" if standing == ALL else standing
    kinds = (asked,) if asked in TYPES else TYPES
    tables = [
        draw_rows(
            select_rows(kind, answer["rows"]),
            kind.capitalize(),
            addable=standing != ALL,
            moved=select_rows(kind, moved),
        )
        for kind in kinds
    ]
    return Group(draw_heading(answer, f"{' and '.join(kinds)} disruptions, {standings}"), *tables)


def select_rows(kind: str, rows: list[AnswerRow] | None) -> Any:
    """Return the rows of one type."""
    return None if rows is None else [row for row in rows if row.get("type", kind) == kind]


def draw_threats(answer: AnswerJson) -> RenderableType:
    """Draw the threat count of rule 8."""
    return Group(draw_heading(answer, "Active threats"), draw_rows(answer["rows"], "Threats", addable=True))


def draw_heading(answer: AnswerJson, title: str) -> RenderableType:
    """Draw what was measured, over which period, as at and known at which instants, from which position."""
    filters = answer["filters"]
    said = draw_facts(
        {
            **({"Organisation": filters["org"]} if "org" in filters else {}),
            **describe_period(filters),
            **list_other_filters(filters),
            "As at": format_for_people(answer["as_at"]),
            "Known at": f"{format_for_people(answer['known_at'])}{', complete' if answer['complete'] else ''}",
            "Position": format_positions(answer["position"]),
            "Measure": answer["measure"],
        }
    )
    parts: list[RenderableType] = [Text(f"OFFICIAL\n{title}", style="bold"), said]
    if not answer["complete"]:
        parts.append(Text(f"INCOMPLETE: {describe_shortfall(answer)}", style="bold yellow"))
    return Group(*parts)


def describe_shortfall(answer: AnswerJson) -> str:
    """Say what is wanting to an answer that is not complete, in one line."""
    through = answer["complete_through"]
    if through is None:
        return "it may still grow; no instant is known to be complete: the broker has more, or cannot be asked"
    return f"it may still grow; complete through {format_for_people(through)}"


def list_other_filters(filters: dict[str, Any]) -> dict[str, str]:
    """Return the filters that no other line tells, in one."""
    left = [f"{name} {value}" for name, value in filters.items() if name not in TOLD]
    return {"Filters": ", ".join(left)} if left else {}


def draw_facts(said: dict[str, Any]) -> Table:
    """Draw labels and what they say; long ones fold below themselves."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=LABEL_CHARACTERS)
    grid.add_column(overflow="fold")
    for label, value in said.items():
        grid.add_row(label, str(value))
    return grid


def describe_period(filters: dict[str, Any]) -> dict[str, str]:
    """Return the event dates that the filters let through, where they bound them."""
    if filters.get("from") is None and filters.get("to") is None:
        return {}
    bounds = {"Event dates": f"{filters['from']} to {filters['to']}, both included"}
    if literal := filters.get("literal"):  # rule 11: the published filter, read word by word, loses the first day
        bounds["Literally"] = f"{literal['n']:,} if read as {literal['reads']}"
    return bounds


def format_positions(positions: dict[str, int]) -> str:
    """Format stored offsets, partition by partition: ``0:12 1:9``."""
    return (
        " ".join(f"{partition}:{offset}" for partition, offset in sorted(positions.items(), key=_read_partition))
        or "none"
    )


def _read_partition(item: tuple[str, int]) -> int:
    return int(item[0])


def draw_rows(rows: list[AnswerRow], counted: str, *, addable: bool, moved: list[AnswerRow] | None = None) -> Table:
    """Draw one column a dimension, the count right-aligned, and a total where adding is right."""
    names = [name for name in (rows[0] if rows else {}) if name != "n"]
    changes = {_make_key(row, names): int(row["n"]) for row in moved or ()}
    table = _draw_columns(names, counted, total=sum(int(row["n"]) for row in rows) if addable and names else None)
    if moved is not None:
        table.add_column("Moved", justify="right", no_wrap=True)
    for row in rows:
        key = _make_key(row, names)
        table.add_row(*key, f"{row['n']:,}", *([_format_change(changes.get(key, 0))] if moved is not None else []))
    if not rows:
        table.add_row("0")
    return table


def _draw_columns(names: list[str], counted: str, total: int | None) -> Table:
    table = Table(box=SIMPLE_HEAD, show_footer=total is not None, pad_edge=False, padding=(0, 1))
    for index, name in enumerate(names):
        table.add_column(HEADINGS.get(name, name), footer="" if index else "Total", overflow="fold")
    table.add_column(counted, justify="right", footer="" if total is None else f"{total:,}", no_wrap=True)
    return table


def _make_key(row: AnswerRow, names: list[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in names)


def _format_change(change: int) -> str:
    return f"{change:+,}" if change else ""
