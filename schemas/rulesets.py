"""The rules that outputs name: those in force, and those of ``methodology/history``, by which it was judged before.

``python -m schemas.rulesets`` writes the rules in force there; a version that is there with other content is never
written over.
"""

import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from ledger.entries import JudgedBy
from ledger.errors import LedgerError, Misuse
from ledger.facts import Millis
from methodology.conflicts import find_conflicts
from methodology.ruleset import IN_FORCE, Rules, read_rules, write_rules

SUFFIX: Final = ".json"


class RulesTrouble(NamedTuple):
    """Why these rules may not judge on from what others judged, and what an operator does about it."""

    what: str
    remedy: str


@cache
def read_history() -> tuple[Rules, ...]:
    """Read every version of the rules by which it was ever judged."""
    texts = (one.read_text("utf-8") for one in _find_history().iterdir() if one.name.endswith(SUFFIX))
    return tuple(sorted(map(read_rules, texts), key=lambda rules: rules.version))


def find_rules(digest: str) -> Rules | None:
    """Find the rules of a digest; None when this software does not have them."""
    if digest == IN_FORCE.digest:
        return IN_FORCE
    return next((one for one in read_history() if one.digest == digest), None)


def find_trouble(judged: JudgedBy, ledger_time: Millis, rules: Rules = IN_FORCE) -> RulesTrouble | None:
    """Say why these rules may not judge on; None when they may.

    Args:
        judged: by what the newest output was judged.
        ledger_time: the greatest up to that output.
        rules: by which judging is to go on.
    """
    if judged.rules_digest == rules.digest:
        return None
    before = find_rules(judged.rules_digest)
    if before is None:
        return RulesTrouble(
            f"what is there was judged by rules {judged.rules_version} of {judged.software} (digest "
            f"{judged.rules_digest[:12]}), which this software, with rules {rules.version}, does not have",
            f"Install {judged.software}, or a later one that has those rules",
        )
    found = find_conflicts(before, rules, before.find_newest_day(ledger_time))
    if not found:
        return None
    return RulesTrouble(
        f"rules {rules.version} would touch what is posted by rules {before.version}: {'. '.join(found)}",
        "Install software whose rules hold from such a day on, or that of before",
    )


def write_snapshot(directory: Path) -> Path:
    """Write the rules in force into a directory under their version.

    Raises:
        Misuse: other rules of that version are there.
    """
    path = directory / f"{IN_FORCE.version}{SUFFIX}"
    text = write_rules(IN_FORCE)
    if path.exists() and path.read_text("utf-8") != text:
        raise Misuse(
            f"{path.name} holds other rules: give the changed rules a version of their own (RULES_VERSION in "
            "methodology/standards.py)"
        )
    path.write_text(text, "utf-8")
    return path


def _find_history() -> Path:
    return Path(str(files("methodology"))) / "history"


def main() -> int:
    """Write the snapshot; return the exit code."""
    try:
        sys.stdout.write(f"{write_snapshot(_find_history())}\n")
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
