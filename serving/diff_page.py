"""A comparison of two versions as one page of HTML for people: made from its JSON alone, without scripts."""

from html import escape

from leadloop.page import document
from serving.diff_told import Found, Table, Told


def render(found: Found, lang: str = "en") -> str:
    """The page, in `en` or `fr`, of what `model_diff.diff` found."""
    page = _Page(found, Told(found, lang))
    parts = (page.head, page.metrics, page.tiers, page.shares, page.leads, page.features)
    return document(f"leadloop – {page.told.title()}", lang, "".join(part() for part in parts))


class _Page:
    """The parts of the page, each a piece of HTML."""

    def __init__(self, found: Found, told: Told) -> None:
        self._found, self.told = found, told

    def head(self) -> str:
        """What is compared, and how much of the queue stays."""
        told = self.told
        return (
            f"<header><p>leadloop</p><h1>{escape(told.title())}</h1><p>{escape(told.compared())}</p>"
            f'<p class="means">{escape(told.agreed())}</p>{self._table(told.about())}</header>'
        )

    def metrics(self) -> str:
        """Figures side by side."""
        return self._section("metrics", self._table(self.told.metrics()), "metrics says")

    def tiers(self) -> str:
        """Who gains and loses stars and flames, and who changes cell."""
        parts = [self._levels(name) for name in ("stars", "flames")]
        return self._section("tiers", "".join([*parts, self._table(self.told.cells())]))

    def _levels(self, name: str) -> str:
        said, moves = self.told.levels(name)
        return f"<p>{escape(said)}</p>{self._table(moves)}"

    def shares(self) -> str:
        """Owners and teams: who gains and loses leads at the top."""
        tables = [self._table(self.told.shares(kind)) for kind in ("team", "owner") if self._found[f"{kind}s"]]
        return self._section("owners", "".join(tables))

    def leads(self) -> str:
        """Who comes into the top, who drops out, and whose tier changes near it."""
        queue = self._found["queue"]
        rows = (("enter", queue["enter"]), ("leave", queue["leave"]), ("moved", self._found["leads"]))
        return "".join(self._section(name, self._table(self.told.leads(some))) for name, some in rows)

    def features(self) -> str:
        """What each version looks at."""
        table = self.told.features()
        return self._section("features", self._table(table), "features says") if table.rows else ""

    def _section(self, name: str, inside: str, says: str = "") -> str:
        told = f"<p>{escape(self.told.say(says))}</p>" if says else ""
        return f"<section><h2>{escape(self.told.say(name))}</h2>{told}{inside}</section>"

    def _table(self, table: Table) -> str:
        if not table.rows:
            return f"<p>{escape(self.told.say('unchanged'))}</p>"
        names = "".join(f'<th scope="col">{escape(each)}</th>' for each in table.head)
        lines = "".join(
            f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(x)}</td>" for x in rest)}</tr>'
            for first, *rest in table.rows
        )
        return (
            f'<div class="wide" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>'
        )
