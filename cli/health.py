"""``disruptions health``: does all of it work, and if not, what is to be done."""

from pathlib import Path

import httpx
import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from infra.settings import Settings, load_settings
from ledger.errors import Unavailable
from local.process_list import list_troubles, read_supervised
from queries.client import StoreClient, report_nothing_runs
from queries.health_answers import ClockAnswer, HealthAnswer, PartHealth, PartTrouble
from queries.record_queries import HealthQuery
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

TIMEOUT_SECONDS = 15.0


def show_health(as_json: Json = False, state: State = DEFAULT_STATE) -> None:
    """Tell whether every part works, what troubles there are, and what to do about each.

    \b
    Exit codes: 0 ok; 1 degraded; 3 nobody answers (then it says what the
    supervisor knows of the parts).

    \b
    Example: disruptions health
             disruptions health --json | jq '.troubles[]'
    """
    body = ask_health(load_settings(state))
    if as_json:
        print_json(body)
    else:
        open_console().print(draw_health(body))
    if body["status"] != "ok":
        raise typer.Exit(NOT_FINE)


def ask_health(settings: Settings) -> HealthAnswer:
    """Ask the read API, or the store where ``CLICKHOUSE_DSN`` names one and no read API is known.

    Raises:
        Unavailable: nobody answers; the message has what the supervisor says.
    """
    if settings.read_api is not None:
        return _ask_api(settings, settings.read_api)
    if settings.clickhouse_dsn is not None:
        return StoreClient(settings).ask(HealthQuery)
    raise report_nothing_runs(settings, "DISRUPTIONS_READ_API or CLICKHOUSE_DSN")


def draw_health(body: HealthAnswer) -> RenderableType:
    """Draw one line of what it comes to, the parts, and each trouble with what to do."""
    lag = (
        "the broker was not reached"
        if body["lag"] is None
        else f"{body['lag']:,} published and not stored yet, up to 2 s ago"
    )
    heading = Text(f"{body['status'].upper()}   loader: {body['loader']}   {lag}", style="bold")
    return Group(
        heading, *_draw_clock(body["clock"]), _draw_parts(body["parts"]), *map(_draw_trouble, body["troubles"])
    )


def _draw_clock(clock: ClockAnswer | None) -> list[Text]:
    """Draw how far this machine's clock is ahead of the brokers', where anything shows it."""
    if clock is None:
        return []
    between = f"between {clock['least_ahead']:,.1f} and {clock['most_ahead']:,.1f} s"
    return [Text(f"clock: {between} ahead of the brokers'")]


def _draw_parts(parts: list[PartHealth]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("Part", "State", "Restarts", "Ended last"):
        table.add_column(name, justify="right" if name == "Restarts" else "left", overflow="fold")
    for one in parts:
        end = one["last_end"]
        ended = f"{end['at']}: {end['why']}" if end else ""
        table.add_row(one["name"], one["state"], f"{one['restarts']:,}", ended)
    return table if parts else Text("no part runs on this state directory")


def _draw_trouble(trouble: PartTrouble) -> RenderableType:
    remedy = Padding(Text(f"do: {trouble['remedy']}"), (0, 0, 0, 4), expand=False)
    return Group(Text(f"{trouble['part']}: {trouble['what']}"), remedy)


def _ask_api(settings: Settings, address: str) -> HealthAnswer:
    url = f"{address if '://' in address else f'http://{address}'}/v1/health"
    try:
        response = httpx.get(url, timeout=TIMEOUT_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = _describe_parts(settings.state)
        raise Unavailable(f"the read API at {address} does not answer ({type(error).__name__}){said}") from None
    try:
        return msgspec.json.decode(response.content, type=HealthAnswer)
    except msgspec.MsgspecError:
        said = _describe_parts(settings.state)
        raise Unavailable(f"the read API at {address} answered {response.status_code}{said}") from None


def _describe_parts(state: Path) -> str:
    """Say what the supervisor says while the service cannot: each part that is in trouble."""
    supervised = read_supervised(state)
    if supervised is None:
        return "; is `up` running?"
    troubles = list_troubles(
        [{"name": one["name"], "troubles": [{"what": one["trouble"]}]} for one in supervised if one.get("trouble")]
    )
    return "".join(f"; {one['part']}: {one['what']}" for one in troubles) or "; its supervisor knows of no trouble yet"
