"""Short ways: what a route can answer at once goes past FastAPI, everything else takes FastAPI's own way."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadloop.errors import LeadLoopError
from serving.observed import ROUTE

ShortWay = Callable[[Scope, bytes], Awaitable[bytes | None]]
"""Takes a request and its body; the JSON of a 200, or None where the long way is to be taken."""
_JSON = (b"content-type", b"application/json")


class ShortWays:
    """Round the router: a sound POST of JSON to one of these paths is answered by its short way.

    The routes are described, checked and refused as any of FastAPI's; whatever a short way can't answer, an error
    included, goes there. FastAPI's way through its router, dependencies, pydantic and a thread costs more than a score.
    """

    def __init__(self, app: ASGIApp, ways: Mapping[str, ShortWay]) -> None:
        self.app, self._ways = app, ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Try the short way, then the long one, which is given the body again."""
        way = self._ways.get(scope["path"]) if scope["type"] == "http" and not scope.get("root_path") else None
        if way is None or scope["method"] != "POST" or _JSON not in scope["headers"]:
            await self.app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):  # a body comes in several where it is long
            messages.append(await receive())
        answer = await _tried(way, scope, messages)
        if answer is None:
            await self.app(scope, _again(messages, receive), send)
            return
        scope[ROUTE] = scope["path"]
        headers = [_JSON, (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def _tried(way: ShortWay, scope: Scope, messages: list[Message]) -> bytes | None:
    if messages[-1]["type"] != "http.request":
        return None
    bodies = [each.get("body", b"") for each in messages]
    try:
        return await way(scope, bodies[0] if len(bodies) == 1 else b"".join(bodies))
    except LeadLoopError:
        return None


def _again(messages: list[Message], receive: Receive) -> Receive:
    """The messages once more, then what follows them."""
    left = iter(messages)

    async def again() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return again
