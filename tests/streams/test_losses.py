"""What a worker knows of what is gone: witnesses, placements, snapshots of other topics, ranges without outputs."""

import asyncio
import time
from pathlib import Path

import pytest

from infra import status
from infra.settings import Settings
from infra.topic_identity import Standstill, TopicIdentity, hold_identities
from ledger.entries import JudgedBy, SourceRecord
from ledger.vocabulary import Code
from schemas.stored import StoredRejection
from streams.acknowledgement import _list_ranges
from streams.books import REACHED_NOTHING, Books
from streams.chain import OutputChain
from streams.losses import OutputWitness, RecordsLost, ThreatPlacement
from streams.standstill import StandingPartitions
from streams.watch import TopicWatch, hold_snapshot

JUDGED = JudgedBy("1", "d", None, "s")
TOPICS = {"soc.published": "a", "soc.entries": "b", "soc.rejected": "c"}


def make_rejection(
    offset: int, value: bytes | None = b"v", code: str = "UNDECODABLE", digest: str | None = None
) -> StoredRejection:
    source = SourceRecord(0, offset, offset - 1, 1_000, b"k", value, ())
    return StoredRejection(source, code, "No.", None, None, None, JUDGED, None if digest is None else 1, digest)


def make_witness(*stored: StoredRejection) -> OutputWitness:
    seen = OutputWitness()
    for one in stored:
        seen.see_output(one)
    return seen


def test_the_output_of_the_greatest_position_is_the_witness() -> None:
    """Whatever order they are read in; its record must lie there."""
    found = make_witness(make_rejection(3), make_rejection(7, b"seventh"), make_rejection(5))
    assert found.offset == 7
    found.hold_record(7, b"k", b"seventh")


@pytest.mark.parametrize(("offset", "value"), [(7, b"other"), (8, b"seventh"), (-1, None)])
def test_another_record_at_its_place_is_another_topic(offset: int, value: bytes | None) -> None:
    """Other bytes; a hole where it lay; or nothing from there on."""
    with pytest.raises(Standstill, match=r"soc\.published is not the one of before"):
        make_witness(make_rejection(7, b"seventh")).hold_record(offset, b"k", value)


def test_a_record_that_lies_where_one_was_acknowledged_as_lost_is_of_another_topic() -> None:
    """What is deleted does not come back."""
    with pytest.raises(Standstill):
        make_witness(make_rejection(7, None, Code.LOST)).hold_record(7, b"k", None)


def test_an_original_that_is_known_by_its_digest_is_held_by_its_position() -> None:
    """Its output does not carry the bytes."""
    make_witness(make_rejection(7, None, digest="00")).hold_record(7, b"k", b"large")


def test_no_output_is_no_witness() -> None:
    """A partition without any: whatever lies there may lie there."""
    assert OutputWitness().offset is None
    OutputWitness().hold_record(0, b"k", b"v")


def test_a_threat_that_another_count_would_place_elsewhere_is_noticed() -> None:
    """Kafka's murmur2 of "21" is -973932308 (its own test data); of it 31 bits, 1173551340: 0 of 4, and 3 of 7."""
    placement = ThreatPlacement(4)
    placement.hold_threat("21", 0)
    placement.hold_threat("21", 0)
    with pytest.raises(Standstill, match="began with another count"):
        ThreatPlacement(7).hold_threat("21", 0)


def test_a_snapshot_of_some_of_these_topics_is_refused(tmp_path: Path) -> None:
    """soc.entries was made again beside the others. One of all topics is used, one of none is of another ledger."""
    path = tmp_path / "0.sqlite"
    hold_snapshot(path, TOPICS)
    books = Books(path, TOPICS, 1_000_000)
    books.save_books(REACHED_NOTHING)
    books.close()
    hold_snapshot(path, TOPICS)
    hold_snapshot(path, {name: f"new {one}" for name, one in TOPICS.items()})
    with pytest.raises(Standstill, match=r"topic soc\.entries is not the one"):
        hold_snapshot(path, TOPICS | {"soc.entries": "z"})


def test_a_torn_snapshot_says_nothing_of_topics(tmp_path: Path) -> None:
    """It is thrown away later, by who opens it."""
    path = tmp_path / "0.sqlite"
    path.write_bytes(b"torn")
    hold_snapshot(path, TOPICS)


def test_ranges_of_a_loss_end_where_outputs_join_on() -> None:
    """0 to 2 are covered, 3 and 4 are not, 5 is (it follows 4), 6 and 7 are not; all below 8 is deleted."""
    chain = OutputChain(-1, 0)
    for previous, offset, learnt in ((-1, 2, 100), (4, 5, 300)):
        chain.add_output(previous, offset, learnt, None)
    list(chain.follow_links())
    assert [tuple(one) for one in _list_ranges(chain, 8)] == [(3, 4, 100), (6, 7, 300)]


def test_nothing_is_lost_below_the_end_of_the_outputs() -> None:
    """All that is deleted was judged."""
    chain = OutputChain(7, 100)
    assert list(_list_ranges(chain, 8)) == []


def test_topics_are_held_to_their_identities_and_counts() -> None:
    """The same pass; one that is gone, or another, or has more partitions, is named."""
    known = {"soc.published": TopicIdentity("a", 2)}
    hold_identities(known, known)
    for other, said in (
        (TopicIdentity("b", 2), "is not the one of before"),
        (TopicIdentity("", 0), "is not the one of before"),
        (TopicIdentity("a", 4), "has 4 partitions, this ledger began with 2"),
    ):
        with pytest.raises(Standstill, match=said):
            hold_identities(known, {"soc.published": other})


def test_a_standing_partition_is_said_to_health_and_taken_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it goes on; then nothing is said any more."""
    monkeypatch.setattr("streams.standstill.STAND_SECONDS", 0.0)
    taken: list[int] = []

    async def run_story() -> None:
        standing = StandingPartitions(taken.append)
        standing.stand_still(3, RecordsLost(3, 5, 9))
        standing.stand_still(3, RecordsLost(3, 5, 9))
        (said,) = status.list_troubles()
        assert "offsets 5 to 8" in said["what"]
        assert "acknowledge-loss --partition 3" in said["remedy"]
        await asyncio.sleep(0.01)
        assert taken == [3]
        standing.end_standstill(3)
        assert status.list_troubles() == []

    asyncio.run(run_story())


def test_what_was_fetched_before_a_look_began_needs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look answers for all that was fetched before it; a later fetch needs a later one, and finds what changed."""
    looks: list[dict[str, TopicIdentity]] = []
    now = {name: TopicIdentity(one, 2) for name, one in TOPICS.items()}

    def identify_next(*_: object) -> dict[str, TopicIdentity]:
        looks.append(dict(now))
        return looks[-1]

    monkeypatch.setattr("streams.watch.build_admin_client", lambda _: None)
    monkeypatch.setattr("streams.watch.identify_topics", identify_next)
    watch = TopicWatch(Settings(state=tmp_path, kafka_bootstrap_servers="127.0.0.1:1", partitions=2))
    fetched = time.monotonic()
    assert watch.hold_topics(fetched) == TOPICS
    assert watch.hold_topics(fetched) == TOPICS
    assert len(looks) == 1
    now["soc.published"] = TopicIdentity("made anew", 2)
    assert watch.hold_topics(fetched) == TOPICS
    for _ in range(2):  # and for ever: nothing makes it the old one again
        with pytest.raises(Standstill, match=r"soc\.published is not the one"):
            watch.hold_topics(time.monotonic())


def test_added_partitions_are_noticed_at_the_first_look_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four where the settings say two."""
    found = {name: TopicIdentity(one, 4) for name, one in TOPICS.items()}
    monkeypatch.setattr("streams.watch.build_admin_client", lambda _: None)
    monkeypatch.setattr("streams.watch.identify_topics", lambda *_: found)
    watch = TopicWatch(Settings(state=tmp_path, kafka_bootstrap_servers="127.0.0.1:1", partitions=2))
    with pytest.raises(Standstill, match="partitions were added"):
        watch.hold_topics(0.0)
