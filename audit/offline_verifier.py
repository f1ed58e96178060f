#!/usr/bin/env python3
"""Check a bundle of the Disruption Ledger on a machine that is connected to nothing.

    python3 -I verify.py [DIR] [--key VKEY]... [--witness VKEY]... [--quorum N] [--manifest SHA256]

It needs Python 3.9 or later and nothing else, and shares no code with the ledger. Exit 0: valid. Exit 1: not valid, and
the first thing that is not is named. Exit 2: it was not asked rightly. It says what it checked and what it did not.

 1. Files         every file is in the manifest, unchanged, and no other is there
 2. Ed25519       RFC 8032, in plain arithmetic
 3. Signed notes  keys, signatures, cosignatures (c2sp.org: signed-note, tlog-cosignature)
 4. Avro          values, canonical forms, fingerprints, container files (Apache Avro 1.11)
 5. Checkpoints   each extends the one before, and is signed
 6. Outputs       entries and rejections: each joins on to the one before, and is hashed to its leaf
 7. The tree      leaves to tiles and to the root of every checkpoint (RFC 6962; c2sp.org: tlog-tiles)
 8. Figures       sums of the entries' postings, as at and as known at two instants
 9. Claims        what others published, held to the same sums
10. The verdict
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256, sha512
from math import floor
from pathlib import Path
from typing import Any, NamedTuple

try:
    import tomllib
except ImportError:  # before Python 3.11: claims are then not checked, and that is said
    tomllib = None  # type: ignore[assignment]  # a module otherwise

FORMATS = tuple(f"disruption-ledger/bundle/v{version}" for version in (1, 2, 3))
BARE, WITH_FIGURES, FOLLOWING = FORMATS  # by the last checkpoint: it seals figures; it names a log before this one
LEAF = "disruption-ledger/leaf/v1"
MANIFEST = "manifest.json"
INSTANTS = ("as_at", "known_at")
HELD = {
    "format", "files", "log", "keys", "size", "positions", "period", "dates", "rules", "rules_version", "outputs",
    "checkpoints", "published_figures", *INSTANTS,
}  # fmt: skip
TABLE = "figures/table.json"
ENTRIES, REJECTED, FIGURES = "soc.entries", "soc.rejected", "soc.figures"
FOLDERS = {"entries": ENTRIES, "rejected": REJECTED}
MOST_SIGNATURES = 1_000
MOST_LINES = 100  # of signatures, in one note
LARGEST_BLOCK = 1 << 26
LINES = {"figures": 1, "follows": 3, "next-key": 1}  # that a checkpoint may have, in this order, and of how many words
MOST_VALUES = 1_000_000  # in one record: 10,000 legs have a quarter of it


class BundleFault(Exception):
    """The first thing that is not valid: where, and what."""


class Inspection:
    """One bundle being checked: where it lies, what is being looked at, what can be said afterwards."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = MANIFEST
        self.manifest: dict[str, Any] = {}
        self.files: dict[str, Any] = {}
        self.checked: list[str] = []
        self.not_checked: list[str] = []
        self.differs: list[str] = []  # claims of others; the bundle is no less valid

    def make_fault(self, what: str) -> BundleFault:
        """Make the fault of what is being looked at."""
        return BundleFault(f"{self.place}: {what}")

    def read_file(self, name: str) -> bytes:
        """Read a file that the manifest lists."""
        self.place = name
        if name not in self.files:
            raise self.make_fault("the bundle does not have it")
        return (self.root / name).read_bytes()

    def list_files(self, folder: str, end: str = "") -> list[str]:
        """List what the manifest has below a folder."""
        return sorted(name for name in self.files if name.startswith(f"{folder}/") and name.endswith(end))


def parse_json(raw: str | bytes) -> Any:
    """Parse JSON that every reader reads alike: no name stands twice in an object, and numbers are numbers."""
    return json.loads(raw, object_pairs_hook=take_pairs, parse_constant=refuse_constant)


def take_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take the pairs of an object."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def refuse_constant(name: str) -> None:
    """Refuse NaN and infinities, which are no JSON."""
    raise ValueError(name)


# 1. Files ------------------------------------------------------------------------------------------------------------


def check_files(look: Inspection, digest: str | None) -> None:
    """Hold every file to the manifest's size and digest; none is missing and none is added."""
    if (look.root / MANIFEST).is_symlink() or not (look.root / MANIFEST).is_file():
        raise look.make_fault("there is none here: name the directory of a bundle")
    raw = (look.root / MANIFEST).read_bytes()
    found = sha256(raw).hexdigest()
    if digest is not None and digest.lower() != found:
        raise look.make_fault(f"its SHA-256 is {found}, not the one that you gave")
    look.manifest = parse_json(raw)
    if look.manifest["format"] not in FORMATS:
        raise look.make_fault(f"it is not of a bundle that this program reads ({', '.join(FORMATS)})")
    look.files = look.manifest["files"]
    there = set(walk_files(look))
    for name in sorted(set(look.files) - there):
        raise BundleFault(f"{name}: the file is missing")
    for name in sorted(there - set(look.files)):
        raise BundleFault(f"{name}: the manifest does not list it: it was added")
    for name in sorted(look.files):
        check_file(look, name)
    size = sum(one["size"] for one in look.files.values())
    look.checked.append(f"{len(look.files)} files, {size:,} bytes, are those of the manifest; its SHA-256 is {found}")
    if digest is None:
        look.not_checked.append("that the manifest is the one you were sent: compare its SHA-256, or give --manifest")


def walk_files(look: Inspection) -> Iterator[str]:
    """Find every file of the directory but the manifest. A link is none."""
    for folder, folders, names in os.walk(look.root):
        for name in (*folders, *names):
            path = Path(folder, name)
            look.place = path.relative_to(look.root).as_posix()
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise look.make_fault("it is a link or a device, not a file")
            if name in names and look.place != MANIFEST:
                yield look.place


def check_file(look: Inspection, name: str) -> None:
    """Hold one file to its line of the manifest."""
    look.place, read, size = name, sha256(), 0
    with open(look.root / name, "rb") as stream:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            read.update(piece)
            size += len(piece)
    if size != look.files[name]["size"] or read.hexdigest() != look.files[name]["sha256"]:
        raise look.make_fault("it is not as the manifest has it: it was changed")


# 2. Ed25519 (RFC 8032, section 5.1) ----------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
ZERO: Point = (0, 1, 1, 0)


def add_points(one: Point, other: Point) -> Point:
    """Add two points of the curve."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double_point(one: Point) -> Point:
    """Add a point to itself."""
    a, b, c = one[0] * one[0] % P, one[1] * one[1] % P, 2 * one[2] * one[2] % P
    h, g = a + b, a - b
    e, f = h - (one[0] + one[1]) ** 2 % P, c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode_point(encoded: bytes) -> Point | None:
    """Decode a point: y, and the lowest bit of x; None where no point of the curve is so written."""
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    odd, u, v = encoded[31] >> 7, (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (v * x * x - u) % P or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


def encode_point(point: Point) -> bytes:
    """Encode a point."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or ZERO


def has_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is that of a public key over a message: [S]B - [k]A is R."""
    point = decode_point(public) if len(public) == 32 else None
    if point is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    minus: Point = (P - point[0], point[1], 1, P - point[3])
    both, found = add_points(BASE, minus), ZERO
    for bit in range(252, -1, -1):
        found = double_point(found)
        if s >> bit & 1:
            found = add_points(found, both if k >> bit & 1 else BASE)
        elif k >> bit & 1:
            found = add_points(found, minus)
    return encode_point(found) == signature[:32]


# 3. Signed notes -----------------------------------------------------------------------------------------------------

SIGNS_NOTE, COSIGNS = 1, 4  # a key's algorithm


class PublicKey(NamedTuple):
    """A key as it is written: name, id of four bytes, algorithm, 32 bytes."""

    name: str
    key_id: bytes
    algorithm: int
    public: bytes


def parse_key(text: str) -> PublicKey:
    """Parse ``<name>+<id in hexadecimal>+<base64 of algorithm and key>``."""
    name, key_id, encoded = text.strip().split("+", 2)
    raw = b64decode(encoded, validate=True)
    if bytes.fromhex(key_id) != sha256(name.encode() + b"\n" + raw).digest()[:4] or len(raw) != 33:
        raise ValueError("its id is not that of the key")
    if raw[0] not in (SIGNS_NOTE, COSIGNS):
        raise ValueError("it is neither an Ed25519 key nor one that cosigns")
    return PublicKey(name, bytes.fromhex(key_id), raw[0], raw[1:])


class SignedText(NamedTuple):
    """A signed text: its signatures are name, key's id, and what follows."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]


def split_note(look: Inspection, note: str) -> SignedText:
    """Split a note into its text and its signatures."""
    text, blank, lines = note.rpartition("\n\n")
    found = [re.fullmatch(r"\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line) for line in lines.split("\n")[:-1]]
    if not blank or not lines.endswith("\n") or not all(found) or len(found) > MOST_LINES:
        raise look.make_fault("it is not written as a signed note")
    parts = [(one.group(1), b64decode(one.group(2), validate=True)) for one in found if one]
    return SignedText(f"{text}\n", [(name, raw[:4], raw[4:]) for name, raw in parts])


def list_signers(look: Inspection, note: SignedText, keys: list[PublicKey]) -> list[PublicKey]:
    """List which of the keys signed; a signature of one of them that is not right is a fault."""
    signers = []
    for name, key_id, raw in note.signatures:
        for key in keys:
            if (key.name, key.key_id) == (name, key_id):
                message, signature = note.text.encode(), raw
                if key.algorithm == COSIGNS:
                    stamp, signature = int.from_bytes(raw[:8], "big"), raw[8:]
                    message = f"cosignature/v1\ntime {stamp}\n".encode() + message
                if not has_signed(key.public, message, signature):
                    raise look.make_fault(f"the signature of {name} is not right")
                signers.append(key)
    return signers


# 4. Avro -------------------------------------------------------------------------------------------------------------

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


class AvroReader:
    """Reads values one behind the other; ``named`` are the schemas that are named by name."""

    def __init__(self, raw: bytes, named: dict[str, Any]) -> None:
        self.raw, self.at, self.named = raw, 0, named
        self.left = MOST_VALUES

    def read_long(self) -> int:
        """Read a zigzag number of variable length."""
        value = shift = 0
        while shift < 64:
            byte = self.raw[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return (value >> 1) ^ -(value & 1)
            shift += 7
        raise ValueError("a number is too long")

    def read_bytes(self) -> bytes:
        """Read bytes behind their length."""
        size, start = self.read_long(), self.at
        if not 0 <= size <= len(self.raw) - start:
            raise ValueError("it ends too early")
        self.at = start + size
        return self.raw[start : self.at]

    def read_value(self, schema: Any) -> Any:  # noqa: PLR0911 - one a type of Avro
        """Read a value of a schema in canonical form."""
        self.left -= 1
        if self.left < 0:
            raise ValueError("a record has more values than any of the ledger's")
        if isinstance(schema, list):
            return self.read_value(schema[self.read_index(len(schema))])
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind == "string":
            return self.read_bytes().decode()
        if kind in ("int", "long"):
            return self.read_long()
        if kind == "enum":
            return schema["symbols"][self.read_index(len(schema["symbols"]))]
        if kind == "record":
            return {field["name"]: self.read_value(field["type"]) for field in schema["fields"]}
        if kind == "array":
            return list(self.read_items(schema["items"]))
        if kind == "bytes":
            return self.read_bytes()
        if kind == "boolean":
            self.at += 1
            return {0: False, 1: True}[self.raw[self.at - 1]]
        return None if kind == "null" else self.read_value(self.named[kind])

    def read_index(self, count: int) -> int:
        """Read a number that names one of so many things."""
        found = self.read_long()
        if not 0 <= found < count:
            raise ValueError("a choice that the schema does not have")
        return found

    def read_items(self, schema: Any) -> Iterator[Any]:
        """Read the items of an array, block by block."""
        count = self.read_long()
        while count:
            if count < 0:
                self.read_long()
            if abs(count) > len(self.raw) - self.at:
                raise ValueError("an array has more items than bytes")
            for _ in range(abs(count)):
                yield self.read_value(schema)
            count = self.read_long()


def make_canonical(schema: Any, named: dict[str, Any], space: str = "") -> Any:
    """Make the parsing canonical form of a schema, as data with its keys in the form's order; note what has a name."""
    if isinstance(schema, list):
        return [make_canonical(one, named, space) for one in schema]
    if isinstance(schema, str):
        return schema if schema in PRIMITIVES or "." in schema or not space else f"{space}.{schema}"
    kind, found = schema["type"], {}
    if not isinstance(kind, str) or kind in PRIMITIVES:
        return make_canonical(kind, named, space)
    if "name" in schema:
        before, _, name = schema["name"].rpartition(".")
        space = before or schema.get("namespace", space)
        found["name"] = f"{space}.{name}" if space else name
        named[found["name"]] = found
    found["type"] = kind
    if kind == "record":
        fields = schema["fields"]
        found["fields"] = [{"name": one["name"], "type": make_canonical(one["type"], named, space)} for one in fields]
    elif kind == "enum":
        found["symbols"] = schema["symbols"]
    elif kind == "array":
        found["items"] = make_canonical(schema["items"], named, space)
    else:
        raise ValueError("no record of the ledger has such a type")
    return found


def take_fingerprint(canonical: Any) -> str:
    """Take the SHA-256 of a canonical form."""
    return sha256(json.dumps(canonical, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def list_containers(look: Inspection, folder: str) -> list[str]:
    """List the container files of a topic; what Kafka held beside each value is in others."""
    return [name for name in look.list_files(folder, ".avro") if not name.endswith(".frames.avro")]


class Container(NamedTuple):
    """A container file: its schema's fingerprint, and each value with the bytes that it was read from."""

    fingerprint: str
    values: Iterator[tuple[bytes, Any]]


def open_container(look: Inspection, name: str) -> Container:
    """Open a container file."""
    raw = AvroReader(look.read_file(name), {})
    pairs: list[tuple[str, bytes]] = []
    if raw.raw[:4] != b"Obj\x01":
        raise look.make_fault("it is no Avro container file")
    raw.at = 4
    while count := raw.read_long():
        pairs += [(raw.read_bytes().decode(), raw.read_bytes()) for _ in range(min(count, len(raw.raw)))]
    header = take_pairs(pairs)
    raw.at += 16
    named: dict[str, Any] = {}
    schema = make_canonical(parse_json(header["avro.schema"]), named)
    deflated = {b"null": False, b"deflate": True}[header.get("avro.codec", b"null")]
    blocks = read_blocks(look, raw, deflated)
    return Container(take_fingerprint(schema), read_datums(look, name, blocks, schema, named))


def read_blocks(look: Inspection, raw: AvroReader, deflated: bool) -> Iterator[tuple[int, bytes]]:
    """Read the blocks of a container: how many values, and their bytes."""
    sync = raw.raw[raw.at - 16 : raw.at]
    while raw.at < len(raw.raw):
        count, block = raw.read_long(), raw.read_bytes()
        raw.at += 16
        if raw.raw[raw.at - 16 : raw.at] != sync:
            raise look.make_fault("a block does not end as it should")
        if deflated:
            inflate = zlib.decompressobj(-15)
            block = inflate.decompress(block, LARGEST_BLOCK)
            if not inflate.eof or inflate.unused_data:
                raise look.make_fault("a block is too large or ends too early")
        if not 0 < count <= len(block):
            raise look.make_fault("a block says that it has more values than bytes")
        yield count, block


def read_datums(
    look: Inspection, name: str, blocks: Iterator[tuple[int, bytes]], schema: Any, named: dict[str, Any]
) -> Iterator[tuple[bytes, Any]]:
    """Read the values of a container's blocks, to their last byte."""
    look.place = name
    for count, block in blocks:
        datums = AvroReader(block, named)
        for _ in range(count):
            start, datums.left = datums.at, MOST_VALUES
            value = datums.read_value(schema)
            yield block[start : datums.at], value
            look.place = name
        if datums.at != len(block):
            raise look.make_fault("a block holds more than its values")


# 5. Checkpoints ------------------------------------------------------------------------------------------------------


class FollowedEnd(NamedTuple):
    """The last checkpoint of the log before, as a log names it: the key that signed it, its leaves, their root."""

    key: PublicKey
    size: int
    root: bytes


class Head(NamedTuple):
    """A checkpoint: how many leaves, their root, and the positions before which each partition's outputs are sealed.

    ``figures`` counts the published figures that are sealed; -1 where it has no line that says so, and none are.
    """

    origin: str
    size: int
    root: bytes
    positions: list[int]
    figures: int
    follows: FollowedEnd | None  # where another log was before
    next_key: PublicKey | None  # by which the log goes on
    note: SignedText


def read_heads(look: Inspection) -> list[Head]:
    """Read the checkpoints: none goes back."""
    heads: list[Head] = []
    for number, line in enumerate(look.read_file("checkpoints.ndjson").decode().splitlines(), 1):
        look.place = f"checkpoints.ndjson, line {number}"
        heads.append(read_head(look, split_note(look, parse_json(line)["note"])))
        if len(heads) > 1:
            hold_order(look, heads[-2], heads[-1])
    if not heads:
        raise look.make_fault("there is no checkpoint: nothing is sealed")
    look.place = MANIFEST
    if heads[-1].positions != look.manifest["positions"] or heads[-1].size != look.manifest["size"]:
        raise look.make_fault("its positions and size are not those of the last checkpoint")
    wanted = FOLLOWING if heads[-1].follows else WITH_FIGURES if heads[-1].figures >= 0 else BARE
    if look.manifest["format"] != wanted:
        raise look.make_fault("its format is not that of a bundle with such a last checkpoint")
    return heads


def read_head(look: Inspection, note: SignedText) -> Head:
    """Read the checkpoint of a note."""
    origin, size, root, places, *rest = note.text.split("\n")[:-1]
    word, *numbers = places.split(" ")
    said = {name: words for name, *words in (line.split(" ") for line in rest)}
    is_shaped = [*said] == [name for name in LINES if name in said] and len(said) == len(rest)
    is_shaped = is_shaped and all(len(words) == LINES[name] for name, words in said.items())
    if word != "positions" or not is_shaped:
        raise look.make_fault("it is not written as a checkpoint of a ledger")
    figures, follows, next_key = (said.get(name) for name in LINES)
    roots = [b64decode(one, validate=True) for one in (root, *(follows or ())[2:])]
    numbers = [size, *numbers, *(figures or ()), *(follows or ())[1:2]]
    if any(len(one) != 32 for one in roots) or not all(re.fullmatch("[0-9]+", one) for one in numbers):
        raise look.make_fault("it is not written as a checkpoint of a ledger")
    return Head(
        origin=origin,
        size=int(size),
        root=roots[0],
        positions=[int(one) for one in places.split(" ")[1:]],
        figures=int(figures[0]) if figures else -1,
        follows=FollowedEnd(parse_key(follows[0]), int(follows[1]), roots[1]) if follows else None,
        next_key=parse_key(next_key[0]) if next_key else None,
        note=note,
    )


def hold_order(look: Inspection, before: Head, head: Head) -> None:
    """Hold a checkpoint to extending the one before it."""
    grown = before.positions + [0] * (len(head.positions) - len(before.positions))
    if head.origin != before.origin:
        raise look.make_fault("it is of another log than the one before it")
    if head.follows != before.follows:
        raise look.make_fault("it does not name the log that it follows as the one before it does")
    back = head.size < before.size or head.figures < before.figures or len(grown) > len(head.positions)
    if back or any(map(int.__lt__, head.positions, grown)):
        raise look.make_fault("it goes back behind the one before it")


def check_signatures(look: Inspection, heads: list[Head], asked: argparse.Namespace) -> None:
    """Hold checkpoints to the log's signatures, and count the cosignatures of the last one.

    The first key signs until a checkpoint that both sign announces the next. Who knows one of them knows who signed.
    """
    keys, used = read_keys(look, "keys/log.txt"), set()
    step = 1 if asked.all_signatures else -(-len(heads) // MOST_SIGNATURES)
    signing, checked = keys[0], 0
    for number, head in enumerate(heads):
        look.place = f"checkpoints.ndjson, line {number + 1}"
        wanted = [signing] if head.next_key is None else [signing, head.next_key]
        if number % step == 0 or head.next_key or head is heads[-1]:
            checked += 1
            if {*list_signers(look, head.note, wanted)} != {*wanted} or {one.name for one in wanted} != {head.origin}:
                raise look.make_fault("it is not signed by the log's key")
        used.add(signing)
        signing = wanted[-1]
    if asked.key and not {*asked.key} & {*used, signing}:
        raise look.make_fault("the log's key is not the one that you gave with --key")
    look.checked.append(f"the log's signatures of {checked:,} of {len(heads):,} checkpoints, the last one among them")
    if checked < len(heads):
        look.not_checked.append("the other checkpoints' signatures: they are held to the tree; see --all-signatures")
    if not asked.key:
        look.not_checked.append("who signed: the log's key is the bundle's own; give the one you know with --key")
    unused = [one for one in keys if one not in {*used, signing}]
    if unused:
        look.not_checked.append(f"{len(unused):,} more keys in keys/log.txt: no checkpoint here is signed by them")
    witnesses = asked.witness or read_keys(look, "keys/witnesses.txt")
    look.place = f"checkpoints.ndjson, line {len(heads)}"
    count_cosignatures(look, heads[-1], witnesses, asked)


def check_followed(look: Inspection, heads: list[Head]) -> None:
    """Say what is known of the log that this one says that it follows: whose word it is, and no more."""
    old = heads[-1].follows
    if old is None:
        return
    own = [*read_keys(look, "keys/log.txt"), *(one.next_key for one in heads if one.next_key)]
    look.place = "checkpoints.ndjson, line 1"
    if old.key.name == heads[0].origin or old.key.public in [one.public for one in own]:
        raise look.make_fault("it says that the log follows itself")
    if old.key.algorithm != SIGNS_NOTE:
        raise look.make_fault("it names a witness's key as that of the log that it follows")
    if list_signers(look, heads[0].note, [old.key]):
        look.checked.append(f"the key of the log {old.key.name} signed that this log follows it")
    else:
        look.not_checked.append(f"that this log follows {old.key.name}: the key of that log did not sign it")
    look.not_checked.append(
        f"that {old.key.name} ended with the {old.size:,} leaves of root {b64encode(old.root).decode()} that this log "
        "names, and that what it sealed is sealed here: hold that to the last checkpoint of it that you have"
    )


def read_keys(look: Inspection, name: str) -> list[PublicKey]:
    """Read the keys of a file, one a line; none where there is no file."""
    return [parse_key(line) for line in look.read_file(name).decode().splitlines()] if name in look.files else []


def count_cosignatures(look: Inspection, head: Head, keys: list[PublicKey], asked: argparse.Namespace) -> None:
    """Count the witnesses that cosigned the last checkpoint."""
    found = {key.public: key.name for key in list_signers(look, head.note, keys) if key.algorithm == COSIGNS}
    if len(found) < asked.quorum:
        raise look.make_fault(f"{len(found)} known witnesses cosigned it; {asked.quorum} were asked for")
    look.checked.append(f"cosignatures of the last checkpoint: {', '.join(sorted(found.values())) or 'none'}")
    if not asked.witness:
        look.not_checked.append(
            "who the witnesses are: their keys are the bundle's own; give those you know with --witness"
        )


# 6. Outputs ----------------------------------------------------------------------------------------------------------


class PositionLeaf(NamedTuple):
    """What was made of one published position: where, what it joins on to, and the hash of its leaf."""

    offset: int
    previous: int
    leaf: bytes | None  # None where the bundle holds back the record


ACCOUNT = ("organisation", "type", "pillar", "kind", "crime_type", "category", "event_date", "standing")
THREAT = ("owner", "kind", "crime_type", "assessment_type", "moderation_status", "soc", "tier", "closed")


class Postings:
    """All signed legs, in columns."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        self.accounts: dict[tuple[Any, ...], int] = {}
        self.columns = [array("q") for _ in range(4)]  # account, sign, entered, learnt

    def add_legs(self, entry: Any, legs: list[Any]) -> None:
        """Add an entry's legs."""
        for leg in legs:
            account = tuple([leg[name] for name in self.fields])
            number = self.accounts.setdefault(account, len(self.accounts))
            for column, value in zip(self.columns, (number, leg["sign"], leg["entered_at"], entry["ledger_time"])):
                column.append(value)


class Ledger:
    """The outputs by partition, and the postings in them."""

    def __init__(self) -> None:
        self.outputs: dict[int, list[PositionLeaf]] = {}
        self.disruptions, self.threats = Postings(ACCOUNT), Postings(THREAT)
        self.counts: Counter[str] = Counter()
        self.rules: set[str] = set()  # digests of those that the entries name
        self.schemas: set[str] = set()  # fingerprints of those that wrote outputs, and events
        self.figures: list[tuple[int, bytes, str]] = []  # that were published: offset in the topic, leaf, place


def read_outputs(look: Inspection, heads: list[Head]) -> Ledger:
    """Read every output, hash it, and hold the outputs of each partition to each other."""
    ledger = Ledger()
    ledger.figures = read_published(look)
    for folder in ("entries", "rejected"):
        for name in list_containers(look, folder):
            read_topic(look, ledger, name, FOLDERS[folder])
    if look.list_files("withheld") and look.manifest["period"] is None:
        raise look.make_fault("it has a folder 'withheld', and says that everything is held")
    for name in look.list_files("withheld"):
        partition = int(Path(name).stem)
        rows = [line.split(" ") for line in look.read_file(name).decode().splitlines()]
        ledger.outputs.setdefault(partition, []).extend(PositionLeaf(int(one), int(other), None) for one, other in rows)
        ledger.counts["withheld"] += len(rows)
    positions = heads[-1].positions
    for partition in sorted({*ledger.outputs, *range(len(positions))}):
        hold_chain(look, ledger, partition, positions[partition] if 0 <= partition < len(positions) else 0)
    entries, rejections = ledger.counts[ENTRIES], ledger.counts[REJECTED]
    look.checked.append(
        f"{entries:,} entries and {rejections:,} rejections: each joins on to the one before, none is missing"
    )
    look.not_checked.append(
        "that the postings are what the rules give for each event, and that the outputs are of what was published: "
        "that is `disruptions audit replay`, with the ledger's own software"
    )
    return ledger


def read_topic(look: Inspection, ledger: Ledger, name: str, topic: str) -> None:
    """Read the outputs of one container file; the parts of an entry follow each other."""
    container = open_container(look, name)
    if f"schemas/{container.fingerprint}.avsc" not in look.files:
        raise look.make_fault("the schema that it was written by is not among the bundle's schemas")
    head, part, parts = f"{LEAF} {topic} {container.fingerprint}\n".encode(), 0, 1
    leaf, records = sha256(), 0
    for datum, record in container.values:
        records += 1
        if part == 0:
            leaf, parts = sha256(b"\x00" + head), record.get("parts", 1)
        leaf.update(len(datum).to_bytes(4, "big") + datum)
        if record.get("part", 0) != part or f"{record['partition']}" != Path(name).name.split(".")[0]:
            raise look.make_fault(f"the record of offset {record['offset']} has no place here")
        if topic == ENTRIES:
            ledger.disruptions.add_legs(record, record["legs"])
            ledger.threats.add_legs(record, record["threat_legs"])
            ledger.rules.add(record["rules_digest"])
            ledger.schemas.add(record["schema_fingerprint"])
        part = (part + 1) % parts
        if part == 0:
            found = PositionLeaf(record["offset"], record["previous_offset"], leaf.digest())
            ledger.outputs.setdefault(record["partition"], []).append(found)
            ledger.counts[topic] += 1
    if part or len(read_offsets(look, name)) != records:
        raise look.make_fault(f"a part of the last entry is missing, or there are not {records:,} frames")


def read_offsets(look: Inspection, name: str) -> list[int]:
    """Read the offsets that a container's records had in their topic, from the file of its frames."""
    return [frame["offset"] for _, frame in open_container(look, name.replace(".avro", ".frames.avro")).values]


def read_published(look: Inspection) -> list[tuple[int, bytes, str]]:
    """Read the published figures in the order of their topic: offset, the hash of the leaf, and the place here."""
    found = []
    for name in list_containers(look, "figures"):
        container = open_container(look, name)
        head = b"\x00" + f"{LEAF} {FIGURES} {container.fingerprint}\n".encode()
        leaves = [sha256(head + len(datum).to_bytes(4, "big") + datum).digest() for datum, _ in container.values]
        offsets = read_offsets(look, name)
        if len(offsets) != len(leaves):
            raise look.make_fault(f"there are not {len(leaves):,} frames")
        found += [(offsets[at], leaf, f"{name}, figure {at + 1}") for at, leaf in enumerate(leaves)]
    return sorted(found)


def hold_chain(look: Inspection, ledger: Ledger, partition: int, end: int) -> None:
    """Hold a partition's outputs to covering every position up to the last checkpoint."""
    look.place, last = f"partition {partition}", -1
    outputs = ledger.outputs.setdefault(partition, [])
    outputs.sort()
    for one in outputs:
        if one.previous != last or one.offset <= last:
            raise look.make_fault(
                f"the output of offset {one.offset} does not join on to {last}: one is missing or added"
            )
        last = one.offset
    if last + 1 != end:
        raise look.make_fault(f"its outputs end at offset {last}; the last checkpoint seals those before {end}")


# 7. The tree ---------------------------------------------------------------------------------------------------------


class Tree:
    """A growing tree: the hashes of every eighth level, which are the tiles, and what is not joined yet of each."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: list[bytearray] = []
        self.open: list[bytes | None] = []

    def add_leaf(self, found: bytes) -> None:
        """Add a leaf's hash, and join what is now complete."""
        self.size += 1
        for level in range(len(self.open) + 1):
            if level == len(self.open):
                self.open.append(None)
                self.tiles += [bytearray()] if level % 8 == 0 else []
            if level % 8 == 0:
                self.tiles[level // 8] += found
            left, self.open[level] = self.open[level], None
            if left is None:
                self.open[level] = found
                return
            found = sha256(b"\x01" + left + found).digest()

    def take_leaf(self, index: int) -> bytes:
        """Take the hash of a leaf; empty where there is none."""
        return bytes(self.tiles[0][index * 32 : index * 32 + 32]) if self.tiles else b""

    def compute_root(self) -> bytes:
        """Compute the root."""
        root = None
        for found in self.open:
            if found is not None:
                root = found if root is None else sha256(b"\x01" + found + root).digest()
        return sha256(b"").digest() if root is None else root


def name_tile(level: int, number: int, width: int) -> str:
    """Name a tile as the log's directory does."""
    groups = re.findall("...", str(number).zfill(-(-len(str(number)) // 3) * 3))
    path = "/".join([*(f"x{one}" for one in groups[:-1]), groups[-1]])
    return f"tile/{level}/{path}" + ("" if width == 256 else f".p/{width}")


def read_leaves(look: Inspection, size: int) -> Iterator[bytes]:
    """Read the hashes of the leaves from the tiles of the lowest level."""
    for number in range(-(-size // 256)):
        width = min(256, size - number * 256)
        tile = look.read_file(name_tile(0, number, width))
        if len(tile) != width * 32:
            raise look.make_fault("it has not the size of a tile of its width")
        yield from (tile[at : at + 32] for at in range(0, len(tile), 32))


def check_tree(look: Inspection, heads: list[Head]) -> Tree:
    """Hold the tiles to the root of every checkpoint."""
    tree, leaves = Tree(), read_leaves(look, heads[-1].size)
    for number, head in enumerate(heads, 1):
        while tree.size < head.size:
            tree.add_leaf(next(leaves))
        look.place = f"checkpoints.ndjson, line {number}"
        if tree.compute_root() != head.root:
            raise look.make_fault(f"its root is not that of the first {head.size:,} leaves: a tile or it was changed")
    wanted = set()
    for level, hashes in enumerate(tree.tiles):
        for number in range(-(-len(hashes) // 8192)):
            tile = bytes(hashes[number * 8192 : number * 8192 + 8192])
            wanted.add(name_tile(level, number, len(tile) // 32))
            if look.read_file(name_tile(level, number, len(tile) // 32)) != tile:
                raise look.make_fault("its hashes are not those of the tiles below it")
    for name in sorted(set(look.list_files("tile")) - wanted):
        raise BundleFault(f"{name}: no such tile is in a tree of {tree.size:,} leaves")
    look.checked.append(
        f"{len(wanted):,} tiles of {tree.size:,} leaves lead to the roots of {len(heads):,} checkpoints"
    )
    return tree


def check_leaves(look: Inspection, heads: list[Head], ledger: Ledger, tree: Tree) -> None:
    """Hold every output to its leaf: from checkpoint to checkpoint, partition by partition, by offset; then figures."""
    index, places, sealed = 0, Counter[int](), list[bytes]()
    for number, head in enumerate(heads, 1):
        for partition, end in enumerate(head.positions):
            outputs = ledger.outputs[partition]
            while places[partition] < len(outputs) and outputs[places[partition]].offset < end:
                one = outputs[places[partition]]
                look.place = f"partition {partition}, offset {one.offset}"
                if one.leaf is not None and one.leaf != tree.take_leaf(index):
                    raise look.make_fault(f"the output is not the one that was sealed (leaf {index})")
                index, places[partition] = index + 1, places[partition] + 1
        look.place = f"checkpoints.ndjson, line {number}"
        end = index + max(head.figures, 0) - len(sealed)
        if end != head.size:
            raise look.make_fault(f"its positions and figures hold {end:,} leaves, and it says {head.size:,}")
        sealed += [tree.take_leaf(at) for at in range(index, end)]
        index = end
    held, withheld = index - len(sealed) - ledger.counts["withheld"], ledger.counts["withheld"]
    look.checked.append(f"{held:,} outputs are byte for byte those that were sealed")
    if withheld:
        look.not_checked.append(
            f"{withheld:,} outputs that the bundle gives as hashes only: of which positions they are, what is in them, "
            "and that none of them has a posting in the bundle's period, is the word of whoever made it"
        )
    if heads[-1].figures < 0:
        look.not_checked.append("that no published figure was left out or put in: this log does not seal them")
    else:
        hold_published(look, sealed, ledger.figures)


def hold_published(look: Inspection, sealed: list[bytes], figures: list[tuple[int, bytes, str]]) -> None:
    """Hold the published figures to those that were sealed, in their order; the first that differs is named."""
    here = {leaf for _, leaf, _ in figures}
    for number in range(max(len(sealed), len(figures))):
        wanted = sealed[number] if number < len(sealed) else None
        _, leaf, look.place = figures[number] if number < len(figures) else (0, None, "figures")
        if leaf == wanted:
            continue
        is_here = wanted is None or wanted in here
        if leaf is None or leaf in sealed:
            what = "it does not stand where it was sealed" if is_here else "one that was sealed before it was left out"
        else:
            what = "it was never sealed: it was put in" if is_here else "it was changed after it was sealed"
        raise look.make_fault(f"{what} (place {number + 1:,} of the {len(sealed):,} figures that were sealed)")
    look.checked.append(
        f"{len(sealed):,} published figures are byte for byte those that were sealed: none was left out, none put in"
    )


# 8. Figures ----------------------------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MEASURE = "2026.1"  # the version of the definitions of what is counted
NOT_SAID = ("figure_id", "positions", "published_at", "software")  # of a figure; its id is the digest of the rest
SUBJECT_DIMENSIONS = {
    "DISRUPTIONS": {"org", "region", "type", "pillar", "kind", "crime_type", "category", "standing", "month"},
    "THREATS": {"org", "region", "kind", "crime_type", "assessment_type", "moderation_status", "tier"},
}
TYPES = {None, "LEAD", "SUPPORT"}
STANDINGS = {
    None, "AWAITING_THREAT", "KIND_NOT_PERMITTED", "SECOND_PILLAR", "UNASSESSED", "CATEGORY_NOT_COUNTED", "COUNTED",
}  # fmt: skip
FIGURE = {
    "subject", "measure", "first_day", "last_day", "as_at", "known_at", "organisation", "type", "standing", "by",
    "cells", "note", "published_by", *NOT_SAID,
}  # fmt: skip
COUNTED_THREAT = {"assessment_type": "TACTICAL", "moderation_status": "MODERATED", "soc": True, "closed": False}


class Regions:
    """Which region an organisation was in on a day, by the rules that the manifest names."""

    def __init__(self, look: Inspection) -> None:
        rules = parse_json(look.read_file(f"rules/{look.manifest['rules']}.json"))
        self.version = rules["version"]
        self.spells = {one[0]: one[4] for one in rules["organisations"]}

    def find_region(self, organisation: str, day: int) -> str:
        """Find it; UNKNOWN where there is none."""
        for region, since, until in self.spells.get(organisation, ()):
            if since <= day and (until is None or day < until):
                return str(region)
        return "UNKNOWN"


def find_london_day(millis: int) -> int:
    """Find the day of an instant in London: summer time is from the last Sunday of March, 01:00, to that of October."""
    instant = EPOCH + timedelta(milliseconds=millis)
    turns = [instant.replace(month=month, day=31, hour=1, minute=0, second=0, microsecond=0) for month in (3, 10)]
    start, end = [one - timedelta(days=(one.weekday() + 1) % 7) for one in turns]
    return (instant + timedelta(hours=1 if start <= instant < end else 0) - EPOCH).days


def find_cell(figure: dict[str, Any], account: dict[str, Any], regions: Regions) -> tuple[str, ...] | None:
    """Find an account's cell in a figure; None where it is not counted in it (rules 3, 6, 8 and 9)."""
    if figure["subject"] == "THREATS":
        held, day = COUNTED_THREAT, find_london_day(figure["as_at"])
        account = {**account, "organisation": account["owner"], "tier": str(account["tier"])}
        is_counted = account["tier"] != "5"
    else:
        held = {name: figure[name] for name in ("type", "standing") if figure[name] is not None}
        day = account["event_date"]
        is_counted = figure["first_day"] <= day <= figure["last_day"]
    if figure["organisation"] is not None:
        held = {**held, "organisation": figure["organisation"]}
    if not is_counted or any(account[name] != value for name, value in held.items()):
        return None
    account["org"], account["region"] = account["organisation"], regions.find_region(account["organisation"], day)
    account["month"] = (EPOCH + timedelta(days=day)).strftime("%Y-%m")
    return tuple([account[name] for name in figure["by"]])


def sum_figure(figure: dict[str, Any], ledger: Ledger, regions: Regions) -> dict[tuple[str, ...], int]:
    """Sum the signs of the legs that a figure counts: entered by its ``as_at``, learnt by its ``known_at``."""
    postings = ledger.threats if figure["subject"] == "THREATS" else ledger.disruptions
    cells = [find_cell(figure, dict(zip(postings.fields, one)), regions) for one in postings.accounts]
    found, as_at, known_at = Counter[tuple[str, ...]](), figure["as_at"], figure["known_at"]
    for number, sign, entered, learnt in zip(*postings.columns):
        cell = cells[number]
        if cell is not None and entered <= as_at and learnt <= known_at:
            found[cell] += sign
    return {cell: count for cell, count in found.items() if count}


def hold_question(look: Inspection, figure: dict[str, Any], regions: Regions) -> None:
    """Hold a figure to asking what can be asked: a word on no list counts nothing, and would pass for a sum of none."""
    subject, by = figure["subject"], figure["by"]
    is_threats = subject == "THREATS"
    numbers = [figure["as_at"], figure["known_at"], *(one["n"] for one in figure["cells"])]
    numbers += [] if is_threats else [figure["first_day"], figure["last_day"]]
    fits = subject in SUBJECT_DIMENSIONS and len({*by}) == len(by) and {*by} <= SUBJECT_DIMENSIONS[subject]
    fits = fits and figure["type"] in TYPES and figure["standing"] in STANDINGS
    fits = fits and (figure["organisation"] is None or figure["organisation"] in regions.spells)
    unasked = [figure[name] for name in ("first_day", "last_day", "type", "standing")] if is_threats else []
    if not fits or any(type(one) is not int for one in numbers) or any(one is not None for one in unasked):
        raise look.make_fault("it asks what cannot be asked: a word of it is on no list, or a number is none")


def check_figure(look: Inspection, figure: dict[str, Any], ledger: Ledger, regions: Regions) -> int:
    """Hold a figure's cells to the sums of the postings, and count them. Lead and support are never added."""
    hold_question(look, figure, regions)
    if figure["subject"] == "DISRUPTIONS" and figure["type"] is None and "type" not in figure["by"]:
        raise look.make_fault("it adds lead and support")
    said, sums = {tuple(one["values"]): one["n"] for one in figure["cells"]}, sum_figure(figure, ledger, regions)
    for cell in sorted({*said, *sums}):
        if said.get(cell, 0) != sums.get(cell, 0) or len(said) != len(figure["cells"]):
            name = f"by {', '.join(figure['by'])}: {', '.join(cell)}" if cell else "the total"
            raise look.make_fault(f"{name} is {said.get(cell, 0)}; the postings add up to {sums.get(cell, 0)}")
    return len(said)


def check_figures(look: Inspection, ledger: Ledger, positions: list[int]) -> None:
    """Check the bundle's own figures, then those that were published."""
    regions, table = Regions(look), parse_json(look.read_file(TABLE))
    cells = 0
    for number, figure in enumerate(table["figures"], 1):
        look.place = f"{TABLE}, figure {number}"
        if not is_within(figure, look.manifest["period"], positions) or figure["positions"] != positions:
            raise look.make_fault("it counts what the bundle does not hold")
        cells += check_figure(look, figure, ledger, regions)
        hold_figure_id(look, figure)
        if [figure["as_at"], figure["known_at"]] != [parse_instant(look.manifest[name]) for name in INSTANTS]:
            raise look.make_fault("it is of other instants than the manifest says")
    if {*table} != {"figures"}:
        raise BundleFault(f"{TABLE}: it says more than figures")
    look.checked.append(
        f"{cells:,} numbers in {len(table['figures'])} figures of the bundle's own ({TABLE}) are sums of its postings"
    )
    checked = passed = 0
    for name in list_containers(look, "figures"):
        for number, (_, figure) in enumerate(open_container(look, name).values, 1):
            look.place = f"{name}, figure {number}"
            hold_figure_id(look, figure)
            if is_within(figure, look.manifest["period"], positions):
                check_figure(look, figure, ledger, regions)
                checked += 1
            else:
                passed += 1
    look.checked.append(f"{checked:,} published figures follow from the postings")
    hold_said(look, "published_figures", checked + passed)
    look.not_checked.append(
        "the words beside figures: who published them, when, by which software, at which positions, and their notes"
    )
    check_rules(look, ledger, regions)
    look.not_checked.append(
        f"that the ledger had received nothing more by {look.manifest['known_at']}: what was not sealed is not here; "
        "offsets, times, keys and headers in the topics, which are not sealed; and the words of report.html"
    )
    if passed:
        look.not_checked.append(
            f"{passed:,} published figures, which count by another measure, or what the bundle does not hold"
        )


def hold_figure_id(look: Inspection, figure: dict[str, Any]) -> None:
    """Hold a figure to the id that is the digest of what it says."""
    told = {key: value for key, value in figure.items() if key not in NOT_SAID}
    told["cells"] = [[one["values"], one["n"]] for one in figure["cells"]]
    spelled = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    if sha256(spelled).hexdigest() != figure["figure_id"]:
        raise look.make_fault("its id is not that of what it says")


def check_rules(look: Inspection, ledger: Ledger, regions: Regions) -> None:
    """Hold the rules that say which region an organisation is in to those that a sealed entry names."""
    hold_said(look, "rules_version", regions.version)
    if look.manifest["rules"] in ledger.rules:
        look.checked.append(f"regions are those of the rules {regions.version}, which sealed entries name")
    else:
        look.not_checked.append(
            f"that regions are the ledger's: no entry here was judged by the rules {regions.version} of the manifest"
        )


def is_within(figure: dict[str, Any], period: list[int] | None, positions: list[int]) -> bool:
    """Tell whether all that a figure counts is in the bundle."""
    ends = figure["positions"]
    if figure["measure"] != MEASURE or {*figure} != FIGURE:
        return False
    if len(ends) > len(positions) or any(end > held for end, held in zip(ends, positions)):
        return False
    if period is None:
        return True
    is_threats = figure["subject"] == "THREATS"
    return not is_threats and bool(period[0] <= figure["first_day"] and figure["last_day"] <= period[1])


def parse_instant(text: str) -> int:
    """Parse an instant as milliseconds since 1970."""
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(milliseconds=1)


def hold_said(look: Inspection, name: str, found: Any) -> None:
    """Hold what the manifest says to what was found."""
    if look.manifest[name] != found or type(look.manifest[name]) is not type(found):
        raise BundleFault(f"{MANIFEST}: its {name!r} is not what the bundle holds")


def check_manifest(look: Inspection, heads: list[Head], ledger: Ledger) -> None:
    """Hold the manifest's words to what was found, and name those that nothing speaks for."""
    counts, period = ledger.counts, look.manifest["period"]
    hold_said(look, "log", heads[-1].origin)
    hold_said(look, "keys", look.read_file("keys/log.txt").decode().splitlines())
    hold_said(look, "checkpoints", len(heads))
    found = {"entries": counts[ENTRIES], "rejected": counts[REJECTED], "withheld": counts["withheld"]}
    hold_said(look, "outputs", found)
    if period is not None and not (len(period) == 2 and all(type(one) is int for one in period)):
        raise BundleFault(f"{MANIFEST}: its period is not of two days")
    days = None if period is None else [(EPOCH + timedelta(days=one)).date().isoformat() for one in period]
    hold_said(look, "dates", days)
    named = {f"rules/{one}.json" for one in ledger.rules} | {f"schemas/{one}.avsc" for one in ledger.schemas if one}
    if not named <= {*look.files}:
        lacking = ", ".join(sorted(named - {*look.files}))
        look.not_checked.append(f"what entries were judged by, and events written by, that is not here: {lacking}")
    words = ", ".join(sorted({*look.manifest} - HELD))
    look.not_checked.append(f"of the manifest, what is said as words: {words}")


def check_definitions(look: Inspection) -> None:
    """Hold schemas and rules to the digests that they are named by."""
    for name in look.list_files("schemas"):
        if take_fingerprint(make_canonical(parse_json(look.read_file(name)), {})) != Path(name).stem:
            raise look.make_fault("its fingerprint is not its name")
    for name in look.list_files("rules"):
        text = json.dumps(parse_json(look.read_file(name)), separators=(",", ":"), ensure_ascii=False)
        if sha256(text.encode()).hexdigest() != Path(name).stem:
            raise look.make_fault("its digest is not its name")
    look.checked.append("schemas and rules have the digests that they are named by")
    look.not_checked.append("explanations, defaults and logical types in schemas: no digest covers them")


# 9. Claims -----------------------------------------------------------------------------------------------------------

CLAIM = {"org", "measure", "quotation", "answer", "where", "of"}
PREDICATES = {"exact", "rounds_to_pct", "at_least", "less_than", "approx_fraction", "within"}


def check_claims(look: Inspection, ledger: Ledger, positions: list[int]) -> None:
    """Hold what others published to the sums of the postings. That one differs is said; the bundle is no less valid."""
    if tomllib is None:
        look.not_checked.append("claims of others: Python 3.11 or later reads their files")
        return
    regions = Regions(look)
    for name in look.list_files("claims"):
        table = tomllib.loads(look.read_file(name).decode(), parse_float=Decimal)
        held, differs = 0, len(look.differs)
        for number, claim in enumerate(table["claims"], 1):
            look.place = f"{name}, claim {number}"
            figure = ask_claim(look, table["answers"][claim["answer"]], claim)
            hold_question(look, figure, regions)
            if figure["known_at"] > read_millis(look.manifest["known_at"]) or not is_within(
                figure, look.manifest["period"], positions
            ):
                look.not_checked.append(f"{look.place}: it counts what the bundle does not hold")
                continue
            sums, held = sum_figure(figure, ledger, regions), held + 1
            n, of = (count_cells(figure, sums, claim.get(filters, {})) for filters in ("where", "of"))
            if not is_as_claimed(claim, n, of):
                what = f"{' '.join(claim['measure'].split())} of {claim.get('org') or 'all'}: {claim['quotation']!r}"
                look.differs.append(f"{look.place}, {what}; the postings add up to {n:,} of {of:,}")
        look.checked.append(f"{held} claims of {name} against the postings: {len(look.differs) - differs} differ")
        look.not_checked.append(f"that the words of {name} are on the ledger's lists: one that is not counts nothing")


def ask_claim(look: Inspection, answer: dict[str, Any], claim: dict[str, Any]) -> dict[str, Any]:
    """Make the figure that a claim is read from; where its file names no instant, as the bundle's own figures are."""
    by = sorted({*claim.get("where", {}), *claim.get("of", {})})
    if not {*claim} <= CLAIM | PREDICATES or not {*claim} & PREDICATES or "type" in by:
        raise look.make_fault("it claims nothing, or by a predicate or a dimension that claims do not have")
    subject = {"extract": "DISRUPTIONS", "threats": "THREATS"}[answer["question"]]
    usual = {"type": "LEAD", "standing": "COUNTED"} if subject == "DISRUPTIONS" else {}
    said: dict[str, str] = {**usual, **{name: answer[name].upper() for name in ("type", "standing") if name in answer}}
    return {
        **dict.fromkeys(FIGURE),
        "subject": subject,
        "measure": MEASURE,
        "first_day": count_days(answer["from"]) if "from" in answer else None,
        "last_day": count_days(answer["to"]) if "to" in answer else None,
        "organisation": claim.get("org") or None,
        "type": said.get("type"),
        "standing": None if said.get("standing") == "ALL" else said.get("standing"),
        "by": by,
        "cells": [],
        "positions": [],
        **{name: read_millis(answer.get(name, look.manifest[name])) for name in ("as_at", "known_at")},
    }


def count_days(day: Any) -> int:
    """Count the days of a date since 1970-01-01."""
    return int((day - EPOCH.date()).days)


def read_millis(written: Any) -> int:
    """Read an instant: as text, with its zone, or a date, whose end in London is meant."""
    if isinstance(written, str):
        return parse_instant(written)
    if isinstance(written, datetime):
        return (written - EPOCH) // timedelta(milliseconds=1)
    end = (count_days(written) + 1) * 86_400_000 - 1
    return end if find_london_day(end) == count_days(written) else end - 3_600_000


def count_cells(figure: dict[str, Any], sums: dict[tuple[str, ...], int], wanted: dict[str, Any]) -> int:
    """Count what has the wanted values, one or several of each dimension."""
    values = {name: [one] if isinstance(one, str) else one for name, one in wanted.items()}
    return sum(
        n for cell, n in sums.items() if all(one in values.get(name, [one]) for name, one in zip(figure["by"], cell))
    )


def is_as_claimed(claim: dict[str, Any], n: int, of: int) -> bool:
    """Tell whether a count, or its share of another in percent, is as a claim says. A share of nothing never is."""
    share = Fraction(100 * n, of) if of > 0 else None
    held = [n == claim["exact"]] if "exact" in claim else []
    for name in {"at_least", "less_than"} & {*claim}:
        bound, found = read_bound(claim[name]), Fraction(n) if isinstance(claim[name], int) else share
        held.append(found is not None and (found >= bound) == (name == "at_least"))
    if "rounds_to_pct" in claim:
        percent = Decimal(claim["rounds_to_pct"])
        scale = 10 ** max(0, -int(percent.as_tuple().exponent))  # a half is rounded upwards
        held.append(share is not None and floor(share * scale + Fraction(1, 2)) == Fraction(percent) * scale)
    if "approx_fraction" in claim:
        distance = None if share is None else abs(share - 100 * Fraction(claim["approx_fraction"]))
        held.append(distance is not None and distance <= read_bound(claim["within"]))
    return all(held)


def read_bound(written: Any) -> Fraction:
    """Read a whole number, or a share such as ``97%``."""
    found = re.fullmatch(r"([0-9.]+)(%?)", str(written))
    if found is None or isinstance(written, str) != bool(found[2]):
        raise ValueError("no number and no share")
    return Fraction(found[1])


# 10. The verdict -----------------------------------------------------------------------------------------------------


def inspect_bundle(look: Inspection, asked: argparse.Namespace) -> str | None:
    """Check everything in order; give what is not valid first, None where all is."""
    try:
        check_files(look, asked.manifest)
        heads = read_heads(look)
        check_signatures(look, heads, asked)
        check_followed(look, heads)
        check_definitions(look)
        tree = check_tree(look, heads)
        ledger = read_outputs(look, heads)
        check_leaves(look, heads, ledger, tree)
        check_manifest(look, heads, ledger)
        check_figures(look, ledger, heads[-1].positions)
        check_claims(look, ledger, heads[-1].positions)
    except BundleFault as fault:
        return str(fault)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
        return f"{look.place}: it is not written as in a bundle ({type(error).__name__})"
    except (OSError, StopIteration, RecursionError, MemoryError, zlib.error) as error:
        return f"{look.place}: it cannot be read ({type(error).__name__})"
    return None


def read_arguments(given: list[str] | None) -> argparse.Namespace:
    """Read what is asked."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Check a bundle of the Disruption Ledger, offline.")
    parser.add_argument("directory", nargs="?", type=Path, default=Path(__file__).parent, help="the bundle; or here")
    parser.add_argument("--key", action="append", type=parse_key, default=[], help="the log's key, as you know it")
    parser.add_argument(
        "--witness", action="append", type=parse_key, default=[], help="a witness's key, as you know it"
    )
    parser.add_argument("--quorum", type=int, default=0, metavar="N", help="how many witnesses must have cosigned")
    parser.add_argument("--manifest", metavar="SHA256", help="the manifest's digest, as you were told it")
    parser.add_argument("--all-signatures", action="store_true", help=f"of every checkpoint; else {MOST_SIGNATURES:,}")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(given)


def make_plain(line: str) -> str:
    """Make a line that says no more than it should, whatever names are in it, and that every terminal can print."""
    return "".join(one if one.isprintable() else "?" for one in line).encode("ascii", "backslashreplace").decode()


def main(given: list[str] | None = None) -> int:
    """Check, say what came out, and return the exit code."""
    asked = read_arguments(given)
    look = Inspection(asked.directory)
    fault = inspect_bundle(look, asked)
    if asked.json:
        told = {"checked": look.checked, "not_checked": look.not_checked, "differs": look.differs}
        sys.stdout.write(json.dumps({"valid": fault is None, "fault": fault, **told}, indent=2) + "\n")
    else:
        lines = [f"checked: {one}" for one in look.checked] + [f"NOT checked: {one}" for one in look.not_checked]
        lines += [f"DIFFERS: {one}" for one in look.differs]
        verdict = "valid: all that was checked holds" if fault is None else f"NOT VALID: {fault}"
        sys.stdout.write("".join(f"{make_plain(line)}\n" for line in [*lines, verdict]))
    return 0 if fault is None else 1


if __name__ == "__main__":
    sys.exit(main())
