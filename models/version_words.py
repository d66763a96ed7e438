"""What a version, its verdict and its kind of model are called in English and French, for its card and description."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    fr: str


MODELS: Mapping[str, Words] = {
    "rules": Words("rules", "règles"),
    "prior": Words("share of wins for everyone", "taux de vente pour tous"),
    "naive_bayes": Words("naive Bayes", "Bayes naïf"),
    "logistic": Words("logistic regression", "régression logistique"),
    "small_lightgbm": Words("small LightGBM trees", "petits arbres LightGBM"),
    "lightgbm": Words("tuned LightGBM trees", "arbres LightGBM réglés"),
    "blend": Words("mean of trees and logistic regression", "moyenne d’arbres et de régression logistique"),
}
VERDICTS: Mapping[str, Words] = {
    "activate": Words("Activate", "Activer"),
    "rank_only": Words("Rank only", "Classer seulement"),
    "do_not_activate": Words("Do not activate", "Ne pas activer"),
}


def word(words: Mapping[str, Words], name: str, lang: str) -> str:
    """What a name is called; one that nobody knows stays as it is.

    >>> word(MODELS, "logistic", "fr"), word(MODELS, "other", "fr")
    ('régression logistique', 'other')
    """
    return str(getattr(words[name], lang)) if name in words else name


def instant(as_of: str) -> str:
    """An instant of a version's facts, to the second and with its zone.

    >>> instant("2026-03-01T00:00:00.25Z")
    '2026-03-01 00:00:00 UTC'
    """
    return f"{as_of.removesuffix('Z')[:19].replace('T', ' ')} UTC"


def days(horizon: Any) -> str:
    """A number of days as people write it, "?" where it is unknown.

    >>> days(180.0), days(0.5), days(None)
    ('180', '0.5', '?')
    """
    return "?" if horizon is None else f"{float(horizon):g}"
