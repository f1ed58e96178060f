"""The demo's pages: each asks the ledger, and says what it shows and whether it agrees."""

from rich.console import Group, RenderableType
from rich.text import Text

from cli.answers import Answers
from cli.demo.figures import ask_ledger, compare, figures_table
from cli.demo.instants import difference, difference_table
from cli.demo.refusals import refusals_table
from infra.settings import Settings

Page = tuple[RenderableType, bool]


def welcome(seed: int, year: int) -> Text:
    """What is about to happen."""
    text = Text("OFFICIAL  Disruption Ledger, demonstration\n", style="bold")
    text.append(
        f"A made-up national year to 30 June {year} (seed {seed}); no record in it is real.\n", style="not bold"
    )
    text.append("Starting broker, topics, tables, stream worker, loader and read API ...", style="dim not bold")
    return text


def ready(settings: Settings, seconds: float) -> str:
    """What runs."""
    return f"Ready after {seconds:.1f} s: Kafka {settings.kafka_bootstrap_servers}, read API {settings.read_api}\n"


def london(asked: Answers, _: Settings) -> Page:
    """London's published figures beside the ledger's."""
    lines = compare(ask_ledger(asked))
    right = all(line.agrees for line in lines)
    said = (
        f"{sum(line.agrees for line in lines)} of {len(lines)} agree: equal, or rounding to the published percentage."
    )
    title = _title(
        "London, year ending 30 June 2022: as published, and as this ledger counts",
        "Lead disruptions whose standing is COUNTED, all entries in; SOC threats as at 4 July 2022.",
    )
    return Group(title, figures_table(lines), Text(said, style="green" if right else "bold red")), right


def two_instants(asked: Answers, settings: Settings) -> Page:
    """The same year as at two instants, and why it differs."""
    found = difference(asked, str(settings.read_api))
    title = _title(
        "The same London year, extracted as at two instants",
        "The year had ended; its records kept arriving. Both figures can be extracted again, for ever.",
    )
    if found.adds_up:
        said = Text("The causes, read from the postings in between, add up to the difference.", style="green")
    else:
        said = Text("MISMATCH: the causes do not add up to the difference.", style="bold red")
    return Group(title, difference_table(found), said), found.adds_up


def refusals(asked: Answers, _: Settings) -> Page:
    """What intake refused."""
    title = _title("Refused at intake, by reason", "Kept with their original bytes; they moved no figure.")
    return Group(title, refusals_table(asked.ask("rejected")["rows"])), True


def farewell(settings: Settings, seconds: float, *, kept: bool) -> Text:
    """Where to ask further."""
    option = "" if str(settings.state) == ".state" else f" --state {settings.state}"
    if kept:
        first = f"Done in {seconds:.0f} s. Still running: read API {settings.read_api}/v1/health; Ctrl-C stops all."
    else:
        first = f"Done in {seconds:.0f} s; stopping. `disruptions up{option}` starts it again, with all it holds."
    examples = (
        f"disruptions counts --by region,pillar{option}",
        f"disruptions extract --from 2021-07-01 --to 2022-06-30 --as-at 2022-07-04{option}",
        f"disruptions explain metropolitan-d00042{option}",
        f"disruptions audit replay{option}",
    )
    text = Text(f"\n{first}\n", style="bold")
    text.append("Ask it, for example:\n" + "".join(f"  {example}\n" for example in examples), style="not bold")
    return text


def _title(title: str, note: str) -> Text:
    return Text(f"\n{title}\n", style="bold").append(note, style="dim not bold")
