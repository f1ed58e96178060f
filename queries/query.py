"""What a question is: frozen fields, each of its own type, read in one place from strings as they were written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Generic, Self, TypeVar, get_args

from typing_extensions import get_original_bases  # of Python 3.12

from queries.cursor import Cursor, parse_cursor
from queries.errors import WrongField
from queries.parsing import parse_date, parse_instant, parse_whole

AnswerT_co = TypeVar("AnswerT_co", covariant=True)


def drop_absent(written: Mapping[str, str | None]) -> dict[str, str]:
    """Drop the fields that were not given, and name the others as the read API does (``from_``: ``from``)."""
    return {name.rstrip("_"): text for name, text in written.items() if text is not None}


class WrittenFields:
    """The fields of one question as strings, by the names that the read API has for them; each is taken once."""

    def __init__(self, written: Mapping[str, str | None]) -> None:
        self._left = drop_absent(written)

    def take_text(self, field: str) -> str | None:
        """Take a field as it stands; None where it was not given."""
        return self._left.pop(field, None)

    def take_needed(self, field: str) -> str:
        """Take a field without which there is no question. Raises WrongField."""
        found = self.take_text(field)
        if found is None:
            raise WrongField(field, "it is missing: say which")
        return found

    def take_names(self, field: str) -> tuple[str, ...]:
        """Take ``org,pillar`` as names; nothing asked for is none, and an empty name is one that is not there."""
        found = self.take_text(field)
        return () if found is None else tuple(name.strip() for name in found.split(","))

    def take_day(self, field: str) -> date:
        """Take a calendar date. Raises WrongField."""
        return parse_date(self.take_needed(field), field)

    def take_optional_day(self, field: str) -> date | None:
        """Take a calendar date, where one was given. Raises WrongField."""
        found = self.take_text(field)
        return None if found is None else parse_date(found, field)

    def take_instant(self, field: str) -> datetime | None:
        """Take an instant, where one was given. Raises WrongField."""
        found = self.take_text(field)
        return None if found is None else parse_instant(found, field)

    def take_whole(self, field: str, most: int, usually: int) -> int:
        """Take a whole number from one to ``most``. Raises WrongField."""
        found = self.take_text(field)
        return usually if found is None else parse_whole(found, field, most)

    def take_cursor(self, field: str) -> Cursor:
        """Take a cursor. Raises WrongField."""
        return parse_cursor(self.take_needed(field), field)

    def refuse_others(self) -> None:
        """Refuse what is left: a field that is passed over gives a wrong figure in silence. Raises WrongField."""
        for field in self._left:
            raise WrongField(field, "this question has no such field")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Generic[AnswerT_co]):
    """A question whose answer is an ``AnswerT_co``. ``PATH`` is where the read API answers it, under ``/v1/``."""

    PATH: ClassVar[str]

    @classmethod
    def find_answer(cls) -> type[AnswerT_co]:
        """Find the type of its answers, as the class says it of its base: ``Query[BalanceAnswer]``."""
        found: type[AnswerT_co] = get_args(get_original_bases(cls)[0])[0]
        return found

    @classmethod
    def parse_fields(cls, **written: str | None) -> Self:
        """Read the question from its fields as they were written. Raises WrongField."""
        fields = WrittenFields(written)
        query = cls._take_fields(fields)
        fields.refuse_others()
        return query

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:  # noqa: ARG003  (a question without fields)
        return cls()
