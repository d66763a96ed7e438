"""Wires the server: settings in, an app out that scores and ranks."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import FastAPI

from leadloop.settings import Settings, load_settings
from leadloop.store.ledger import Ledger
from serving import chores, described, hook_schemas, hooks, problems
from serving.gate import Gate
from serving.key_check import KeyCheck
from serving.keyring import KeyRing
from serving.limits import BodyLimit
from serving.metrics import Metrics
from serving.observed import Observed
from serving.pages import registry as pages
from serving.reports.cache import Answers
from serving.routes import (
    audit,
    docs,
    feedback,
    health,
    ingest,
    leads,
    model,
    models,
    privacy,
    queue,
    reports,
    score,
    scores,
    webhooks,
)
from serving.short_ways import ShortWays
from serving.similar import WonLeads
from serving.state import State
from serving.tracing import tracer_of_environment
from serving.visits import Visits


def create_app(settings: Settings | None = None, *, without_key: bool = False) -> FastAPI:
    """The app; without settings they are read from the environment, as server processes do that others start.

    `without_key`: whoever asks it by a name of this machine may do anything.
    """
    chosen = settings or load_settings()
    app = FastAPI(
        title="leadloop",
        version="1",
        summary="Lead scores with reasons, and the ranked queue",
        lifespan=_lifespan,
        docs_url=None,  # the framework's pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.settings = chosen
    app.state.keys = None if without_key else KeyRing()
    app.state.reports = Answers()
    app.state.won = WonLeads()
    app.add_middleware(ShortWays, ways=score.SHORT_WAYS)
    app.add_middleware(BodyLimit, at_most=chosen.max_body_bytes)
    app.state.visits = None if app.state.keys is None else Visits(app.state.keys)
    app.state.key_check = None if app.state.keys is None else KeyCheck(app.state.keys)
    app.add_middleware(Gate, check=app.state.key_check, rate_limit=chosen.rate_limit, visits=app.state.visits)
    if chosen.oidc_issuer and not without_key:
        _let_people_sign_in(app, chosen)
    app.state.metrics, app.state.tracer = Metrics(), tracer_of_environment()
    app.add_middleware(Observed, settings=chosen, metrics=app.state.metrics, tracer=app.state.tracer)
    problems.install(app)
    for room in (
        score,
        health,
        ingest,
        queue,
        feedback,
        leads,
        scores,
        model,
        models,
        reports,
        privacy,
        audit,
        webhooks,
        docs,
    ):
        app.include_router(room.router)
    pages.install(app)
    hook_schemas.describe(app.webhooks)
    described.install(app)
    return app


def _let_people_sign_in(app: FastAPI, settings: Settings) -> None:
    from serving.routes import signin  # its libraries are an extra
    from serving.sessions import Sessions

    app.state.oidc = signin.provider(settings)
    app.include_router(signin.router)
    app.add_middleware(Sessions, secret=settings.oidc_client_secret)


@contextmanager
def opened(app: FastAPI) -> Iterator[State]:
    """Open the ledger and load the model before the first request; a missing model leaves the app up, not ready."""
    ledger = Ledger.open(app.state.settings.ledger_url)
    state = app.state.leadloop = State(app.state.settings, ledger, app.state.metrics)
    if app.state.keys is not None:
        app.state.keys.attach(ledger)
        app.state.visits.attach(ledger)
    try:
        yield state
    finally:
        ledger.close()
        if app.state.tracer is not None:
            app.state.tracer.close()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The app of a server, with what it does between requests."""
    with opened(app) as state:
        keys: KeyRing | None = app.state.keys
        of_keys = keys.chores() if keys is not None else ()
        gc.freeze()  # what is here by now stays: the collector need not walk through it beside requests
        running = chores.Running(state, (*chores.CHORES, *hooks.CHORES, *of_keys))
        yield
        state.stopping = True
        state.keeper.close()
        running.stop()
