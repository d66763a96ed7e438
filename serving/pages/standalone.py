"""A page as one file to send on: its style is in it, it loads nothing, and what works only on the server is gone."""

from html.parser import HTMLParser

from serving.pages.frame import attributes

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
GONE = frozenset({"form", "button", "dialog", "nav", "script"})
"""Elements that want a server. Templates mark what else does by `data-live`."""
ELSEWHERE = ("hx-", "data-live")
OUTWARD = ("mailto:", "tel:", "#")
"""Links that work in a file; others become their words."""
Given = list[tuple[str, str | None]]


def standalone(page: str, style: str, written: str) -> str:
    """The page, as templates write it, as a file. `style`: a style sheet; `written`: when that was, for its readers."""
    parser = _Standalone(style, written)
    parser.feed(page)
    parser.close()
    return "".join(parser.told)


class _Standalone(HTMLParser):
    """Copies a page word for word, but for what is gone."""

    def __init__(self, style: str, written: str) -> None:
        super().__init__(convert_charrefs=False)
        self.told: list[str] = []
        self._style, self._written = style, written
        self._gone, self._depth = "", 0
        self._ends: list[str] = []

    def handle_starttag(self, tag: str, attrs: Given) -> None:
        given = dict(attrs)
        if self._gone:
            self._depth += tag == self._gone
        elif tag in ("link", "meta") and ("rel" in given or (given.get("name") or "").startswith("htmx")):
            self.told.append(self._head() if given.get("rel") == "stylesheet" else "")
        elif _is_live(tag, given):
            self._gone, self._depth = tag, 1
        elif tag == "a":
            self._link(given)
        else:
            kept = [(name, True if value is None else value) for name, value in attrs if not name.startswith(ELSEWHERE)]
            same = len(kept) == len(attrs)
            self.told.append(self._as_written() if same else f"<{tag}{attributes(kept)}>")

    def handle_startendtag(self, tag: str, attrs: Given) -> None:
        self._copy(self._as_written())

    def handle_endtag(self, tag: str) -> None:
        if self._gone:
            self._depth -= tag == self._gone
            self._gone = self._gone if self._depth else ""
            return
        if tag == "header":
            self.told.append(f'<p class="who">{self._written}</p>')
        self.told.append(self._ends.pop() if tag == "a" else f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._copy(data)

    def handle_entityref(self, name: str) -> None:
        self._copy(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._copy(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._copy(f"<!{decl}>")

    def _copy(self, text: str) -> None:
        if not self._gone:
            self.told.append(text)

    def _as_written(self) -> str:
        return self.get_starttag_text() or ""

    def _head(self) -> str:
        return f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n  <style>{self._style}</style>'

    def _link(self, given: dict[str, str | None]) -> None:
        works = (given.get("href") or "").startswith(OUTWARD)
        self.told.append(self._as_written() if works else f"<span{attributes({'class': given.get('class')})}>")
        self._ends.append("</a>" if works else "</span>")


def _is_live(tag: str, given: dict[str, str | None]) -> bool:
    """Whether an element is of no use in a file; links to files and links that look like buttons are of none."""
    if tag == "a" and ("download" in given or "button" in (given.get("class") or "").split()):
        return True
    return tag in GONE or "data-live" in given
