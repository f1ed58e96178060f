"""Witnesses: what they cosign, what they refuse and name, and what they never forget."""

import functools
import http.server
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ledger.errors import Misuse, Unavailable
from proofs.checkpoints import read_checkpoint
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, parse_verifier
from proofs.notes import SignedNote, parse_note, verify_note
from seals.directory import ServedLog, open_files
from seals.history import CheckpointHistory
from seals.keys import SealKeys, make_secret
from seals.proving import verify_witnesses
from seals.witness import LAST_NAME, Witness
from services.witnessing import DirectoryWitness
from tests.seals.log_made import MadeLog

NAME = "kent.example/witness"


@pytest.fixture
def made(tmp_path: Path) -> MadeLog:
    """A log with 300 leaves and one checkpoint."""
    log = MadeLog(tmp_path / "log")
    log.fill_positions(0, 0, 300)
    log.sealer.seal_ready()
    return log


def fork_log(log: MadeLog, path: Path) -> MadeLog:
    """A log by the same key that goes on from the first 200 leaves of another in another way."""
    other = MadeLog(path)
    other.key_file.write_bytes(log.key_file.read_bytes())
    (other.directory.path / "keys").unlink()
    other.keys = SealKeys(other.key_file, other.next_file, other.directory.path)
    other.resume()
    other.fill_positions(0, 0, 200)
    other.fill_positions(1, 0, 100)
    other.sealer.seal_ready()
    return other


def read_newest(log: MadeLog) -> SignedNote:
    """Its newest note."""
    return parse_note(log.published[-1])


def test_a_checkpoint_is_cosigned_with_its_time_once(made: MadeLog, tmp_path: Path) -> None:
    """By a key of an algorithm of its own, made for its owner alone; what is known already is not cosigned again."""
    witness = Witness(tmp_path / "kent", NAME)
    note = read_newest(made)
    cosigned = witness.cosign_note(note, made.directory, 1_700_000_000.9)
    assert cosigned is not None
    (found,) = verify_note(cosigned, [witness.verifier])
    assert (found.time, witness.verifier.algorithm) == (1_700_000_000, KeyAlgorithm.COSIGNATURE)
    assert (tmp_path / "kent" / "witness.key").stat().st_mode & 0o777 == 0o600
    assert witness.cosign_note(note, made.directory) is None
    assert Witness(tmp_path / "kent", NAME).cosign_note(note, made.directory) is None, "nor by one that was restarted"
    assert parse_verifier(str(witness.verifier)) == witness.verifier


def test_a_history_that_does_not_go_on_is_refused_and_named(made: MadeLog, tmp_path: Path) -> None:
    """By the log's own key: of one size, of a greater one, and an earlier one again; what was refused is kept."""
    witness = Witness(tmp_path / "kent", NAME)
    witness.cosign_note(read_newest(made), made.directory)
    other = fork_log(made, tmp_path / "fork")
    with pytest.raises(NotValid, match="split view: two trees of 300 leaves"):
        witness.cosign_note(read_newest(other), other.directory)
    other.fill_positions(0, 200, 400)
    other.sealer.seal_ready()
    with pytest.raises(NotValid, match="the tree of 500 leaves does not begin with that of 300"):
        witness.cosign_note(read_newest(other), other.directory)
    made.fill_positions(0, 300, 310)
    made.sealer.seal_ready()
    witness.cosign_note(read_newest(made), made.directory)
    with pytest.raises(NotValid, match="it goes back, from 310 leaves to 300"):
        witness.cosign_note(parse_note(made.published[0]), made.directory)
    assert len(list((tmp_path / "kent" / "refused").iterdir())) == 3
    assert witness.last == made.list_checkpoints()[-1], "what it refused it does not remember"
    (passed,) = make_history(made, other).passed
    assert passed.why == "split view: the log's key signed two trees of 300 leaves"


def test_a_history_whose_count_of_figures_goes_back_is_refused(made: MadeLog, tmp_path: Path) -> None:
    """The log's own key signs the same tree again, and takes a figure's leaf for an output's: so one could be lost."""
    made.publish_figures("Table 1", "Table 2")
    made.sealer.seal_ready()
    witness = Witness(tmp_path / "kent", NAME)
    witness.cosign_note(read_newest(made), made.directory)
    made.fill_positions(0, 300, 302)
    made.sealer.seal_ready()
    last = read_checkpoint(read_newest(made))
    for figures in (1, None):
        text = last._replace(figures=figures).write_text()
        with pytest.raises(NotValid, match="its count of published figures goes back"):
            witness.cosign_note(made.keys.sign_text(text, None), made.directory)
    more = last._replace(figures=4).write_text()
    with pytest.raises(NotValid, match="its size does not go with its positions and published figures"):
        witness.cosign_note(made.keys.sign_text(more, None), made.directory)
    assert witness.cosign_note(read_newest(made), made.directory) is not None


def make_history(made: MadeLog, other: MadeLog) -> CheckpointHistory:
    """What a reader of a topic makes of both."""
    both = MadeLog(made.path, published=[made.published[0], other.published[0]])
    return both.follow_history()


def test_a_witness_that_is_killed_remembers_what_it_showed(made: MadeLog, tmp_path: Path) -> None:
    """Its memory is written before anything leaves it; without room nothing does."""
    witness = Witness(tmp_path / "kent", NAME)
    cosigned = witness.cosign_note(read_newest(made), made.directory)
    assert str(witness.read_cosigned()) == str(cosigned)
    (tmp_path / "kent" / LAST_NAME).unlink()
    (tmp_path / "kent" / LAST_NAME).mkdir()
    made.fill_positions(0, 300, 301)
    made.sealer.seal_ready()
    with pytest.raises(Unavailable, match="cannot be written"):
        witness.cosign_note(read_newest(made), made.directory)


def test_a_memory_that_is_set_back_is_made_good_from_what_is_published(made: MadeLog, tmp_path: Path) -> None:
    """An older disk put back: its own cosignature of a later checkpoint is its memory too."""
    witness = Witness(tmp_path / "kent", NAME)
    first = witness.cosign_note(read_newest(made), made.directory)
    kept = (tmp_path / "kent" / LAST_NAME).read_bytes()
    made.fill_positions(2, 0, 50)
    made.sealer.seal_ready()
    second = witness.cosign_note(read_newest(made), made.directory)
    assert first is not None
    assert second is not None
    (tmp_path / "kent" / LAST_NAME).write_bytes(kept)
    again = Witness(tmp_path / "kent", NAME)
    assert again.last == read_checkpoint(first)
    again.recall_cosigned([first, second])
    assert again.last == read_checkpoint(second)
    assert Witness(tmp_path / "kent", NAME).last == read_checkpoint(second)


def test_a_memory_that_was_altered_is_not_used(made: MadeLog, tmp_path: Path) -> None:
    """Nor the directory of another witness, nor a log's key as a witness's."""
    Witness(tmp_path / "kent", NAME).cosign_note(read_newest(made), made.directory)
    with pytest.raises(Misuse, match=r"is of the witness 'kent\.example/witness', not of 'essex"):
        Witness(tmp_path / "kent", "essex.example/witness")
    file = tmp_path / "kent" / LAST_NAME
    file.write_text(file.read_text().replace("\n300\n", "\n299\n"))
    with pytest.raises(Misuse, match="was altered"):
        Witness(tmp_path / "kent", NAME)
    make_secret(tmp_path / "essex" / "witness.key", NAME)
    with pytest.raises(Misuse, match="is a log's key"):
        Witness(tmp_path / "essex", NAME)


def test_a_reader_demands_so_many_cosignatures(made: MadeLog, tmp_path: Path) -> None:
    """Of different witnesses that he knows; a forged one makes the whole not valid."""
    note = read_newest(made)
    witnesses = [Witness(tmp_path / name, f"{name}.example/witness") for name in ("kent", "essex", "dyfed")]
    for witness in witnesses[:2]:
        note = witness.cosign_note(note, made.directory) or note
    known = [one.verifier for one in witnesses]
    assert verify_witnesses(note, known, 2) == known[:2]
    with pytest.raises(NotValid, match="2 of the 3 witnesses cosigned this checkpoint, not 3"):
        verify_witnesses(note, known, 3)
    with pytest.raises(Misuse, match="2 cosignatures are demanded of 1 witnesses"):
        verify_witnesses(note, [known[0], known[0]], 2)
    with pytest.raises(Misuse, match="is a log's key, not a witness's"):
        verify_witnesses(note, made.keys.list_verifiers(), 1)
    forged = note.signatures[1]._replace(signature=bytes(72))
    with pytest.raises(NotValid, match=r"the signature of 'kent\.example/witness' is not right"):
        verify_witnesses(note._replace(signatures=(note.signatures[0], forged)), known, 1)


@pytest.fixture
def served(made: MadeLog) -> Iterator[ServedLog]:
    """The log's directory behind a plain web server."""
    handler = functools.partial(QuietFiles, directory=str(made.directory.path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        files = open_files(f"http://127.0.0.1:{server.server_address[1]}/")
        assert isinstance(files, ServedLog)
        yield files
        server.shutdown()
        thread.join()


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    """Static files, without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_log_is_witnessed_from_static_files_alone(made: MadeLog, served: ServedLog, tmp_path: Path) -> None:
    """Whatever server they lie behind; a tile that is gone is a refusal, a server that is gone is none."""
    witness = Witness(tmp_path / "kent", NAME)
    looking = DirectoryWitness(witness, made.keys.list_verifiers(), served)
    assert looking.look_again()
    made.fill_positions(1, 0, 10)
    made.sealer.seal_ready()
    assert looking.look_again()
    assert witness.last == made.list_checkpoints()[-1]
    made.fill_positions(1, 10, 300)
    made.sealer.seal_ready()
    (made.directory.path / "tile" / "0" / "001").unlink()
    with pytest.raises(NotValid, match="tile/0/001 is missing under http"):
        looking.look_again()
    with pytest.raises(Unavailable, match="does not answer"):
        DirectoryWitness(witness, made.keys.list_verifiers(), open_files("http://127.0.0.1:9/")).look_again()


class EndlessFile(QuietFiles):
    """Whatever is asked for, an answer without an end."""

    def do_GET(self) -> None:
        """Answer until nobody listens."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(65_536))


def test_a_server_that_never_ends_its_answer_is_not_read_to_the_end() -> None:
    """It costs its witness a note's bytes and no more."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EndlessFile) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(Unavailable, match=r"checkpoint under http.* is larger, or comes more slowly"):
                open_files(f"http://127.0.0.1:{server.server_address[1]}").read_checkpoint()
        finally:
            server.shutdown()
            thread.join()


def test_what_was_cosigned_outlives_a_power_cut(made: MadeLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new name of ``last`` is synced with its directory before the note is handed on; so is that of the key."""
    synced: list[tuple[bool, bool]] = []
    sync, last = os.fsync, tmp_path / "kent" / LAST_NAME

    def note_sync(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), last.exists()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note_sync)
    witness = Witness(tmp_path / "kent", NAME)
    assert synced == [(False, False), (True, False)]
    assert witness.cosign_note(read_newest(made), made.directory) is not None
    assert synced[2:] == [(False, False), (True, True)]
