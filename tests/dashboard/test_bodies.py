"""What the read API documents of a body is what it answers: a field that its model lacks is left out in silence."""

import importlib
import pkgutil
import re
from collections import defaultdict
from typing import Any, get_args, get_type_hints, is_typeddict

import httpx

import queries
from queries.query import Query

Schemas = dict[str, dict[str, Any]]


def list_bodies() -> dict[str, list[Any]]:
    """The bodies that questions are answered by, by where they are asked."""
    for module in pkgutil.iter_modules(queries.__path__):
        importlib.import_module(f"queries.{module.name}")
    found: dict[str, list[Any]] = defaultdict(list)
    kinds: list[Any] = [Query]
    for kind in kinds:
        kinds += kind.__subclasses__()
        found[getattr(kind, "PATH", "")] += [one for base in kind.__orig_bases__ for one in get_args(base)]
    return {path: [one for one in bodies if is_typeddict(one)] for path, bodies in found.items()}


def find_shape(body: Any) -> dict[str, Any]:
    """The names of a body's fields; behind each, those of its rows where they have a shape of their own."""
    found = {}
    for name, kind in get_type_hints(body).items():
        rows = [one for one in (kind, *get_args(kind)) if is_typeddict(one)]
        found[name] = sorted(get_type_hints(rows[0])) if rows else None
    return found


def find_documented(schema: dict[str, Any], schemas: Schemas) -> dict[str, Any]:
    """The same as OpenAPI has it."""
    found = {}
    for name, field in schema["properties"].items():
        rows = re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(field))
        found[name] = sorted(schemas[rows[0]].get("properties", ())) if rows else None
    return found


def has_same_fields(shape: dict[str, Any], documented: dict[str, Any]) -> bool:
    """Whether both have the same fields, and the same rows where both say what those are."""
    return shape.keys() == documented.keys() and all(
        rows is None or documented[name] in (None, rows) for name, rows in shape.items()
    )


def test_a_documented_body_has_the_fields_that_are_answered(client: httpx.Client) -> None:
    """Of every question that the read API is asked."""
    described = client.get("/openapi.json").json()
    schemas: Schemas = described["components"]["schemas"]
    bodies, held, wrong = list_bodies(), 0, []
    for path, methods in described["paths"].items():
        shapes = [find_shape(one) for one in bodies.get(re.sub(r"/\{.*", "", path.removeprefix("/v1/")), ())]
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        if shapes and name:
            held += 1
            documented = find_documented(schemas[name], schemas)
            if not any(has_same_fields(one, documented) for one in shapes):
                wrong.append(f"{path}: {name}")
    assert not wrong, f"give the model and the answer the same fields: {wrong}"
    assert held > 25
