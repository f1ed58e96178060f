"""A bundle as the evidence that a receipt is held against: valid first, by the program that shares nothing with us.

What is read here is what that program held to the leaves and the roots of the log: entries in the order of positions,
and the very bytes of an output.
"""

from collections.abc import Iterator
from hashlib import sha256
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from audit.offline_verifier import (
    FOLDERS,
    Inspection,
    inspect_bundle,
    list_containers,
    open_container,
    read_arguments,
    read_heads,
)
from audit.receipt_checks import SignedHead, TrustedKeys
from audit.receipts import EventReceipt, PublishedReceipt, ReceiptFigure
from infra.topics import ENTRIES
from ledger.errors import Misuse
from ledger.instants import make_date
from proofs.errors import NotValid
from schemas.parts import join_entry
from schemas.stored import StoredEntry, read_entry
from services.bundle.writing import FIGURES_FOLDER

_FOLDERS: Final = {topic: folder for folder, topic in FOLDERS.items()}


class BundleEvidence:
    """One bundle.

    Args:
        directory: where it lies.
        trusted: the log's keys that the reader trusts.

    Raises:
        Misuse: there is no such directory.
    """

    def __init__(self, directory: Path, trusted: TrustedKeys) -> None:
        if not directory.is_dir():
            raise Misuse(f"--bundle: {directory} is no directory: name the one that `disruptions audit bundle` made")
        self._look = Inspection(directory)
        keys = [f"--key={one}" for one in trusted.log]
        self._asked = read_arguments([*keys, "--", str(directory)])

    @property
    def not_checked(self) -> list[str]:
        """What the bundle's own check did not check."""
        return self._look.not_checked

    def inspect_whole(self, head: SignedHead) -> str:
        """Check the bundle, and that the receipt's checkpoint is one of its; what was checked.

        Raises:
            NotValid: the bundle is not valid, or its log is another.
            Misuse: it was made before the receipt.
        """
        fault = inspect_bundle(self._look, self._asked)
        if fault is not None:
            raise NotValid(f"the bundle is not valid: {fault}")
        heads = read_heads(self._look)
        if heads[-1].size < head.checkpoint.size:
            raise Misuse("--bundle: it was made before the receipt's checkpoint: give one that was made later")
        if head.note.text not in {one.note.text for one in heads}:
            raise NotValid("the receipt's checkpoint is not one of the bundle's: one of the two is of another log")
        return f"the bundle of {heads[-1].size:,} leaves is valid, and the receipt's checkpoint is one of its"

    def hold_output(self, receipt: EventReceipt) -> str:
        """Hold that the bundle has the receipt's output, byte for byte; what was checked.

        Raises:
            NotValid: it has another.
            Misuse: it holds back what is of no date of its period, and that position's output.
        """
        event = receipt.event
        found = [
            datum
            for datum, record in self._read_records(_FOLDERS[event.topic], event.partition)
            if record["offset"] == event.offset
        ]
        if not found and self._look.manifest["period"] is not None:
            raise Misuse("--bundle: it is of a period, and does not hold the output: give one of everything")
        if tuple(found) != receipt.output.records:
            raise NotValid("the bundle holds another output of that position than the receipt")
        return "the bundle holds the same output, byte for byte"

    def hold_published(self, receipt: PublishedReceipt) -> str:
        """Hold that the bundle has the published figure, byte for byte; what was checked.

        Raises:
            NotValid: it does not.
        """
        wanted, (datum,) = sha256(receipt.record.schema.encode()).hexdigest(), receipt.record.records
        for name in list_containers(self._look, FIGURES_FOLDER):
            container = open_container(self._look, name)
            if container.fingerprint == wanted and any(found == datum for found, _ in container.values):
                return "the bundle holds the same record of it, byte for byte"
        raise NotValid("the bundle does not hold the published figure of the receipt")

    def read_entries(self, figure: ReceiptFigure) -> Iterator[StoredEntry]:
        """Read every entry, partition after partition, each in the order of positions.

        Raises:
            Misuse: the bundle is of a period, and the figure counts what lies outside.
        """
        self._hold_period(figure)
        for partition in range(len(self._look.manifest["positions"])):
            records = (record for _, record in self._read_records(_FOLDERS[ENTRIES], partition))
            for _, parts in groupby(records, key=lambda record: record["offset"]):
                yield join_entry([read_entry(record) for record in parts])

    def _read_records(self, folder: str, partition: int) -> Iterator[tuple[bytes, dict[str, Any]]]:
        mine = [name for name in list_containers(self._look, folder) if Path(name).name.split(".")[0] == str(partition)]
        return merge(*(open_container(self._look, name).values for name in mine), key=lambda one: one[1]["offset"])

    def _hold_period(self, figure: ReceiptFigure) -> None:
        period = self._look.manifest["period"]
        if period is None:
            return
        first, last = (make_date(day) for day in period)
        if figure.first_day is None or figure.last_day is None:
            raise Misuse("--bundle: it is of a period, and threats are not: give one of everything")
        if not first <= figure.first_day <= figure.last_day <= last:
            raise Misuse(f"--bundle: it holds event dates {first} to {last} alone, and the figure counts others")
