"""Leaves as they are specified, written by hand."""

from hashlib import sha256

from seals.leaves import hash_output, make_leaf


def test_a_leaf_names_topic_and_schema_and_holds_each_record_behind_its_length() -> None:
    """Of an entry in two parts."""
    leaf = b"disruption-ledger/leaf/v1 soc.entries ab12\n\x00\x00\x00\x03abc\x00\x00\x01\x00" + b"d" * 256
    assert make_leaf("soc.entries", "ab12", [b"abc", b"d" * 256]) == leaf
    assert hash_output("soc.entries", "ab12", [b"abc", b"d" * 256]) == sha256(b"\x00" + leaf).digest()


def test_leaves_differ_where_outputs_do() -> None:
    """By topic, by schema, and by where one record ends and the next begins."""
    leaves = [
        make_leaf("soc.entries", "ab", [b"ab", b"c"]),
        make_leaf("soc.entries", "ab", [b"a", b"bc"]),
        make_leaf("soc.entries", "ac", [b"ab", b"c"]),
        make_leaf("soc.rejected", "ab", [b"ab", b"c"]),
    ]
    assert len(set(leaves)) == 4
