"""Round every request: its id, how long it took by route, and a line in the log when that is worth one."""

import logging
import re
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadloop.settings import Settings
from serving.metrics import Metrics
from serving.tracing import Tracer

if TYPE_CHECKING:
    from serving.state import State

REQUEST_ID = "leadloop.request_id"
"""Where in a request's scope its id is."""
ROUTE = "leadloop.route"
"""Where a route that goes round the router says in the scope which one it is."""
_ID = re.compile(rb"[A-Za-z0-9._:/=+\-]{1,100}")
_HEADER, _CLOSE = b"x-request-id", (b"connection", b"close")
_FAILED = 500
_log = logging.getLogger("leadloop.access")


class Observed:
    """The outermost layer, in plain ASGI: a few microseconds a request."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics, tracer: Tracer | None) -> None:
        self.app, self.metrics, self.tracer = app, metrics, tracer
        self._log, self._slow = settings.access_log, settings.slow_request_ms / 1_000
        self._ids, self._prefix = count(1), uuid4().hex[:12]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note how that went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = perf_counter(), _FAILED
        request_id = scope[REQUEST_ID] = _given(scope) or f"{self._prefix}-{next(self._ids):x}".encode()
        state: State | None = getattr(scope["app"].state, "leadloop", None)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = [(_HEADER, request_id)]
                if state is not None and state.stopping:
                    added.append(_CLOSE)
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            self._note(scope, state, status, perf_counter() - begun)

    def _note(self, scope: Scope, state: "State | None", status: int, seconds: float) -> None:
        route = _route(scope)
        self.metrics.answered(route, status, seconds)
        if self.tracer is not None:
            self.tracer.note(scope, route, status, seconds)
        if self._log == "off" or (self._log == "errors" and status < _FAILED and seconds < self._slow):
            return
        facts = {"route": route, "method": scope["method"], "status": status, "ms": round(seconds * 1_000, 2)}
        _log.log(logging.ERROR if status >= _FAILED else logging.INFO, "request", extra=facts | _who(scope, state))


def _given(scope: Scope) -> bytes | None:
    """The sender's id for the request, where it is one."""
    for name, value in scope["headers"]:
        if name == _HEADER:
            return value if _ID.fullmatch(value) else None
    return None


def _route(scope: Scope) -> str:
    """The route's template: a path may name a lead."""
    route = scope.get("route")
    return str(scope.get(ROUTE, "unmatched") if route is None else route.path)


def _who(scope: Scope, state: "State | None") -> dict[str, Any]:
    scorer = None if state is None else state.champion.scorer
    caller = scope.get("caller") or scope.get("state", {}).get("caller")
    return {
        "request_id": scope[REQUEST_ID].decode(),
        "model_version": scorer.version.version if scorer else None,
        "key_id": getattr(caller, "key_id", None),
    }
