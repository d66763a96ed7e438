"""Contributions to the log-odds, summed to facts that a salesperson knows, and said in French and English."""

from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats
from features.spec import Feature

Reason = dict[str, str | float | None]
"""{"feature", "text", "value", "contribution"}; contributions are in log-odds of the chance shown."""


@dataclass(frozen=True)
class Words:
    """How a language says what a reason needs."""

    missing: str
    other: str
    yes: str
    no: str


WORDS = {
    "en": Words("not given", "another value", "yes", "no"),
    "fr": Words("non renseigné", "autre valeur", "oui", "non"),
}


def reasons(catalogue: Catalogue, row: Floats, parts: Floats, lang: str = "en", most: int = 5) -> list[Reason]:
    """The facts that move this lead's chance most, strongest first.

    `row`: its features, shape (features,); `parts`: their contributions, shape (features + 1,).
    """
    by_source: dict[str, list[int]] = {}
    for i, feature in enumerate(catalogue.features):
        by_source.setdefault(feature.source, []).append(i)
    total = {source: float(parts[columns].sum()) for source, columns in by_source.items()}
    strongest = sorted(total, key=lambda source: (-abs(total[source]), source))[:most]
    told = [(source, max(by_source[source], key=lambda i: abs(parts[i]))) for source in strongest if total[source] != 0]
    return [_reason(catalogue, source, i, row[i], total[source], lang) for source, i in told]


def _reason(catalogue: Catalogue, source: str, column: int, value: float, contribution: float, lang: str) -> Reason:
    feature = catalogue.features[column]
    shown = show(catalogue, feature, value, lang)
    meaning = feature.fr if lang == "fr" else feature.en
    return {
        "feature": source,
        "text": f"{meaning} : {shown}" if lang == "fr" else f"{meaning}: {shown}",
        "value": None if np.isnan(value) else shown if feature.kind == "category" else float(value),
        "contribution": contribution,
    }


def show(catalogue: Catalogue, feature: Feature, value: float, lang: str) -> str:
    """A column's value as a person would write it."""
    words = WORDS[lang]
    if np.isnan(value):
        return words.missing
    if feature.words and value < len(feature.words):
        return feature.words[int(value)][0 if lang == "fr" else 1]
    if feature.kind == "category":
        levels = catalogue.levels(feature.source)
        return levels[int(value)] if value < len(levels) else words.other
    if feature.kind == "flag":
        return words.yes if value else words.no
    text = f"{value:.4g}" if abs(value) < 9999.5 else f"{value:.0f}"
    return text.replace(".", ",") if lang == "fr" else text
