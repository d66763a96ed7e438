"""A receiver of webhooks on loopback, as others would write one; what it answers is scripted."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Heard:
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def event(self) -> str:
        """Its id."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """Its content, if the public library finds it signed with the secret; raises otherwise."""
        return Webhook(secret).verify(self.body, self.headers)


Answer = tuple[int, dict[str, str]]


@dataclass
class Receiver:
    """Answers each request by `script`, 204 by default; `hold`: set it free to let slow answers go."""

    script: Callable[[Heard], Answer] = lambda _: (204, {})
    heard: list[Heard] = field(default_factory=list)
    hold: Event = field(default_factory=Event)
    url: str = ""

    @property
    def events(self) -> list[str]:
        """The ids that came, in their order."""
        return [each.event for each in self.heard]


@contextmanager
def receiving(receiver: Receiver, port: int = 0, trust: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Serve it, with TLS if `trust` has a certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            announced = int(self.headers["content-length"])
            body = self.rfile.read(announced)
            if len(body) < announced:
                raise ConnectionResetError  # the sender was killed in the middle
            one = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body.decode())
            receiver.heard.append(one)
            status, headers = receiver.script(one)
            if status == 0:
                receiver.hold.wait(20)
                status = 204
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A sender that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", port), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    receiver.url = f"{'https' if trust else 'http'}://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        receiver.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
