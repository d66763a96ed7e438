"""What a page's form sent, and the way back to the page, which then says what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from leadloop.errors import InputError
from serving.pages.frame import Screen

FIELDS_AT_MOST = 200


@dataclass(frozen=True)
class Form:
    """Names and values, in the order of the form."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The value of a field without spaces around it; "" where it was left empty."""
        return next((value.strip() for known, value in self.fields if known == name), "")

    def some(self, name: str) -> str | None:
        """The same; None where it was left empty."""
        return self.get(name) or None

    def all(self, name: str) -> list[str]:
        """The values of a field that may be given several times."""
        return [value for known, value in self.fields if known == name]

    def number(self, name: str) -> int:
        """A whole number.

        Raises: InputError when it is none.
        """
        try:
            return int(self.get(name))
        except ValueError:
            raise InputError(f"{name}: '{self.get(name)}' is no whole number") from None


async def form_of(request: Request) -> Form:
    """What was sent."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return Form(tuple(parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS_AT_MOST)))
    except ValueError:
        raise InputError(f"A form has at most {FIELDS_AT_MOST} fields; send what the page sends") from None


Sent = Annotated[Form, Depends(form_of)]


def back(screen: Screen, path: str, done: str, about: str = "") -> Response:
    """To a page, which says what was done (a word that it knows), and to what."""
    return RedirectResponse(screen.link(path, done=done, about=about), 303)


def just_done(screen: Screen, words: Mapping[str, str]) -> str | None:
    """What the page is to say was done; None where nothing was. `words`: texts by what `back` was told."""
    asked = screen.request.query_params
    text = words.get(asked.get("done", ""))
    return None if text is None else screen.say(text, about=asked.get("about", "")[:100])
