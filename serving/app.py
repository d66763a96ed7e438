"""Wires the server: settings in, an app out that scores and ranks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from leadloop.settings import Settings, load_settings
from leadloop.store.ledger import Ledger
from serving import chores, problems
from serving.limits import BodyLimit
from serving.metrics import Metrics
from serving.observed import Observed
from serving.routes import health, ingest, model, queue, score, scores
from serving.state import State
from serving.tracing import tracer_of_environment


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app; without settings they are read from the environment, as server processes do that others start."""
    chosen = settings or load_settings()
    app = FastAPI(
        title="leadloop", version="1", summary="Lead scores with reasons, and the ranked queue", lifespan=_lifespan
    )
    app.state.settings = chosen
    app.add_middleware(BodyLimit, at_most=chosen.max_body_bytes)
    app.state.metrics, app.state.tracer = Metrics(), tracer_of_environment()
    app.add_middleware(Observed, settings=chosen, metrics=app.state.metrics, tracer=app.state.tracer)
    problems.install(app)
    for room in (health, ingest, score, queue, model, scores):
        app.include_router(room.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the ledger and load the model before the first request; a missing model leaves the server up, not ready."""
    ledger = Ledger.open(app.state.settings.ledger_url)
    app.state.leadloop = State(app.state.settings, ledger, app.state.metrics)
    running = chores.Running(app.state.leadloop, chores.CHORES)
    yield
    app.state.leadloop.stopping = True
    running.stop()
    ledger.close()
    if app.state.tracer is not None:
        app.state.tracer.close()
