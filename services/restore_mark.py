"""What a restore must know of itself when it was cut off: a file in the state directory while it is under way.

It names the topics that are the restore's own, and keeps the records that are to be judged again once it is over.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from infra.file_replacement import replace_text
from infra.preallocated_file import read_json_object
from services.restore_plan import RestoredRecord

MARK: Final = "restore.json"


class RestoreMark:
    """The mark of one state directory; nothing is in it where no restore is under way."""

    def __init__(self, state: Path) -> None:
        self._file = state / MARK

    @property
    def topics(self) -> dict[str, str]:
        """The identities of the topics that are the restore's own."""
        return dict(read_json_object(self._file).get("topics", {}))

    def note_topics(self, ids: Mapping[str, str]) -> None:
        """Note which topics are the restore's own, before the first record is in one."""
        self._write(read_json_object(self._file) | {"topics": dict(ids)})

    def keep_again(self, records: Mapping[int, list[RestoredRecord]]) -> int:
        """Keep records to be judged again, by partition, beside those that are kept already; how many there are."""
        found = read_json_object(self._file)
        more = {f"{number}:{one.offset}": _pack_record(number, one) for number, some in records.items() for one in some}
        kept = found.get("again", {}) | more
        self._write(found | {"again": kept})
        return len(kept)

    def read_again(self) -> Iterator[tuple[int, RestoredRecord]]:
        """Read the records to be judged again, each with its partition, in their order."""
        kept = [_unpack_record(one) for one in read_json_object(self._file).get("again", {}).values()]
        yield from sorted(kept, key=lambda pair: (pair[0], pair[1].offset))

    def end_restore(self) -> None:
        """Remove it: the restore is over."""
        self._file.unlink(missing_ok=True)

    def _write(self, said: Mapping[str, Any]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(self._file, json.dumps(said) + "\n")


def _pack_record(partition: int, one: RestoredRecord) -> list[Any]:
    headers = [[name, _pack_bytes(found)] for name, found in one.headers]
    return [partition, one.offset, one.timestamp, _pack_bytes(one.key), _pack_bytes(one.value), headers]


def _unpack_record(packed: list[Any]) -> tuple[int, RestoredRecord]:
    partition, offset, timestamp, key, value, headers = packed
    named = tuple((name, _unpack_bytes(found)) for name, found in headers)
    return partition, RestoredRecord(offset, timestamp, _unpack_bytes(key), _unpack_bytes(value), named)


def _pack_bytes(found: bytes | None) -> str | None:
    return None if found is None else b64encode(found).decode()


def _unpack_bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
