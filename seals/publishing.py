"""Publishing to ``soc.checkpoints``: the sealer's way, which shuts out every sealer before it, and a witness's."""

from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from infra.groups import SEALER_TRANSACTIONS
from infra.settings import Settings
from infra.topics import CHECKPOINTS
from ledger.errors import Unavailable
from proofs.notes import SignedNote
from seals.topics import CHECKPOINT_PARTITION

ANSWER_SECONDS: Final = 30.0
TRANSACTION_MILLISECONDS: Final = 15_000  # for so long a killed sealer's open transaction may hold back readers
_SHUT_OUT: Final = frozenset({KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH})


class SealerShutOut(Unavailable):
    """Another sealer took over: nothing of this one is published any more."""


class CheckpointPublisher:
    """The sealer's way: from its making on no other sealer publishes. Used by one thread.

    Raises:
        Unavailable: the broker did not answer, or does not let this user.
    """

    def __init__(self, settings: Settings) -> None:
        own = {"transactional.id": SEALER_TRANSACTIONS, "transaction.timeout.ms": TRANSACTION_MILLISECONDS}
        self._producer = Producer(settings.build_kafka_options() | _OPTIONS | own)
        try:
            self._producer.init_transactions(ANSWER_SECONDS)
        except KafkaException as error:
            raise explain_failure(error) from error

    def publish_note(self, note: SignedNote) -> None:
        """Publish a checkpoint; returns once it is committed.

        Raises:
            SealerShutOut: another sealer took over.
            Unavailable: it is not known whether it is committed; the next sealer's making settles it.
        """
        try:
            self._producer.begin_transaction()
            _produce_note(self._producer, note)
            self._producer.commit_transaction(ANSWER_SECONDS)
        except KafkaException as error:
            raise explain_failure(error) from error


def publish_cosigned(settings: Settings, note: SignedNote) -> None:
    """Publish a note with a witness's signature; returns once it is acknowledged. Raises Unavailable."""
    failures: list[KafkaError] = []
    producer = Producer(
        settings.build_kafka_options()
        | _OPTIONS
        | {"message.timeout.ms": int(ANSWER_SECONDS * 1000), "on_delivery": lambda error, _: failures.append(error)}
    )
    _produce_note(producer, note)
    if producer.flush(ANSWER_SECONDS) or failures != [None]:
        raise Unavailable("the cosigned checkpoint is not acknowledged by the broker")


def explain_failure(error: KafkaException) -> Unavailable:
    """Return what to raise for a failure of the transactional producer."""
    failure = error.args[0]
    if failure.code() in _SHUT_OUT:
        return SealerShutOut("another sealer took over: stop one of the two")
    return Unavailable(f"{CHECKPOINTS} cannot be written: {failure.str()}")


def _produce_note(producer: Producer, note: SignedNote) -> None:
    origin = note.text.partition("\n")[0]
    producer.produce(CHECKPOINTS, str(note).encode(), origin.encode(), CHECKPOINT_PARTITION)


_OPTIONS: Final[dict[str, str | int | float | bool]] = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 0,
    "log_level": 2,
}
