"""What a request may weigh: a body over the limit is refused before it fills the memory, however it is sent."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import problem


class BodyLimit:
    """Answers 413 to a request whose body is longer than `at_most` bytes."""

    def __init__(self, app: ASGIApp, at_most: int) -> None:
        self.app, self.at_most = app, at_most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the length that was announced, and count what really comes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _announced(scope) > self.at_most:
            await problem(413, self._detail())(scope, receive, send)
        else:
            try:
                await self.app(scope, self._counting(receive), send)
            except HTTPException as error:  # of `_counting`, where no route was there yet to answer it
                await problem(error.status_code, error.detail)(scope, receive, send)

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.at_most:  # sent in chunks, which announce no length
                raise HTTPException(413, self._detail())
            return message

        return counted

    def _detail(self) -> str:
        return f"The body is longer than {self.at_most:,} bytes (setting max_body_bytes); send it in smaller parts"


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
