"""The TLS of every Kafka client, judged once from the files that the settings name.

librdkafka reads the same files by itself; what it would refuse in words of its own is told here, naming the setting.
"""

import ssl
from pathlib import Path
from typing import NoReturn

from ledger.errors import Misuse

AUTHORITIES, CERTIFICATE, KEY = (
    "KAFKA_SSL_CA_LOCATION",
    "KAFKA_SSL_CERTIFICATE_LOCATION",
    "KAFKA_SSL_KEY_LOCATION",
)


def build_context(authorities: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return a context that verifies the broker and shows the own certificate, where one is named.

    Args:
        authorities: PEM of those that sign the brokers; None: the system's.
        certificate: PEM of the own certificate, and of those between it and an authority.
        key: PEM of its key, not encrypted.

    Raises:
        Misuse: a file cannot be read or is not what it should be; names the setting, never a content.
    """
    context = _trust_authorities(authorities)
    if certificate is not None and key is not None:
        _show_certificate(context, certificate, key)
    return context


def _trust_authorities(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except ssl.SSLError:
        raise Misuse(f"{AUTHORITIES} names {authorities}, which holds no certificate in PEM") from None
    except OSError as error:
        raise _describe_unreadable(AUTHORITIES, authorities, error) from None


def _show_certificate(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    for setting, file in ((CERTIFICATE, certificate), (KEY, key)):
        _hold_readable(setting, file)
    try:
        context.load_cert_chain(certificate, key, password=_refuse_password)
    except ssl.SSLError:
        raise Misuse(
            f"{CERTIFICATE} names {certificate}, {KEY} names {key}: "
            "one of them is not PEM, or the key is not that certificate's"
        ) from None


def _refuse_password() -> NoReturn:
    raise Misuse(f"{KEY} names an encrypted key: name one without a password that its owner alone may read")


def _hold_readable(setting: str, file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise _describe_unreadable(setting, file, error) from None


def _describe_unreadable(setting: str, file: Path | None, error: OSError) -> Misuse:
    return Misuse(f"{setting} names {file}, which cannot be read ({error.strerror}): check path and permissions")
