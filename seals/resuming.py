"""Where a sealer goes on: its keys, the last checkpoint of the topic, and from where outputs are to be read.

``places.json`` beside the tiles says from where on the topics have to be read. It is a hint: it counts for the very
topics that it was written for, and for no later state of the log than the topic has; without it all is read again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from infra.file_replacement import replace_file
from infra.preallocated_file import read_json_object
from infra.settings import Settings
from infra.topic_admin import count_partitions, read_topic_ids
from infra.topics import CHECKPOINTS, ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Misuse
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.notes import parse_note
from seals.directory import SealDirectory
from seals.history import CheckpointHistory
from seals.keys import (
    BEGIN,
    SealKeys,
    describe_put_away,
    locate_key,
    locate_seals,
    note_log,
    open_keys,
    read_noted,
)
from seals.outputs import AppendedRecord
from seals.sealer import begin_log
from seals.topics import CHECKPOINT_PARTITION, RecordsGone, TopicPlace, list_places, read_checkpoint_records

PLACES_NAME: Final = "places.json"
_TOPICS: Final = (CHECKPOINTS, ENTRIES, REJECTED)


class ReadPlaces(NamedTuple):
    """From where on the topics are to be read.

    ``size`` is that of the checkpoint up to which all is covered; ``checkpoint`` where it lies in its topic.
    """

    size: int = 0
    checkpoint: int = 0
    outputs: Mapping[TopicPlace, int] = {}

    def save(self, seals: Path, topic_ids: Mapping[str, str]) -> None:
        """Save the places, and of which topics they are. Raises OSError."""
        outputs = {f"{topic}/{partition}": offset for (topic, partition), offset in self.outputs.items()}
        content = {"topics": dict(topic_ids), "size": self.size, "checkpoint": self.checkpoint, "outputs": outputs}
        replace_file(seals / PLACES_NAME, json.dumps(content).encode())


class ResumedLog(NamedTuple):
    """Where a log goes on."""

    keys: SealKeys
    last: Checkpoint
    places: ReadPlaces
    topic_ids: Mapping[str, str]
    history: CheckpointHistory


def load_places(seals: Path, topic_ids: Mapping[str, str]) -> ReadPlaces:
    """Load what ``ReadPlaces.save`` kept; all from the first record on where it is not of these topics."""
    said = read_json_object(seals / PLACES_NAME)
    if said.get("topics") != dict(topic_ids):
        return ReadPlaces()
    try:
        outputs = {_parse_place(name): int(offset) for name, offset in said["outputs"].items()}
        return ReadPlaces(int(said["size"]), int(said["checkpoint"]), outputs)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ReadPlaces()


def resume_log(settings: Settings, directory: SealDirectory) -> ResumedLog:
    """Find where the log goes on; make its first key where it has nothing yet.

    Raises:
        Misuse: the key is missing, or another log's, or checkpoints that were published are gone from the topic.
        Unavailable: the broker did not answer.
        OSError: the key cannot be written.
    """
    seals = locate_seals(settings)
    topic_ids = read_topic_ids(settings, _TOPICS)
    keys = open_keys(settings, may_begin=_may_begin(settings))
    _hold_origin(settings, keys)
    places = load_places(seals, topic_ids)
    history = _read_from(settings, keys, places)
    _hold_end(settings, keys, history)
    if history.newest is None or history.newest.checkpoint.size < places.size:
        places, history = ReadPlaces(), read_history(settings, keys)
    last = _find_last(settings, keys, history, directory)
    note_log(settings, keys.origin)
    starts = dict.fromkeys(list_places(len(last.positions)), 0) | dict(places.outputs)
    starts[CHECKPOINTS, CHECKPOINT_PARTITION] = history.newest.offset if history.newest else 0
    return ResumedLog(keys, last, places._replace(outputs=starts), topic_ids, history)


def read_history(settings: Settings, keys: SealKeys, first: int = 0) -> CheckpointHistory:
    """Read the log's checkpoints from an offset of the topic on; finish a change of keys that was published."""
    history = CheckpointHistory(keys.list_verifiers())
    history.follow_all(read_checkpoint_records(settings, first))
    following = keys.read_following()
    if following is not None and history.signing_key == following.make_verifier():
        keys.follow_key(following)
    return history


def _read_from(settings: Settings, keys: SealKeys, places: ReadPlaces) -> CheckpointHistory:
    try:
        return read_history(settings, keys, places.checkpoint)
    except RecordsGone:  # a hint; where they are gone in truth, reading them all says so
        return read_history(settings, keys)


def _find_last(settings: Settings, keys: SealKeys, history: CheckpointHistory, directory: SealDirectory) -> Checkpoint:
    partitions = count_partitions(settings, PUBLISHED)
    if history.newest is None:
        _hold_first(settings, keys.origin, history)
    last = history.newest.checkpoint if history.newest else begin_log(keys.origin, partitions)
    if len(last.positions) != partitions:
        raise Misuse(f"the log is of {len(last.positions)} partitions, and soc.published has {partitions}")
    known = _read_own(directory, keys.origin)
    if known is not None and known.size > last.size:
        raise Misuse(
            f"checkpoints that were published are gone from soc.checkpoints: it ends at {last.size:,} leaves, and "
            f"{known.size:,} were sealed. Restore the topic; where it is lost for ever: {describe_put_away(settings)}"
        )
    return last


def _read_own(directory: SealDirectory, origin: str) -> Checkpoint | None:
    """Read the newest checkpoint that the directory knows of this log; None where it knows none."""
    try:
        found = read_checkpoint(parse_note(directory.read_checkpoint()))
    except NotValid:
        return None
    return found if found.origin == origin else None


def _may_begin(settings: Settings) -> bool:
    """Tell whether the settings' log may be given its first key: it has none, and is the first in the topic."""
    if locate_key(settings).exists():
        return False
    others = _name_others(settings, list_origins(settings))
    if others:
        raise Misuse(
            f"the log {others} was here, and {locate_key(settings)} is missing: put its key there, or name it by "
            f"DISRUPTIONS_SEAL_KEY_FILE; where it cannot go on, {BEGIN}"
        )
    return True


def _hold_first(settings: Settings, origin: str, history: CheckpointHistory) -> None:
    """Hold that no log was before one that has no checkpoint yet. Raises Misuse."""
    others = {one.origin for one in history.passed if one.origin} | ({read_noted(settings)} - {"", origin})
    if others:
        raise Misuse(
            f"the log {', '.join(sorted(map(repr, others)))} was here, and nothing is sealed of {origin!r}: no log "
            f"begins after another without a word; {BEGIN}"
        )


def list_origins(settings: Settings) -> set[str]:
    """List the names of all logs that have a checkpoint in the topic, whoever wrote it."""
    return {one for one in map(_read_origin, read_checkpoint_records(settings)) if one is not None}


def _name_others(settings: Settings, origins: set[str]) -> str:
    """Name the logs that were here: those of the topic, and the one that was sealed from here last."""
    noted = read_noted(settings)
    return ", ".join(sorted(map(repr, origins | ({noted} if noted else set()))))


def _hold_end(settings: Settings, keys: SealKeys, history: CheckpointHistory) -> None:
    """Hold that no log follows this one, by the word of its own key. Raises Misuse."""
    if history.successor is not None:
        raise Misuse(
            f"the log {keys.origin!r} has ended: {history.successor.origin!r} follows it, as its key signed; put "
            f"{locate_key(settings)} and {locate_seals(settings)} away, and those of the log that follows there"
        )


def _hold_origin(settings: Settings, keys: SealKeys) -> None:
    if settings.seal_origin not in (None, keys.origin):
        raise Misuse(
            f"DISRUPTIONS_SEAL_ORIGIN is {settings.seal_origin!r}, and the key in {locate_key(settings)} is of "
            f"{keys.origin!r}: a log keeps its name; put key and directory away to begin another"
        )


def _read_origin(record: AppendedRecord) -> str | None:
    try:
        return read_checkpoint(parse_note(record.value or b"")).origin
    except NotValid:
        return None


def _parse_place(name: Any) -> TopicPlace:
    topic, _, partition = name.rpartition("/")
    return topic, int(partition)
