"""Whatever the bytes are, a file's rows end as sent or as refused by number, and nothing else happens.

Each round is made from its seed alone; a failing one is in the test's name and in its output.
"""

import gzip
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import Misuse
from tests.producers.rows_of_files import Told, make_cells, make_lines, make_record, make_text, make_workbook

SECONDS = 2.0  # a seed
ROWS = 12
NAMES = ("f.csv", "f.ndjson", "f.xlsx", "f.gz", "f", "f.tsv", "f.json")


def make_table(rng: random.Random, delimiter: str = ",") -> str:
    """A dozen rows, some with quoted cells."""
    rows = []
    for number in range(1, ROWS + 1):
        reason = rng.choice(["", '"quoted, and so"', '"with ""quotes"""', '"', 'in"side', "plain"])
        rows.append(
            make_cells(number, reason=reason, event_date=rng.choice(["2022-07-01", "01/07/2022", "07/14/2022"]))
        )
    return make_text(rows, delimiter)


def make_workbook_bytes(_: random.Random) -> bytes:
    return make_workbook([make_cells(number) for number in range(1, ROWS + 1)])


WHOLE: list[Callable[[random.Random], bytes]] = [
    lambda rng: make_table(rng).encode(),
    lambda rng: make_table(rng, ";").encode("utf-8-sig"),
    lambda rng: make_table(rng, "\t").encode("utf-16"),
    lambda rng: gzip.compress(make_table(rng).encode()),
    lambda _: make_lines(make_record(number) for number in range(1, ROWS + 1)).encode(),
    lambda _: make_lines(make_record(number) for number in range(1, ROWS + 1)).encode("utf-16"),
    lambda _: gzip.compress(make_lines(make_record(number) for number in range(1, ROWS + 1)).encode()),
    make_workbook_bytes,
    lambda rng: rng.randbytes(rng.randrange(2000)),
]


def garble_bytes(rng: random.Random, content: bytes) -> bytes:
    """Cut, repeat, overwrite or insert; several times."""
    made = bytearray(content)
    for _ in range(rng.randrange(4)):
        at, other = (rng.randrange(len(made) + 1) for _ in range(2))
        piece = rng.choice([rng.randbytes(rng.randrange(1, 20)), b'"', b"\0", b"\r", b"\n", b"[", b"{", b"\xff\xfe"])
        change = rng.randrange(4)
        if change == 0:
            del made[at:]
        elif change == 1:
            made[at:at] = made[other : other + 200]
        elif change == 2:
            made[at : at + len(piece)] = piece
        else:
            made[at:at] = piece
    return bytes(made)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_bytes_are_too_odd(tmp_path: Path, seed: int) -> None:
    """No error but the caller's, no row twice, and no value in a reason that is long."""
    deadline, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < deadline:
        turn += 1
        rng = random.Random(f"{seed}-{turn}")
        path = tmp_path / rng.choice(NAMES)
        path.write_bytes(garble_bytes(rng, rng.choice(WHOLE)(rng)))
        try:
            told = Told(path)
        except Misuse:
            continue
        except Exception:
            print(f"seed {seed}, turn {turn}: {path.name}")  # noqa: T201  (the failing round)
            raise
        assert len(told.ended) == len(set(told.ended)), f"seed {seed}, turn {turn}"
        assert told.summary.sent == told.summary.acknowledged == len(told.numbers)
        assert all(len(row.reason) < 300 for row in told.refused)
    assert turn > 20


@pytest.mark.parametrize("seed", [11, 12])
def test_wherever_quotes_are_put_each_row_of_a_table_ends_by_its_number(tmp_path: Path, seed: int) -> None:
    """Rows 2 to 13 all of them, each once; or the header, row 1, is refused."""
    deadline, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < deadline:
        turn += 1
        rng = random.Random(f"{seed}-{turn}")
        delimiter = rng.choice(",;\t")
        text = make_table(rng, delimiter).replace("\r\n", "\n")
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(['"', '"', '""', delimiter, f'"{delimiter}']) + text[at:]
        path = tmp_path / "f.csv"
        path.write_text(text, newline="")
        told = Told(path)
        assert told.ended in ([1], list(range(2, ROWS + 2))), f"seed {seed}, turn {turn}: {told.ended}"
    assert turn > 20
