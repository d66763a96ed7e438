"""Ranks by rules where there are too few outcomes to learn from, and says so."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.engagement import ANY
from features.history import Floats
from features.spec import Feature
from models.bundle import Bundle
from models.calibration import Calibration
from models.decay import Decay
from models.linear import Design, LinearModel
from models.outcome import OutcomeModel, ReasonModel
from models.priority import Population
from models.reasons import FAMILIES
from models.value import ValueModel
from training.labels import WON, Labels
from training.scorecard import FIGURES, Scorecard

EAGER = re.compile(
    r"demo|trial|essai|pric|tarif|quote|devis|contact|meeting|rendez|rdv|callback|rappel|form|reply|repl"
)
"""Types of events by which somebody asks for something."""
TURNED_AWAY = re.compile(r"unsub|bounc|spam|complain|desabon|désabon")
"""Types of events that speak against."""
LATELY = f"{ANY}: days since"
POINTS = {f"{ANY}: decayed": 0.5, LATELY: -0.4, "lead age": -0.2, "seniority": 0.2, "company size": 0.1}
"""What a standard deviation more of each is worth in the log-odds; of anything else, nothing."""
PRIOR = (1.0, 9.0)
"""Wins and other ends that are taken for granted until more are known: one lead in ten."""


def bundle_of(catalogue: Catalogue, X: Floats, labels: Labels, facts: Mapping[str, Any]) -> Bundle:
    """A model of rules as a bundle like any other, explained by the same means. `X`: the leads it will rank."""
    design = Design.learn(catalogue, X)
    Z = design.transform(X)
    worth = [_points(feature) for feature in catalogue.features]
    coefficients = np.zeros(Z.shape[1])
    starts = np.cumsum([0, *(column.width for column in design.columns)])[:-1]
    for start, points, feature in zip(starts.tolist(), worth, catalogue.features, strict=True):
        if feature.kind != "category":
            coefficients[start] = points
        if feature.name == LATELY and len(Z):  # who never did anything is as far away as anybody
            coefficients[start + 1] = points * Z[:, start].max()
    center = Z.mean(axis=0) if len(Z) else np.zeros(Z.shape[1])
    linear = LinearModel(design, coefficients[None, :], np.array([_prior(labels) - center @ coefficients]), center)
    amounts = labels.amount[~np.isnan(labels.amount)]
    return Bundle(
        catalogue=catalogue,
        outcome=OutcomeModel(linear, Calibration(), ReasonModel(("",), (1.0,))),
        value=ValueModel(float(amounts.mean()), len(amounts)) if len(amounts) else ValueModel(),
        decay=Decay(),
        population=Population(),
        families=FAMILIES,
        facts=facts,
    )


def scorecard_of(labels: Labels, ripe: NDArray[np.bool_], least: int) -> Scorecard:
    """That nothing was tested, and why. `ripe`: leads whose outcome is known and old enough to teach."""
    why, why_fr = _too_few(labels, int(ripe.sum()), least)
    return Scorecard(
        model_version="",
        verdict="rank_only",
        why=[why, "leads are ranked by rules: what they did and how lately; the percentages mean nothing yet"],
        why_fr=[
            why_fr,
            "classement par des règles : ce que les leads ont fait, et quand ; les pourcentages ne disent rien encore",
        ],
        split={"kind": "time", "train": int(ripe.sum()), "test": 0, "from": None, "to": None},
        metrics=dict.fromkeys(FIGURES),
        intervals={},
        baselines={},
        excluded=[],
        capacity={},
    )


def _too_few(labels: Labels, ripe: int, least: int) -> tuple[str, str]:
    outcomes, wins = int(labels.known.sum()), int((labels.state == WON).sum())
    if outcomes >= least and 0 < wins < outcomes:
        en = f"of {outcomes} outcomes only {ripe} are of leads old enough for their wins to be in"
        fr = f"sur {outcomes} issues, {ripe} seulement sont de leads assez anciens pour que leurs ventes soient connues"
    else:
        en = f"only {outcomes} outcomes are known, {wins} of them wins"
        fr = f"{outcomes} issues connues seulement, dont {wins} gagnées"
    return (
        f"{en}: {least}, of both kinds, are the least to learn from",
        f"{fr} : il en faut {least}, des deux sortes",
    )


def _points(feature: Feature) -> float:
    name = feature.name.casefold()
    found = next((points for end, points in POINTS.items() if name == end or name.endswith(f": {end}")), 0.0)
    if not name.endswith(": decayed") or feature.source == ANY:
        return found
    return 0.8 if EAGER.search(name) else -0.8 if TURNED_AWAY.search(name) else 0.1


def _prior(labels: Labels) -> float:
    wins = float((labels.state == WON).sum())
    return float(np.log((PRIOR[0] + wins) / (PRIOR[1] + labels.known.sum() - wins)))
