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
)
"""A page joins here: then it is in the menu, behind the gate, and in the tests."""


def install(app: FastAPI) -> None:
    """Serve them."""
    for each in (files, signin, clicking, reporting):
        app.include_router(each.router)
    for page in PAGES:
        app.include_router(page.router)
