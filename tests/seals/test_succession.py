"""A log that follows another: what readers find out about that, what witnesses accept, and what a forger tries."""

from pathlib import Path

import pytest

from proofs.checkpoints import Checkpoint, FollowedHead, read_checkpoint
from proofs.errors import NotValid
from proofs.notes import SignedNote, parse_note
from seals.index import SealIndex
from seals.inspection import inspect_log
from seals.keys import make_secret
from seals.ledger_log import LedgerLog
from seals.succession import FollowedLog, find_followed
from tests.seals.log_made import NEXT, ORIGIN, MadeLog, make_next, read_key


def look_at(made: MadeLog, *others: MadeLog) -> FollowedLog:
    """What a reader finds out who has these logs' checkpoints."""
    found = find_followed(made.follow_history(), [parse_note(one) for other in others for one in other.published])
    assert found is not None
    return found


def test_every_checkpoint_names_the_log_before_and_the_first_is_signed_by_both(old: MadeLog, tmp_path: Path) -> None:
    """Its key, and the 30 leaves with which it ended; the sealer's next checkpoints say the same."""
    made = make_next(old, tmp_path / "next")
    first, last = made.list_checkpoints()
    head = FollowedHead(old.keys.list_verifiers()[0], 30, old.list_checkpoints()[1].root)
    assert (first.size, last.size, first.follows, last.follows) == (0, 12, head, head)
    assert made.published[0].decode().split("\n")[5] == f"follows {head}"
    assert [one.name for one in parse_note(made.published[0]).signatures] == [NEXT, ORIGIN]
    assert read_checkpoint(parse_note(made.published[1])) == last
    found = look_at(made, old)
    assert (found.fault, found.is_signed, found.is_found) == (None, True, True)
    assert found.checked == [
        f"the key of '{ORIGIN}' signed that this log follows it",
        f"the last checkpoint of '{ORIGIN}' that is here, of 30 leaves, is the one that this log says that it follows",
    ]
    assert [one.split(":")[0] for one in found.not_checked] == [f"that what '{ORIGIN}' sealed is in this log"]
    assert find_followed(old.follow_history()) is None


def test_what_was_not_looked_at_is_said_not_to_be(old: MadeLog, tmp_path: Path) -> None:
    """A log whose old key did not sign, and of which no checkpoint is here, is believed for nothing."""
    found = look_at(make_next(old, tmp_path / "next", signed=False))
    assert (found.fault, found.is_signed, found.is_found, found.checked) == (None, False, False, [])
    assert [one.split(":")[0] for one in found.not_checked] == [
        f"who says that this log follows '{ORIGIN}'",
        f"that '{ORIGIN}' ended with the 30 leaves that this log names",
        f"that what '{ORIGIN}' sealed is in this log",
    ]
    later = make_next(old, tmp_path / "later").follow_history()
    later.checkpoints = later.checkpoints[1:]
    cut = find_followed(later)
    assert cut is not None
    assert (cut.is_signed, "its first checkpoint is not here" in cut.not_checked[0]) == (None, True)


def test_what_another_key_signed_under_the_old_name_proves_nothing(old: MadeLog, tmp_path: Path) -> None:
    """Of as many leaves, and of the same tree: the named key did not sign it, so the end is still not checked."""
    stranger = MadeLog(tmp_path / "stranger")
    stranger.publish(stranger.keys.sign_text(old.list_checkpoints()[1].write_text(), None))
    found = look_at(make_next(old, tmp_path / "next"), stranger)
    assert (found.fault, found.is_found) == (None, False)


def test_a_log_that_names_an_earlier_end_is_a_split_view(old: MadeLog, tmp_path: Path) -> None:
    """A forger who would have 20 leaves forgotten: the old log's checkpoint of 30 says so."""
    first = old.list_checkpoints()[0]
    made = make_next(old, tmp_path / "next", size=10, root=first.root)
    assert look_at(made, old).fault == (
        f"split view: this log says that it follows '{ORIGIN}': it names 10 leaves, and its key signed a checkpoint "
        "of 30"
    )
    assert look_at(made).fault is None
    assert not look_at(made).is_found
    other = make_next(old, tmp_path / "other", root=bytes(32))
    assert look_at(other, old).fault == (
        f"split view: this log says that it follows '{ORIGIN}': it names 30 leaves, and its key signed another tree of "
        "as many"
    )


def test_a_log_that_names_a_key_of_its_own_making_is_a_split_view(old: MadeLog, tmp_path: Path) -> None:
    """Under the old log's name: what the true key signed is greater, and not the named one's."""
    forged = make_secret(tmp_path / "forged.key", ORIGIN)
    made = make_next(old, tmp_path / "next", signed=False, key=forged.make_verifier(), size=10)
    assert look_at(made, old).fault == (
        f"split view: this log says that it follows '{ORIGIN}': it names 10 leaves, and there is, under its name and "
        "by another key, a checkpoint of 30"
    )


def test_a_log_that_names_a_key_that_was_changed_is_a_split_view(old: MadeLog, tmp_path: Path) -> None:
    """The key of before announced another, which signed what came after."""
    before = old.keys.list_verifiers()[0]
    make_secret(old.next_file, ORIGIN)
    old.sealer.seal_ready()
    made = make_next(old, tmp_path / "next", signed=False, key=before)
    assert look_at(made, old).fault == (
        f"split view: this log says that it follows '{ORIGIN}': the key that is named announced another, which signed "
        "what came after"
    )
    assert look_at(make_next(old, tmp_path / "right"), old).is_found


def test_two_logs_that_follow_one_are_a_split_view(old: MadeLog, tmp_path: Path) -> None:
    """Where the old key signed both. Whoever has none of its keys can say what he likes, and ends nothing."""
    made, twin = make_next(old, tmp_path / "next"), make_next(old, tmp_path / "twin", origin="ledger.example/twin")
    assert look_at(made, old, twin).fault == (
        f"split view: this log says that it follows '{ORIGIN}': two logs follow it, and its key signed both: "
        "'ledger.example/twin' does too"
    )
    unsigned = make_next(old, tmp_path / "unsigned", signed=False, origin="ledger.example/unsigned")
    assert look_at(made, old, unsigned).fault is None


def test_a_log_that_names_itself_or_its_own_key_is_none(old: MadeLog, tmp_path: Path) -> None:
    """By its own name, or by its own key under another name."""
    made = MadeLog(tmp_path / "next", origin=NEXT)
    own, head = made.keys.list_verifiers()[0], old.name_head()
    itself = Checkpoint(NEXT, 0, bytes(32), (0,), figures=0, follows=head._replace(key=own))
    with pytest.raises(NotValid, match=f"the log '{NEXT}' says that it follows itself"):
        read_checkpoint(SignedNote(itself.write_text()))
    made.begin_after(head._replace(key=head.key._replace(public=own.public)))
    (passed,) = made.follow_history().passed
    assert passed.why == "it names its own key as that of the log that it follows"


def test_a_log_names_the_same_one_always(old: MadeLog, tmp_path: Path) -> None:
    """A later checkpoint that names none, or another end, does not count."""
    made = make_next(old, tmp_path / "next")
    last = made.list_checkpoints()[-1]
    for follows in (None, old.name_head()._replace(size=31)):
        made.publish(made.keys.sign_text(last._replace(follows=follows).write_text(), None))
    why = "split view: it does not name the log that it follows as the one before it does"
    assert [one.why for one in made.follow_history().passed] == [why, why]


@pytest.mark.parametrize("line", ["follows", "follows x 1 y", "follows {key} -1 {root}", "follows {key} 30 AAAA"])
def test_a_line_that_names_no_head_makes_no_checkpoint(old: MadeLog, line: str) -> None:
    """It stands where it stands, as it is written, or nowhere."""
    head = old.name_head()
    text = Checkpoint(NEXT, 0, bytes(32), (0,), figures=0).write_text()
    good = f"{text}follows {head}\n"
    assert read_checkpoint(SignedNote(good)).follows == head
    words = str(head).split(" ")
    for wrong in (f"{text}{line.format(key=words[0], root=words[2])}\n", f"{good}follows {head}\n"):
        with pytest.raises(NotValid, match="the note is no checkpoint of a ledger"):
            read_checkpoint(SignedNote(wrong))


def test_a_reader_of_the_new_log_passes_the_old_ones_checkpoints_over(old: MadeLog, tmp_path: Path) -> None:
    """They lie in the same topic, before and behind; what a third log has there is named."""
    made, third = make_next(old, tmp_path / "next"), MadeLog(tmp_path / "third", origin="ledger.example/third")
    third.fill_positions(0, 0, 1)
    third.sealer.seal_ready()
    made.published = [old.published[0], *made.published, old.published[1], third.published[0]]
    history = made.follow_history()
    assert [one.checkpoint.size for one in history.checkpoints] == [0, 12]
    assert [one.why for one in history.passed] == ["it is of the log 'ledger.example/third'"]


def test_a_log_that_is_followed_has_ended_by_the_word_of_its_own_key(old: MadeLog, tmp_path: Path) -> None:
    """Whoever has another key ends no log."""
    unsigned, made = make_next(old, tmp_path / "unsigned", signed=False), make_next(old, tmp_path / "next")
    old.published.append(unsigned.published[0])
    assert old.follow_history().successor is None
    old.published.append(made.published[0])
    history = old.follow_history()
    assert history.successor == made.list_checkpoints()[0]
    assert [one.why for one in history.passed] == [
        f"it is of the log '{NEXT}'",
        f"it is of the log '{NEXT}', which follows this one, as this log's key signed: this log has ended",
    ]


def test_a_key_that_was_changed_ends_no_log(old: MadeLog, tmp_path: Path) -> None:
    """Whoever stole it says that another log follows, and signs that by it; the key of now is another."""
    stolen, head = read_key(old), old.name_head()
    make_secret(old.next_file, ORIGIN)
    old.sealer.seal_ready()
    forged = MadeLog(tmp_path / "forged", origin=NEXT)
    forged.begin_after(head, stolen)
    old.published.append(forged.published[0])
    assert old.follow_history().successor is None
    forged.published.clear()
    forged.begin_after(old.name_head(), read_key(old))
    old.published.append(forged.published[0])
    assert old.follow_history().successor is not None


def test_an_inspection_names_another_end_among_its_faults(old: MadeLog, tmp_path: Path) -> None:
    """And says what the log follows, and what of that was checked."""
    made = make_next(old, tmp_path / "next", size=10, root=old.list_checkpoints()[0].root)
    log = LedgerLog(made.follow_history(), made.directory, SealIndex(made.directory.path))
    inspection = inspect_log(log)
    inspection.note_followed(look_at(made, old))
    (fault,) = inspection.faults
    assert "it names 10 leaves, and its key signed a checkpoint of 30" in fault
    body = inspection.make_body()["follows"]
    assert (body["size"], body["fault"], len(body["checked"])) == (10, fault, 1)
    assert inspect_log(log).make_body()["follows"] is None
