"""Rejected events by reason, as the ledger tells them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table


def draw_rejections(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Draw one line a code, commonest first, with the sentence that a duty officer gets."""
    found = list(rows)
    sentences = {row["code"]: row["message"] for row in found}
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0, show_footer=True)
    table.add_column("Code", "Total", no_wrap=True)
    table.add_column("n", f"{len(found):,}", justify="right", no_wrap=True)
    table.add_column("What to do", overflow="fold")
    for code, n in Counter(row["code"] for row in found).most_common():
        table.add_row(code, f"{n:,}", sentences[code])
    return table
