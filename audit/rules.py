"""The rules that the outputs of a partition name, and whether those of this software agree with them.

Admission is judged by the rules that an output names. Where a disruption stands is judged by the rules of this
software, which must therefore be the same on every day that was judged: that is compared, not believed.
"""

from collections.abc import Iterator

from audit.outputs import Stored
from ledger.entries import JudgedBy
from ledger.facts import Millis
from methodology.conflicts import find_conflicts
from methodology.ruleset import IN_FORCE, Rules
from schemas.rulesets import find_rules

UNKNOWN_RULES = "It names rules that this software does not have, so it was not judged again."


class JudgingRules:
    """The rules met in one partition, each with the greatest ledger time at which it judged."""

    def __init__(self) -> None:
        self._met: dict[str, tuple[Rules, Millis]] = {}

    def find_rules(self, held: Stored) -> Rules | None:
        """Find the rules that an output names; None when this software does not have them."""
        digest = held.judged.rules_digest
        known = self._met.get(digest)
        rules = known[0] if known else find_rules(digest)
        if rules is not None:
            self._met[digest] = rules, max(held.source.ledger_time, known[1] if known else 0)
        return rules

    def note_time(self, digest: str, ledger_time: Millis) -> None:
        """Note that rules which were found have judged at a ledger time."""
        rules, greatest = self._met[digest]
        self._met[digest] = rules, max(ledger_time, greatest)

    def list_conflicts(self) -> Iterator[str]:
        """List sentences on what this software's rules would touch of what was judged."""
        for rules, ledger_time in self._met.values():
            if rules is not IN_FORCE:
                for found in find_conflicts(rules, IN_FORCE, rules.find_newest_day(ledger_time)):
                    yield f"Rules {IN_FORCE.version} of this software would touch what {rules.version} judged: {found}."


def name_judged(rules: Rules, fingerprint: str | None, held: JudgedBy) -> JudgedBy:
    """Name by what an output must say that it was judged: the software alone is its own word."""
    return JudgedBy(rules.version, rules.digest, fingerprint, held.software)
