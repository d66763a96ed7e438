"""A version's model card: what it is for, on what it rests, how it did, what it looks at, and where it ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.attribute_words import label, names_salespeople
from models.bundle import Bundle
from models.version_words import MODELS, instant, word
from training import plots
from training.card_words import CARD
from training.document import Block, Bullets, Drawing, Section, Table, as_markdown, as_page
from training.page import pages as scorecards
from training.page_words import FIGURES, WHO, WORDS
from training.words import number, put, said

LANGUAGES = ("en", "fr")
Sets = Mapping[str, Mapping[str, Any]]
Documents = Callable[[str], dict[str, str]]
SETS = {"calibration": "calibration set"}
"""Data sets whose name says something else elsewhere."""
FACTS_TOLD = 20


@dataclass(frozen=True)
class Told:
    """What a card is made of. `sets`: of each data set its rows and its digest, by name."""

    card: Mapping[str, Any]
    bundle: Bundle
    importances: Mapping[str, Any] | None
    sets: Sets = field(default_factory=dict)


def documents(told: Told) -> Documents:
    """For the registry: scorecard, model card and drawings of a version, in both languages, by file name."""

    def made(version: str) -> dict[str, str]:
        found = scorecards(told.card)(version)
        for lang in LANGUAGES:
            found |= {f"model_card.{lang}{ending}": text for ending, text in of_version(told, version, lang).items()}
            drawn = plots.files(told.card, told.importances, lang)
            found |= {f"plots/{name}.{lang}.svg": svg for name, svg in drawn.items()}
        return found

    return made


def of_version(told: Told, version: str, lang: str) -> dict[str, str]:
    """The card in one language, by the ending of its file: .md and .html."""
    title, parts = put(getattr(CARD["title"], lang), lang, version=version), sections(told, lang)
    return {".md": as_markdown(title, parts), ".html": as_page(title, parts, lang)}


def sections(told: Told, lang: str) -> list[Section]:
    """The card, in `en` or `fr`."""
    writer = _Writer(told, lang)
    return [
        writer.purpose(),
        writer.what(),
        writer.data(),
        writer.verdict(),
        *writer.figures(),
        *writer.looks(),
        writer.excluded(),
        writer.limits(),
        writer.privacy(),
    ]


class _Writer:
    """The sections of a card in one language; what was not measured is left out."""

    def __init__(self, told: Told, lang: str) -> None:
        self._told, self._card, self._facts, self._lang = told, told.card, told.bundle.facts, lang
        self._by_rules = self._facts.get("chosen") == "rules"
        self._drawn = plots.drawings(told.card, told.importances, lang)

    def _say(self, word: str, **values: Any) -> str:
        return put(getattr((CARD if word in CARD else WORDS)[word], self._lang), self._lang, **values)

    def _number(self, value: float | None, form: str) -> str:
        return "–" if value is None else number(format(value, form), self._lang).replace("-", "−")

    def _drawing(self, name: str) -> list[Block]:
        if name not in self._drawn:
            return []
        return [Drawing(self._drawn[name], plots.heading(name, self._lang), plots.says(name, self._lang))]

    def purpose(self) -> Section:
        """What it is for and what not."""
        days = self._facts.get("horizon_days") or 0
        says = self._say("for says rules" if self._by_rules else "for says", days=days)
        return Section(self._say("for"), [says, self._say("not for")])

    def what(self) -> Section:
        """What was learned, when and from which columns."""
        facts, catalogue = self._facts, self._told.bundle.catalogue
        rows = [
            (self._say("chosen"), word(MODELS, str(facts.get("chosen", "–")), self._lang)),
            (
                self._say("as_of rules" if self._by_rules else "as_of"),
                instant(str(facts["as_of"])) if facts.get("as_of") else self._say("undated"),
            ),
            (self._say("features"), str(len(catalogue.features))),
            (self._say("feature_hash"), catalogue.hash),
            (self._say("currency"), str(facts.get("currency", "–"))),
        ]
        if facts.get("recalibrated_from"):
            rows.append((self._say("recalibrated"), str(facts["recalibrated_from"])))
        return Section(self._say("what"), [Table(("", ""), rows)])

    def data(self) -> Section:
        """Which moments taught and which judged."""
        owners = ", ".join(sorted({name for name in self._columns() if names_salespeople(name)}))
        told = [self._say("data says"), *([self._say("data owners", columns=owners)] if owners else [])]
        split, blocks = self._card["split"], list[Block]([" ".join(told)])
        if split["test"]:
            span = self._say("span", start=split["from"][:10], end=split["to"][:10]) if split.get("from") else ""
            taught = self._card.get("facts", {}).get("taught_by", split["train"])
            kind = self._say("by " + split["kind"])
            blocks.append(self._say("tested", test=split["test"], span=span, taught=taught, kind=kind))
        rows = [
            (self._say(SETS.get(name, name)), self._number(each["rows"], ",d"), str(each["digest"]))
            for name, each in self._told.sets.items()
        ]
        table = Table([self._say(each) for each in ("set", "rows", "digest")], rows)
        return Section(self._say("data"), [*blocks, *([table] if rows else [])])

    def _columns(self) -> list[str]:
        return [attribute.name for attribute in self._told.bundle.catalogue.attributes]

    def verdict(self) -> Section:
        """May it be switched on, and why."""
        name, card = self._card["verdict"], self._card
        why = (card.get("why_fr") if self._lang == "fr" else None) or card["why"]
        return Section(self._say("verdict"), [f"{self._say(name)}. {self._say(name + ' means')}", Bullets(why)])

    def figures(self) -> list[Section]:
        """How it did, against others, by tenths and by segment."""
        if not self._card["split"]["test"]:
            return []
        return [self._measured(), self._against(), self._calibration(), *self._segments()]

    def _measured(self) -> Section:
        rows = [self._figure(key) for key in FIGURES]
        table = Table([self._say(each) for each in ("figure", "measured", "interval", "means")], rows)
        drawn = [*self._drawing("gain"), *self._drawing("lift")]
        return Section(self._say("measures"), [self._say("measured says"), table, *drawn])

    def _figure(self, key: str) -> tuple[str, ...]:
        figure, value = FIGURES[key], self._card["metrics"].get(key)
        told = self._number(value, figure.form), self._between(self._card["intervals"].get(key), figure.form)
        return (self._name(key), *told, getattr(figure.means, self._lang))

    def _name(self, key: str) -> str:
        return str(getattr(FIGURES[key].name, self._lang))

    def _between(self, bounds: Sequence[float | None] | None, form: str) -> str:
        if not bounds or bounds[0] is None:
            return "–"
        return " – ".join(self._number(bound, form) for bound in bounds)

    def _against(self) -> Section:
        rows = [self._rival(name, metrics) for name, metrics in self._card["baselines"].items()]
        head = ("", self._name("roc_auc"), self._say("gain"), self._say("interval"))
        return Section(self._say("against"), [Table(head, rows)])

    def _rival(self, name: str, metrics: Mapping[str, Any]) -> tuple[str, ...]:
        gain = self._card.get("differences", {}).get(name, {}).get("roc_auc", {})
        who = str(getattr(WHO[name], self._lang)) if name in WHO else name
        told = self._number(gain.get("difference"), "+.3f"), self._between(gain.get("interval"), "+.3f")
        return (who, self._number(metrics.get("roc_auc"), ".3f"), *told)

    def _calibration(self) -> Section:
        rows = [
            (
                *(self._number(each["leads"], ",d"), self._number(each["predicted"], ".1%")),
                *(self._number(each["real"], ".1%"), self._between((each["low"], each["high"]), ".1%")),
            )
            for each in self._card.get("reliability", [])
        ]
        table = Table([self._say(each) for each in ("leads", "short predicted", "short real", "interval")], rows)
        return Section(self._say("calibration"), [self._say("calibration says"), table, *self._drawing("calibration")])

    def _segments(self) -> list[Section]:
        rows = [self._segment(each) for each in self._card.get("segments", [])]
        names = ("segment", "level", "leads", "short predicted", "short real")
        head = [*(self._say(each) for each in names), self._name("roc_auc"), self._say("interval")]
        return [Section(self._say("segments"), [Table(head, rows)])] if rows else []

    def _segment(self, each: Mapping[str, Any]) -> tuple[str, ...]:
        level = self._say("not given") if each["level"] is None else str(each["level"])
        counts = (("leads", ",.0f"), ("predicted", ".1%"), ("real", ".1%"), ("roc_auc", ".3f"))
        numbers = [self._number(each[key], form) for key, form in counts]
        return (
            label(str(each["segment"]), self._lang).name,
            level,
            *numbers,
            self._between(each["interval"]["roc_auc"], ".3f"),
        )

    def looks(self) -> list[Section]:
        """What moves its chances."""
        if self._told.importances is None:
            return [Section(self._say("looks"), [self._say("rules")])] if self._by_rules else []
        facts = self._told.importances["facts"][:FACTS_TOLD]
        rows = [(str(fact[self._lang]), self._number(fact["share"], ".1%")) for fact in facts]
        table = Table((self._say("fact"), self._say("share")), rows)
        return [Section(self._say("looks"), [self._say("looks says"), table, *self._drawing("importances")])]

    def excluded(self) -> Section:
        """Columns that were left out, each with the evidence."""
        rows = [(each["column"], said(each["evidence"], self._lang)) for each in self._card.get("excluded", [])]
        table = Table((self._say("column"), self._say("evidence")), rows) if rows else self._say("none")
        return Section(getattr(WORDS["excluded"], self._lang), [self._say("excluded says"), table])

    def limits(self) -> Section:
        """Where it ends."""
        known = ["limit rules"] if self._by_rules else ["limit worked", "limit change", "limit segments"]
        known += [] if self._told.bundle.catalogue.dated else ["limit undated"]
        notes = [said(note, self._lang) for note in self._card.get("notes", [])]
        return Section(self._say("limits"), [Bullets([*(self._say(each) for each in known), *notes])])

    def privacy(self) -> Section:
        """What the law asks."""
        known = ["profiling", "holds", *([] if self._by_rules else ["learned"]), "why"]
        return Section(self._say("privacy"), [Bullets([self._say(f"privacy {each}") for each in known])])
