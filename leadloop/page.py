"""The frame of every page that is one file: its style and nothing from elsewhere."""

from html import escape
from pathlib import Path

_STYLE = Path(__file__).with_name("page.css")


def document(title: str, lang: str, body: str) -> str:
    """The page, in `en` or `fr`; `body` is HTML, `title` is text."""
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
