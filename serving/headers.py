"""What every answer tells a browser: take it as what it says it is, show it nowhere else, tell nobody."""

from starlette.types import Message, Scope, Send

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_KEPT_NOWHERE = (b"cache-control", b"no-store")
_ONLY_HTTPS = (b"strict-transport-security", b"max-age=31536000")


def secured(scope: Scope, send: Send) -> Send:
    """`send` with these headers; one that a route set itself stays as it is."""
    extra: tuple[tuple[bytes, bytes], ...] = _ALWAYS
    if scope["path"].startswith("/v1/"):
        extra = (*extra, _KEPT_NOWHERE)
    if scope["scheme"] == "https":
        extra = (*extra, _ONLY_HTTPS)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            own = {name for name, _ in headers}
            message["headers"] = [*headers, *(header for header in extra if header[0] not in own)]
        await send(message)

    return sending
