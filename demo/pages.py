"""The demo's pages: each asks the ledger, and says what it shows and whether it agrees."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from audit.claims import CheckedTable, check_claims
from audit.claims_file import load_london
from demo.extract_comparison import compare_extracts, draw_difference
from demo.rejections import draw_rejections
from infra.settings import Settings
from queries.audited import AuditedStore
from queries.client import Client
from queries.record_queries import RejectionQuery
from terminal.claims_table import draw_claims, tally_agreement
from terminal.options import DEFAULT_STATE

EXAMPLES = (
    "counts --by region,pillar",
    "extract --from 2021-07-01 --to 2022-06-30 --as-at 2022-07-04",
    "rejected",
    "audit replay",
)
WHAT_AGREEMENT_PROVES = (
    "The published totals are inputs of this made-up year's generator: its events were made to come to them, among "
    "late entries, amendments, withdrawals, reclassifications, resends and rejected events. So agreement proves that "
    "the ledger lost, doubled and misfiled none of them; it says nothing about the real records of London."
)
SHOWN = "?from=2021-07-01&to=2022-06-30"  # the year, on the pages
Page = tuple[RenderableType, bool]


def draw_welcome(seed: int, year: int) -> Text:
    """Say what is about to happen."""
    text = Text("OFFICIAL  Disruption Ledger, demonstration\n", style="bold")
    text.append(
        f"A made-up national year to 30 June {year} (seed {seed}); no record in it is real.\n", style="not bold"
    )
    text.append("Starting broker, topics, tables, stream worker, loader and read API ...", style="dim not bold")
    return text


def describe_stack(settings: Settings, seconds: float) -> str:
    """Say what runs."""
    return (
        f"Ready after {seconds:.1f} s: Kafka {settings.kafka_bootstrap_servers}\n"
        f"In a browser: {settings.read_api}/{SHOWN}\n"
    )


def show_london(asked: Client, _: Settings) -> Page:
    """Show London's published figures beside the ledger's, as ``audit claims`` checks them."""
    found = check_claims(load_london(), AuditedStore(asked))
    return draw_london(found), found.agrees


def draw_london(found: CheckedTable) -> RenderableType:
    """Draw the claims, how many agree, and what that proves."""
    said = f"{tally_agreement(found.checked)}: equal, or rounding to the published percentage."
    title = _draw_title(
        "London, year ending 30 June 2022: as published, and as the ledger counts it",
        "Lead disruptions, counted, every entry in; SOC threats as at 4 July 2022.",
    )
    verdict = Text(said, style="green" if found.agrees else "bold red")
    return Group(title, draw_claims(found.checked), verdict, Text(WHAT_AGREEMENT_PROVES, style="dim"))


def show_two_instants(asked: Client, settings: Settings) -> Page:
    """Show the same year as at two instants, and why it differs."""
    found = compare_extracts(asked)
    title = _draw_title(
        "The same London year, extracted as at two instants",
        "The year had ended, its records kept arriving. Either figure stays for ever.",
    )
    if found.adds_up:
        said = Text("The causes, read from the postings in between, add up to the difference.", style="green")
    else:
        said = Text("MISMATCH: the causes do not add up to the difference.", style="bold red")
    if found.example:
        said.append(
            f"\nOne story of them: disruptions explain {found.example}{_format_option(settings.state)}", style="default"
        )
    return Group(title, draw_difference(found), said), found.adds_up


def show_rejections(asked: Client, _: Settings) -> Page:
    """Show what intake rejected."""
    title = _draw_title("Rejected at intake, by reason", "Kept with their original bytes; they moved no figure.")
    return Group(title, draw_rejections(asked.ask(RejectionQuery)["rows"])), True


def draw_farewell(settings: Settings, seconds: float, *, kept: bool) -> Text:
    """Say where to ask further."""
    option = _format_option(settings.state)
    text = Text(f"\nDone in {seconds:.0f} s. ", style="bold")
    if kept:
        text.append(f"Still running: look at {settings.read_api}/{SHOWN}\nCtrl-C stops all of it.")
    else:
        text.append("Everything stops now; this starts it again with all it holds:\n")
        text.append(f"  disruptions up{option}", style="not bold")
        text.append(f"\nIt says where its pages are; the year is at /{SHOWN}", style="not bold")
    text.append("\nAsk it, for example:", style="bold")
    text.append("".join(f"\n  disruptions {example}{option}" for example in EXAMPLES), style="not bold")
    return text


def _format_option(ground: Path) -> str:
    return "" if ground == DEFAULT_STATE else f" --state {ground}"


def _draw_title(title: str, note: str) -> Text:
    return Text(f"\n{title}\n", style="bold").append(note, style="dim not bold")
