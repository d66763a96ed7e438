"""The server process: told to stop, it says so first, answers whoever still asks, and leaves no request behind."""

import asyncio
import ctypes
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from time import monotonic
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import multiprocess
from uvicorn.supervisors.multiprocess import Multiprocess, Process

GRACE_SECONDS = 10
"""How long requests that are under way may take once no new ones are taken."""
_DRAIN = "LEADLOOP_SERVE_DRAIN"


class Draining(uvicorn.Server):
    """SIGTERM: not ready; answers end their connections; then nothing new is taken; then the rest is finished.

    A second SIGTERM, or SIGINT (Ctrl-C), skips the wait.
    """

    _leave_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave."""
        if sig != signal.SIGTERM or self._leave_at is not None:
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(sig)
        self._leave_at = monotonic() + float(os.environ.get(_DRAIN, "0"))
        self._tell()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Whoever was told to leave while still coming up says so from the first answer on."""
        await super().startup(sockets)
        if self._leave_at is not None:
            self._tell()

    async def on_tick(self, counter: int) -> bool:
        """Stop taking connections when the wait is over."""
        if self._leave_at is not None and monotonic() >= self._leave_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take who knocked already, close the door, let who is inside ask once more, and only then close on them."""
        self._tell()
        await self._close_the_door(sockets or [])
        for _ in range(20):
            if not self.server_state.connections:
                break
            await asyncio.sleep(0.05)
        await super().shutdown(None)

    async def _close_the_door(self, sockets: list[socket.socket]) -> None:
        """Connections that the system has taken for us and we have not: closing the listener alone would reset them."""
        listeners = [socket.socket(fileno=os.dup(each.fileno())) for server in self.servers for each in server.sockets]
        for server in self.servers:
            server.close()
        for each in sockets:
            each.close()
        loop = asyncio.get_running_loop()
        waiting = [each for listener in listeners for each in _last_ones(listener)]
        for each in waiting:
            await loop.connect_accepted_socket(self._protocol, each)

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        made: asyncio.Protocol = make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made

    def _tell(self) -> None:
        """The app is not ready any more, and each of its answers ends its connection."""
        loaded: Any = getattr(self.config, "loaded_app", None)  # none yet while the app is being made
        while loaded is not None and not hasattr(loaded, "state"):
            loaded = getattr(loaded, "app", None)
        if loaded is not None and hasattr(loaded.state, "leadloop"):
            loaded.state.leadloop.stopping = True


def _last_ones(listener: socket.socket) -> list[socket.socket]:
    """Close it once nobody can have come to it unseen: Linux is told to take no more, as by a filter of everything."""
    if sys.platform == "linux":
        nothing = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, 0))
        program = struct.pack("HP", 1, ctypes.addressof(nothing))
        with suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
    found = _knocking(listener)
    listener.close()
    return found


_RETURN, _ATTACH_FILTER = 0x06, 26
"""BPF_RET | BPF_K with 0: no byte of any packet; SO_ATTACH_FILTER."""


def _knocking(listener: socket.socket) -> list[socket.socket]:
    listener.setblocking(False)
    found = []
    while True:
        try:
            found.append(listener.accept()[0])
        except OSError:  # nobody is left
            return found


class Worker(Process):
    """A worker process with such a server."""

    @property
    def server(self) -> uvicorn.Server:
        """Made in the worker."""
        if self._server is None:
            self._server = Draining(config=self.config)
        return self._server


class Supervisor(Multiprocess):
    """Starts the workers, and lets go of the socket that they share before they do."""

    def terminate_all(self) -> None:
        """Else the system would go on taking connections that nobody answers."""
        for each in self.sockets:
            each.close()
        super().terminate_all()


def serve(app: Any, workers: int, drain_seconds: float, **options: Any) -> None:
    """Serve until told to stop; `app`: the app, or with several workers the name of what makes it in each."""
    os.environ[_DRAIN] = str(drain_seconds)
    config = uvicorn.Config(
        app, workers=workers, factory=isinstance(app, str), log_config=None, access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS, **options,
    )  # fmt: skip
    if workers == 1:
        with suppress(KeyboardInterrupt):
            Draining(config).run()
        return
    multiprocess.Process = Worker  # type: ignore[misc] # the supervisor makes its processes by this name
    Supervisor(config, sockets=[config.bind_socket()]).run()
