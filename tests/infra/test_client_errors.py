"""What a client complains of, and which complaint is kept."""

import pytest

from infra.client_errors import LastClientError


class NamedError:
    """An error of librdkafka's, by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        """Its name."""
        return self._name


@pytest.mark.parametrize(
    ("heard", "kept"),
    [
        (["_TRANSPORT"], "_TRANSPORT"),
        (["_TRANSPORT", "_ALL_BROKERS_DOWN"], "_ALL_BROKERS_DOWN"),
        (["_AUTHENTICATION", "_ALL_BROKERS_DOWN"], "_AUTHENTICATION"),
        (["_SSL", "_ALL_BROKERS_DOWN", "_TRANSPORT"], "_TRANSPORT"),
    ],
)
def test_what_only_follows_hides_no_cause(heard: list[str], kept: str) -> None:
    """All brokers are down after any failure of the last one; a plain failure to connect is news."""
    complaint = LastClientError("no broker answered yet")
    for name in heard:
        complaint.note_error(NamedError(name))
    assert complaint.name == kept


def test_a_complaint_is_told_once_and_with_its_remedy() -> None:
    """librdkafka repeats it at every attempt."""
    complaint = LastClientError()
    assert complaint.note_error(NamedError("_AUTHENTICATION"))
    assert not complaint.note_error(NamedError("_AUTHENTICATION"))
    assert not complaint.note_error(NamedError("_ALL_BROKERS_DOWN"))
    assert "check KAFKA_SASL_MECHANISM" in complaint.describe_error()
    assert LastClientError("_TRANSPORT").describe_error() == "_TRANSPORT"
