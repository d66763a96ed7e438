"""A route with a short way: what it can answer at once goes past FastAPI, everything else takes FastAPI's own way."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send

ShortWay = Callable[[Scope, bytes], Awaitable[bytes | None]]
"""Takes a request and its body; the JSON of a 200, or None where the long way is to be taken."""


class HotRoute(APIRoute):
    """Described, checked and refused as any route of FastAPI; a sound request is answered by its `short_way` first.

    FastAPI's way through dependencies, pydantic and a thread costs more than a score.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        short_way: ShortWay | None = getattr(endpoint, "short_way", None)
        if short_way is not None:
            self.app = _First(short_way, self.app)


class _First:
    """The short way, then the long one, which is given the body again."""

    def __init__(self, short_way: ShortWay, long_way: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._short_way, self._long_way = short_way, long_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        if message["type"] != "http.request" or message.get("more_body") or not _is_json(scope):
            await self._long_way(scope, _again(message, receive), send)
            return
        answer = await self._short_way(scope, message.get("body", b""))
        if answer is None:
            await self._long_way(scope, _again(message, receive), send)
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def _is_json(scope: Scope) -> bool:
    return (b"content-type", b"application/json") in scope["headers"]


def _again(first: Message, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return first

    return again
