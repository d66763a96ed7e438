"""All pages, in the order of the menu, and what else they need from the server."""

from fastapi import FastAPI

from serving.pages import (
    clicking,
    contract,
    definitions,
    files,
    funnel,
    lead,
    matters,
    ops_audit,
    ops_data,
    ops_diff,
    ops_keys,
    ops_lift,
    ops_model,
    ops_models,
    ops_webhooks,
    personas,
    queue,
    refusals,
    reporting,
    samples,
    signin,
    sources,
)
from serving.pages.page import Page

PAGES: tuple[Page, ...] = (
    queue.PAGE,
    lead.PAGE,
    contract.PAGE,
    funnel.PAGE,
    definitions.PAGE,
    refusals.PAGE,
    sources.PAGE,
    matters.PAGE,
    personas.PAGE,
    samples.PAGE,
    samples.ONE,
    ops_models.PAGE,
    ops_diff.PAGE,
    ops_model.PAGE,
    ops_lift.PAGE,
    ops_data.PAGE,
    ops_webhooks.PAGE,
    ops_keys.PAGE,
    ops_audit.PAGE,
)
"""A page joins here: then it is in the menu, behind the gate, and in the tests."""


def install(app: FastAPI) -> None:
    """Serve them."""
    for each in (files, signin, clicking, reporting):
        app.include_router(each.router)
    for page in PAGES:
        app.include_router(page.router)
