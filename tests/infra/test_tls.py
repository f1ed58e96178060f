"""Certificates and keys as they are named, and what is said of those that cannot be used."""

import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from infra.settings import Settings
from infra.tls import build_context
from ledger.errors import Misuse


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``ca.pem``, ``own.pem`` with ``own.key``, ``other.key``, ``locked.key`` with a password, ``word`` of no PEM."""
    directory, authority = tmp_path_factory.mktemp("pem"), trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    own, other = authority.issue_cert("kent.example"), authority.issue_cert("other.example")
    own.cert_chain_pems[0].write_to_path(str(directory / "own.pem"))
    own.private_key_pem.write_to_path(str(directory / "own.key"))
    other.private_key_pem.write_to_path(str(directory / "other.key"))
    key = load_pem_private_key(own.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2"))
    (directory / "locked.key").write_bytes(locked)
    (directory / "word").write_text("open sesame")
    return directory


def test_a_context_verifies_the_broker_by_its_name(pem: Path) -> None:
    """As librdkafka does; and the own certificate is loaded."""
    context = build_context(pem / "ca.pem", pem / "own.pem", pem / "own.key")
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("authorities", "certificate", "key", "fault"),
    [
        ("none.pem", "own.pem", "own.key", "KAFKA_SSL_CA_LOCATION names .*none.pem, which cannot be read"),
        ("word", "own.pem", "own.key", "KAFKA_SSL_CA_LOCATION names .*word, which holds no certificate"),
        ("ca.pem", "none.pem", "own.key", "KAFKA_SSL_CERTIFICATE_LOCATION names .*none.pem, which cannot be read"),
        ("ca.pem", "own.pem", "none.key", "KAFKA_SSL_KEY_LOCATION names .*none.key, which cannot be read"),
        ("ca.pem", "own.pem", "other.key", "the key is not that certificate's"),
        ("ca.pem", "own.pem", "word", "one of them is not PEM"),
        ("ca.pem", "own.pem", "locked.key", "KAFKA_SSL_KEY_LOCATION names an encrypted key"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_by_its_setting(
    authorities: str, certificate: str, key: str, fault: str, pem: Path
) -> None:
    """Before any client is made: each would say it in words of its own, or ask the terminal for a password."""
    settings = Settings(
        kafka_bootstrap_servers="kafka",
        kafka_security_protocol="SSL",
        kafka_ssl_ca_location=pem / authorities,
        kafka_ssl_certificate_location=pem / certificate,
        kafka_ssl_key_location=pem / key,
    )
    with pytest.raises(Misuse, match=fault):
        settings.build_kafka_options()


def test_without_tls_there_is_no_context() -> None:
    """And with it there is one, of the system's authorities."""
    assert Settings().build_tls_context() is None
    assert Settings(kafka_security_protocol="SSL").build_tls_context() is not None
