"""The gate of the server: lets a request through to its route when its caller may ask that, and not too often."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from anyio import to_thread
from starlette._utils import get_route_path
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from leadloop.clock import instant
from leadloop.errors import StoreError
from serving.access import ANYONE_HERE, NOBODY, Caller, Doors
from serving.headers import Secured
from serving.keyring import KeyRing
from serving.pace import Pace
from serving.problems import problem
from serving.sessions import person

FAILURES_A_MINUTE = 60
"""Wrong keys that an address may try; beyond, its wrong keys are not even looked at."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names by which a server that is open to this machine may be asked: a page elsewhere can't make a browser use them."""
_READS = frozenset({"GET", "HEAD"})
_BEARER = {"WWW-Authenticate": "Bearer"}
_LOG_IN = 'Send a key as "Authorization: Bearer <key>"; `leadloop keys create` makes one'


class RefusedError(Exception):
    """A request that is not let through, and how that is answered."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}

    def answer(self) -> Response:
        """As a problem document."""
        answer = problem(self.status, self.detail)
        answer.headers.update(self.headers)
        return answer


class Gate:
    """The outermost part of the app. `keys`: those that let in; None: open to whoever is on this machine."""

    def __init__(self, app: ASGIApp, keys: KeyRing | None, rate_limit: int) -> None:
        self.app, self._keys = app, keys
        self._doors, self._pace, self._failures = Doors(), Pace(rate_limit), Pace(FAILURES_A_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or answer why not."""
        if scope["type"] == "http":
            await self._http(scope, receive, Secured(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Secured) -> None:
        try:
            scope["caller"] = await self._let_in(scope)
        except RefusedError as refused:
            await refused.answer()(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception:
            if not send.started:  # the framework's own answer would come without our headers
                await problem(500, "Something went wrong in leadloop; its log says what")(scope, receive, send)
            raise

    async def _let_in(self, scope: Scope) -> Caller:
        methods = self._doors.methods(get_route_path(scope))  # the path that the router will read
        if methods is None:
            raise RefusedError(404, "There is nothing at this address; /openapi.json says what there is")
        roles = methods.get(scope["method"])
        if roles is None:
            raise RefusedError(405, "This can't be done here", {"Allow": ", ".join(methods)})
        if self._keys is None:
            _check_here(scope)
            return ANYONE_HERE
        if not roles:
            return NOBODY
        at = instant()
        caller = await self._identified(self._keys, scope, at)
        if wait := self._pace.wait(caller.key_id, at):
            raise _too_often("This key asks too often (setting rate_limit)", wait)
        if caller.role not in roles:
            raise RefusedError(403, f"This is not for the role {caller.role}, but for {', '.join(sorted(roles))}")
        return caller

    async def _identified(self, keys: KeyRing, scope: Scope, at: int) -> Caller:
        key = _bearer(scope)
        if key is None:
            return _signed_in(scope, at)
        try:
            return keys.find(key, at) or await self._looked_for(keys, key, _address(scope), at)
        except StoreError as error:
            raise RefusedError(503, str(error), {"Retry-After": "5"}) from None

    async def _looked_for(self, keys: KeyRing, key: str, address: str, at: int) -> Caller:
        """Who has a key that is not known: a new one is in the ledger already."""
        if wait := self._failures.spent(address, at):
            raise _too_often("Too many wrong keys came from this address", wait)
        if keys.worth_a_look(key, at):
            await to_thread.run_sync(keys.look)
            if (caller := keys.find(key, at)) is not None:
                return caller
        self._failures.wait(address, at)
        detail = "This key is unknown, expired or revoked; `leadloop keys list` names those that there are"
        raise RefusedError(401, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _signed_in(scope: Scope, at: int) -> Caller:
    """The person whom the session is of; a page of elsewhere can't make their browser write."""
    caller = person(scope.get("session", {}), at)
    if caller is None:
        raise RefusedError(401, _LOG_IN, _BEARER)
    if scope["method"] not in _READS and _header(scope, b"origin") != _own_origin(scope):
        raise RefusedError(403, "A page of elsewhere can't write here; send the Origin of this server")
    return caller


def _own_origin(scope: Scope) -> bytes:
    scheme: str = scope["scheme"]
    return scheme.encode() + b"://" + (_header(scope, b"host") or b"")


def _too_often(detail: str, seconds: int) -> RefusedError:
    return RefusedError(429, f"{detail}; ask again in {seconds} s", {"Retry-After": str(seconds)})


def _header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None


def _bearer(scope: Scope) -> str | None:
    scheme, _, key = (_header(scope, b"authorization") or b"").decode("latin-1").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _check_here(scope: Scope) -> None:
    """Whoever is on this machine, but no page of elsewhere that a browser on it shows."""
    if not _is_here(b"//" + (_header(scope, b"host") or b"")):
        raise RefusedError(403, "This server is open to this machine only: ask it as http://127.0.0.1 or localhost")
    origin = _header(scope, b"origin")
    if origin is not None and scope["method"] not in _READS and not _is_here(origin):
        raise RefusedError(403, "A page of elsewhere can't write here")


@lru_cache(maxsize=64)
def _is_here(url: bytes) -> bool:
    try:
        return urlsplit(url.decode("latin-1")).hostname in HERE
    except ValueError:
        return False
