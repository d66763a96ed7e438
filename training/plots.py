"""Drawings of a version as files that stand alone, for MLflow's pages: calibration, gain, lift and importances."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from training import charts
from training.card_words import CARD
from training.page_words import WORDS
from training.words import number

STEPS = (0.05, 0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8, 1.0)
LIFTS = (2.0, 4.0, 8.0, 16.0, 32.0)
"""Ends of axes."""
FACTS_DRAWN = 15
ROW, BARS_LEFT, BARS_WIDE = 22, 210, 560
STYLE = (
    "svg{background:#fff}text{font:11px system-ui,sans-serif;fill:#5b6675}path{fill:none;stroke-width:2.5}"
    ".grid{stroke:#dfe4ea}path.even{stroke:#8b95a3;stroke-width:1.3;stroke-dasharray:4 4}"
    "path.model{stroke:#1f5fbf}path.cheap{stroke:#c2571a}circle.model,rect.model{fill:#1f5fbf}"
    ".range{stroke:#1f5fbf;stroke-width:1.5}line.capacity{stroke:#1c2430;stroke-dasharray:2 3}"
    "text.heading{font-size:14px;font-weight:600;fill:#1c2430}"
)
HEADINGS = {
    "calibration": WORDS["calibration"],
    "gain": CARD["gain curve"],
    "lift": CARD["lift curve"],
    "importances": CARD["looks"],
}
SAYS = {"calibration": WORDS["calibration says"], "gain": WORDS["gains says"], "lift": WORDS["gains says"]}
"""What the lines and dots of a drawing are, dashed ones too."""
HEAD, LINE = 30, 16
"""Room for the heading above a drawing, and for each sentence under it."""
Card = Mapping[str, Any]


def drawings(card: Card, importances: Mapping[str, Any] | None, lang: str) -> dict[str, str]:
    """SVG by name; what there is nothing to draw of is left out."""
    found = {}
    if card.get("reliability"):
        found["calibration"] = calibration(card, lang)
    if card.get("gains"):
        found |= {"gain": gain(card, lang), "lift": lift(card, lang)}
    if importances and importances["facts"]:
        found["importances"] = bars(importances["facts"][:FACTS_DRAWN], lang)
    return found


def files(card: Card, importances: Mapping[str, Any] | None, lang: str) -> dict[str, str]:
    """The same as texts of files, by name."""
    return {
        name: alone(svg, heading(name, lang), says(name, lang))
        for name, svg in drawings(card, importances, lang).items()
    }


def heading(name: str, lang: str) -> str:
    """What a drawing is about."""
    return str(getattr(HEADINGS[name], lang))


def says(name: str, lang: str) -> str:
    """How to read a drawing, "" where it says so itself."""
    return str(getattr(SAYS[name], lang)) if name in SAYS else ""


def alone(svg: str, title: str, told: str) -> str:
    """A drawing as a file of its own: as wide and high as it is drawn, with its title above and how to read it below.

    Without a width and a height an `<img>` of it, as MLflow shows it, is of no size.
    """
    wide, high = (int(each) for each in re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    sentences = re.split(r"(?<=\.) ", told) if told else []
    total = HEAD + high + LINE * len(sentences) + 8
    below = "".join(f'<text x="12" y="{high + LINE * i}">{escape(each)}</text>' for i, each in enumerate(sentences, 1))
    start, _, rest = svg.partition(">")
    start = start.replace(f'viewBox="0 0 {wide} {high}"', f'viewBox="0 {-HEAD} {wide} {total}"')
    return (
        f'{start} xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{total}"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style><text class="heading" x="12" y="{20 - HEAD}">{escape(title)}</text>'
        f"{rest.removesuffix('</svg>')}{below}</svg>\n"
    )


def _word(name: str, lang: str) -> str:
    return str(getattr((CARD if name in CARD else WORDS)[name], lang))


def _shares(most: float, lang: str) -> list[tuple[float, str]]:
    return [(most * i / 4, number(f"{25 * most * i:.3g}%", lang)) for i in range(5)]


def calibration(card: Card, lang: str) -> str:
    """Predicted against real share of wins."""
    bins = card["reliability"]
    highest = max(max(each["predicted"], each["high"]) for each in bins)
    most = next((step for step in STEPS if step >= highest), 1.0)
    axes = _word("predicted", lang), _word("real", lang)
    return charts.calibration(bins, str(getattr(WORDS["calibration"], lang)), axes, _shares(most, lang))


def gain(card: Card, lang: str) -> str:
    """Wins caught against leads called."""
    return charts.gains(
        {"model": card["gains"]},
        (card["capacity"]["share"], _word("capacity line", lang)),
        _word("gain curve", lang),
        (_word("called", lang), _word("caught", lang)),
        _shares(1.0, lang),
    )


def lift(card: Card, lang: str) -> str:
    """How many times more wins the first leads hold than as many by chance."""
    curve = [(x, y / x) for x, y in card["gains"] if x > 0]
    most = next((end for end in LIFTS if end >= max(y for _, y in curve)), LIFTS[-1])
    ticks = [(most * i / 4, number(f"{most * i / 4:.3g}", lang)) for i in range(5)]
    axes = _word("called", lang), _word("lift", lang)
    return charts.lift(curve, _word("lift curve", lang), axes, _shares(1.0, lang), ticks)


def bars(facts: Sequence[Mapping[str, Any]], lang: str) -> str:
    """How much each fact moves the chances, as bars."""
    most, height = max(fact["share"] for fact in facts), ROW * len(facts) + 16
    lines = "".join(_bar(fact, i, most, lang) for i, fact in enumerate(facts))
    label = escape(_word("looks", lang), quote=True)
    return f'<svg viewBox="0 0 {BARS_WIDE} {height}" role="img" aria-label="{label}">{lines}</svg>'


def _bar(fact: Mapping[str, Any], place: int, most: float, lang: str) -> str:
    long, y = (BARS_WIDE - BARS_LEFT - 60) * fact["share"] / most, ROW * place
    share = number(f"{fact['share']:.1%}", lang)
    return (
        f'<text x="{BARS_LEFT - 8}" y="{y + 19}" text-anchor="end">{escape(str(fact[lang])[:34])}</text>'
        f'<rect class="model" x="{BARS_LEFT}" y="{y + 8}" height="14" width="{max(1.0, long):.1f}"/>'
        f'<text x="{BARS_LEFT + long + 6:.1f}" y="{y + 19}">{escape(share)}</text>'
    )
