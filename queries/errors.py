"""The caller's fault in one field of a question: whoever asks is told in the words of how they asked."""

from collections.abc import Mapping

from ledger.choices import tell_refusal
from ledger.errors import Misuse


class WrongField(Misuse):
    """A field of a question has a value that makes no sense.

    Args:
        field: as the read API calls it (``from``, ``as_at``); the command line says ``--from``, ``--as-at``.
        sentence: what is wrong with it, and the remedy.
    """

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


def choose_field(field: str, asked: str, known: Mapping[str, str], *, note: str = "") -> str:
    """Take a value that is on the list of what ``field`` may have, exactly as it stands there.

    Raises:
        WrongField: it is not on the list; says what was written, and the nearest of the list.
    """
    if asked in known:
        return asked
    raise WrongField(field, tell_refusal(asked, known) + note)
