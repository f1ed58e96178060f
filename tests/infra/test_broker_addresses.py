"""Addresses of brokers as people write them, and the one form that every client reads alike."""

import pytest

from infra.broker_addresses import parse_addresses
from infra.settings import Settings


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("kafka:9092", "kafka:9092"),
        ("PLAINTEXT://kafka:9092", "kafka:9092"),
        ("plaintext://a:1,PLAINTEXT://b:2/", "a:1,b:2"),
        (" a:1 ,\tb:2,, ", "a:1,b:2"),
        ("kafka", "kafka:9092"),
        ("[::1]:9093", "[::1]:9093"),
        ("PLAINTEXT://[2001:db8::7]", "[2001:db8::7]:9092"),
        ("b-1.soc.example:9092,b-1.soc.example:9092", "b-1.soc.example:9092"),
    ],
)
def test_addresses_have_one_form(written: str, normal: str) -> None:
    """No scheme, no space, none empty, none twice; without a port, Kafka's."""
    assert parse_addresses(written, "PLAINTEXT") == normal


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (" , ", "names no broker"),
        ("a:1,b:port", "address 2 is not one"),
        ("a:0", "address 1 is not one"),
        ("a:65536", "address 1 is not one"),
        ("::1:9092", "address 1 is not one: .* in brackets"),
        ("a:1;b:2", "address 1 is not one"),
        ("PLAINTEXT://kent:hunter2@kafka:9092", "address 1 is not one"),
        ("kafka://a:1", "address 1 begins with a scheme that is none of PLAINTEXT, SSL"),
        (
            "a:1,SSL://b:2",
            "address 2 says SSL, KAFKA_SECURITY_PROTOCOL says PLAINTEXT: set KAFKA_SECURITY_PROTOCOL=SSL",
        ),
    ],
)
def test_what_is_none_is_named_by_its_number_and_not_shown(written: str, fault: str) -> None:
    """A password may stand in it."""
    with pytest.raises(ValueError, match=fault) as caught:
        parse_addresses(written, "PLAINTEXT")
    assert "hunter2" not in str(caught.value)


def test_the_settings_hold_the_normal_form() -> None:
    """So librdkafka, aiokafka and whoever reads ``addresses.json`` are given the same."""
    settings = Settings(kafka_security_protocol="SSL", kafka_bootstrap_servers="SSL://a:9093, b")
    assert settings.kafka_bootstrap_servers == "a:9093,b:9092"
    assert settings.build_kafka_options()["bootstrap.servers"] == "a:9093,b:9092"
