"""Signing a browser in with a key, and out again; who signs in at an identity provider goes there from here."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from leadloop.clock import SECOND, instant
from serving.access import Caller
from serving.gate import is_from_here
from serving.key_check import KeyCheck
from serving.pages.frame import screen_of, show
from serving.pages.page import marked
from serving.refused import RefusedError
from serving.visits import COOKIE, LASTS, Visits

router = APIRouter(include_in_schema=False)
HOME = "/"
WRONG = marked("This key is unknown, expired or revoked.")


@router.get("/signin")
def signin(request: Request, back: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """A form that takes a key."""
    return show(screen_of(request), "signin.html", {"back": local(back), "wrong": ""})


@router.post("/signin")
async def sign_in(request: Request) -> Response:
    """Begin a visit for whoever has a key that lets somebody in."""
    if request.app.state.keys is None:
        return RedirectResponse(HOME, 303)
    if not is_from_here(request.scope):
        raise HTTPException(400, "A page of elsewhere can't sign anybody in")
    sent = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    back = local(sent.get("next", HOME))
    check: KeyCheck = request.app.state.key_check
    address = request.client.host if request.client else ""
    try:
        caller = await check.caller(sent.get("key", "").strip(), address, instant())
    except RefusedError as refused:
        if refused.status != 401:
            return refused.answer(request.scope)
        return show(screen_of(request), "signin.html", {"back": back, "wrong": WRONG}, 422)
    return await _begun(request, caller, back)


async def _begun(request: Request, caller: Caller, back: str) -> Response:
    visits: Visits = request.app.state.visits
    ledger = request.app.state.leadloop.ledger
    token = await run_in_threadpool(visits.begin, ledger, caller.key_id, instant())
    answer = RedirectResponse(back, 303)
    answer.set_cookie(
        COOKIE, token, max_age=LASTS // SECOND, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return answer


@router.post("/signout")
async def sign_out(request: Request) -> Response:
    """End the visit of this browser."""
    visits, token = request.app.state.visits, request.cookies.get(COOKIE)
    if visits is not None and token is not None:
        await run_in_threadpool(visits.end, request.app.state.leadloop.ledger, token)
    if "session" in request.scope:
        request.session.clear()
    answer = RedirectResponse("/signin", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def local(path: str) -> str:
    r"""The path, if it leads to a page of this server, whichever way a browser reads it; else the first page.

    >>> [local(path) for path in ("/queue", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/x")]
    ['/queue', '/', '/', '/', '/']
    """
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if ours else HOME
