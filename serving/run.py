"""Starts the server processes."""

import json
import os
from threading import Thread
from typing import TYPE_CHECKING

from leadloop import console
from leadloop.clock import now, to_micros
from leadloop.errors import LeadLoopError, SettingsError
from leadloop.settings import Settings
from leadloop.store import keys, repack
from leadloop.store.ledger import Ledger

if TYPE_CHECKING:
    from fastapi import FastAPI

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(settings: Settings, *, without_key: bool) -> None:
    """Serve until stopped. `without_key`: whoever is on this machine may ask anything.

    Raises: SettingsError when nobody needs a key and the host is not loopback.
    """
    from serving import logs, metrics

    if without_key:
        _refuse_others(settings)
    elif settings.host not in LOOPBACK:
        console.warn(f"host is {settings.host}: keys travel as they are; put a proxy with HTTPS before it")
    console.say(f"serving on http://{settings.host}:{settings.port} (pages: /, the API: /docs)")
    logs.set_up(settings)
    Thread(target=_prepare, args=(settings,), kwargs={"without_key": without_key}, daemon=True).start()
    if settings.workers > 1:
        metrics.share(settings)
        given = {"settings": settings.model_dump(mode="json"), "without_key": without_key}
        os.environ["LEADLOOP_SERVE"] = json.dumps(given)  # worker processes read their settings from here
    _serve(settings, without_key=without_key)


def _serve(settings: Settings, *, without_key: bool) -> None:
    """The app is made here when there is one process, else in each."""
    from serving.app import create_app
    from serving.server import serve

    alone = settings.workers == 1
    app = create_app(settings, without_key=without_key) if alone else "serving.run:app_of_worker"
    serve(app, settings.workers, settings.drain_seconds, host=settings.host, port=settings.port)


def _refuse_others(settings: Settings) -> None:
    if settings.host not in LOOPBACK:
        raise SettingsError(
            f"host is {settings.host}: --open lets in whoever asks, on loopback only; use 127.0.0.1, or keys"
        )
    console.warn("open: no key is needed, and whoever is on this machine may do anything")


def _prepare(settings: Settings, *, without_key: bool) -> None:
    """Say when no key lets anyone in, and make the packed histories that a large import left; until then those leads
    are read from their rows."""
    try:
        ledger = Ledger.open(settings.ledger_url)
        if not without_key:
            _count_keys(ledger)
        repack.fill(ledger)
    except LeadLoopError as error:
        console.warn(f"some leads stay unpacked and score more slowly: {error}")


def _count_keys(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        standings = {key.standing(to_micros(now())) for key in keys.read(connection)}
    if "live" not in standings:
        console.warn("no key lets anyone in yet: make one with `leadloop keys create --role admin`, or serve --open")


def app_of_worker() -> "FastAPI":
    """The app of one server process among several, with the settings of the one that started it."""
    from serving import logs
    from serving.app import create_app

    given = json.loads(os.environ["LEADLOOP_SERVE"])
    settings = Settings.model_validate(given["settings"])
    logs.set_up(settings)
    return create_app(settings, without_key=given["without_key"])
