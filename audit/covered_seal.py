"""The seal that a replay's certificate names: the newest checkpoint that seals no more than was replayed.

It is named, signed by the log's key as this ledger's directory has it; that its leaves are the outputs is for
`disruptions audit seals` to prove.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from audit.findings import ReplayReport
from infra.settings import Settings
from seals.history import SealedCheckpoint
from seals.keys import locate_seals, read_verifiers
from seals.ledger_log import open_log


def find_seal(settings: Settings, report: ReplayReport) -> dict[str, Any] | None:
    """Find it; None where nothing is sealed, or nothing that was replayed whole.

    Raises:
        Unavailable: the broker did not answer.
    """
    if not read_verifiers(locate_seals(settings)):
        return None
    ends = {one.partition: one.covered_end for one in report.reaches}
    return choose_seal(open_log(settings).history.checkpoints, ends)


def choose_seal(checkpoints: Iterable[SealedCheckpoint], ends: Mapping[int, int]) -> dict[str, Any] | None:
    """Choose the newest of a log's checkpoints, in their order, whose positions lie before these ends."""
    chosen = None
    for one in checkpoints:
        if all(position <= ends.get(number, 0) for number, position in enumerate(one.checkpoint.positions)):
            chosen = one
    if chosen is None:
        return None
    origin, size, root, positions, _, figures, follows = chosen.checkpoint
    named = {"origin": origin, "size": size, "root": b64encode(root).decode(), "positions": list(positions)}
    named |= {} if follows is None else {"follows": str(follows)}
    return named | {"figures": figures, "offset": chosen.offset}
