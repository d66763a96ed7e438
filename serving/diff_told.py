"""What a comparison of two versions says, in sentences and tables of text: the same for its page and the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.diff_words import CELLS, METRICS, VERDICTS, WORDS

Found = Mapping[str, Any]
COUNTS = {"wins_at_capacity", "value_at_capacity"}


@dataclass(frozen=True)
class Table:
    """What stands in it; the first column names the row."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def number(value: float | None, form: str, lang: str) -> str:
    """A number as the language writes it; a dash where there is none.

    >>> number(-1234.5, "+,.1f", "fr"), number(0.25, ".0%", "fr"), number(None, ".3f", "en")
    ('−1\\u202f234,5', '25\\xa0%', '–')
    """
    if value is None:
        return "–"
    text = format(value, form).replace("-", "−")
    return text.replace(",", "\u202f").replace(".", ",").replace("%", "\u00a0%") if lang == "fr" else text


class Told:
    """In `en` or `fr`, of what `model_diff.diff` found."""

    def __init__(self, found: Found, lang: str) -> None:
        self._found, self._lang, self._french = found, lang, lang == "fr"
        self._names = [str(found[side]["version"]) for side in ("a", "b")]

    def say(self, word: str, **values: object) -> str:
        """A word or a sentence."""
        return WORDS[self._lang][word].format(**values)

    def _name(self, names: Mapping[str, tuple[str, str]], name: str | None) -> str:
        return "–" if name is None else names.get(name, (name, name))[self._french]

    def _number(self, value: float | None, form: str = ".3f") -> str:
        return number(value, form, self._lang)

    def title(self) -> str:
        """What it is."""
        return self.say("title", b=self._names[1])

    def compared(self) -> str:
        """What is compared, and that nothing was switched."""
        at = (self._found["as_of"] or self.say("undated"))[:16].replace("T", " ")
        sides = dict(zip("ab", self._names, strict=True))
        return self.say("nothing", leads=self._number(self._found["open_leads"], ",d"), as_of=at, **sides)

    def agreed(self) -> str:
        """How much of the queue stays."""
        leads, agreed = self._found["open_leads"], self._found["agreement"]
        if not leads:
            return self.say("nobody open")
        rho = self._number(agreed["rank_correlation"] if leads > 1 else None, ".2f")
        same, top = (self._number(agreed[name], ",d") for name in ("same_in_top", "top"))
        return self.say("same", same=same, top=top, rho=rho)

    def about(self) -> Table:
        """The two versions."""
        both = [self._found[side] for side in "ab"]
        rows = [
            ("verdict", *(self._name(VERDICTS, each["verdict"]) for each in both)),
            ("trained", *((each["trained_as_of"] or "–")[:10] for each in both)),
            ("chosen", *(each["chosen"] or "–" for each in both)),
            ("test", *(self._window(each["split"]) for each in both)),
        ]
        return Table(["", *self._names], [(self.say(name), *values) for name, *values in rows])

    def _window(self, split: Mapping[str, Any] | None) -> str:
        if not split or not split.get("test"):
            return "–"
        span = f" ({split['from'][:10]} – {split['to'][:10]})" if split.get("from") else ""
        return f"{self._number(split['test'], ',d')}{span}"

    def metrics(self) -> Table:
        """Figures side by side."""
        rows = [
            (self._name(METRICS, each["metric"]), *(self._measured(each["metric"], each[side]) for side in "ab"))
            for each in self._found["metrics"]
        ]
        return Table([self.say("metric"), *self._names], rows)

    def _measured(self, name: str, figure: Mapping[str, Any]) -> str:
        low, high = figure["interval"] or (None, None)
        form = ",.0f" if name in COUNTS else ".3f"
        between = "" if low is None else f" ({self._number(low, form)} – {self._number(high, form)})"
        return self._number(figure["value"], form) + between

    def levels(self, name: str) -> tuple[str, Table]:
        """How many gain and lose stars or flames, and from where to where."""
        found, sign = self._found["tiers"][name], "★" if name == "stars" else "▲"
        up, down = (self._number(found[way], ",d") for way in ("up", "down"))
        moves = self._moves(name, found["moves"], [sign * level or "–" for level in range(4)])
        return self.say("levels", name=self.say(name), up=up, down=down), moves

    def cells(self) -> Table:
        """Who changes cell."""
        names = {name: self._name(CELLS, name) for name in CELLS}
        return self._moves("cells", self._found["tiers"]["cells"], names)

    def _moves(self, name: str, moves: Sequence[Mapping[str, Any]], names: Any) -> Table:
        head = [self.say(name), self.say("to"), self.say("leads")]
        return Table(head, [(names[e["from"]], names[e["to"]], self._number(e["leads"], ",d")) for e in moves])

    def shares(self, kind: str) -> Table:
        """Owners or teams: who gains and loses leads at the top."""
        rows = [(each[kind] or self.say("nobody"), *self._share(each)) for each in self._found[f"{kind}s"]]
        return Table([self.say(kind), *self._names, self.say("difference")], rows)

    def _share(self, each: Mapping[str, Any]) -> tuple[str, ...]:
        counts = (self._number(each[side], ",d") for side in "ab")
        return (*counts, self._number(each["difference"], "+,d"))

    def leads(self, rows: Sequence[Mapping[str, Any]]) -> Table:
        """Who comes into the top, drops out, or changes tier near it."""
        head = [self.say("lead"), self.say("owner"), self.say("rank"), "★", "▲", self.say("cells")]
        return Table(head, [self._lead(each) for each in rows])

    def _lead(self, each: Mapping[str, Any]) -> tuple[str, ...]:
        numbers = [f"{each[name]['a']} → {each[name]['b']}" for name in ("rank", "stars", "flames")]
        cells = " → ".join(self._name(CELLS, each["cell"][side]) for side in "ab")
        return (each["lead_id"], each["owner"] or self.say("nobody"), *numbers, cells)

    def features(self) -> Table:
        """What each version looks at."""
        forms = (("a", ".1%"), ("b", ".1%"), ("difference", "+.1%"))
        rows = [
            (each[self._lang], *(self._number(each[key], form) for key, form in forms))
            for each in self._found["features"]
        ]
        return Table([self.say("feature"), *self._names, self.say("difference")], rows)
