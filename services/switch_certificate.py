"""Holding that a replay certified just the tables that are to be shown, before they are (docs/decisions/0029).

In order; the first that does not hold is told, with what to do about it:

1. the certificate is as it was made, of all partitions, to their ends;
2. it is of the generation that is being built, and of the topics that these tables are of;
3. nothing differs in it, or exactly what was approved;
4. what is built has come as far;
5. its rows, read and digested here, are those of the fold, in every partition that no difference names.

That the fold is right is the replay's word: it ran in another process, over the topics.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from audit.approval import digest_body
from audit.certificate import DIGEST, KIND, digest_certificate
from audit.container import read_container
from audit.packed import PACKED_COLUMNS
from ledger.errors import Misuse
from queries.stored import find_first_offset, read_once_packed
from sinks.positions import find_stored
from sinks.store import Store
from sinks.topics import read_known_ids

WINDOW_POSITIONS: Final = 20_000  # of 5,000, each costs the half more of the processor
AGAIN: Final = "nothing was switched; compare again, `disruptions audit rebuild`"


class CertifiedPartition(msgspec.Struct):
    """Of one partition: before which offset it was compared, and the digests of its rows by table."""

    partition: int
    covered_end: int
    digests: dict[str, str]


class SwitchCertificate(msgspec.Struct):
    """What of a certificate a switch rests on."""

    kind: str
    digest: str
    generation: int
    topics: dict[str, str]
    until: dict[str, Any]
    partitions: list[CertifiedPartition]
    agrees: bool
    differences: int
    shown: list[dict[str, Any]]
    notes: list[str]
    acknowledged: list[dict[str, Any]]

    def list_undisputed(self) -> list[CertifiedPartition]:
        """List the partitions that no difference names: of them the rows must be those of the fold."""
        disputed = {one.get("partition") for one in self.shown}
        return [one for one in self.partitions if one.partition not in disputed]


def hold_certificate(document: Mapping[str, Any], approved: str, store: Store, partitions: int) -> None:
    """Hold a certificate against the tables that ``store`` shows; the order is this module's.

    Raises:
        Misuse: they are not what was certified; the message says in what, and what to do.
        Unavailable: the store did not answer.
    """
    said = read_certified(document)
    if sorted(one.partition for one in said.partitions) != list(range(partitions)) or said.until:
        raise Misuse(f"the certificate is of a part of the ledger: {AGAIN}")
    if said.generation != store.generation:
        what = f"generation {said.generation}, and {store.generation} is being built"
        raise Misuse(f"the certificate is of {what}: {AGAIN}")
    known = read_known_ids(store)
    if any(known.get(name) != one for name, one in said.topics.items()):
        raise Misuse(f"the certificate is of other topics than these tables: {AGAIN}")
    if digest_body(document) not in ("", approved):
        raise Misuse("the certificate has differences, and they are not those that were approved: look at them again")
    hold_rows(said, store)


def read_certified(document: Mapping[str, Any]) -> SwitchCertificate:
    """Read what a switch rests on. Raises Misuse: it is no certificate of a rebuild, or was changed."""
    try:
        said = msgspec.convert(document, SwitchCertificate)
    except msgspec.ValidationError:
        said = None
    if said is None or said.kind != KIND:
        raise Misuse(f"this is no certificate of the replay of a rebuild: {AGAIN}")
    if document[DIGEST] != digest_certificate(dict(document)):
        raise Misuse(f"the certificate was changed after it was made: {AGAIN}")
    return said


def hold_rows(said: SwitchCertificate, store: Store) -> None:
    """Hold that the tables reach as far, and hold these rows. Raises Misuse, Unavailable."""
    reached = find_stored(store)
    if any(reached.get(one.partition, 0) < one.covered_end for one in said.partitions):
        raise Misuse(f"what is being built has not come as far as what was compared: {AGAIN}")
    for one in said.list_undisputed():
        for table in PACKED_COLUMNS:
            if one.digests.get(table) != digest_rows(store, table, one.partition, one.covered_end):
                where = f"{table}, partition {one.partition} before offset {one.covered_end}"
                raise Misuse(f"the rows of {where} are not those that were compared: {AGAIN}")


def digest_rows(store: Store, table: str, partition: int, end: int) -> str:
    """Digest a table's rows of a partition before an offset, each once, as a replay does. Raises Unavailable."""
    digest = sha256()
    for rows in _read_windows(store, table, partition, end):
        digest.update(rows)
    return digest.hexdigest()


def _read_windows(store: Store, table: str, partition: int, end: int) -> Iterator[bytes]:
    first = find_first_offset(store, table, partition, 0)
    while first is not None and first < end:
        last = min(first + WINDOW_POSITIONS, end) - 1
        yield read_container(read_once_packed(store, table, partition, first, last), PACKED_COLUMNS[table])[1]
        first = find_first_offset(store, table, partition, last + 1)
