"""Which partition a key names, by the values of Kafka's own tests."""

import pytest

from infra import partitioning
from infra.partitioning import place_key, remember_places

JAVA = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}


@pytest.mark.parametrize("partitions", [1, 4, 7, 12])
def test_a_key_is_placed_as_javas_clients_place_it(partitions: int) -> None:
    """31 bits of murmur2, by the count of partitions."""
    for key, murmur2 in JAVA.items():
        assert place_key(key, partitions) == (murmur2 & 0x7FFFFFFF) % partitions


def test_a_key_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key foobar lies in 2 of 4: the second time it is remembered."""
    here, elsewhere = remember_places(2, 4), remember_places(0, 4)
    assert here(b"foobar")
    assert not elsewhere(b"foobar")
    monkeypatch.setattr(partitioning, "murmur2", None)
    assert here(b"foobar")
    assert not elsewhere(b"foobar")
