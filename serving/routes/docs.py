"""The API as a page to read: made from its OpenAPI file, with nothing that a browser would load from elsewhere."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.access import TABLE

router = APIRouter(include_in_schema=False)

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1d2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.05rem;margin:2rem 0 .3rem}code{font-family:ui-monospace,monospace}
p,li{color:#4a5568;margin:.2rem 0}ul{margin:.2rem 0;padding-left:1.2rem}
"""
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every call, who may make it, and what it takes."""
    described = request.app.openapi()
    calls = "".join(
        _call(method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if (method.upper(), path) in TABLE
    )
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>leadloop: the API</title><style>{_STYLE}</style>'
        '<h1>leadloop: the API</h1><p>For programs: <a href="/openapi.json">/openapi.json</a>. Keys are sent as '
        f"<code>Authorization: Bearer …</code>; <code>leadloop keys create</code> makes one.</p>{calls}</html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def _call(method: str, path: str, operation: dict[str, Any]) -> str:
    roles = ", ".join(sorted(TABLE[method, path])) or "anyone, without a key"
    told = "".join(f"<li>{line}</li>" for line in _lines(operation))
    description = escape(operation.get("description", ""))
    return f"<h2><code>{method} {escape(path)}</code></h2><p>{description}</p><ul><li>For: {roles}</li>{told}</ul>"


def _lines(operation: dict[str, Any]) -> Iterator[str]:
    for given in operation.get("parameters", ()):
        yield f"<code>{escape(given['name'])}</code> ({given['in']}) {escape(given.get('description', ''))}"
    if "requestBody" in operation:
        yield "takes a body of JSON"
