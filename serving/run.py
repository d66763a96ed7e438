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
    from serving import logs, metrics

    if settings.host not in LOOPBACK:
        raise SettingsError(f"host is {settings.host}: without keys the API is served on loopback only; use 127.0.0.1")
    if not without_key:
        console.warn("there are no keys yet: whoever is on this machine may ask; --open says so on purpose")
    console.say(f"serving on http://{settings.host}:{settings.port} (the API: /docs, the queue: /v1/queue)")
    logs.set_up(settings)
    Thread(target=_pack, args=(settings,), daemon=True).start()
    if settings.workers > 1:
        metrics.share(settings)
        os.environ["LEADLOOP_SERVE"] = settings.model_dump_json()  # worker processes read their settings from here
    _serve(settings)


def _serve(settings: Settings) -> None:
    """The app is made here when there is one process, else in each."""
    from serving.app import create_app
    from serving.server import serve

    app = create_app(settings) if settings.workers == 1 else "serving.run:app_of_worker"
    serve(app, settings.workers, settings.drain_seconds, host=settings.host, port=settings.port)


def _pack(settings: Settings) -> None:
    """Make the packed histories that a large import left; until then those leads are read from their rows."""
    try:
        repack.fill(Ledger.open(settings.ledger_url))
    except LeadLoopError as error:
        console.warn(f"some leads stay unpacked and score more slowly: {error}")


def app_of_worker() -> "FastAPI":
    """The app of one server process among several, with the settings of the one that started it."""
    from serving import logs
    from serving.app import create_app

    settings = Settings.model_validate_json(os.environ["LEADLOOP_SERVE"])
    logs.set_up(settings)
    return create_app(settings)
