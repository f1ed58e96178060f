"""What is answered, held to the type that its question names: in tests alone, no answer is judged on its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from pydantic import TypeAdapter, ValidationError

from queries.query import Query
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers


@cache
def make_judge(body: Any) -> TypeAdapter[Any]:
    """What judges answers of one type."""
    return TypeAdapter(body)


def find_fault(kind: type[Query[Any]], answer: Any) -> str | None:
    """The first thing in an answer that its type does not have, or has otherwise; no value of it."""
    body: Any = kind.find_answer()
    try:
        make_judge(body).validate_python(answer, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        return f"{kind.__name__}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None


@contextmanager
def judge_answers() -> Iterator[None]:
    """Judge every answer that comes of a store in this process, whoever asks; in the end there is no fault."""
    faults: list[str | None] = []
    answer_query, answer_at = StoreAnswers.answer_query, StoreAnswers.answer_at

    def answer_alone(answers: StoreAnswers, query: Query[Any]) -> Any:
        found = answer_query(answers, query)
        faults.append(find_fault(type(query), found))
        return found

    def answer_moment(answers: StoreAnswers, snapshot: Snapshot, query: Query[Any]) -> Any:
        found = answer_at(answers, snapshot, query)
        faults.append(find_fault(type(query), found))
        return found

    with patch.multiple(StoreAnswers, answer_query=answer_alone, answer_at=answer_moment):
        yield
    assert not any(faults), "give the answer what its type says: " + "; ".join(sorted({one for one in faults if one}))
