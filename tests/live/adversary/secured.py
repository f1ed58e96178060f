"""A broker that asks for certificates and accounts, and a registry that asks for a password, as real ones do."""

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import trustme
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from local.broker import Broker
from local.ports import LOOPBACK, find_free_port
from tests.patience import PATIENCE_SECONDS

USER, PASSWORD = "kent", 'open; "sesame"=?'
JAAS = "org.apache.kafka.common.security"


class Certificates:
    """An authority's PEM files under ``directory``: ``ca``, and ``broker`` and ``client`` with their keys."""

    def __init__(self, directory: Path) -> None:
        self.ca, self.client, self.key = (directory / name for name in ("ca.pem", "client.pem", "client.key"))
        self.broker = directory / "broker.pem"  # with its key, as Kafka's PEM key store has it
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        served, own = authority.issue_cert(LOOPBACK), authority.issue_cert("worker.kent.example")
        key = load_pem_private_key(served.private_key_pem.bytes(), None)
        keyed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # the one form that Kafka reads
        self.broker.write_bytes(keyed + served.cert_chain_pems[0].bytes())
        own.private_key_pem.write_to_path(str(self.key))
        own.cert_chain_pems[0].write_to_path(str(self.client))


class SecuredBroker:
    """A broker with two more listeners: TLS with client certificates required, and TLS with accounts (SCRAM, PLAIN)."""

    def __init__(self, directory: Path, certificates: Certificates) -> None:
        self._certificates = certificates
        self._tls, self._sasl = find_free_port(), find_free_port()
        self._password = directory / "password"
        self._password.write_text(PASSWORD + "\n")
        self.broker = Broker(directory / "kafka", properties=self._list_properties())

    def start(self) -> "SecuredBroker":
        """Start it and make the account."""
        self.broker.start()
        client = AdminClient({"bootstrap.servers": self.broker.bootstrap_servers})
        account = UserScramCredentialUpsertion(
            USER, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), PASSWORD.encode()
        )
        for future in client.alter_user_scram_credentials([account]).values():
            future.result(PATIENCE_SECONDS)
        return self

    @property
    def tls_address(self) -> str:
        """The listener that wants certificates."""
        return f"{LOOPBACK}:{self._tls}"

    @property
    def by_certificate(self) -> dict[str, str]:
        """The environment of who shows a certificate; the addresses as people copy them."""
        return {
            "KAFKA_SECURITY_PROTOCOL": "SSL",
            "KAFKA_BOOTSTRAP_SERVERS": f"SSL://{LOOPBACK}:{self._tls}, ",
            "KAFKA_SSL_CA_LOCATION": str(self._certificates.ca),
            "KAFKA_SSL_CERTIFICATE_LOCATION": str(self._certificates.client),
            "KAFKA_SSL_KEY_LOCATION": str(self._certificates.key),
        }

    def name_account(self, mechanism: str) -> dict[str, str]:
        """The environment of who has a name and a password."""
        return {
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{self._sasl}",
            "KAFKA_SSL_CA_LOCATION": str(self._certificates.ca),
            "KAFKA_SASL_MECHANISM": mechanism,
            "KAFKA_SASL_USERNAME": USER,
            "KAFKA_SASL_PASSWORD_FILE": str(self._password),
        }

    def _list_properties(self) -> dict[str, str]:
        added = f"SSL://{LOOPBACK}:{self._tls},SASL_SSL://{LOOPBACK}:{self._sasl}"
        quoted = PASSWORD.replace('"', '\\"')
        return {
            "listeners": added,
            "advertised.listeners": added,
            "listener.security.protocol.map": "SSL:SSL,SASL_SSL:SASL_SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._certificates.broker),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self._certificates.ca),
            "listener.name.ssl.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{JAAS}.scram.ScramLoginModule required;",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": (
                f'{JAAS}.plain.PlainLoginModule required user_{USER}="{quoted}";'
            ),
        }


class Gate(BaseHTTPRequestHandler):
    """One request, handed on to the registry behind where it names the user and the password; else 401."""

    protocol_version = "HTTP/1.1"
    server: "Guarded"

    def do_GET(self) -> None:
        """Hand on, or refuse."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self._send_reply(401, b'{"error_code": 401, "message": "who are you?"}')
            return
        kept = {name: self.headers[name] for name in ("Content-Type", "Accept") if name in self.headers}
        found = httpx.request(
            self.command, self.server.behind + self.path, content=body, headers=kept, timeout=PATIENCE_SECONDS
        )
        self._send_reply(found.status_code, found.content)

    do_POST = do_PUT = do_DELETE = do_GET

    def _send_reply(self, status: int, body: bytes) -> None:
        self.server.answered.append(status)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests speak."""


class Guarded(ThreadingHTTPServer):
    """A gate before the registry at ``behind``, over TLS; ``answered`` are the statuses that it gave."""

    daemon_threads = True

    def __init__(self, behind: str, certificates: Certificates) -> None:
        super().__init__((LOOPBACK, 0), Gate)
        self.behind = behind
        self.answered: list[int] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.broker)
        self.socket = context.wrap_socket(self.socket, server_side=True)


@contextmanager
def guard_registry(url: str, certificates: Certificates, directory: Path) -> Iterator[tuple[Guarded, dict[str, str]]]:
    """The gate before the registry at ``url``, and the environment of who may pass it."""
    path = "/apis/ccompat/v7"
    gate = Guarded(url.removesuffix(path), certificates)
    (directory / "user").write_text(f"{USER}:{PASSWORD}\n")
    threading.Thread(target=gate.serve_forever, daemon=True).start()
    environment = {
        "SCHEMA_REGISTRY_URL": f"https://{LOOPBACK}:{gate.server_port}{path}",
        "SCHEMA_REGISTRY_USER_INFO_FILE": str(directory / "user"),
        "SSL_CERT_FILE": str(certificates.ca),
    }
    try:
        yield gate, environment
    finally:
        gate.shutdown()
        gate.server_close()
