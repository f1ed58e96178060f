"""By what outputs are judged here: the rules in force, the writer's schema, this software."""

from functools import cache
from importlib.metadata import version

from ledger.entries import JudgedBy
from methodology.ruleset import IN_FORCE

DISTRIBUTION = "disruption-ledger"


@cache
def name_software() -> str:
    """Give the software's name and version, as entries carry it."""
    return f"{DISTRIBUTION} {version(DISTRIBUTION)}"


def name_judge_here(schema_fingerprint: str | None) -> JudgedBy:
    """Say by what an event of that schema is judged by this process."""
    return JudgedBy(IN_FORCE.version, IN_FORCE.digest, schema_fingerprint, name_software())
