"""``disruptions audit publish-figure``: what was published is kept, and proved again by every replay."""

from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from infra.settings import load_settings
from ledger.errors import Misuse
from ledger.instants import format_millis
from ledger.vocabulary import FigureSubject
from queries.client import open_client
from queries.figure_question import FigureQuestion
from schemas.figures import PublishedFigure
from services.figures import (
    LoggedPlace,
    ask_figure,
    describe_incomplete,
    make_figure,
    publish_figure,
)
from terminal.exit_codes import NOT_FINE, print_error
from terminal.options import DEFAULT_STATE, By, Json, Org, State, Type
from terminal.tables import AnswerJson, draw_disruptions, draw_facts, draw_threats, open_console, print_json

FirstDay = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First event date, included.")]
LastDay = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last event date, included.")]
AsAtGiven = Annotated[
    str, typer.Option("--as-at", metavar="INSTANT", help="As the record stood then, by the forces' clock.")
]
KnownAtGiven = Annotated[
    str, typer.Option("--known-at", metavar="INSTANT", help="As this ledger knew it then, by the broker's clock.")
]
Standing = Annotated[
    str | None, typer.Option("--standing", metavar="S", help="COUNTED (unless asked), another standing, or all.")
]
Threats = Annotated[bool, typer.Option("--threats", help="The threat count, which has no period, type or standing.")]


def publish_audited_figure(
    as_at: AsAtGiven,
    known_at: KnownAtGiven,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What it is published in; kept for ever, no personal data.")
    ],
    published_by: Annotated[
        str, typer.Option("--published-by", metavar="WHO", help="Organisation or role; never a person's name.")
    ],
    first: FirstDay = None,
    last: LastDay = None,
    by: By = None,
    type: Type = None,
    standing: Standing = None,
    org: Org = None,
    threats: Threats = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Publish a figure: record it for ever, so that every replay proves it again.

    Asks as extract does (or, with --threats, as threats does) and writes what
    is counted, how, as at and as known at which instants, and every cell into
    soc.figures. Both instants are given: they make the figure the same for
    ever, and publishing it again changes nothing. Exit 1, and nothing is
    written, where the answer may still grow.

    \b
    Example: disruptions audit publish-figure --from 2021-07-01 \\
               --to 2022-06-30 --as-at 2022-07-04 --known-at 2022-07-04 \\
               --by org --note "Annual report, table 2" --published-by hmicfrs
    """
    question = ask_by(first, last, as_at, known_at, by, type, standing, org, threats=threats)
    answer = ask_figure(open_client(state), question)
    if not answer["complete"]:
        print_error(describe_incomplete(answer))
        raise typer.Exit(NOT_FINE)
    figure = make_figure(question, answer, note, published_by)
    place = publish_figure(load_settings(state), figure)
    if as_json:
        print_json(describe_figure(figure, place))
    else:
        open_console().print(draw_figure(figure, place, answer))


def ask_by(
    first: str | None,
    last: str | None,
    as_at: str | None,
    known_at: str | None,
    by: str | None,
    type: str | None,
    standing: str | None,
    org: str | None,
    *,
    threats: bool,
) -> FigureQuestion:
    """Make the question of the options. Raises Misuse: some of them do not go together."""
    shared = {"as_at": as_at, "known_at": known_at, "by": by, "org": org}
    of_disruptions = {"--from": first, "--to": last, "--type": type, "--standing": standing}
    if threats:
        given = [name for name, value in of_disruptions.items() if value is not None]
        if given:
            raise Misuse(f"{given[0]} does not go with --threats: leave it out")
        return FigureQuestion(FigureSubject.THREATS, shared)
    missing = [name for name in ("--from", "--to") if of_disruptions[name] is None]
    if missing:
        raise Misuse(f"{missing[0]} is missing: say the period, or --threats for the threat count")
    written = shared | {"from_": first, "to": last, "type": type, "standing": standing}
    return FigureQuestion(FigureSubject.DISRUPTIONS, written)


def describe_figure(figure: PublishedFigure, place: LoggedPlace) -> dict[str, Any]:
    """Describe a figure as JSON has it."""
    return {
        "figure_id": figure.figure_id,
        "subject": figure.subject.value,
        "partition": place.partition,
        "offset": place.offset,
        "was_there": place.was_there,
        "measure": figure.measure,
        "as_at": format_millis(figure.as_at),
        "known_at": format_millis(figure.known_at),
        "positions": {str(number): offset for number, offset in enumerate(figure.positions)},
        "rows": [dict(zip(figure.by, cell.values, strict=True)) | {"n": cell.n} for cell in figure.cells],
        "note": figure.note,
        "published_by": figure.published_by,
    }


def draw_figure(figure: PublishedFigure, place: LoggedPlace, answer: AnswerJson) -> RenderableType:
    """Draw what was published, and where it lies."""
    said = {
        "Figure": figure.figure_id,
        "Lies in": f"soc.figures {place.partition}:{place.offset}",
        "Published by": figure.published_by,
        "Note": figure.note,
    }
    head = "It was published before: nothing was written." if place.was_there else "Published, for ever."
    shown = draw_threats(answer) if figure.subject is FigureSubject.THREATS else draw_disruptions(answer)
    return Group(Text(head, style="bold"), draw_facts(said), shown)
