"""The certificate of a replay: what was compared, up to where, by what, and what came out; digested as a whole.

It is a statement, not a proof by itself: whoever has the topics can run the replay again and must get the same
positions, counts and digests. Its own digest finds damage; who vouches for it is told by the seal that it names.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from audit.findings import ReplayReport
from infra.file_replacement import keep_file
from ledger.errors import Misuse, Unavailable
from methodology.ruleset import IN_FORCE
from schemas.judged import name_software

KIND = "disruption-ledger/replay-certificate/v1"
DIGEST = "digest"
LAST_NAME = "last-replay.json"
"""In the state directory: the certificate of the last replay of the whole ledger on this machine."""
TOLD = (
    "software", "rules", "agrees", "known_at", "balances", "figures", "sealed_figures", "closings", "differences",
    "seal", DIGEST,
)  # fmt: skip
"""What readers are told of it; all of it is in the file."""


def make_certificate(
    report: ReplayReport, seal: dict[str, Any] | None = None, *, generation: int | None = None
) -> dict[str, Any]:
    """Make the certificate of a replay that came to its end.

    Args:
        report: what it says.
        seal: the newest checkpoint that covers no more than was replayed, where there is one.
        generation: of the tables that were compared, where they were not those that are shown.
    """
    body = report.make_body()
    partitions = body.pop("partitions")
    document = {
        "kind": KIND,
        "software": name_software(),
        "rules": {"version": IN_FORCE.version, "digest": IN_FORCE.digest},
        "partitions": partitions,
        "seal": seal,
        "proved_figures": report.proved_figures,
        **body,
    }
    document |= {} if generation is None else {"generation": generation}
    return document | {DIGEST: digest_certificate(document)}


def digest_certificate(document: dict[str, Any]) -> str:
    """Digest a certificate: the SHA-256 of its JSON without the digest, keys in order, no spaces."""
    said = {name: value for name, value in document.items() if name != DIGEST}
    return sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def write_certificate(document: dict[str, Any], path: Path) -> None:
    """Write it, whole or not at all. Raises Unavailable: the disk did not take it."""
    content = msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2) + b"\n"
    try:
        keep_file(path, content)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from None


def read_certificate(path: Path) -> dict[str, Any]:
    """Read one, and hold it to its digest.

    Raises:
        Misuse: it is none, or was changed.
        Unavailable: it cannot be read.
    """
    try:
        document = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError:
        document = None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise Misuse(f"{path} is no certificate of a replay: make one with `disruptions audit replay --certificate`")
    if document.get(DIGEST) != digest_certificate(document):
        raise Misuse(f"{path} was changed after it was made: its digest is of another text; replay again")
    return document


def keep_last_certificate(document: dict[str, Any], state: Path) -> None:
    """Keep the certificate of a replay of the whole ledger, for pages. Raises Unavailable: the disk did not take it."""
    write_certificate(document, state / LAST_NAME)


def read_last_certificate(state: Path) -> dict[str, Any] | None:
    """Read what is told of the last one; None where this machine keeps none, or it is not as it was written."""
    found = _read_last(state)
    return found and {name: found.get(name) for name in TOLD}


def find_proved(state: Path, record: str) -> str | None:
    """Find as known at which instant the last replay proved a published figure again; None where none here says so.

    Args:
        state: the state directory.
        record: place and id of the figure, as ``LoggedFigure.name_record`` has them.
    """
    found = _read_last(state)
    return str(found["known_at"]) if found and record in found.get("proved_figures", ()) else None


def _read_last(state: Path) -> dict[str, Any] | None:
    try:
        return read_certificate(state / LAST_NAME)
    except (Misuse, Unavailable):
        return None
