"""The read API as OpenAPI describes one: what the framework makes of the endpoints, problems under their own type."""

from typing import Any, Final

from fastapi import FastAPI

PROBLEM: Final = "application/problem+json"
PROBLEM_SCHEMA: Final = "#/components/schemas/Problem"


def describe_api(api: FastAPI) -> dict[str, Any]:
    """Describe the read API in OpenAPI, its problems in their own media type."""
    document = api.openapi()
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                _name_problem(response.get("content", {}))
    return document


def _name_problem(content: dict[str, Any]) -> None:
    if content.get("application/json", {}).get("schema") == {"$ref": PROBLEM_SCHEMA}:
        content[PROBLEM] = content.pop("application/json")
