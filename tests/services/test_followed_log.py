"""A bundle of a log that follows another: what its program found out about that, and what it did not check."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from audit.receipts import write_receipt
from proofs.checkpoints import Checkpoint, FollowedHead
from proofs.keys import KeyAlgorithm, SigningKey
from proofs.notes import SignedNote, sign_note
from proofs.tree import EMPTY_ROOT
from services.bundle.writing import BundledCheckpoint
from services.bundle_evidence import BundleEvidence
from services.receipt_verifying import ReceiptVerifier
from tests.facts import NOON
from tests.services import bundled
from tests.services.bundled import CUTS, LOG_KEY, ORIGIN
from tests.services.conftest import Verify
from tests.services.test_receipt_bundle import TRUSTED, make_event_receipt

OLD_KEY = SigningKey("ledger.example/old", KeyAlgorithm.ED25519, bytes(range(3, 35)))
HEAD = FollowedHead(OLD_KEY.make_verifier(), 30, bytes(range(32)))
Name = Callable[[int], FollowedHead | None]


def sign_all(checkpoint: Checkpoint, *keys: SigningKey) -> str:
    """Its note, signed by these."""
    text = checkpoint.write_text()
    return str(SignedNote(text, tuple(sign_note(text, key) for key in keys)))


def make_following(
    name: Name = lambda _: HEAD, first: Checkpoint | None = None, signers: tuple[SigningKey, ...] = (OLD_KEY,)
) -> list[BundledCheckpoint]:
    """The checkpoints of a log that follows another: one of no leaves, which these sign too, and three more.

    ``name`` gives what each of them names.
    """
    begun = first or Checkpoint(ORIGIN, 0, EMPTY_ROOT, (0, 0))
    ones = [begun, *(one.checkpoint for one in bundled.make_sealed().seal_at(*CUTS))]
    ones = [one._replace(follows=name(number)) for number, one in enumerate(ones)]
    return [
        BundledCheckpoint(number, NOON, one, sign_all(one, LOG_KEY, *(() if number else signers)))
        for number, one in enumerate(ones)
    ]


def write_following(out: Path, checkpoints: list[BundledCheckpoint]) -> Path:
    """The bundle of such a log."""
    bundled.write_bundle(out, bundled.make_sealed().make_source(checkpoints))
    return out


def test_what_a_log_follows_is_said_and_by_whose_word(tmp_path: Path, verify: Verify) -> None:
    """The old key signed the first checkpoint; that the old log ended there is not checked, and what to do is said."""
    out = write_following(tmp_path / "bundle", make_following())
    said = verify(out)
    assert said["valid"], said["fault"]
    assert "the key of the log ledger.example/old signed that this log follows it" in said["checked"]
    root = b64encode(bytes(range(32))).decode()
    (left,) = [one for one in said["not_checked"] if "ledger.example/old" in one]
    assert left.startswith(f"that ledger.example/old ended with the 30 leaves of root {root} that this log names")
    assert json.loads((out / "manifest.json").read_text())["format"] == "disruption-ledger/bundle/v3"


def test_a_log_whose_old_key_did_not_sign_is_not_said_to_follow(tmp_path: Path, verify: Verify) -> None:
    """Nor one whose bundle begins behind its first checkpoint."""
    for number, made in enumerate((make_following(signers=()), make_following()[1:])):
        said = verify(write_following(tmp_path / str(number), made))
        assert said["valid"], said["fault"]
        assert not [one for one in said["checked"] if "ledger.example/old" in one]
        wanted = "that this log follows ledger.example/old: the key of that log did not sign it"
        assert wanted in said["not_checked"]


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (
            make_following(lambda n: HEAD if n < 2 else HEAD._replace(size=31)),
            "line 3: it does not name the log that it",
        ),
        (make_following(lambda n: None if n == 3 else HEAD), "line 4: it does not name the log that it follows as"),
        (
            make_following(lambda _: HEAD._replace(key=bundled.STRANGER_KEY.make_verifier()), signers=()),
            "it says that the log follows itself",
        ),
        (
            make_following(lambda _: HEAD._replace(key=HEAD.key._replace(public=LOG_KEY.make_verifier().public))),
            "it says that the log follows itself",
        ),
        (
            make_following(lambda _: HEAD._replace(key=bundled.WITNESS_KEY.make_verifier())),
            "it names a witness's key as that of the log that it follows",
        ),
    ],
)
def test_a_log_that_names_another_end_or_itself_is_named(
    tmp_path: Path, verify: Verify, made: list[BundledCheckpoint], fault: str
) -> None:
    """Signed by its own key, all of it."""
    assert fault in verify(write_following(tmp_path / "bundle", made))["fault"]


def test_a_forged_signature_of_the_old_key_is_named(tmp_path: Path, verify: Verify) -> None:
    """It has its name and its id, and is not its."""
    forged = OLD_KEY._replace(seed=bytes(32))
    made = make_following()
    note = SignedNote(made[0].checkpoint.write_text())
    note = note.add_signature(sign_note(note.text, LOG_KEY))
    line = sign_note(note.text, forged)._replace(key_id=OLD_KEY.make_verifier().key_id)
    made[0] = made[0]._replace(note=str(note.add_signature(line)))
    said = verify(write_following(tmp_path / "bundle", made))
    assert said["fault"] == "checkpoints.ndjson, line 1: the signature of ledger.example/old is not right"


@pytest.mark.parametrize("line", ["follows", "follows {0} 30", "follows {0} x {2}", "follows {0} 30 AAAA", "next {0}"])
def test_a_line_that_names_no_end_is_named(tmp_path: Path, verify: Verify, line: str) -> None:
    """So is any other that nobody knows."""
    out = write_following(tmp_path / "bundle", make_following())
    wrong, path = line.format(*str(HEAD).split(" ")), out / "checkpoints.ndjson"
    path.write_text(path.read_text().replace(f"follows {HEAD}", wrong))
    bundled.rewrite_manifest(out)
    assert "checkpoints.ndjson, line 1: it is not written as a checkpoint of a ledger" in verify(out)["fault"]


def test_a_bundle_of_such_a_log_is_not_passed_off_as_another(tmp_path: Path, verify: Verify) -> None:
    """Its format follows from the last checkpoint."""
    out = write_following(tmp_path / "bundle", make_following())
    path = out / "manifest.json"
    path.write_text(path.read_text().replace("bundle/v3", "bundle/v2"))
    assert "its format is not that of a bundle with such a last checkpoint" in verify(out)["fault"]


def test_a_receipt_says_of_what_its_log_follows_that_it_was_not_checked(tmp_path: Path) -> None:
    """By the keys alone, and with a bundle, whose program says what it found."""
    out, receipt = write_following(tmp_path / "bundle", make_following()), make_event_receipt(bundled.make_sealed())
    content = write_receipt(msgspec.structs.replace(receipt, checkpoint=make_following()[-1].note))
    alone = ReceiptVerifier(TRUSTED).verify_receipt(content)
    left = (
        "that the log follows 'ledger.example/old', which ended with 30 leaves, as it says: ask the ledger (--online)"
    )
    assert (alone.outcome.value, alone.fault, left in alone.not_checked) == ("valid", None, True)
    held = ReceiptVerifier(TRUSTED, bundle=BundleEvidence(out, TRUSTED)).verify_receipt(content)
    assert (held.outcome.value, held.fault) == ("valid", None)
    assert any(one.startswith("of the bundle: that ledger.example/old ended with") for one in held.not_checked)
