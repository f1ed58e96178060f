"""Claims for people: what was published, beside what the ledger counts."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from audit.claims import CheckedClaim

NATION = "all"


def draw_claims(checked: Iterable[CheckedClaim]) -> Table:
    """Draw one line a claim; an organisation is named once."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("Organisation", no_wrap=True)
    table.add_column("Measure", no_wrap=True)
    table.add_column("Published", justify="right", no_wrap=True)
    table.add_column("Ledger", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    before = None
    for one in checked:
        claim = one.claim
        mark = Text("match", style="green") if one.agrees else Text("MISMATCH", style="bold red")
        shown = "" if claim.org == before else claim.org or NATION
        table.add_row(shown, claim.measure, claim.quotation, _format_count(one), mark)
        before = claim.org
    return table


def tally_agreement(checked: Iterable[CheckedClaim]) -> str:
    """Tally how many agree."""
    found = [one.agrees for one in checked]
    return f"{sum(found)} of {len(found)} agree"


def _format_count(one: CheckedClaim) -> str:
    n, share = one.counted.n, one.counted.percent
    return f"{n:,}" if share is None or not one.claim.is_share else f"{n:,} = {float(share):.1f}%"
