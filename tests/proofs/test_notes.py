"""Signed notes, their keys, cosignatures and checkpoints: examples that others made, and every way of not being one."""

import pytest

from ledger.errors import Misuse
from proofs import keys, notes
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, SigningKey, VerifierKey
from proofs.notes import SignedNote, VerifiedSignature

# The example of Go's package golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)  # fmt: skip
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
SIGNED = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n"
KEY = SigningKey("ledger.example/soc", KeyAlgorithm.ED25519, bytes(range(32)))
WITNESS = SigningKey("kent.example/witness", KeyAlgorithm.COSIGNATURE, bytes(range(1, 33)))
CHECKPOINT = Checkpoint("ledger.example/soc", 42, bytes(range(32)), (17, 0, 30))


def sign_one(text: str = CHECKPOINT.write_text(), key: SigningKey = KEY, time: int | None = None) -> SignedNote:
    """A note with one signature."""
    return SignedNote(text, (notes.sign_note(text, key, time),))


def test_a_note_that_others_signed_is_verified() -> None:
    """And is written as it was read."""
    note, key = notes.parse_note(SIGNED.encode()), keys.parse_verifier(PETER)
    assert (note.text, str(note), str(key)) == (TEXT, SIGNED, PETER)
    assert notes.verify_note(note, [key]) == [VerifiedSignature(key, None)]


def test_the_message_of_a_cosignature_is_that_of_the_specification() -> None:
    """Its own example."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert notes.write_message(text, 1679315147) == f"cosignature/v1\ntime 1679315147\n{text}".encode()


def test_a_signature_holds_for_its_text_its_time_and_its_key_alone() -> None:
    """Whoever signed; a key that is not asked for says nothing."""
    note = sign_one().add_signature(notes.sign_note(CHECKPOINT.write_text(), WITNESS, 1_700_000_000))
    log, witness = KEY.make_verifier(), WITNESS.make_verifier()
    assert notes.verify_note(note, [log, witness]) == [
        VerifiedSignature(log, None), VerifiedSignature(witness, 1_700_000_000),
    ]  # fmt: skip
    assert notes.verify_note(note, []) == []
    assert notes.verify_note(note, [VerifierKey("another", *log[1:])]) == []
    with pytest.raises(NotValid, match=r"the signature of 'ledger\.example/soc' is not right"):
        notes.verify_note(note._replace(text=note.text.replace("42", "43")), [log])
    later = note.signatures[1]._replace(signature=b"\x00\x00\x00\x66" + note.signatures[1].signature[5:])
    with pytest.raises(NotValid, match=r"the signature of 'kent\.example/witness' is not right"):
        notes.verify_note(note._replace(signatures=(later,)), [witness])


def test_a_later_signature_of_a_key_takes_the_place_of_its_earlier_one() -> None:
    """A witness that cosigns again has one line."""
    text = CHECKPOINT.write_text()
    note = sign_one(text, WITNESS, 1).add_signature(notes.sign_note(text, WITNESS, 2))
    assert [one.time for one in notes.verify_note(note, [WITNESS.make_verifier()])] == [2]
    assert len(note.signatures) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"text\n\n", b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n", b"a\x07\n\n\xe2\x80\x94 a AAAAAAA=\n",
     "text\n\n— a AAAAAAA=".encode(), b"text\n\n- a AAAAAAA=\n", "text\n\n— a !!!!\n".encode(),
     "text\n\n— a AAAA\n".encode(), "text\n\n— a+b AAAAAAA=\n".encode(), b"x" * 1_000_001,
     ("text\n\n" + "— a AAAAAAA=\n" * 101).encode()],
)  # fmt: skip
def test_what_is_no_note_is_not_valid(content: bytes) -> None:
    """Cut short, other bytes, another dash, no base64, no signature, too much."""
    with pytest.raises(NotValid):
        notes.parse_note(content)


def test_keys_are_written_and_read() -> None:
    """The secret one shows nothing of itself unless it is asked to."""
    assert keys.parse_signing(KEY.write_secret()) == KEY
    assert keys.parse_verifier(str(KEY.make_verifier())) == KEY.make_verifier()
    assert KEY.write_secret().startswith("PRIVATE+KEY+ledger.example/soc+")
    assert repr(KEY) == "SigningKey('ledger.example/soc')"


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "name+00000000+AQ==", PETER.replace("c74f", "c74e"), PETER.replace("Peter", "Paul"),
     PETER.replace("PeterNeumann", ""), PETER.replace("PeterNeumann", "Peter Neumann"), PETER[:-4] + "!!!!",
     "PeterNeumann+c74f20a3+Axpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    """Cut short, altered, of a name that no note can carry, of another algorithm; and nothing of a secret is said."""
    with pytest.raises(Misuse):
        keys.parse_verifier(text)
    with pytest.raises(Misuse) as refused:
        keys.parse_signing(f"PRIVATE+KEY+{text}")
    assert "Axpc2" not in str(refused.value)
    with pytest.raises(Misuse, match="begins with PRIVATE"):
        keys.parse_signing(text)


def test_a_checkpoint_is_written_as_the_specification_says() -> None:
    """Origin, size, root, and a line of positions."""
    assert CHECKPOINT.write_text() == (
        "ledger.example/soc\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\npositions 17 0 30\n"
    )
    assert read_checkpoint(sign_one()) == CHECKPOINT
    assert [CHECKPOINT.has_position(*place) for place in ((0, 16), (0, 17), (1, 0), (3, 0))] == [
        True, False, False, False,
    ]  # fmt: skip


def test_a_checkpoint_may_count_figures_and_announce_a_key() -> None:
    """Each in a line of its own, the figures first; without the line none are sealed, which is not the same as 0."""
    text = CHECKPOINT.write_text()
    for lines, found in (
        ("figures 0\n", CHECKPOINT._replace(figures=0)),
        ("figures 12\n", CHECKPOINT._replace(figures=12)),
        ("next-key a+b\n", CHECKPOINT._replace(next_key="a+b")),
        ("figures 12\nnext-key a+b\n", CHECKPOINT._replace(figures=12, next_key="a+b")),
    ):
        assert found.write_text() == text + lines
        assert read_checkpoint(sign_one(text + lines)) == found
    assert [one.sealed_figures for one in (CHECKPOINT, CHECKPOINT._replace(figures=12))] == [0, 12]


@pytest.mark.parametrize(
    "lines",
    ["figures\n", "figures \n", "figures x\n", "figures 012\n", "figures -1\n", "figures 1 2\n",
     "figures 1\nfigures 1\n", "next-key a+b\nfigures 1\n", "figure 1\n", "figures  1\n"],
)  # fmt: skip
def test_lines_that_are_not_written_so_are_not_valid(lines: str) -> None:
    """Nothing can be read in two ways."""
    with pytest.raises(NotValid):
        read_checkpoint(sign_one(CHECKPOINT.write_text() + lines))


@pytest.mark.parametrize(
    ("written", "instead"),
    [("42", "042"), ("42", "-1"), ("42", "\uff14\uff12"), ("42", ""), ("ledger.example/soc", ""), ("AAEC", "AAE"),
     ("AAECAwQF", ""), ("positions", "places"), ("positions 17", "positions  17"), ("30\n", "30\nmore\n"),
     ("17", "x")],
)  # fmt: skip
def test_what_is_no_checkpoint_is_not_valid(written: str, instead: str) -> None:
    """Whoever signed it."""
    with pytest.raises(NotValid):
        read_checkpoint(sign_one(CHECKPOINT.write_text().replace(written, instead, 1)))
