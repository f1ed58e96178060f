"""Rates as a table of weeks: what is recorded, a mark where it is a signal or still fills, and what the signals are."""

from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ledger.instants import format_for_people
from terminal.tables import AnswerJson, describe_period, describe_shortfall, draw_facts, format_positions

MARKS: Final = {"filling": "still filling", "above": "HIGH", "below": "LOW", "rising": "rising", "falling": "falling"}


def draw_rates(answer: AnswerJson) -> RenderableType:
    """Draw the heading, the weeks, and the signals."""
    parts: list[RenderableType] = [Text("OFFICIAL\nLEAD disruptions a week, COUNTED", style="bold")]
    if not answer["complete"]:
        parts.append(Text(f"INCOMPLETE: {describe_shortfall(answer)}", style="bold yellow"))
    parts += [_draw_basis(answer), _draw_weeks(answer)]
    parts += [Text(f"Signal: {one['sentence']}") for one in answer["signals"]] or [Text("No signal.")]
    return Group(*parts)


def _draw_basis(answer: AnswerJson) -> Table:
    numerator, denominator, total = answer["numerator"], answer["denominator"], answer["total"]
    whom = {name: value for name, value in numerator["filters"].items() if name not in ("type", "standing")}
    return draw_facts({
        "Of": ", ".join(f"{name} {value}" for name, value in whom.items()) or "the nation",
        **describe_period(numerator),
        **{f"Left out {number}": _describe_left_out(one) for number, one in enumerate(answer["left_out"], 1)},
        "As at": format_for_people(answer["as_at"]),
        "Known at": format_for_people(answer["known_at"]),
        "A week": f"{_format_figure(total['per_week'])} recorded, {_format_figure(total['rate'])} per"
        f" {denominator['per']} active threats",
        "Threats": f"{denominator['n']:,} active as at {format_for_people(denominator['as_at'])}",
        **{f"Limits {number}": _describe_limits(one) for number, one in enumerate(answer["limits"], 1)},
        "Method": f"{answer['method']['name']}, {answer['method']['version']}",
        "Measure": answer["measure"],
        "Position": format_positions(answer["position"]),
    })  # fmt: skip


def _describe_left_out(one: dict[str, str]) -> str:
    return f"{one['from']} to {one['to']}: {one['why']}"


def _describe_limits(one: dict[str, Any]) -> str:
    baseline = f"{one['baseline_reason']} (weeks of {one['baseline_first_week']} to {one['baseline_last_week']})"
    if one["centre"] is None:
        return f"none: {baseline} has too few weeks or disruptions"
    figures = " to ".join(_format_figure(one[name]) for name in ("lower", "upper"))
    return f"{figures}, centre {_format_figure(one['centre'])}, from {baseline}"


def _draw_weeks(answer: AnswerJson) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading in ("Week of", "Lead", "Expected", "Between", "In"):
        table.add_column(heading, justify="left" if heading == "Week of" else "right", no_wrap=True)
    table.add_column("Mark", overflow="fold")
    for week in answer["weeks"]:
        table.add_row(*_list_cells(week), ", ".join(_list_marks(week, answer["signals"])))
    return table


def _list_cells(week: dict[str, Any]) -> tuple[str, ...]:
    share = "" if week["share"] is None else f"{min(1.0, week['share']):.0%}"
    if week["expected"] is None or round(week["expected"]) == week["n"]:
        return week["week"], f"{week['n']:,}", "", "", share
    between = f"{week['expected_lower']:,.0f}-{week['expected_upper']:,.0f}"
    return week["week"], f"{week['n']:,}", f"{week['expected']:,.0f}", between, share


def _list_marks(week: dict[str, Any], signals: list[dict[str, str]]) -> list[str]:
    """List its marks: words, as nothing is said by colour alone."""
    sides = {one["side"] for one in signals if one["first_week"] <= week["week"] <= one["last_week"]}
    return [word for mark, word in MARKS.items() if mark in sides or (mark == "filling" and week["filling"])]


def _format_figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.1f}"
