"""The gate of the server: lets a request through to its route when its caller may ask that, and not too often."""

from functools import lru_cache
from urllib.parse import urlsplit

from anyio import to_thread
from starlette._utils import get_route_path
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from leadloop.clock import instant
from leadloop.errors import StoreError
from serving.access import ANYONE_HERE, NOBODY, Caller, Doors
from serving.headers import Secured
from serving.key_check import KeyCheck
from serving.pace import Pace
from serving.problems import told
from serving.refused import RefusedError, away, too_often
from serving.sessions import person
from serving.visits import COOKIE, Visits

HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names by which a server that is open to this machine may be asked: a page elsewhere can't make a browser use them."""
_READS = frozenset({"GET", "HEAD"})
_BEARER = {"WWW-Authenticate": "Bearer"}
_LOG_IN = 'Send a key as "Authorization: Bearer <key>"; `leadloop keys create` makes one'


class Gate:
    """The outermost part of the app. `check`: of keys that let in; None: open to whoever is on this machine.

    `visits`: browsers that a key signed in.
    """

    def __init__(self, app: ASGIApp, check: KeyCheck | None, rate_limit: int, visits: Visits | None = None) -> None:
        self.app, self._check, self._visits = app, check, visits
        self._doors, self._pace = Doors(), Pace(rate_limit)

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
            await refused.answer(scope)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception:
            if not send.started:  # the framework's own answer would come without our headers
                await told(scope, 500, "Something went wrong in leadloop; its log says what")(scope, receive, send)
            raise

    async def _let_in(self, scope: Scope) -> Caller:
        methods = self._doors.methods(get_route_path(scope))  # the path that the router will read
        if methods is None:
            raise RefusedError(404, "There is nothing at this address; /openapi.json says what there is")
        roles = methods.get(scope["method"])
        if roles is None:
            raise RefusedError(405, "This can't be done here", {"Allow": ", ".join(methods)})
        if self._check is None:
            _check_here(scope)
            return ANYONE_HERE
        if not roles:
            return NOBODY
        at = instant()
        caller = scope["caller"] = await self._identified(self._check, scope, at)
        if wait := self._pace.wait(caller.key_id, at):
            raise too_often("This key asks too often (setting rate_limit)", wait)
        if caller.role not in roles:
            raise RefusedError(403, f"This is not for the role {caller.role}, but for {', '.join(sorted(roles))}")
        return caller

    async def _identified(self, check: KeyCheck, scope: Scope, at: int) -> Caller:
        key = _bearer(scope)
        if key is None:
            return _may_write(scope, await self._visiting(scope, at) or _signed_in(scope, at))
        return await check.caller(key, _address(scope), at)

    async def _visiting(self, scope: Scope, at: int) -> Caller | None:
        """Who signed this browser in with a key."""
        token = _cookie(scope, COOKIE)
        if token is None or self._visits is None:
            return None
        try:
            return await to_thread.run_sync(self._visits.caller, token, at)
        except StoreError as error:
            raise away(error) from None


def _signed_in(scope: Scope, at: int) -> Caller:
    """The person whom the session is of."""
    caller = person(scope.get("session", {}), at)
    if caller is None:
        raise RefusedError(401, _LOG_IN, _BEARER)
    return caller


def _may_write(scope: Scope, caller: Caller) -> Caller:
    """Whom a cookie lets in; a page of elsewhere can't make their browser write."""
    if scope["method"] not in _READS and not is_from_here(scope):
        raise RefusedError(403, "A page of elsewhere can't write here; send the Origin of this server")
    return caller


def is_from_here(scope: Scope) -> bool:
    """Whether a page of this server asks."""
    return _header(scope, b"origin") == _own_origin(scope)


def _own_origin(scope: Scope) -> bytes:
    scheme: str = scope["scheme"]
    return scheme.encode() + b"://" + (_header(scope, b"host") or b"")


def _header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None


def _cookie(scope: Scope, name: str) -> str | None:
    return cookie_parser((_header(scope, b"cookie") or b"").decode("latin-1")).get(name)


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
