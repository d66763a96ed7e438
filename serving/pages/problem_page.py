"""What went wrong, as a page: in the words of the reader, with what the program said below."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from serving.pages.frame import screen_of, show
from serving.pages.page import marked

WORDS: Mapping[int, tuple[str, str]] = {
    401: (marked("Please sign in"), marked("This page is for people who are signed in.")),
    403: (marked("This is not for you"), marked("You are signed in, but your role may not open or do this.")),
    404: (marked("There is nothing here"), marked("The page or the lead does not exist, or is not yours to see.")),
    409: (
        marked("That can't be done any more"),
        marked("The lead has moved on since you looked. Load the page again."),
    ),
    410: (marked("This list has gone"), marked("Lists are kept for a quarter of an hour. Start again from the top.")),
    422: (marked("Something is missing"), marked("What was sent is not complete or not right.")),
    429: (marked("Too many requests"), marked("Wait a moment, then try again.")),
    503: (marked("Not ready yet"), marked("The server is not ready to answer. Try again in a moment.")),
}
OTHER = (marked("Something went wrong"), marked("The server's log says what. Try again, or ask who runs leadloop."))


def wants_page(scope: Scope) -> bool:
    """Whether a person's browser asks, not a program: then answers are pages, also those that say no."""
    if scope["path"].startswith("/v1/"):
        return False
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accept or any(name == b"hx-request" for name, _ in scope["headers"])


def problem_page(scope: Scope, status: int, detail: str) -> Response:
    """The page; who is not signed in can do so on it."""
    request = Request(scope)
    screen = screen_of(request)
    title, told = WORDS.get(status, OTHER)
    values = {"title": title, "told": told, "detail": detail, "status": status}
    if screen.in_place:
        return show(screen, "parts/problem.html", values, status)
    if status == 401:
        back = screen.here if request.method == "GET" else "/"
        return show(screen, "signin.html", {"wrong": "", "back": back}, status)
    return show(screen, "problem.html", values, status)
