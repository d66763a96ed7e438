"""Every text that pages say, found in templates and code. `python -m tests.pages.texts` prints those without French."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file

from serving.pages.languages import catalogue

PAGES = Path(__file__).parents[2] / "serving" / "pages"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
Text = str | tuple[str, ...]


def texts() -> Iterator[tuple[Text, Path]]:
    """Each text, with the file that says it."""
    for path in sorted([*PAGES.rglob("*.html"), *PAGES.rglob("*.py")]):
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        for _, message, _, _ in extract_from_file(method, str(path), KEYWORDS, options={"trimmed": "true"}):
            yield message, path


def untranslated() -> dict[Text, Path]:
    """Texts that French has no words for."""
    known = catalogue("fr")
    found = {}
    for text, path in texts():
        message = known.get(text)
        told = message.string if message else ""
        if not (all(told) if isinstance(told, tuple | list) else told):
            found[text] = path
    return found


def unused() -> list[Text]:
    """Texts of the catalogue that nobody says."""
    said = {text for text, _ in texts()}
    known = (tuple(message.id) if isinstance(message.id, list | tuple) else message.id for message in catalogue("fr"))
    return [text for text in known if text and text not in said]


if __name__ == "__main__":
    for text, path in untranslated().items():
        forms = text if isinstance(text, tuple) else (text,)
        print(f"{path.relative_to(PAGES)}: {forms!r}")  # noqa: T201 -- it is asked to
