"""A comparison of two versions as one page of HTML for people: made from its JSON alone, without scripts."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from leadloop.page import document
from serving.diff_words import CELLS, METRICS, VERDICTS, WORDS

Found = Mapping[str, Any]
COUNTS = {"wins_at_capacity", "value_at_capacity"}


def render(found: Found, lang: str = "en") -> str:
    """The page, in `en` or `fr`, of what `model_diff.diff` found."""
    page = _Page(found, lang)
    parts = (page.head, page.metrics, page.tiers, page.shares, page.leads, page.features)
    return document(f"leadloop – {page.title()}", lang, "".join(part() for part in parts))


class _Page:
    """The parts of the page, each a piece of HTML."""

    def __init__(self, found: Found, lang: str) -> None:
        self._found, self._lang, self._french = found, lang, lang == "fr"
        self._names = [str(found[side]["version"]) for side in ("a", "b")]

    def title(self) -> str:
        """What the page is."""
        return self._say("title", b=self._names[1])

    def _say(self, word: str, **values: object) -> str:
        return WORDS[self._lang][word].format(**values)

    def _told(self, names: Mapping[str, tuple[str, str]], name: str | None) -> str:
        return "–" if name is None else names.get(name, (name, name))[self._french]

    def _number(self, value: float | None, form: str = ".3f") -> str:
        if value is None:
            return "–"
        text = format(value, form).replace("-", "−")
        return text.replace(",", "\u202f").replace(".", ",").replace("%", "\u00a0%") if self._french else text

    def head(self) -> str:
        """What is compared, and how much of the queue stays."""
        found, agreed = self._found, self._found["agreement"]
        at = (found["as_of"] or self._say("undated"))[:16].replace("T", " ")
        what = self._say("nothing", leads=self._number(found["open_leads"], ",d"), as_of=at, **self._sides())
        rho = self._number(agreed["rank_correlation"], ".2f")
        same = self._say("same", same=agreed["same_in_top"], top=agreed["top"], rho=rho)
        return (
            f"<header><p>leadloop</p><h1>{escape(self.title())}</h1><p>{escape(what)}</p>"
            f'<p class="means">{escape(same)}</p>{self._about()}</header>'
        )

    def _sides(self) -> dict[str, str]:
        return dict(zip("ab", self._names, strict=True))

    def _about(self) -> str:
        both = [self._found[side] for side in "ab"]
        rows = [
            ("verdict", *(self._told(VERDICTS, each["verdict"]) for each in both)),
            ("trained", *((each["trained_as_of"] or "–")[:10] for each in both)),
            ("chosen", *(each["chosen"] or "–" for each in both)),
            ("test", *(self._window(each["split"]) for each in both)),
        ]
        return self._table(["", *self._names], [(self._say(name), *values) for name, *values in rows])

    def _window(self, split: Mapping[str, Any] | None) -> str:
        if not split or not split.get("test"):
            return "–"
        span = f" ({split['from'][:10]} – {split['to'][:10]})" if split.get("from") else ""
        return f"{self._number(split['test'], ',d')}{span}"

    def metrics(self) -> str:
        """Figures side by side."""
        rows = [
            (self._told(METRICS, each["metric"]), *(self._measured(each["metric"], each[side]) for side in "ab"))
            for each in self._found["metrics"]
        ]
        return self._section("metrics", self._table([self._say("metric"), *self._names], rows), "metrics says")

    def _measured(self, name: str, figure: Mapping[str, Any]) -> str:
        value, bounds = figure["value"], figure["interval"]
        form = ",.0f" if name in COUNTS else ".3f"
        between = f" ({self._number(bounds[0], form)} – {self._number(bounds[1], form)})"
        return self._number(value, form) + (between if bounds and bounds[0] is not None else "")

    def tiers(self) -> str:
        """Who gains and loses stars and flames, and who changes cell."""
        found = self._found["tiers"]
        parts = [self._levels(name, "★" if name == "stars" else "▲", found[name]) for name in ("stars", "flames")]
        return self._section("tiers", "".join([*parts, self._moves("cells", found["cells"], self._cell)]))

    def _levels(self, name: str, sign: str, found: Mapping[str, Any]) -> str:
        said = f"{self._say('up', n=found['up'])}, {self._say('down', n=found['down'])}"
        return f"<p>{escape(self._say(name))}: {escape(said)}</p>" + self._moves(
            name, found["moves"], lambda level: sign * int(level) or "–"
        )

    def _cell(self, name: Any) -> str:
        return self._told(CELLS, str(name))

    def _moves(self, name: str, moves: Sequence[Mapping[str, Any]], told: Any) -> str:
        head = [self._say(name), self._say("to"), self._say("leads")]
        return self._table(head, [(told(each["from"]), told(each["to"]), str(each["leads"])) for each in moves])

    def shares(self) -> str:
        """Owners and teams: who gains and loses leads at the top."""
        tables = [
            self._table(
                [self._say(kind), *self._names, self._say("difference")],
                [self._share(each[kind], each) for each in self._found[f"{kind}s"]],
            )
            for kind in ("team", "owner")
            if self._found[f"{kind}s"]
        ]
        return self._section("owners", "".join(tables))

    def _share(self, name: str, each: Mapping[str, Any]) -> tuple[str, ...]:
        return (name or self._say("nobody"), str(each["a"]), str(each["b"]), self._number(each["difference"], "+d"))

    def leads(self) -> str:
        """Who comes into the top, who drops out, and whose tier changes near it."""
        queue = self._found["queue"]
        told = (("enter", queue["enter"]), ("leave", queue["leave"]), ("moved", self._found["leads"]))
        return "".join(self._section(name, self._leads(rows)) for name, rows in told)

    def _leads(self, rows: Sequence[Mapping[str, Any]]) -> str:
        head = [self._say("lead"), self._say("owner"), self._say("rank"), "★", "▲", self._say("cells")]
        return self._table(head, [self._lead(each) for each in rows])

    def _lead(self, each: Mapping[str, Any]) -> tuple[str, ...]:
        numbers = [f"{each[name]['a']} → {each[name]['b']}" for name in ("rank", "stars", "flames")]
        cells = f"{self._cell(each['cell']['a'])} → {self._cell(each['cell']['b'])}"
        return (each["lead_id"], each["owner"] or self._say("nobody"), *numbers, cells)

    def features(self) -> str:
        """What each version looks at."""
        rows = [
            (
                each[self._lang],
                *(self._number(each[key], form) for key, form in (("a", ".1%"), ("b", ".1%"))),
                self._number(each["difference"], "+.1%"),
            )
            for each in self._found["features"]
        ]
        head = [self._say("feature"), *self._names, self._say("difference")]
        return self._section("features", self._table(head, rows), "features says") if rows else ""

    def _section(self, name: str, inside: str, says: str = "") -> str:
        told = f"<p>{escape(self._say(says))}</p>" if says else ""
        return f"<section><h2>{escape(self._say(name))}</h2>{told}{inside}</section>"

    def _table(self, head: Iterable[str], rows: Sequence[Sequence[str]]) -> str:
        if not rows:
            return f"<p>{escape(self._say('unchanged'))}</p>"
        names = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
        lines = "".join(
            f'<tr><th scope="row">{escape(str(first))}</th>{"".join(f"<td>{escape(str(x))}</td>" for x in rest)}</tr>'
            for first, *rest in rows
        )
        return (
            f'<div class="wide" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>'
        )
