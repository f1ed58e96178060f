"""From where on a sealer reads: a hint, which counts for the very topics that it was written for."""

from pathlib import Path

import pytest

from infra.topics import ENTRIES
from seals.resuming import PLACES_NAME, ReadPlaces, load_places

IDS = {"soc.checkpoints": "1", "soc.entries": "2", "soc.rejected": "3"}
PLACES = ReadPlaces(40, 7, {(ENTRIES, 3): 21})


def test_places_are_what_was_saved(tmp_path: Path) -> None:
    """By topic and partition."""
    PLACES.save(tmp_path, IDS)
    assert load_places(tmp_path, IDS) == PLACES


def test_places_of_other_topics_are_none(tmp_path: Path) -> None:
    """A topic that was made again has another identity: all of it is read."""
    PLACES.save(tmp_path, IDS)
    assert load_places(tmp_path, IDS | {"soc.entries": "4"}) == ReadPlaces()
    assert load_places(tmp_path / "elsewhere", IDS) == ReadPlaces()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"outputs": {"soc.entries/x": 1}}'])
def test_garbled_places_are_none(tmp_path: Path, content: bytes) -> None:
    """Half-written, of another version, or somebody else's."""
    (tmp_path / PLACES_NAME).write_bytes(content)
    assert load_places(tmp_path, IDS) == ReadPlaces()


def test_places_that_lack_something_are_none(tmp_path: Path) -> None:
    """Though they are of these topics."""
    PLACES.save(tmp_path, IDS)
    file = tmp_path / PLACES_NAME
    file.write_text(file.read_text().replace('"size"', '"sise"'))
    assert load_places(tmp_path, IDS) == ReadPlaces()
