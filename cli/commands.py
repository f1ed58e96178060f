"""Every command of ``disruptions``, loaded only when it is asked for, and the one place where errors become exit codes.

A target is ``module:attribute``: a plain function with typer annotations, or a ``typer.Typer`` for a group of commands.
Errors leave through ``CommandGroup.invoke``: one line on stderr and an exit code (``terminal.exit_codes``), no trace.
"""

from collections import Counter
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException
from typer.main import get_command

from ledger.errors import Misuse
from terminal.exit_codes import judge_error, print_error
from terminal.options import STATE


class CommandEntry(NamedTuple):
    """Where a command's code is, and its line in ``disruptions --help``."""

    target: str
    summary: str


COMMANDS = {
    "up": CommandEntry("cli.up:run_up", "Start the local whole: broker, tables, workers, read API."),
    "publish": CommandEntry("cli.publish:publish_from_files", "Send files of events (NDJSON, CSV, .xlsx) to Kafka."),
    "heartbeat": CommandEntry("cli.heartbeat:send_heartbeats", "Say that a recorder is alive, and its last number."),
    "feeds": CommandEntry("cli.feeds:show_feeds", "Who is heard, who is silent, and what is missing."),
    "wait": CommandEntry("cli.wait:wait_until_stored", "Return when everything published so far is stored."),
    "health": CommandEntry("cli.health:show_health", "Whether every part works, and what to do where one does not."),
    "counts": CommandEntry("cli.counts:show_counts", "Live balances of disruptions; lead unless asked."),
    "extract": CommandEntry("cli.extract:show_extract", "The reproducible extraction of a period."),
    "compare": CommandEntry("cli.compare:compare_states", "Then beside now, and the difference by cause."),
    "threats": CommandEntry("cli.threats:show_threats", "The count of active threats on the master list."),
    "rates": CommandEntry("cli.rates:show_rates", "Lead disruptions a week, with process limits and signals."),
    "rejected": CommandEntry("cli.rejected:show_rejected", "Events that intake refused, and why."),
    "redrive": CommandEntry("cli.redrive:resend_events", "Send mended events in the place of refused ones."),
    "alerts": CommandEntry("cli.alerts:show_alerts", "What somebody should look at now, and what was; what to do."),
    "unloadable": CommandEntry(
        "cli.unloadable:show_unloadable", "Records that the store did not take; load them again."
    ),
    "explain": CommandEntry("cli.explain:explain_disruption", "One disruption's story: entries and postings."),
    "audit": CommandEntry("cli.audit:audit", "Replay the ledger and compare it with the store."),
    "acknowledge-loss": CommandEntry("cli.acknowledge:acknowledge_loss", "Answer for published records that are lost."),
    "synth": CommandEntry("cli.synth:synthesise_year", "A seeded, plausible national year as NDJSON."),
    "demo": CommandEntry("demo:demo", "The ledger end to end, with London's figures."),
}


def load_command(name: str) -> Any:
    """Load the command itself; imports its module."""
    module, attribute = COMMANDS[name].target.split(":")
    thing = getattr(import_module(module), attribute)
    if isinstance(thing, typer.Typer):
        thing.pretty_exceptions_enable = False
        command = get_command(thing)
    else:
        single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        single.command(name, cls=OnceCommand)(thing)
        command = get_command(single)
    command.name = name
    return command


class OnceCommand(TyperCommand):
    """A command whose options stand once: of two values the last would be taken, and the other lost in silence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse an option that has two values, then parse as ever. Misuse is exit 2 as any wrong option."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for parameter, times in Counter(one for one in order if _takes_one_value(one)).items():
            if times > 1:
                raise Misuse(f"{parameter.opts[0]} stands {times} times; give it once")
        return super().parse_args(ctx, args)


def _takes_one_value(parameter: Any) -> bool:
    return isinstance(parameter, TyperOption) and not (parameter.multiple or parameter.is_flag or parameter.count)


class CommandGroup(TyperGroup):
    """The group of all commands; knows their names and summaries without importing any of them."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (the framework's signature)
        """List the names in the order of a first day's use."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  (as above: the framework's)
        """Return the command of that name; while help is listed, a stub that carries the summary."""
        if cmd_name not in COMMANDS:
            return None
        if self._listing:
            return TyperCommand(cmd_name, help=COMMANDS[cmd_name].summary)
        return load_command(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the whole, from the summaries alone."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def invoke(self, ctx: Any) -> Any:
        """Run the command; whatever error ends it becomes a line and an exit code."""
        try:
            return super().invoke(ctx)
        except (TyperException, typer.Exit, typer.Abort):
            raise  # the framework's own: usage, help, Ctrl-C
        except Exception as error:
            sentence, code = judge_error(error, ctx.meta.get(STATE))
            print_error(sentence)
            raise typer.Exit(code) from None
