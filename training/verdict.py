"""The verdict: switch on what is surely better than no model, and why, in English and French."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from features.history import Floats
from training.words import Both, both, rival

Verdict = Literal["activate", "rank_only", "do_not_activate"]

SURE = 0.01
"""Surely better: in all but this share of the bootstrap resamples."""

DOUBT = 0.10
"""No better for all we know: worse in more than this share of them."""

CHEAP = ("recency", "newest_first", "points")
"""Rankings that need no model, each of which must be beaten where there is one."""


def judge(
    metrics: Mapping[str, float], resampled: Mapping[str, Mapping[str, Floats]], rivals: Sequence[str] = CHEAP
) -> tuple[Verdict, list[Both]]:
    """Switch on only what is surely better than no model; rank only where the order is right and the chances are not.

    `resampled`: model -> metric -> values over paired bootstrap resamples of the test leads.
    """
    low, high = interval(resampled["model"]["roc_auc"])
    figures = both("figures", auc=metrics["roc_auc"], low=low, high=high)
    if worse(resampled["model"]["roc_auc"] - 0.5) > SURE:
        return "do_not_activate", [both("nothing to learn", figures=figures)]
    cheap = [name for name in rivals if name in resampled]
    doubt = {name: worse(resampled["model"]["roc_auc"] - resampled[name]["roc_auc"]) for name in cheap}
    if doubt and max(doubt.values()) > DOUBT:
        best = max(cheap, key=lambda name: (doubt[name], -cheap.index(name)))
        return "do_not_activate", [both("does as well", rival=rival(best), figures=figures)]
    unsure = [both("not yet sure", rival=rival(name), share=1 - each) for name, each in doubt.items() if each > SURE]
    if worse(resampled["constant"]["log_loss"] - resampled["model"]["log_loss"]) > SURE:
        return "rank_only", [both("order only", figures=figures), both("untrue chances"), *unsure]
    beaten = [rival(name) for name, each in doubt.items() if each <= SURE]
    return "activate", [_better(beaten, figures), both("true chances"), *unsure]


def worse(differences: Floats) -> float:
    """The share of resamples in which a gain is none; 1 where nothing can be told."""
    known = differences[~np.isnan(differences)]
    return float((known <= 0).mean()) if len(known) else 1.0


def interval(values: Floats) -> list[float | None]:
    """The middle 95 %."""
    known = values[~np.isnan(values)]
    return [float(np.quantile(known, q)) for q in (0.025, 0.975)] if len(known) else [None, None]


def _better(beaten: Sequence[Both], figures: Both) -> Both:
    names = both("chance"), *beaten
    than = Both(*(_listed([getattr(name, lang) for name in names], lang) for lang in Both._fields))
    return both("better", than=than, figures=figures)


def _listed(names: Sequence[str], lang: str) -> str:
    """Than a, than b and than c."""
    word, last = ("que ", " et ") if lang == "fr" else ("than ", " and ")
    each = [word + name for name in names]
    return ", ".join(each[:-1]) + last + each[-1] if len(each) > 1 else each[0]
