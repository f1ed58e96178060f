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
    read_output,
)
from audit.receipts import EventReceipt, FigureReceipt, LedgerReceipt, read_receipt
from audit.sealed_entries import SealedTopics
from infra.settings import Settings
from proofs.errors import NotValid
from schemas.registry import resolve_ids
from seals.keys import locate_seals, read_verifiers
from seals.ledger_log import LedgerLog, open_log, read_sealed
from seals.proving import prove_extension
from seals.remaking import remake_log
from services.bundle_evidence import BundleEvidence

ANOTHER_VIEW: Final = "that everybody is shown this log: demand witnesses' cosignatures (--witness, --quorum)"
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
            if isinstance(receipt, EventReceipt):
                self._checked += check_event(receipt, head)
            else:
                self._checked += check_positions(receipt, head)
            if self._bundle is not None:
                self._check_bundle(receipt, head, self._bundle)
            if self._settings is not None:
                self._check_online(receipt, head, self._settings)
        except NotValid as error:
            return ReceiptVerdict(ReceiptOutcome.NOT_VALID, tuple(self._checked), (), str(error))
        return self._conclude_checks(receipt)

    def _conclude_checks(self, receipt: LedgerReceipt) -> ReceiptVerdict:
        left = [] if self._trusted.quorum else [ANOTHER_VIEW]
        left += [EXTENSION] if self._settings is None else []
        outcome = ReceiptOutcome.VALID
        if self._bundle is not None:
            left += [f"of the bundle: {one}" for one in self._bundle.not_checked]
        elif self._settings is None and isinstance(receipt, FigureReceipt):
            outcome = ReceiptOutcome.NOT_CHECKED
            left.insert(0, SUM)
        left += [LATER] if isinstance(receipt, FigureReceipt) else []
        return ReceiptVerdict(outcome, tuple(self._checked), (*left, TRUTH))

    def _check_bundle(self, receipt: LedgerReceipt, head: SignedHead, bundle: BundleEvidence) -> None:
        self._checked.append(bundle.inspect_whole(head))
        if isinstance(receipt, EventReceipt):
            self._checked.append(bundle.hold_output(receipt))
        else:
            self._checked += check_figure(receipt, bundle.read_entries(receipt.figure))

    def _check_online(self, receipt: LedgerReceipt, head: SignedHead, settings: Settings) -> None:
        log = open_log(settings, read_verifiers(locate_seals(settings)) or self._trusted.log)
        place = _find_checkpoint(log, head)
        newest = log.history.checkpoints[-1].checkpoint
        prove_extension(log.files, head.checkpoint, newest)
        self._checked.append(f"the ledger's log of {newest.size:,} leaves goes on from that checkpoint")
        with closing(SealedTopics(settings, resolve_ids(settings))) as topics:
            if isinstance(receipt, EventReceipt):
                self._check_output(receipt, topics)
            else:
                self._check_outputs(log, place, settings)
                self._checked += check_figure(receipt, topics.read_entries(head.checkpoint.positions))

    def _check_output(self, receipt: EventReceipt, topics: SealedTopics) -> None:
        event = receipt.event
        output = topics.find_output(event.partition, event.offset, read_output(receipt)["ledger_time"])
        if output.records != receipt.output.records:
            raise NotValid("the ledger's topics hold another output of that position than the receipt")
        self._checked.append("the ledger's topics hold the same output, byte for byte")

    def _check_outputs(self, log: LedgerLog, place: int, settings: Settings) -> None:
        """Make the log again from the topics, up to the receipt's checkpoint. Raises NotValid."""
        checkpoints = [one.checkpoint for one in log.history.checkpoints[: place + 1]]
        remake_log(checkpoints, read_sealed(settings, checkpoints[-1]), lambda _: None, lambda *_: None)
        sealed = f"all {checkpoints[-1].size:,} outputs and published figures in the ledger's topics"
        self._checked.append(f"{sealed} are those that are sealed")


def _find_checkpoint(log: LedgerLog, head: SignedHead) -> int:
    for place, one in enumerate(log.history.checkpoints):
        if one.checkpoint == head.checkpoint:
            return place
    raise NotValid("the receipt's checkpoint is not one that the ledger published: its key signed another log")
