"""The read API is what its OpenAPI document says: Schemathesis asks what the document allows, and what it does not."""

import traceback
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from tests.patience import PATIENCE_SECONDS, PATIENT

EXAMPLES = 3  # of each operation, made up by its own rules, and as many against them
ASKING = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ENDLESS = "/v1/events"  # a stream, asked by tests of its own


@pytest.fixture(scope="module")
def document(address: str) -> dict[str, Any]:
    """What the running server says of itself."""
    found: dict[str, Any] = httpx.get(f"{address}/v1/openapi.json", **PATIENT).json()
    return found


def build_question(operation: Any, mode: GenerationMode) -> Callable[[], None]:
    """Whatever Schemathesis makes up for one operation, asked of the server and held to the document.

    That all which the document allows is accepted is no promise: a period that ends before it starts is refused.
    """

    @ASKING
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask_case(case: Any) -> None:
        case.call_and_validate(timeout=PATIENCE_SECONDS, excluded_checks=[CHECKS.get_one("positive_data_acceptance")])

    return ask_case


def test_every_endpoint_answers_as_the_document_says(address: str, document: dict[str, Any]) -> None:
    """No 5xx, no status, header or body that is not described, and what is not allowed is refused."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.base_url = address
    asked, faults = [], []
    for found in schema.exclude(path=ENDLESS).get_all_operations():
        operation = found.ok()
        asked.append(operation.path)
        for mode in GenerationMode:
            try:
                build_question(operation, mode)()
            except Unsatisfiable:  # nothing can be asked of it that it does not allow
                continue
            except Exception as fault:  # all of them are told at once
                faults.append(f"{operation.label} ({mode}): {''.join(traceback.format_exception(fault)[-12:])}")
    assert not faults, "\n\n".join(faults)
    assert set(asked) == set(document["paths"]) - {ENDLESS}


def test_the_document_is_complete(document: dict[str, Any]) -> None:
    """OpenAPI 3.1; every operation and every parameter is described, every refusal is a problem document."""
    assert document["openapi"].startswith("3.1.")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["description"], where
            assert "application/problem+json" in operation["responses"]["4XX"]["content"], where
            for parameter in operation.get("parameters", []):
                assert parameter["in"] != "query" or parameter.get("description"), f"{where}: {parameter['name']}"


def test_an_answer_that_is_not_as_described_is_noticed(address: str, document: dict[str, Any]) -> None:
    """The check itself works: a document that promises another type of a field than there is."""
    wrong = deepcopy(document)
    wrong["components"]["schemas"]["BalanceAnswer"]["properties"]["complete"] = {"type": "integer"}
    schema = schemathesis.openapi.from_dict(wrong)
    schema.config.base_url = address
    with pytest.raises(FailureGroup, match="Response violates schema"):
        build_question(schema["/v1/counts"]["GET"], GenerationMode.POSITIVE)()
