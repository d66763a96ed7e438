"""Who signed in, in a cookie that the server signs: nothing of it is kept here, and a copy is no key for programs."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from leadloop.access import Role
from leadloop.clock import SECOND
from serving.access import Caller

COOKIE = "leadloop"
LASTS_SECONDS = 8 * 3_600
"""So long somebody stays signed in; what the provider says of them meanwhile is not asked."""


class Sessions:
    """Puts the session into the request, and back into a cookie that scripts can't read and other sites don't send."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        from starlette.middleware.sessions import SessionMiddleware

        key = sha256(f"leadloop: sessions\n{secret}".encode()).hexdigest()
        shared: dict[str, Any] = {"secret_key": key, "session_cookie": COOKIE, "max_age": LASTS_SECONDS}
        self._plain = SessionMiddleware(app, same_site="lax", https_only=False, **shared)
        self._secure = SessionMiddleware(app, same_site="lax", https_only=True, **shared)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Over HTTPS the cookie goes over HTTPS alone."""
        await (self._secure if scope.get("scheme") == "https" else self._plain)(scope, receive, send)


def begin(session: dict[str, Any], caller: Caller, at: int) -> None:
    """Sign in; what was in the session before is gone."""
    session.clear()
    who = {"sub": caller.name, "role": str(caller.role), "owner": caller.owner}
    session["person"] = {**who, "until": at + LASTS_SECONDS * SECOND}


def person(session: Mapping[str, Any], at: int) -> Caller | None:
    """Who signed in; None when nobody did, or too long ago."""
    found = session.get("person")
    if found is None or at >= found["until"]:
        return None
    return signed_in(found["sub"], Role(found["role"]), found["owner"])


def signed_in(sub: str, role: Role, owner: str | None) -> Caller:
    """A person as a caller. `sub`: their id at the provider, which is all that the audit log says of them."""
    return Caller(f"person:{sub}", role, sub, owner, actor=f"person:{sub}")
