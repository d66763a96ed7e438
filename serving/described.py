"""The OpenAPI file, with what the gate does to every route: keys, roles, and the answers of who is not let through."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from serving.access import TABLE

_KEY = {"type": "http", "scheme": "bearer", "description": "a key that `leadloop keys create` made: `ll_<id>_<secret>`"}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS = {
    "401": "No key, or none that lets in",
    "403": "Not for this role, or not these leads",
    "429": "Asked too often; Retry-After says in how many seconds it is worth another try",
}
_BAD_BODIES = {"400": "The body can't be read", "413": "The body is too long (setting max_body_bytes)"}


def install(app: FastAPI) -> None:
    """Describe the app's routes as their callers find them."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_access(plain())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # FastAPI's own way to extend it


def _with_access(file: dict[str, Any]) -> dict[str, Any]:
    file["components"].setdefault("securitySchemes", {})["key"] = _KEY
    for method, path, operation in _operations(file):
        roles = TABLE.get((method, path))
        for answer in operation["responses"].values():
            _as_problem(answer)
        _bodies(operation)
        if roles:
            operation["security"] = [{"key": []}]
            operation["x-roles"] = sorted(map(str, roles))
            operation["responses"] |= {code: _refusal(told) for code, told in _REFUSALS.items()}
    return file


def _operations(file: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in file["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _bodies(operation: dict[str, Any]) -> None:
    if "requestBody" in operation:
        operation["responses"] |= {code: _refusal(told) for code, told in _BAD_BODIES.items()}


def _refusal(told: str) -> dict[str, Any]:
    return {"description": told, "content": _PROBLEM}


def _as_problem(answer: dict[str, Any]) -> None:
    """Problems are written as application/json in FastAPI's own description of a model."""
    content = answer.get("content", {}).get("application/json", {})
    if content.get("schema", {}).get("$ref", "").endswith("/Problem"):
        answer["content"] = _PROBLEM
