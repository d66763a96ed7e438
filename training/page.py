"""A scorecard as one page of HTML for people: made from its JSON alone, with no script and nothing from elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from leadloop.page import document
from models.attribute_words import label
from training import charts
from training.page_words import FIGURES, WHO, WORDS
from training.words import number, put, said

Card = Mapping[str, Any]
SHOWN = tuple(name for name in FIGURES if not name.startswith("lift"))
CHEAP = ("points", "recency", "newest_first", "oldest_first")
STEPS = (0.05, 0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8, 1.0)


def render(card: Card, lang: str = "en") -> str:
    """The page, in `en` or `fr`. Whatever comes from leads is escaped."""
    page = _Page(card, lang)
    parts = (page.verdict, page.drawings, page.table, page.segments, page.notes, page.excluded, page.meanings)
    body = "".join(part() for part in parts)
    return document(f"leadloop – {getattr(WORDS['title'], lang)} {card['model_version']}".strip(), lang, body)


class _Page:
    """The parts of a page, each a piece of HTML, empty where the card has nothing for it."""

    def __init__(self, card: Card, lang: str) -> None:
        self._card = card
        self._lang = lang

    def say(self, word: str, **values: Any) -> str:
        """A word of the page, escaped."""
        return escape(put(getattr(WORDS[word], self._lang), self._lang, **values))

    def _number(self, value: float | None, form: str) -> str:
        return "–" if value is None else escape(put(f"{{value:{form}}}", self._lang, value=value)).replace("-", "−")

    def _range(self, bounds: Sequence[float | None] | None, form: str) -> str:
        if not bounds or bounds[0] is None:
            return ""
        low, high = (self._number(bound, form) for bound in bounds)
        return f"<small>{low} – {high}</small>"

    def verdict(self) -> str:
        """The verdict, why, and on what it rests."""
        name, split = self._card["verdict"], self._card["split"]
        why = self._card.get("why_fr") if self._lang == "fr" else None
        reasons = "".join(f"<li>{escape(each)}</li>" for each in why or self._card["why"])
        rests = self._rests(split) if split["test"] else self.say("untested")
        return (
            f'<header><p>{self._of_version()}</p><h1 class="{escape(name, quote=True)}">{self.say(name)}</h1>'
            f'<p class="means">{self.say(f"{name} means")}</p><ul>{reasons}</ul><p>{rests}</p></header>'
        )

    def _rests(self, split: Mapping[str, Any]) -> str:
        span = self.say("span", start=split["from"][:10], end=split["to"][:10]) if split.get("from") else ""
        can = "capacity" if split["kind"] == "time" else "capacity undated"
        return f"{self._tested(span, self.say('by ' + split['kind']))} {self.say(can, **self._card['capacity'])}"

    def _of_version(self) -> str:
        version = self._card["model_version"]
        told = [self.say("version", version=version)] if version else []
        return " · ".join(["leadloop", self.say("title"), *told])

    def _tested(self, span: str, kind: str) -> str:
        split, taught = self._card["split"], self._card.get("facts", {}).get("taught_by", self._card["split"]["train"])
        text = getattr(WORDS["tested"], self._lang)
        return put(text, self._lang, test=split["test"], span=span, taught=taught, kind=kind)

    def drawings(self) -> str:
        """How true the chances are, and how many wins the first calls catch."""
        bins, curve = self._card.get("reliability"), self._card.get("gains")
        figures = [self._calibration(bins)] if bins else []
        figures += [self._gains(curve)] if curve else []
        return f'<section class="drawings">{"".join(figures)}</section>' if figures else ""

    def _figure(self, title: str, drawing: str, says: str) -> str:
        return f"<figure><h2>{self.say(title)}</h2>{drawing}<figcaption>{says}</figcaption></figure>"

    def _ticks(self, most: float) -> list[tuple[float, str]]:
        return [(most * i / 4, number(f"{25 * most * i:.3g}%", self._lang)) for i in range(5)]

    def _calibration(self, bins: Sequence[Mapping[str, Any]]) -> str:
        highest = max(max(each["predicted"], each["high"]) for each in bins)
        most = next((step for step in STEPS if step >= highest), 1.0)
        words = self._plain("calibration"), (self._plain("predicted"), self._plain("real"))
        return self._figure(
            "calibration", charts.calibration(bins, *words, self._ticks(most)), self.say("calibration says")
        )

    def _plain(self, word: str) -> str:
        return str(getattr(WORDS[word], self._lang))

    def _gains(self, curve: charts.Curve) -> str:
        baselines, others = self._card["baselines"], self._card.get("baseline_gains", {})
        cheap = [name for name in CHEAP if name in others and name in baselines]
        best = max(cheap, key=lambda name: baselines[name]["roc_auc"] or 0, default=None)
        curves = {"cheap": others[best], "model": curve} if best else {"model": curve}
        legend = [("model", "model"), *([("cheap", best)] if best else [])]
        keys = "".join(f'<span class="key {kind}">{self._who(name)}</span> ' for kind, name in legend)
        drawing = charts.gains(
            curves,
            (self._card["capacity"]["share"], self._plain("capacity line")),
            self._plain("gains"),
            (self._plain("called"), self._plain("caught")),
            self._ticks(1.0),
        )
        return self._figure("gains", drawing, f"{keys}{self.say('gains says')}")

    def _who(self, name: str) -> str:
        return escape(getattr(WHO[name], self._lang) if name in WHO else name)

    def table(self) -> str:
        """The model beside every baseline; nothing where nothing was tested."""
        if not self._card["split"]["test"]:
            return ""
        head = self._head(["", self.say("gain"), *(escape(getattr(FIGURES[name].name, self._lang)) for name in SHOWN)])
        ours = self._line("model", self._card["metrics"], self._card["intervals"])
        intervals = self._card.get("baseline_intervals", {})
        known = [*(name for name in WHO if name in self._card["baselines"])]
        others = sorted(set(self._card["baselines"]) - set(known))
        lines = [self._line(name, self._card["baselines"][name], intervals.get(name, {})) for name in (*known, *others)]
        return self._section("beside", self._rows(head, [ours, *lines], "beside"), self.say("beside says"))

    def _line(self, name: str, metrics: Mapping[str, Any], intervals: Mapping[str, Any]) -> str:
        cells = "".join(
            f"<td>{self._number(metrics.get(key), each.form)}{self._range(intervals.get(key), each.form)}</td>"
            for key, each in ((key, FIGURES[key]) for key in SHOWN)
        )
        gain = self._card.get("differences", {}).get(name, {}).get("roc_auc")
        told = f"{self._number(gain['difference'], '+.3f')}{self._range(gain['interval'], '+.3f')}" if gain else ""
        kind = ' class="model"' if name == "model" else ""
        return f'<tr{kind}><th scope="row">{self._who(name)}</th><td>{told}</td>{cells}</tr>'

    def _head(self, names: Sequence[str]) -> str:
        return "<tr>" + "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr>"

    def _rows(self, head: str, rows: Sequence[str], kind: str = "") -> str:
        name = f' class="{kind}"' if kind else ""
        table = f"<table{name}><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
        return f'<div class="wide" tabindex="0">{table}</div>'

    def _section(self, title: str, inside: str, says: str = "") -> str:
        told = f"<p>{says}</p>" if says else ""
        return f"<section><h2>{self.say(title)}</h2>{told}{inside}</section>"

    def segments(self) -> str:
        """How the model does for each source, country or the like."""
        rows = self._card.get("segments", [])
        if not rows:
            return ""
        names = ("segment", "level", "leads", "wins", "short predicted", "short real", "ratio")
        figures = (getattr(FIGURES[name].name, self._lang) for name in ("roc_auc", "log_loss"))
        head = self._head([*(self.say(name) for name in names), *map(escape, figures)])
        return self._section("segments", self._rows(head, self._by_segment(rows), "by"), self.say("segments says"))

    def _by_segment(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        told, before = [], None
        for row in rows:
            name = escape(label(row["segment"], self._lang).name) if row["segment"] != before else ""
            told.append(f'<tr><th scope="row">{name}</th>{self._segment(row)}</tr>')
            before = row["segment"]
        return told

    def _segment(self, row: Mapping[str, Any]) -> str:
        level = self.say("not given") if row["level"] is None else escape(row["level"])
        counts = (("leads", ",.0f"), ("wins", ",.0f"), ("predicted", ".1%"), ("real", ".1%"))
        figures = (("calibration", ".2f"), ("roc_auc", ".3f"), ("log_loss", ".3f"))
        cells = [self._number(row[key], form) for key, form in counts]
        cells += [self._number(row[key], form) + self._range(row["interval"][key], form) for key, form in figures]
        return f'<td class="text">{level}</td>' + "".join(f"<td>{cell}</td>" for cell in cells)

    def notes(self) -> str:
        """What to bear in mind."""
        told = "".join(f"<li>{escape(said(note, self._lang))}</li>" for note in self._card.get("notes", []))
        return self._section("notes", f"<ul>{told}</ul>") if told else ""

    def excluded(self) -> str:
        """Columns that were left out, each with the evidence."""
        rows = [(each["column"], said(each["evidence"], self._lang)) for each in self._card.get("excluded", [])]
        return self._section("excluded", self._texts(("column", "evidence"), rows)) if rows else ""

    def meanings(self) -> str:
        """What each figure means."""
        if not self._card["split"]["test"]:
            return ""
        rows = [(getattr(f.name, self._lang), getattr(f.means, self._lang)) for f in (FIGURES[name] for name in SHOWN)]
        return self._section("figures", self._texts(("figure", "means"), rows))

    def _texts(self, names: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
        lines = [f'<tr><th scope="row">{escape(a)}</th><td class="text">{escape(b)}</td></tr>' for a, b in rows]
        return self._rows(self._head([self.say(name) for name in names]), lines, "texts")


def pages(card: Card) -> Callable[[str], dict[str, str]]:
    """For the registry: the page in both languages by file name, once the version has its number."""
    return lambda version: {
        f"scorecard.{lang}.html": render({**card, "model_version": version}, lang) for lang in ("en", "fr")
    }
