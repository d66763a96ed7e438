"""Every error that leaves the API, in one shape: RFC 9457 problem details."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from leadloop.errors import (
    ErasedLeadError,
    InputError,
    LeadLoopError,
    ModelError,
    NoImportancesError,
    RefusedVersionError,
    StoreError,
    UnknownLeadError,
)
from leadloop.store.samples import UnknownSampleError
from leadloop.store.webhooks import UnknownWebhookError
from serving.backlog.paging import ExpiredCursorError
from serving.feedback import ClosedLeadError, NothingToUndoError
from serving.idempotency import KeyInFlightError
from serving.observed import REQUEST_ID

_STATUS: tuple[tuple[type[LeadLoopError], int], ...] = (
    (UnknownLeadError, 404),
    (UnknownWebhookError, 404),
    (UnknownSampleError, 404),
    (KeyInFlightError, 409),
    (ClosedLeadError, 409),
    (NothingToUndoError, 409),
    (ExpiredCursorError, 410),
    (ErasedLeadError, 409),
    (InputError, 422),
    (NoImportancesError, 409),
    (RefusedVersionError, 409),
    (ModelError, 503),
    (StoreError, 503),
)
_RETRY_AFTER: tuple[tuple[type[LeadLoopError], str], ...] = ((KeyInFlightError, "1"), (StoreError, "5"))
"""Seconds after which it is worth another try; other errors want a change first."""
_LOST: tuple[type[Exception], ...] = (exc.InterfaceError, exc.InternalError, exc.TimeoutError)
"""What a lost database looks like besides StoreError: a closed connection, a failed transaction, no connection free."""


def problem(status: int, detail: str, errors: list[dict[str, object]] | None = None) -> JSONResponse:
    """A problem as an answer."""
    content: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        content["errors"] = errors
    return JSONResponse(content, status_code=status, media_type="application/problem+json")


def told(scope: Scope, status: int, detail: str, errors: list[dict[str, object]] | None = None) -> Response:
    """A problem as an answer: a document to programs, a page to people."""
    from serving.pages.problem_page import problem_page, wants_page  # pages are of no use to a program

    return problem_page(scope, status, detail) if wants_page(scope) else problem(status, detail, errors)


def install(app: FastAPI) -> None:
    """Answer every error in that shape."""
    app.add_exception_handler(LeadLoopError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in _LOST:
        app.add_exception_handler(kind, _lost)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(request: Request, error: Exception) -> Response:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    answer = told(request.scope, status, str(error))
    seconds = next((seconds for kind, seconds in _RETRY_AFTER if isinstance(error, kind)), None)
    if seconds is not None:
        answer.headers["Retry-After"] = seconds
    return answer


async def _lost(request: Request, _: Exception) -> Response:
    return await _ours(request, StoreError("The ledger does not answer; nothing was stored, send it again"))


async def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors: list[dict[str, object]] = [{"at": ".".join(map(str, each["loc"])), "cause": each["msg"]} for each in found]
    return told(request.scope, 422, "The request does not have the shape that /openapi.json describes", errors)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return told(request.scope, 500, "Something went wrong")
    answer = told(request.scope, error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _unforeseen(request: Request, _: Exception) -> Response:
    answer = told(request.scope, 500, "Something went wrong in leadloop; its log says what")
    if REQUEST_ID in request.scope:  # this answer is given outside of the layer that names requests
        answer.headers["X-Request-ID"] = request.scope[REQUEST_ID].decode()
    return answer
