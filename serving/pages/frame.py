"""The frame of every page: language, menu, figures and words for the template, and headers that let nothing else in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from gzip import compress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from leadloop.settings import Settings
from serving.access import NOBODY, Caller
from serving.pages.error_words import in_words
from serving.pages.figures import Figures, figures
from serving.pages.files import files, takes_gzip
from serving.pages.languages import LANGUAGES, NAMES, chosen, language_of, words
from serving.pages.page import Page, Section
from serving.reports.words import say

TEMPLATES = Path(__file__).with_name("templates")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # without it a form would not say that it comes from here
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}
GZIP_FROM = 1_000
PASSING = dict.fromkeys(("done", "about", "lead", "outcome", "ask", "promote", "revoke", "webhook"))
"""What an address says of what was just done, or is asked to be confirmed."""
TURNED = dict.fromkeys(("cursor", "from"))
"""What it says of where in a list the page begins."""


@dataclass(frozen=True)
class Screen:
    """One answer to one browser: what its template knows besides its own values."""

    request: Request
    lang: str
    page: Page | None = None

    @property
    def settings(self) -> Settings:
        """Of the server."""
        found: Settings = self.request.app.state.settings
        return found

    @property
    def caller(self) -> Caller:
        """Who is looking."""
        found: Caller = self.request.scope.get("caller", NOBODY)
        return found

    @property
    def is_open(self) -> bool:
        """Whether the server wants no key."""
        return self.request.app.state.keys is None

    @property
    def signed_in(self) -> bool:
        """Whether somebody is, whom a button may sign out."""
        return not self.is_open and self.caller.role is not None

    @property
    def in_place(self) -> bool:
        """Whether a script asked, to swap the answer into the page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def here(self) -> str:
        """Path and question of this page."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    @cached_property
    def figures(self) -> Figures:
        """How numbers and times are written."""
        return figures(self.lang, self.settings.zone)

    @cached_property
    def menu(self) -> Mapping[Section, list[Page]]:
        """The pages that the caller may open, by section."""
        from serving.pages.registry import PAGES  # they are built on this module

        mine = [page for page in PAGES if page.in_menu and (self.is_open or self.caller.role in page.roles)]
        sections = {section: [page for page in mine if page.section == section] for section in Section}
        return {section: pages for section, pages in sections.items() if pages}

    def link(self, path: str, **query: Any) -> str:
        """An address on this server, in the language that was asked for; empty values are left out."""
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        if (lang := chosen(self.request)) is not None:
            asked.setdefault("lang", lang)
        return path + (f"?{urlencode(asked)}" if asked else "")

    def same(self, **query: Any) -> str:
        """This page with another question: what is given replaces what was asked, None takes it out."""
        asked = {**self.request.query_params, **query}
        kept = {name: value for name, value in asked.items() if value not in (None, "")}
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def taken(self, **what: str) -> str:
        """This page to take along: `csv=NAME`, a table from its first row on, or `file="html"`."""
        left = {**PASSING, **(TURNED if "csv" in what else {})}
        return self.same(**{**left, **what})

    def say(self, text: str, **values: Any) -> str:
        """A text of the catalogues in this language."""
        told = words(self.lang).gettext(text)
        return told % values if values else told

    def known(self, key: str, fallback: str = "") -> str:
        """A word that reports use too: "state won", "reason no_budget"; else the fallback, made readable."""
        found = say("fr" if self.lang == "fr" else "en", key)
        return plain(fallback) if found == key and fallback else found


def screen_of(request: Request, page: Page | None = None) -> Screen:
    """The screen of a request."""
    return Screen(request, language_of(request), page)


def show(screen: Screen, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """The page, or the part of one that the template is, as an answer; `values`: what the template wants to know."""
    text = rendered(screen, template, values)
    return answer(screen.request, text, status, {**HEADERS, "Content-Language": screen.lang})


def rendered(screen: Screen, template: str, values: Mapping[str, Any]) -> str:
    """The same as a text."""
    given = {**values, "screen": screen, "page": screen.page}
    return environment(screen.lang).get_template(template).render(given)


def answer(request: Request, text: str, status: int, headers: Mapping[str, str], kind: str = "text/html") -> Response:
    """The text as an answer, packed where the browser takes that."""
    body = text.encode()
    if len(body) >= GZIP_FROM and takes_gzip(request):
        return Response(compress(body, 5), status, {**headers, "Content-Encoding": "gzip"}, kind)
    return Response(body, status, dict(headers), kind)


@lru_cache(maxsize=len(LANGUAGES))
def environment(lang: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
    )
    told = words(lang)
    made.install_gettext_callables(told.gettext, told.ngettext, newstyle=True)  # type: ignore[attr-defined] # of the extension
    made.globals |= {"file": _file, "languages": NAMES, "attributes": attributes}
    made.filters |= {"plain": plain, "in_words": partial(in_words, lang)}
    return made


def _file(name: str) -> str:
    return files()[name].address


def plain(code: str | None) -> str:
    """A name from a program as people read it.

    >>> plain("demo_request"), plain(None)
    ('demo request', '')
    """
    return (code or "").replace("_", " ").strip()


def attributes(given: Iterable[tuple[str, Any]] | Mapping[str, Any]) -> Markup:
    """Attributes of an element; those that are None or False are left out, True needs no value."""
    pairs = given.items() if isinstance(given, Mapping) else given
    told = (Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)
            for name, value in pairs if value is not None and value is not False)  # fmt: skip
    return Markup("").join(told)
