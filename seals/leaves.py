"""Leaves of the log: the canonical bytes of one output, entry with its postings or rejection, or published figure.

A leaf is one line, ``disruption-ledger/leaf/v1``, the topic and the SHA-256 of the parsing canonical form of the schema
that wrote it; then each of its records' Avro datum (several where an entry is in parts) behind its length in four
bytes. The datum is what lies in the topic without its frame, so no registry's id is in it.
"""

from collections.abc import Sequence
from typing import Final

from proofs.tree import hash_leaf

LEAF_VERSION: Final = "disruption-ledger/leaf/v1"
FIGURE_LEAVES: Final = -1
"""Where the log's parts are numbered as partitions of ``soc.published`` are: the figures, which come last."""
_LENGTH_BYTES: Final = 4


def make_leaf(topic: str, fingerprint: str, datums: Sequence[bytes]) -> bytes:
    """Make the leaf of an output.

    Args:
        topic: ``soc.entries``, ``soc.rejected`` or ``soc.figures``.
        fingerprint: of the schema that wrote it, in hexadecimal.
        datums: of its records, in order.
    """
    parts = [len(datum).to_bytes(_LENGTH_BYTES, "big") + datum for datum in datums]
    return b"".join((f"{LEAF_VERSION} {topic} {fingerprint}\n".encode(), *parts))


def hash_output(topic: str, fingerprint: str, datums: Sequence[bytes]) -> bytes:
    """Hash the leaf of an output, or of a published figure."""
    return hash_leaf(make_leaf(topic, fingerprint, datums))
