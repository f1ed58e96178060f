"""Making a bundle of a running ledger: which checkpoints, which instants, which keys; then it is written."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from ledger.facts import Millis
from ledger.instants import format_millis
from proofs.keys import VerifierKey
from proofs.notes import verify_note
from schemas.registry import resolve_ids
from seals.history import CheckpointHistory, SealedCheckpoint
from seals.ledger_log import open_log
from services.bundle.directory import BundleDirectory
from services.bundle.outputs import BundlePeriod
from services.bundle.tables import BundleInstants
from services.bundle.topics import OutputTopics, find_known_at, read_figure_records
from services.bundle.writing import BundledCheckpoint, BundleProgress, BundleSource, BundleWriter, WrittenBundle


class BundleRequest(NamedTuple):
    """What is asked for.

    Attributes:
        out: where the bundle is to be.
        period: event dates; None for all.
        as_at: of its own figures; None for ``known_at``.
        known_at: of its own figures; None for the last instant of which everything is sealed.
        witnesses: whose cosignatures are known.
        quorum: how many of them the last checkpoint must have: the bundle ends with the newest that has.
        claims: claims files, by name.
    """

    out: Path
    period: BundlePeriod | None = None
    as_at: Millis | None = None
    known_at: Millis | None = None
    witnesses: Sequence[VerifierKey] = ()
    quorum: int = 0
    claims: Mapping[str, bytes] = {}


def make_bundle(settings: Settings, request: BundleRequest, progress: BundleProgress) -> WrittenBundle:
    """Make an audit bundle of the ledger as it is sealed.

    Raises:
        Misuse: there is something at its place, nothing is sealed, or its figures could still grow.
        NotValid: the topics do not hold what was sealed.
        Unavailable: the broker or the registry did not answer, or the disk did not take it.
        OSError: it cannot be made at its place.
    """
    if settings.kafka_bootstrap_servers is None:
        raise Unavailable(
            f"no broker is known under {settings.state}: start `disruptions up`, or set KAFKA_BOOTSTRAP_SERVERS"
        )
    with BundleDirectory(request.out) as directory:
        history = open_log(settings).history
        checkpoints = select_checkpoints(history, request)
        last = checkpoints[-1].checkpoint
        positions = last.positions
        instants = choose_instants(find_known_at(settings, positions), request)
        ids = resolve_ids(settings)
        with closing(OutputTopics(settings, ids, positions)) as topics:
            source = BundleSource(
                ids=ids,
                log_keys=list_log_keys(history),
                witness_keys=request.witnesses,
                checkpoints=[BundledCheckpoint(*one[:3], str(one.note)) for one in checkpoints],
                read_partition=topics.read_partition,
                figures=list(read_figure_records(settings, ids, last.figures)),
                claims=request.claims,
            )
            return BundleWriter(directory, source, request.period, instants, progress).write_bundle()


def select_checkpoints(history: CheckpointHistory, request: BundleRequest) -> list[SealedCheckpoint]:
    """Select the checkpoints up to the newest that has the cosignatures that are asked for. Raises Misuse."""
    found = list(history.checkpoints)
    while found and len(verify_note(found[-1].note, request.witnesses)) < request.quorum:
        found.pop()
    if not found and history.checkpoints:
        raise Misuse(f"--quorum: no checkpoint has {request.quorum} of the witnesses named by --witness")
    if not found:
        raise Misuse("nothing is sealed yet: start the sealer (`disruptions up` does), and wait until it has sealed")
    return found


def list_log_keys(history: CheckpointHistory) -> list[VerifierKey]:
    """List the log's keys from the one that signed the first checkpoint on."""
    first = history.checkpoints[0]
    signer = next(one.key for one in verify_note(first.note, history.keys))
    return history.keys[history.keys.index(signer) :]


def choose_instants(sealed_through: Millis, request: BundleRequest) -> BundleInstants:
    """Choose the instants of the bundle's figures.

    Raises:
        Misuse: not all that was received by then is sealed.
    """
    known_at = sealed_through if request.known_at is None else request.known_at
    if known_at > sealed_through:
        through = format_millis(sealed_through)
        raise Misuse(f"--known-at: what was received after {through} is not all sealed yet; give no later instant")
    return BundleInstants(known_at if request.as_at is None else request.as_at, known_at)
