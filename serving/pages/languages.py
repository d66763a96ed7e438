"""In which language a page speaks, and its words: catalogues of gettext that are read once."""

from collections.abc import Iterator
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import Request

LANGUAGES = ("en", "fr")
FOLDER = Path(__file__).with_name("catalogues")
ERRORS = "errors.po"
"""A catalogue of what `serving.pages.error_words` knows again in what the program said."""
NAMES = {"en": "English", "fr": "Français"}


def chosen(request: Request) -> str | None:
    """The language that the address asks for."""
    lang = request.query_params.get("lang")
    return lang if lang in LANGUAGES else None


def language_of(request: Request) -> str:
    """The language of a page: the address's, else the browser's first that we have, else that of the settings."""
    return chosen(request) or _of_browser(request.headers.get("accept-language", "")) or _of_settings(request)


def _of_settings(request: Request) -> str:
    language: str = request.app.state.settings.language
    return language


def _of_browser(header: str) -> str | None:
    """The language that a browser wants most.

    >>> _of_browser("de, fr-CH;q=0.9, en;q=0.8"), _of_browser("de"), _of_browser("en;q=x, fr;q=0")
    ('fr', None, None)
    """
    wanted = sorted(_wishes(header), key=lambda wish: -wish[0])
    return next((lang for weight, lang in wanted if weight > 0 and lang in LANGUAGES), None)


def _wishes(header: str) -> Iterator[tuple[float, str]]:
    for wish in header[:1_000].split(","):
        tag, _, weight = wish.partition(";q=")
        try:
            yield float(weight or 1), tag.strip().lower().partition("-")[0]
        except ValueError:
            continue


def catalogue(lang: str) -> Catalog:
    """The catalogues of a language as one, but for that of errors; texts in the code are English."""
    whole = Catalog(locale=lang)
    for file in sorted({*(FOLDER / lang).glob("*.po")} - {FOLDER / lang / ERRORS}):
        for message in _read(file):
            whole[message.id] = message
    return whole


def errors(lang: str) -> list[tuple[str, str]]:
    """What the program says of errors, with placeholders, and how that is told; nothing where there is no catalogue."""
    file = FOLDER / lang / ERRORS
    return [(str(message.id), str(message.string)) for message in _read(file)] if file.is_file() else []


def _read(file: Path) -> Iterator[Message]:
    with file.open("rb") as opened:
        yield from (message for message in read_po(opened, locale=file.parent.name) if message.id)


@lru_cache(maxsize=len(LANGUAGES))
def words(lang: str) -> NullTranslations:
    """What translates."""
    if lang == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(lang))
    compiled.seek(0)
    return Translations(compiled)
