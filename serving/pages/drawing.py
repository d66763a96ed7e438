"""Charts for templates: drawn where they can be, with their figures as a table for whoever wants those."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from leadloop import charts


@dataclass(frozen=True)
class Drawn:
    """A chart and its figures. `columns`: what they are called; `svg`: None where nothing draws."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    svg: Markup | None = None


def drawn(title: str, spec: charts.Spec, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Drawn:
    """A chart for `shapes.chart`."""
    found = charts.svg(spec, title)
    return Drawn(title, columns, rows, None if found is None else Markup(found))  # noqa: S704 -- drawn by us, texts escaped
