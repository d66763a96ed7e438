"""A route with a short way: what it can answer at once goes past FastAPI, everything else takes FastAPI's own way."""

from collections.abc import Awaitable, Callable

from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send

ShortWay = Callable[[Scope, bytes], Awaitable[bytes | None]]
"""Takes a request and its body; the JSON of a 200, or None where the long way is to be taken."""


class HotRoute(APIRoute):
    """Described, checked and refused as any route of FastAPI; a sound request is answered by its `short_way` first.

    FastAPI's way through dependencies, pydantic and a thread costs more than a score.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Try the short way of the endpoint, then the long one, which is given the body again."""
        short_way: ShortWay | None = getattr(self.endpoint, "short_way", None)
        if short_way is None or scope["method"] != "POST" or not _is_json(scope):
            await super().handle(scope, receive, send)
            return
        messages = await _all(receive)
        whole = messages[-1]["type"] == "http.request"
        answer = await short_way(scope, b"".join(each.get("body", b"") for each in messages)) if whole else None
        if answer is None:
            await super().handle(scope, _again(messages, receive), send)
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def _is_json(scope: Scope) -> bool:
    return (b"content-type", b"application/json") in scope["headers"]


async def _all(receive: Receive) -> list[Message]:
    """The messages of a body, which comes in several where it is long."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """The messages once more, then what follows them."""
    left = iter(messages)

    async def again() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return again
