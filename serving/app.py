"""Wires the server: settings in, an app out that scores and ranks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from leadloop.errors import ModelError
from leadloop.settings import Settings, load_settings
from leadloop.store.ledger import Ledger
from serving import chores, hook_schemas, hooks, problems
from serving.limits import BodyLimit
from serving.routes import health, ingest, model, queue, score, webhooks
from serving.state import State


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app; without settings they are read from the environment, as server processes do that others start."""
    chosen = settings or load_settings()
    app = FastAPI(
        title="leadloop", version="1", summary="Lead scores with reasons, and the ranked queue", lifespan=_lifespan
    )
    app.state.settings = chosen
    app.add_middleware(BodyLimit, at_most=chosen.max_body_bytes)
    problems.install(app)
    for room in (health, ingest, score, queue, model, webhooks):
        app.include_router(room.router)
    hook_schemas.describe(app.webhooks)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the ledger and load the model before the first request; a missing model leaves the server up, not ready."""
    ledger = Ledger.open(app.state.settings.ledger_url)
    app.state.leadloop = State(app.state.settings, ledger)
    with suppress(ModelError):
        app.state.leadloop.scorer()
    running = chores.Running(app.state.leadloop, (*chores.CHORES, *hooks.CHORES))
    yield
    app.state.leadloop.stopping = True
    running.stop()
    ledger.close()
