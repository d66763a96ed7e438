"""A text of headings, lists and tables, written once and shown as Markdown and as a page: for model cards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from leadloop.page import document


@dataclass(frozen=True)
class Table:
    """Rows of texts under a head."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Bullets:
    """Texts one under another."""

    texts: Sequence[str]


@dataclass(frozen=True)
class Drawing:
    """An SVG of our own, what it is about and how to read it; Markdown leaves it out."""

    svg: str
    title: str
    says: str = ""


Block = str | Table | Bullets | Drawing


@dataclass(frozen=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: Sequence[Block] = field(default_factory=list)


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """GitHub's Markdown, which MLflow's pages show."""
    parts = [f"# {_plain(title)}"]
    for section in sections:
        parts += [f"## {_plain(section.title)}", *(text for block in section.blocks if (text := _markdown(block)))]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, Table):
        lines = [block.head, ["---"] * len(block.head), *block.rows]
        return "\n".join("| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in row) + " |" for row in lines)
    if isinstance(block, Bullets):
        return "\n".join(f"- {_plain(each)}" for each in block.texts)
    return "" if isinstance(block, Drawing) else _plain(block)


def _plain(text: str) -> str:
    """Text from leads neither makes HTML nor breaks the line that it is on."""
    return " ".join(text.split(None)).replace("<", "&lt;") if text else text


def as_page(title: str, sections: Sequence[Section], lang: str) -> str:
    """One page of HTML that needs nothing else."""
    body = "".join(
        f"<section><h2>{escape(each.title)}</h2>{''.join(map(_html, each.blocks))}</section>" for each in sections
    )
    return document(title, lang, f"<header><p>leadloop</p><h1>{escape(title)}</h1></header>{body}")


def _html(block: Block) -> str:
    if isinstance(block, Table):
        head = "".join(f'<th scope="col">{escape(each)}</th>' for each in block.head)
        rows = "".join(_row(row) for row in block.rows)
        table = f'<table class="texts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        return f'<div class="wide" tabindex="0">{table}</div>'
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in block.texts)}</ul>"
    return _figure(block) if isinstance(block, Drawing) else f"<p>{escape(block)}</p>"


def _figure(drawing: Drawing) -> str:
    told = f"<b>{escape(drawing.title)}</b> {escape(drawing.says)}".strip()
    return f"<figure>{drawing.svg}<figcaption>{told}</figcaption></figure>"


def _row(row: Sequence[str]) -> str:
    first, *rest = row
    cells = "".join(f'<td class="text">{escape(each)}</td>' for each in rest)
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
