"""Witnesses of a log that another follows: they go on with the one that names what they cosigned last, and no other."""

from pathlib import Path
from typing import Any

import pytest

from proofs.errors import NotValid
from proofs.notes import SignedNote, parse_note
from seals.keys import make_secret
from seals.witness import LAST_NAME, Witness
from tests.seals.log_made import NEXT, ORIGIN, MadeLog, make_next

NAME = "kent.example/witness"


def cosign_newest(witness: Witness, made: MadeLog) -> SignedNote | None:
    """Show a witness a log's newest checkpoint."""
    return witness.cosign_note(parse_note(made.published[-1]), made.directory)


def test_a_witness_goes_on_with_a_log_that_follows_what_it_cosigned_last(old: MadeLog, tmp_path: Path) -> None:
    """And never goes back; a memory that is set back to the old log is made good by what it published."""
    witness = Witness(tmp_path / "kent", NAME)
    cosign_newest(witness, old)
    kept = (tmp_path / "kent" / LAST_NAME).read_bytes()
    made = make_next(old, tmp_path / "next", signed=False)
    cosigned = cosign_newest(witness, made)
    assert cosigned is not None
    assert witness.last == made.list_checkpoints()[-1]
    with pytest.raises(NotValid, match=f"it is of the log '{ORIGIN}', which has ended: '{NEXT}' follows it"):
        cosign_newest(witness, old)
    (tmp_path / "kent" / LAST_NAME).write_bytes(kept)
    again = Witness(tmp_path / "kent", NAME)
    again.recall_cosigned([cosigned])
    assert again.last == made.list_checkpoints()[-1]
    again.recall_cosigned([parse_note(kept)])
    assert again.last == made.list_checkpoints()[-1], "what it cosigned of the log before is older"
    assert cosign_newest(Witness(tmp_path / "new", "essex.example/witness"), made) is not None, "it saw no other log"


def test_a_witness_refuses_every_other_log(old: MadeLog, tmp_path: Path) -> None:
    """One that names another end, another log, another key or none, and a second one; what it refused it keeps."""
    witness, first = Witness(tmp_path / "kent", NAME), old.list_checkpoints()[0]
    cosign_newest(witness, old)
    forged = make_secret(tmp_path / "forged.key", ORIGIN).make_verifier()
    stranger = make_secret(tmp_path / "stranger.key", "ledger.example/stranger").make_verifier()
    cases: dict[str, dict[str, Any]] = {
        f"split view: it follows '{ORIGIN}' at 10 leaves, and the last that .* has 30": {
            "size": 10,
            "root": first.root,
        },
        f"split view: it follows '{ORIGIN}' at 31 leaves, and the last that .* has 30": {"size": 31},
        f"split view: it follows '{ORIGIN}' at 30 leaves": {"root": bytes(32)},
        f"it names another key of '{ORIGIN}' than the one that signed": {"key": forged},
        f"split view: it follows 'ledger.example/stranger', and this witness cosigned '{ORIGIN}'": {"key": stranger},
    }
    for number, (why, named) in enumerate(cases.items()):
        made = make_next(old, tmp_path / f"next-{number}", signed=False, **named)
        with pytest.raises(NotValid, match=why):
            cosign_newest(witness, made)
    alone = MadeLog(tmp_path / "alone", origin=NEXT)
    alone.fill_positions(0, 0, 40)
    alone.sealer.seal_ready()
    with pytest.raises(NotValid, match=f"they are of two logs, '{ORIGIN}' and '{NEXT}', and it follows none"):
        cosign_newest(witness, alone)
    cosign_newest(witness, make_next(old, tmp_path / "right"))
    twin = make_next(old, tmp_path / "twin", origin="ledger.example/twin")
    with pytest.raises(NotValid, match=f"two logs follow '{ORIGIN}', '{NEXT}' and 'ledger.example/twin'"):
        cosign_newest(witness, twin)
    assert len(list((tmp_path / "kent" / "refused").iterdir())) == len(cases) + 2


def test_a_witness_holds_a_log_to_what_it_said_that_it_follows(old: MadeLog, tmp_path: Path) -> None:
    """The same log, by its own key, naming another end later."""
    witness, made = Witness(tmp_path / "kent", NAME), make_next(old, tmp_path / "next")
    cosign_newest(witness, made)
    last = made.list_checkpoints()[-1]
    assert last.follows is not None
    for follows in (None, last.follows._replace(size=10)):
        note = made.keys.sign_text(last._replace(follows=follows).write_text(), None)
        with pytest.raises(NotValid, match="split view: it does not name the log that it follows as the one before"):
            witness.cosign_note(note, made.directory)
