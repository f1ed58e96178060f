"""Every measurement in one run, one after the other, then one table and the aims: ``make bench``.

    python -m bench [--quick] [--only fold,loader]

Each piece is a process of its own and can be run alone (``python -m bench.loader --help``). Figures of one run belong
together: compare ratios, not figures of different runs. Keeps bench/results/run.json, or quick.json of a part.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import aims, figures
from bench.processes import ROOT, make_command
from bench.spread import RESULTS, keep_results

PIECE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement: its module, its arguments, and those of a quick look."""

    module: str
    full: str
    quick: str

    @property
    def name(self) -> str:
        """Its name in the results."""
        return self.module.rpartition(".")[2]


PIECES = (
    Measurement("bench.codec", "", "--repeats 5"),
    Measurement("bench.fold", "--events 100000 --repeats 5", "--events 20000 --repeats 3"),
    Measurement(
        "bench.large",
        "--events 10000 --disruptions 100000 --repeats 3",
        "--events 4000 --disruptions 20000 --repeats 2",
    ),
    Measurement("bench.intake", "--events 150000 --repeats 3", "--events 60000 --repeats 1 --disruptions 20000"),
    Measurement("bench.loader", "--entries 200000 --repeats 3", "--entries 60000 --repeats 2"),
    Measurement(
        "bench.seals",
        "--entries 200000 --leaves 10000000 --repeats 3",
        "--entries 40000 --leaves 300000 --repeats 1",
    ),
    Measurement("bench.rebuild", "--entries 300000", "--entries 30000"),
    Measurement("bench.replay", "--repeats 3", "--repeats 1"),
    Measurement("bench.producer", "--events 40000 --repeats 3", "--events 10000 --repeats 2"),
    Measurement("bench.bundles", "--repeats 3", "--events 10000 --checkpoints 300 --repeats 1"),
    Measurement("bench.balances", "--repeats 7", "--sizes 1000000 --repeats 3"),
    Measurement("bench.freshness", "--seconds 15 --repeats 3", "--seconds 5 --repeats 1"),
    Measurement("bench.pages", "--repeats 9 --seconds 15", "--repeats 3 --seconds 5"),
    Measurement("bench.watchers", "--seconds 20", "--seconds 5 --watchers 50"),
    Measurement("bench.machines", "--repeats 3", "--repeats 1 --no-demo"),
)


def measure_piece(piece: Measurement, quick: bool, place: Path) -> Any:
    """Run one piece; its results, as far as it came; the others are measured all the same."""
    file = place / f"{piece.name}.json"
    arguments = (piece.quick if quick else piece.full).split()
    command = make_command(piece.module, *arguments, "--keep", str(file))
    print(f"== {piece.module} {' '.join(arguments)}", flush=True)
    try:
        subprocess.run(command, cwd=ROOT, check=True, timeout=PIECE_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"{piece.module} did not end well: {type(error).__name__}", file=sys.stderr, flush=True)
    return json.loads(file.read_text()) if file.exists() else None


def run_pieces(pieces: list[Measurement], quick: bool, file: Path) -> dict[str, Any]:
    """Run the pieces, one after the other; what is measured is kept at once."""
    began = time.monotonic()
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count()}
    loads: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        for piece in pieces:
            loads[piece.name] = os.getloadavg()[0]
            results = measure_piece(piece, quick, Path(place))
            found |= {} if results is None else {piece.name: results}
            found |= {"load before": loads, "seconds": round(time.monotonic() - began)}
            keep_results(file, found | {"aims": judge_aims(found)})
    return found


def judge_aims(results: dict[str, Any]) -> dict[str, Any]:
    """Return the aims as JSON."""
    judged = [aims.judge_aim(aim, results) for aim in aims.AIMS]
    return {one.aim.says: {"bound": one.aim.bound, "measured": one.measured, "verdict": one.said} for one in judged}


def main() -> int:
    """Measure, print, keep; 1 when a piece failed. A missed aim is a figure, not a failure."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: that it works, not what it can do")
    parser.add_argument("--only", default="", help="names of pieces, comma separated")
    options = parser.parse_args()
    pieces = [one for one in PIECES if not options.only or one.name in options.only.split(",")]
    whole = not options.quick and pieces == list(PIECES)
    results = run_pieces(pieces, options.quick, RESULTS / ("run.json" if whole else "quick.json"))
    print(f"\n{figures.format_figures(results)}\n\n{aims.format_verdicts(results)}\n\n{results['seconds']} s in all")
    return 0 if all(piece.name in results for piece in pieces) else 1


if __name__ == "__main__":
    sys.exit(main())
