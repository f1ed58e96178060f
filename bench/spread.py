"""Medians with their spread, percentiles, and where they are kept: the same for every measurement."""

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def compute_spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Compute median, least and most."""
    named = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return {name: round(value, digits) for name, value in named.items()}


def find_percentile(ordered: Sequence[float], share: float) -> float:
    """Find the least of the ordered values that at least this share of them does not exceed."""
    place = max(0, -int(-share * len(ordered) // 1) - 1)
    return ordered[place]


def list_percentiles(values: Sequence[float]) -> dict[str, int]:
    """List milliseconds of seconds: p50, p95, p99 and the greatest."""
    ordered = sorted(values)
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(find_percentile(ordered, share) * 1000) for name, share in shares.items()}


def add_keep_option(parser: argparse.ArgumentParser, name: str) -> None:
    """Add the option that says where results are kept."""
    parser.add_argument("--keep", type=Path, default=RESULTS / f"{name}.json", help="file for the results, as JSON")


def keep_results(file: Path, results: dict[str, Any]) -> None:
    """Write the results to a file, as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=2) + "\n")
