"""What every answer tells a browser: take it as what it says it is, show it nowhere else, tell nobody."""

from collections.abc import Iterable

from starlette.types import Message, Scope, Send

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_KEPT_NOWHERE = (b"cache-control", b"no-store")
_API = (*_ALWAYS, _KEPT_NOWHERE)
_ONLY_HTTPS = (b"strict-transport-security", b"max-age=31536000")


_OURS = frozenset(name for name, _ in _API)


class Secured:
    """`send` with these headers; one that a route set itself stays as it is. `started`: whether an answer was begun."""

    __slots__ = ("_scope", "_send", "started")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send, self.started = scope, send, False

    async def __call__(self, message: Message) -> None:
        """Send on."""
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = self._with_ours(message.get("headers", ()))
        await self._send(message)

    def _with_ours(self, headers: Iterable[Header]) -> list[Header]:
        every, own = [*headers], tuple[bytes, ...]()
        for name, _ in every:
            if name in _OURS:
                own = (*own, name)
        ours = self._ours()
        return [*every, *(ours if not own else (header for header in ours if header[0] not in own))]

    def _ours(self) -> tuple[Header, ...]:
        ours = _API if self._scope["path"].startswith("/v1/") else _ALWAYS
        return (*ours, _ONLY_HTTPS) if self._scope["scheme"] == "https" else ours
