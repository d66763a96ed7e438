"""Charts of `leadloop.charts` as notebooks show them: the same drawings as on the pages."""

from dataclasses import dataclass

from leadloop import charts
from leadloop.errors import LeadLoopError


class NothingDrawsError(LeadLoopError):
    """What draws charts is not installed; it is the extra `pages`."""


@dataclass(frozen=True)
class Picture:
    """A chart; a cell that ends with one shows it. `title`: for who can't see it."""

    title: str
    svg: str

    def _repr_html_(self) -> str:
        """As Jupyter asks for it."""
        return f"<figure>{self.svg}</figure>"


def picture(spec: charts.Spec, title: str) -> Picture:
    """The chart, drawn.

    Raises: NothingDrawsError.
    """
    drawn = charts.svg(spec, title)
    if drawn is None:
        raise NothingDrawsError
    return Picture(title, drawn)
