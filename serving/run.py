"""Starts the server processes."""

import os
from threading import Thread
from typing import TYPE_CHECKING

from leadloop import console
from leadloop.errors import LeadLoopError, SettingsError
from leadloop.settings import Settings
from leadloop.store import repack
from leadloop.store.ledger import Ledger

if TYPE_CHECKING:
    from fastapi import FastAPI

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(settings: Settings, *, without_key: bool) -> None:
    """Serve until stopped. Until there are keys, only this machine may ask.

    Raises: SettingsError when the host is not loopback.
    """
    import uvicorn

    from serving.app import create_app

    if settings.host not in LOOPBACK:
        raise SettingsError(f"host is {settings.host}: without keys the API is served on loopback only; use 127.0.0.1")
    if not without_key:
        console.warn("there are no keys yet: whoever is on this machine may ask; --open says so on purpose")
    console.say(f"serving on http://{settings.host}:{settings.port} (the API: /docs, the queue: /v1/queue)")
    shared = {"host": settings.host, "port": settings.port, "log_level": "warning", "timeout_graceful_shutdown": 10}
    Thread(target=_pack, args=(settings,), daemon=True).start()
    if settings.workers == 1:
        uvicorn.run(create_app(settings), **shared)  # type: ignore[arg-type] # one dict for both calls
        return
    os.environ["LEADLOOP_SERVE"] = settings.model_dump_json()  # worker processes read their settings from here
    uvicorn.run("serving.run:app_of_worker", factory=True, workers=settings.workers, **shared)  # type: ignore[arg-type]


def _pack(settings: Settings) -> None:
    """Make the packed histories that a large import left; until then those leads are read from their rows."""
    try:
        repack.fill(Ledger.open(settings.ledger_url))
    except LeadLoopError as error:
        console.warn(f"some leads stay unpacked and score more slowly: {error}")


def app_of_worker() -> "FastAPI":
    """The app of one server process among several, with the settings of the one that started it."""
    from serving.app import create_app

    return create_app(Settings.model_validate_json(os.environ["LEADLOOP_SERVE"]))
