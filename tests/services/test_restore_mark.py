"""What a restore that was cut off finds again of itself."""

from pathlib import Path

from services.restore_mark import MARK, RestoreMark
from services.restore_plan import RestoredRecord

LATE = RestoredRecord(9, 5, b"k", b"\x00\xff", (("x", None), ("x", b"\xfe")))
EARLY = RestoredRecord(7, 4, None, None, ())


def test_a_mark_keeps_its_topics_and_what_is_to_be_judged_again(tmp_path: Path) -> None:
    """Bytes that are no text, in the order of positions; kept beside what an earlier run kept, and each once."""
    mark = RestoreMark(tmp_path)
    assert (mark.topics, list(mark.read_again())) == ({}, [])
    mark.note_topics({"soc.published": "id"})
    assert mark.keep_again({1: [LATE], 0: []}) == 1
    again = RestoreMark(tmp_path)
    assert again.keep_again({0: [LATE], 1: [EARLY, LATE]}) == 3
    again.note_topics({"soc.published": "other"})
    assert list(mark.read_again()) == [(0, LATE), (1, EARLY), (1, LATE)]
    assert mark.topics == {"soc.published": "other"}
    mark.end_restore()
    mark.end_restore()
    assert not (tmp_path / MARK).exists()
