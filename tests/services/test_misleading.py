"""Bundles that agree with themselves and mislead: figures of postings that nobody sealed, words on no list."""

import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import fastavro
import pytest

from audit import offline_verifier
from schemas.containers import read_datums
from tests.services import bundled
from tests.services.conftest import Verify
from tests.services.test_tampering import find_file, read_schema

TABLE = "figures/table.json"
EVENT_SCHEMA = "schemas/b7cfdca48bbc73f1d94c82ceba0cc53cc9e2f70a09733f1daffc5dc42673d653.avsc"
Change = Callable[[dict[str, Any]], Any]


def compute_id(figure: dict[str, Any]) -> str:
    """A figure's id, as its forger computes it again."""
    told = {name: value for name, value in figure.items() if name not in offline_verifier.NOT_SAID}
    told["cells"] = [[one["values"], one["n"]] for one in figure["cells"]]
    return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def change_table(bundle: Path, change: Change) -> None:
    """Change the bundle's own figures, with every id and digest made again."""
    table = json.loads((bundle / TABLE).read_text())
    change(table)
    for figure in table["figures"]:
        figure["figure_id"] = compute_id(figure)
    (bundle / TABLE).write_text(json.dumps(table))
    bundled.rewrite_manifest(bundle)


def change_manifest(bundle: Path, **said: Any) -> None:
    """Let the manifest say something else."""
    found = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(found | said))


def add_forged_partition(bundle: Path, partition: int) -> None:
    """Add a partition of copies of the Metropolitan Police's disruption, with their frames, and count them."""
    source = find_file(bundle, "entries/1*")
    schema, parsed = read_schema(source), fastavro.parse_schema(read_schema(source))
    with source.open("rb") as stream:
        whole = list(read_datums(stream))[1][1]
    datums = []
    for offset in range(bundled.CUTS[-1][-1]):
        place = {"partition": partition, "offset": offset, "previous_offset": offset - 1}
        datum = io.BytesIO()
        fastavro.schemaless_writer(datum, parsed, whole | place)
        datums.append(datum.getvalue())
    made = bundle / "entries" / source.name.replace("1.", f"{partition}.", 1)
    made.write_bytes(bundled.pack_container(schema, datums))
    frames = source.with_suffix(".frames.avro")
    with frames.open("rb") as stream:
        frame = next(read_datums(stream))[0]
    made.with_suffix(".frames.avro").write_bytes(bundled.pack_container(read_schema(frames), [frame] * len(datums)))


def count_forged(table: dict[str, Any]) -> None:
    """Eight more of the Metropolitan Police, all pursue: only the total of lead disruptions is kept."""
    table["figures"] = table["figures"][:1]
    table["figures"][0]["cells"] = [{"values": [], "n": 6 + 8}]


@pytest.mark.parametrize("partition", [-1, 2])
def test_postings_of_a_partition_that_nothing_seals_count_nothing(bundle: Path, verify: Verify, partition: int) -> None:
    """Counted from the end, -1 is the last of the checkpoint's positions, and no leaf is held to it."""
    add_forged_partition(bundle, partition)
    change_table(bundle, count_forged)
    said = verify(bundle)["fault"]
    assert said == f"partition {partition}: its outputs end at offset 7; the last checkpoint seals those before 0"


def add_support(figure: dict[str, Any]) -> None:
    """Add the two support disruptions to the lead ones, of a subject that is none."""
    figure.update(subject="DISRUPTION", type=None, cells=[{"values": [], "n": 6 + 2}])


@pytest.mark.parametrize(
    "change",
    [
        add_support,
        lambda figure: figure.update(type="lead", cells=[]),
        lambda figure: figure.update(standing="Counted", cells=[]),
        lambda figure: figure.update(organisation="Kent Police", cells=[]),
        lambda figure: figure.update(cells=[{"values": [], "n": 6.0}]),
        lambda figure: figure.update(as_at=float(figure["as_at"])),
        lambda figure: figure.update(last_day=True, cells=[]),
        lambda figure: figure.update(by=["type", "type"], cells=[{"values": ["LEAD", "LEAD"], "n": 6}]),
        lambda figure: figure.update(subject="THREATS", type="SUPPORT", cells=[{"values": [], "n": 2}]),
    ],
)
def test_a_figure_that_asks_what_cannot_be_asked_is_no_sum(bundle: Path, verify: Verify, change: Change) -> None:
    """Its arithmetic holds: what is on no list counts nothing, and what is no number equals one."""
    change_table(bundle, lambda table: change(table["figures"][0]))
    assert verify(bundle)["fault"].startswith(f"{TABLE}, figure 1: it asks what cannot be asked")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.update(total=9_999), f"{TABLE}: it says more than figures"),
        (
            lambda table: table["figures"][0].update(headline=9_999),
            f"{TABLE}, figure 1: it counts what the bundle does not hold",
        ),
        (
            lambda table: table["figures"][0].update(positions=[0, 0]),
            f"{TABLE}, figure 1: it counts what the bundle does not hold",
        ),
        (
            lambda table: table["figures"][0].update(known_at=table["figures"][0]["known_at"] + 1),
            f"{TABLE}, figure 1: it is of other instants than the manifest says",
        ),
    ],
)
def test_a_table_says_nothing_beside_what_was_checked(bundle: Path, verify: Verify, change: Change, said: str) -> None:
    """No word that is not read, no basis or instant that is another than the one it was added up at."""
    change_table(bundle, change)
    assert verify(bundle)["fault"] == said


@pytest.mark.parametrize(("old", "new"), [('"n": 6', '"n": 9000, "n": 6'), ('"n": 6', '"n": NaN')])
def test_json_that_readers_read_differently_is_refused(bundle: Path, verify: Verify, old: str, new: str) -> None:
    """A name that stands twice shows one number here and another one elsewhere."""
    text = (bundle / TABLE).read_text()
    assert old in text
    (bundle / TABLE).write_text(text.replace(old, new, 1))
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == f"{TABLE}: it is not written as in a bundle (ValueError)"


@pytest.mark.parametrize(
    "said",
    [
        {"log": "ledger.example/other"},
        {"keys": ["ledger.example/soc+00000000+AAAA"]},
        {"outputs": {"entries": 99_999, "rejected": 4, "withheld": 0}},
        {"checkpoints": 777},
        {"dates": ["1999-01-01", "1999-12-31"]},
        {"published_figures": 55},
        {"published_figures": True},
        {"rules_version": "2099.1"},
    ],
)
def test_a_manifest_that_says_something_else_is_named(bundle: Path, verify: Verify, said: dict[str, Any]) -> None:
    """Whatever it says of what is in the bundle is held to what is."""
    change_manifest(bundle, **said)
    assert verify(bundle)["fault"] == f"manifest.json: its {next(iter(said))!r} is not what the bundle holds"


def test_a_period_that_is_not_of_two_days_is_named(bundle: Path, verify: Verify) -> None:
    """Half a day more is a date all the same."""
    change_table(bundle, lambda table: table.update(figures=[]))
    change_manifest(bundle, period=[0, 0.5], dates=["1970-01-01", "1970-01-01"])
    assert verify(bundle)["fault"] == "manifest.json: its period is not of two days"


def move_kent(bundle: Path) -> None:
    """Rules under their own digest that have Kent in London, and its figures there."""
    path = next((bundle / "rules").iterdir())
    rules = json.loads(path.read_text())
    for one in rules["organisations"]:
        one[4] = [["London", 0, None]] if one[0] == "kent" else one[4]
    text = json.dumps(rules, separators=(",", ":"), ensure_ascii=False)
    digest = sha256(text.encode()).hexdigest()
    path.unlink()
    (bundle / f"rules/{digest}.json").write_text(text)
    change_manifest(bundle, rules=digest)
    change_table(bundle, lambda table: table.update(figures=table["figures"][:1]))


def sign_manifest(bundle: Path) -> None:
    """A manifest with a word of its own."""
    change_manifest(bundle, certified_by="HMICFRS")


def add_key(bundle: Path) -> None:
    """One more key of the log, which signed nothing."""
    keys = [*(bundle / "keys/log.txt").read_text().splitlines(), str(bundled.STRANGER_KEY.make_verifier())]
    (bundle / "keys/log.txt").write_text("".join(f"{one}\n" for one in keys))
    change_manifest(bundle, keys=keys)
    bundled.rewrite_manifest(bundle)


def explain_otherwise(bundle: Path) -> None:
    """A schema whose explanation is false: no part of its fingerprint."""
    path = next(one for one in (bundle / "schemas").iterdir() if "doc" in json.loads(one.read_text()))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"doc": "Counts everything twice."}))
    bundled.rewrite_manifest(bundle)


def leave_out_schema(bundle: Path) -> None:
    """The schema that wrote the disruptions is not there."""
    (bundle / EVENT_SCHEMA).unlink()
    bundled.rewrite_manifest(bundle)


def test_a_container_whose_schema_was_left_out_is_named(bundle: Path, verify: Verify) -> None:
    """Its header has one, of which no auditor would know that it is the ledger's."""
    next((bundle / "schemas").glob("aa4a*")).unlink()
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"].endswith("written by is not among the bundle's schemas")


@pytest.mark.parametrize(
    ("mislead", "said"),
    [
        (move_kent, "that regions are the ledger's: no entry here was judged by the rules 2026.1 of the manifest"),
        (sign_manifest, "of the manifest, what is said as words: certified_by, holds, made_at, software"),
        (add_key, "1 more keys in keys/log.txt: no checkpoint here is signed by them"),
        (explain_otherwise, "explanations, defaults and logical types in schemas: no digest covers them"),
        (leave_out_schema, f"what entries were judged by, and events written by, that is not here: {EVENT_SCHEMA}"),
    ],
)
def test_what_nothing_speaks_for_is_said_not_to_be_checked(
    bundle: Path, verify: Verify, mislead: Callable[[Path], None], said: str
) -> None:
    """It is valid for all else."""
    mislead(bundle)
    found = verify(bundle)
    assert (found["valid"], said in found["not_checked"]) == (True, True), found


def test_regions_by_rules_that_sealed_entries_name_are_checked(made: Path, verify: Verify) -> None:
    """Then nothing is said of them under what was not."""
    found = verify(made)
    assert "regions are those of the rules 2026.1, which sealed entries name" in found["checked"]
    assert not [one for one in found["not_checked"] if "regions" in one or "more keys" in one]
