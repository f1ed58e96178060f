"""The aims, as ratios between things measured in the same run, and whether a run met them. Pure arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Results = Mapping[str, Any]
ResultPath = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A figure, or a figure over another, and the bound that it should keep."""

    says: str
    figure: ResultPath
    over: ResultPath = ()
    at_least: float | None = None
    at_most: float | None = None

    @property
    def bound(self) -> float:
        """The one bound it has."""
        found = self.at_least if self.at_least is not None else self.at_most
        assert found is not None, f"{self.says}: an aim has a bound"
        return found

    def find_measured(self, results: Results) -> float | None:
        """Return the figure, or the ratio; None where a piece was not measured."""
        figure = find_number(results, self.figure)
        if not self.over or figure is None:
            return figure
        whole = find_number(results, self.over)
        return figure / whole if whole else None


@dataclass(frozen=True, slots=True)
class AimVerdict:
    """What a run says of one aim; ``short`` is by which share of the bound it was missed, 0 where it was met."""

    aim: Aim
    measured: float | None
    short: float

    @property
    def said(self) -> str:
        """Whether the aim was met, or by how much it was missed, in words."""
        if self.measured is None:
            return "not measured"
        return f"missed by {self.short:.0%}" if self.short else "met"


INTAKE: ResultPath = ("intake", "throughput")
RETURN: ResultPath = ("intake", "return after kill -9")
RATE = "events_per_second"
FAUST: ResultPath = (*INTAKE, "Faust, one worker", RATE)
RATES: ResultPath = ("freshness", "rates")
VISIBLE = "acknowledged to visible"

DRAWN: ResultPath = ("pages", "milliseconds")
WATCHED: ResultPath = ("watchers", "crowds", "500 watching")
SCREEN: ResultPath = ("watchers", "browser", "1 events/s", "acknowledged to screen")
LIVE_COUNT: ResultPath = ("milliseconds", "live counts: asked", "median")

AIMS = (
    Aim(
        says="intake over the decode-only floor", figure=FAUST, over=(*INTAKE, "decode-only floor", RATE), at_least=0.4
    ),
    Aim(says="intake over quixstreams", figure=FAUST, over=(*INTAKE, "quixstreams", RATE), at_least=2.0),
    Aim(
        says="intake over the plain loop",
        figure=FAUST,
        over=(*INTAKE, "plain confluent-kafka loop", RATE),
        at_least=1.7,
    ),
    Aim(says="insert-only floor over the loader", figure=("loader", "insert only over loader"), at_most=1.25),
    Aim(says="entries rebuilt a second, a million a minute", figure=("rebuild", "entries per second"), at_least=16_667),
    Aim(says="freshness p50 at 10 events/s, ms", figure=(*RATES, "10 events/s", VISIBLE, "p50", "median"), at_most=80),
    Aim(says="freshness p99 at 10 events/s, ms", figure=(*RATES, "10 events/s", VISIBLE, "p99", "median"), at_most=150),
    Aim(
        says="freshness p50 at 1,000 events/s, ms",
        figure=(*RATES, "1000 events/s", VISIBLE, "p50", "median"),
        at_most=200,
    ),
    Aim(
        says="freshness p99 at 1,000 events/s, ms",
        figure=(*RATES, "1000 events/s", VISIBLE, "p99", "median"),
        at_most=400,
    ),
    Aim(
        says="national year at 1 million postings, ms",
        figure=("balances", "1000000 postings", "milliseconds", "national year: asked", "median"),
        at_most=100,
    ),
    Aim(
        says="national year over bare SQL at 10 million",
        figure=("balances", "10000000 postings", "asked over bare, FINAL"),
        at_most=1.3,
    ),
    Aim(
        says="live count at 10 million over 100,000",
        figure=("balances", "10000000 postings", *LIVE_COUNT),
        over=("balances", "100000 postings", *LIVE_COUNT),
        at_most=1.5,
    ),
    Aim(
        says="worker with 1 million disruptions, peak MB",
        figure=(*RETURN, "peak MB while building"),
        at_most=1024,
    ),
    Aim(
        says="back at work after kill -9 with them, s",
        figure=(*RETURN, "seconds to first output, with snapshots"),
        at_most=20,
    ),
    Aim(
        says="fold, 10,000 events of an activity over 1,000",
        figure=("large", "greatest growth"),
        at_most=1.5,
    ),
    Aim(says="national page, cold, at the server, ms", figure=(*DRAWN, "national", "cold", "median"), at_most=150),
    Aim(says="then and now, cold, at the reader, ms", figure=(*DRAWN, "then and now", "cold", "median"), at_most=2000),
    Aim(
        says="national page, first contentful paint, ms",
        figure=("pages", "first contentful paint, ms", "median"),
        at_most=1000,
    ),
    Aim(says="500 watching, share of events seen", figure=(*WATCHED, "share seen"), at_least=1.0),
    Aim(says="500 watching, cores of the service", figure=(*WATCHED, "cores used", "service"), at_most=1.0),
    Aim(says="acknowledged to the browser, p50, ms", figure=(*SCREEN, "p50"), at_most=300),
    Aim(says="acknowledged to the browser, p99, ms", figure=(*SCREEN, "p99"), at_most=800),
    Aim(
        says="sealing, entries/s",
        figure=("seals", "sealing", "entries per second", "sealing", "median"),
        at_least=20_000,
    ),
    Aim(
        says="inclusion proof at 10 million leaves, ms",
        figure=("seals", "inclusion", "milliseconds", "median"),
        at_most=5,
    ),
    Aim(says="demo, its own work, s", figure=("machines", "demo seconds"), at_most=60),
    Aim(
        says="replay of partitions, entries/s a core",
        figure=("replay", "entries a second a core", "partitions", "median"),
        at_least=50_000,
    ),
    Aim(
        says="SDK, events/s acknowledged",
        figure=("producer", "numbered by the caller", RATE, "median"),
        at_least=20_000,
    ),
)


def find_number(results: Results, path: ResultPath) -> float | None:
    """Return the number at a path, or None where the path ends early."""
    found: Any = results
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return None if found is None else float(found)


def judge_aim(aim: Aim, results: Results) -> AimVerdict:
    """Judge an aim: met, or missed by which share of the bound."""
    measured = aim.find_measured(results)
    if measured is None:
        return AimVerdict(aim, None, 0.0)
    missing = aim.at_least - measured if aim.at_least is not None else measured - aim.bound
    return AimVerdict(aim, measured, max(0.0, missing / aim.bound))


def format_verdicts(results: Results, aims: tuple[Aim, ...] = AIMS) -> str:
    """Return the aims as lines for people."""
    lines = [f"{'aim':46}{'bound':>12}{'measured':>12}  verdict"]
    for verdict in (judge_aim(aim, results) for aim in aims):
        sign = ">=" if verdict.aim.at_least is not None else "<="
        bound = f"{sign} {verdict.aim.bound:,g}"
        measured = "" if verdict.measured is None else format_number(verdict.measured)
        lines.append(f"{verdict.aim.says:46}{bound:>12}{measured:>12}  {verdict.said}")
    return "\n".join(lines)


def format_number(value: float) -> str:
    """Write two decimals where they tell something, none where they do not."""
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
