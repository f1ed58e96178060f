"""The program that lies in every bundle: its arithmetic, held to others' examples and to libraries it does not use."""

import ast
import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastavro.schema import parse_schema, to_parsing_canonical_form

from audit import offline_verifier as verifier
from ledger.instants import count_millis, find_uk_day
from schemas.definitions import NAMES, read_definition
from schemas.upcast import compute_fingerprint

SOURCE = Path(verifier.__file__).read_text()
RFC_8032 = [  # section 7.1: public key, message, signature of TEST 1, 2, 3 and SHA(abc)
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_agrees_with_the_vectors_of_rfc_8032(public: str, message: str, signature: str) -> None:
    """And with no other message, key or signature."""
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert verifier.has_signed(key, text, signed)
    assert not verifier.has_signed(key, text + b"\x00", signed)
    assert not verifier.has_signed(key, text, bytes([signed[0] ^ 1]) + signed[1:])
    assert not verifier.has_signed(bytes([key[0] ^ 1]) + key[1:], text, signed)


def test_ed25519_agrees_with_a_library_on_random_keys() -> None:
    """Signatures that a library made hold; the same with the group's order added to S do not."""
    chance = random.Random(9)
    for _ in range(20):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, text = key.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(200))
        signed = key.sign(text)
        assert verifier.has_signed(public, text, signed)
        more = int.from_bytes(signed[32:], "little") + verifier.L
        assert not verifier.has_signed(public, text, signed[:32] + more.to_bytes(32, "little"))


@pytest.mark.parametrize("public", [b"", b"\x02" + b"\x00" * 31, b"\xff" * 32, b"\x01" + b"\x00" * 30 + b"\x80"])
def test_what_is_no_point_of_the_curve_has_signed_nothing(public: bytes) -> None:
    """Too short; y = 2 has no x; y is not below the field's prime; x = 0 has no sign."""
    assert not verifier.has_signed(public, b"", bytes(64))


@pytest.mark.parametrize("name", NAMES)
def test_fingerprints_are_those_of_the_ledgers_schemas(name: str) -> None:
    """Of every record that the ledger has."""
    form = verifier.make_canonical(read_definition(name), {})
    assert verifier.take_fingerprint(form) == compute_fingerprint(read_definition(name))


def test_a_canonical_form_is_that_of_avros_rules() -> None:
    """Full names, no documentation, no defaults, keys in their order; names are found again by name and by space."""
    schema = {
        "doc": "d",
        "namespace": "a.b",
        "type": "record",
        "name": "R",
        "aliases": ["Q"],
        "fields": [
            {"name": "one", "doc": "d", "type": {"type": "string"}, "default": ""},
            {"name": "two", "type": ["null", {"type": "enum", "name": "c.E", "symbols": ["X", "Y"]}]},
            {"name": "three", "type": {"type": "array", "items": {"type": "long", "logicalType": "timestamp-millis"}}},
            {"name": "four", "type": {"type": "record", "name": "S", "fields": [{"name": "e", "type": "c.E"}]}},
            {"name": "five", "type": "S"},
        ],
    }
    form = json.dumps(verifier.make_canonical(schema, {}), separators=(",", ":"))
    assert form == to_parsing_canonical_form(parse_schema(schema))
    assert form == (
        '{"name":"a.b.R","type":"record","fields":[{"name":"one","type":"string"},'
        '{"name":"two","type":["null",{"name":"c.E","type":"enum","symbols":["X","Y"]}]},'
        '{"name":"three","type":{"type":"array","items":"long"}},'
        '{"name":"four","type":{"name":"a.b.S","type":"record","fields":[{"name":"e","type":"c.E"}]}},'
        '{"name":"five","type":"a.b.S"}]}'
    )


def test_days_in_london_turn_with_summer_time() -> None:
    """At every hour of days around the turns of ten years, and of others."""
    for year in range(2019, 2029):
        for month, days in ((3, range(24, 32)), (10, range(24, 32)), (7, (1,)), (12, (31,))):
            for day in days:
                for hour in (0, 1, 2, 22, 23):
                    millis = count_millis(datetime(year, month, day, hour, 30, tzinfo=UTC))
                    assert verifier.find_london_day(millis) == find_uk_day(millis)


def test_it_imports_the_standard_library_alone() -> None:
    """So it shares no code with the ledger; and Python 3.9 reads its text."""
    tree = ast.parse(SOURCE, feature_version=(3, 9))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not {name.partition(".")[0] for name in imported} & {
        "socket",
        "urllib",
        "http",
        "ssl",
        "subprocess",
        "ctypes",
    }


@pytest.mark.parametrize(
    ("number", "raw"), [(0, b"\x00"), (-1, b"\x01"), (64, b"\x80\x01"), (-(2**63), b"\xff" * 9 + b"\x01")]
)
def test_a_number_of_avro_is_read(number: int, raw: bytes) -> None:
    """Zigzag, seven bits a byte."""
    assert verifier.AvroReader(raw, {}).read_long() == number


@pytest.mark.parametrize(
    ("schema", "raw"),
    [
        ("long", b"\xff" * 12),  # without end
        ("long", b"\x80"),  # ends too early
        ("string", b"\x08ab"),  # shorter than it says
        ("bytes", b"\x01"),  # a negative length
        ("boolean", b"\x02"),
        (["null", "long"], b"\x04"),  # the third of two
        ({"type": "enum", "name": "E", "symbols": ["A"]}, b"\x02"),
        ({"type": "array", "items": "null"}, b"\xfe\xff\xff\xff\x0f\x00"),  # very many of nothing
        ("float", b"\x00\x00\x00\x00"),  # no record of the ledger has one
    ],
)
def test_bytes_that_are_no_value_are_an_error_and_never_a_value(schema: object, raw: bytes) -> None:
    """One of those that the program says in its verdict."""
    with pytest.raises((ValueError, IndexError, KeyError)):
        verifier.AvroReader(raw, {}).read_value(schema)


def test_a_key_whose_id_is_not_its_own_is_no_key() -> None:
    """As when its name was changed."""
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert verifier.parse_key(key).name == "PeterNeumann"
    with pytest.raises(ValueError, match="its id"):
        verifier.parse_key(key.replace("Peter", "Petra"))
