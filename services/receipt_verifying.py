"""Verifying a receipt: by its keys alone, against the ledger (``--online``), or against a bundle.

Whatever was not checked is said; a receipt is called valid for what was checked and for nothing else.
"""

from contextlib import closing
from enum import StrEnum
from typing import Any, Final, NamedTuple

from audit.receipt_checks import (
    SignedHead,
    TrustedKeys,
    check_event,
    check_figure,
    check_head,
    check_positions,
    check_published,
    hash_record,
    read_output,
)
from audit.receipts import EventReceipt, FigureReceipt, LedgerReceipt, PublishedReceipt, read_receipt
from audit.sealed_entries import SealedTopics
from infra.settings import Settings
from ledger.errors import Misuse
from proofs.errors import NotValid
from schemas.registry import resolve_ids
from seals.figures import read_figure_leaves
from seals.keys import locate_seals, read_verifiers
from seals.ledger_log import LedgerLog, open_log, read_sealed
from seals.proving import prove_extension
from seals.remaking import remake_log
from seals.succession import FollowedLog, read_followed
from services.bundle_evidence import BundleEvidence

ANOTHER_VIEW: Final = "that everybody is shown this log: demand witnesses' cosignatures (--witness, --quorum)"
ENDED: Final = (
    "the receipt is of the log {!r}, which has ended: {!r} follows it; check it by its keys, or with a bundle of then"
)
FOLLOWED: Final = "that the log follows {!r}, which ended with {:,} leaves, as it says: ask the ledger (--online)"
PROVED: Final = "that the published figure follows from the ledger: `disruptions audit replay` proves it again"
EXTENSION: Final = "that the log still goes on from this checkpoint: ask the ledger (--online)"
LATER: Final = "that the ledger had received nothing more by the figure's instant: what was not sealed is not here"
SUM: Final = "that the figure is the sum of anything: give the entries (--bundle DIR), or ask the ledger (--online)"
TRUTH: Final = "that what was recorded is true, complete, and judged by the rules: no receipt says that"


class ReceiptOutcome(StrEnum):
    """What a verification came to."""

    VALID = "valid"
    NOT_VALID = "not valid"
    NOT_CHECKED = "not checked"  # nothing is wrong, and what the receipt is about was not checked


class ReceiptVerdict(NamedTuple):
    """What was checked of a receipt, what was not, and the first thing that is not right."""

    outcome: ReceiptOutcome
    checked: tuple[str, ...]
    not_checked: tuple[str, ...]
    fault: str | None = None

    def make_body(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        lists = {"checked": list(self.checked), "not_checked": list(self.not_checked)}
        return {"verdict": self.outcome.value, **lists, "fault": self.fault}


class ReceiptVerifier:
    """Verifies one receipt.

    Args:
        settings: of the ledger that is asked; None where none is.
        bundle: that it is held against; None where there is none.
    """

    def __init__(
        self, trusted: TrustedKeys, settings: Settings | None = None, bundle: BundleEvidence | None = None
    ) -> None:
        self._trusted = trusted
        self._settings = settings
        self._bundle = bundle
        self._checked: list[str] = []
        self._followed: FollowedLog | None = None

    def verify_receipt(self, content: bytes) -> ReceiptVerdict:
        """Verify a receipt, and what it rests on in the bundle or the ledger, where one is given.

        Raises:
            Misuse: the keys cannot be used.
            Unavailable: the ledger does not answer.
        """
        try:
            receipt = read_receipt(content)
            self._checked.append("the receipt is as it was written")
            head = check_head(receipt, self._trusted)
            self._checked += head.checked
            self._checked += check_alone(receipt, head)
            if self._bundle is not None:
                self._check_bundle(receipt, head, self._bundle)
            if self._settings is not None:
                self._check_online(receipt, head, self._settings)
        except NotValid as error:
            return ReceiptVerdict(ReceiptOutcome.NOT_VALID, tuple(self._checked), (), str(error))
        return self._conclude_checks(receipt, head)

    def _conclude_checks(self, receipt: LedgerReceipt, head: SignedHead) -> ReceiptVerdict:
        left = [] if self._trusted.quorum else [ANOTHER_VIEW]
        left += self._list_unchecked_log(head)
        left += [EXTENSION] if self._settings is None else []
        outcome = ReceiptOutcome.VALID
        if self._bundle is not None:
            left += [f"of the bundle: {one}" for one in self._bundle.not_checked]
        elif self._settings is None and isinstance(receipt, FigureReceipt):
            outcome = ReceiptOutcome.NOT_CHECKED
            left.insert(0, SUM)
        left += [LATER] if isinstance(receipt, FigureReceipt) else []
        left += [PROVED] if isinstance(receipt, PublishedReceipt) else []
        return ReceiptVerdict(outcome, tuple(self._checked), (*left, TRUTH))

    def _list_unchecked_log(self, head: SignedHead) -> list[str]:
        """List what was not checked of the log that the receipt's log says that it follows."""
        if self._followed is not None:
            return self._followed.not_checked
        named = head.checkpoint.follows
        return [] if named is None else [FOLLOWED.format(named.key.name, named.size)]

    def _check_followed(self, log: LedgerLog, settings: Settings) -> None:
        """Hold the log to what it says of the one before. Raises NotValid."""
        self._followed = read_followed(settings, log.history)
        if self._followed is not None:
            if self._followed.fault is not None:
                raise NotValid(self._followed.fault)
            self._checked += self._followed.checked

    def _check_bundle(self, receipt: LedgerReceipt, head: SignedHead, bundle: BundleEvidence) -> None:
        self._checked.append(bundle.inspect_whole(head))
        if isinstance(receipt, EventReceipt):
            self._checked.append(bundle.hold_output(receipt))
        elif isinstance(receipt, PublishedReceipt):
            self._checked.append(bundle.hold_published(receipt))
        else:
            self._checked += check_figure(receipt, bundle.read_entries(receipt.figure))

    def _check_online(self, receipt: LedgerReceipt, head: SignedHead, settings: Settings) -> None:
        log = open_log(settings, read_verifiers(locate_seals(settings)) or self._trusted.log)
        place = _find_checkpoint(log, head)
        self._check_followed(log, settings)
        newest = log.history.checkpoints[-1].checkpoint
        prove_extension(log.files, head.checkpoint, newest)
        self._checked.append(f"the ledger's log of {newest.size:,} leaves goes on from that checkpoint")
        with closing(SealedTopics(settings, resolve_ids(settings))) as topics:
            if isinstance(receipt, EventReceipt):
                self._check_output(receipt, topics)
            elif isinstance(receipt, PublishedReceipt):
                self._check_record(receipt, head, settings)
            else:
                self._check_outputs(log, place, settings)
                self._checked += check_figure(receipt, topics.read_entries(head.checkpoint.positions))

    def _check_output(self, receipt: EventReceipt, topics: SealedTopics) -> None:
        event = receipt.event
        output = topics.find_output(event.partition, event.offset, read_output(receipt)["ledger_time"])
        if output.records != receipt.output.records:
            raise NotValid("the ledger's topics hold another output of that position than the receipt")
        self._checked.append("the ledger's topics hold the same output, byte for byte")

    def _check_record(self, receipt: PublishedReceipt, head: SignedHead, settings: Settings) -> None:
        leaf_hash = hash_record(receipt)
        records = read_figure_leaves(settings, resolve_ids(settings), head.checkpoint.sealed_figures)
        if not any(one.leaf_hash == leaf_hash for one in records):
            raise NotValid("the ledger's topic does not hold the published figure any more, byte for byte")
        self._checked.append("the ledger's topic holds the same record of it, byte for byte")

    def _check_outputs(self, log: LedgerLog, place: int, settings: Settings) -> None:
        """Make the log again from the topics, up to the receipt's checkpoint. Raises NotValid."""
        checkpoints = [one.checkpoint for one in log.history.checkpoints[: place + 1]]
        remake_log(checkpoints, read_sealed(settings, checkpoints[-1]), lambda _: None)
        sealed = f"all {checkpoints[-1].size:,} outputs and published figures in the ledger's topics"
        self._checked.append(f"{sealed} are those that are sealed")


def check_alone(receipt: LedgerReceipt, head: SignedHead) -> list[str]:
    """Check what a receipt proves by its keys alone; what was checked. Raises NotValid."""
    if isinstance(receipt, EventReceipt):
        return check_event(receipt, head)
    return check_published(receipt, head) if isinstance(receipt, PublishedReceipt) else check_positions(receipt, head)


def _find_checkpoint(log: LedgerLog, head: SignedHead) -> int:
    newest = log.history.newest
    if newest is not None and log.history.followed_name == head.checkpoint.origin:
        raise Misuse(f"--online: {ENDED.format(head.checkpoint.origin, newest.checkpoint.origin)}")
    for place, one in enumerate(log.history.checkpoints):
        if one.checkpoint == head.checkpoint:
            return place
    raise NotValid("the receipt's checkpoint is not one that the ledger published: its key signed another log")
