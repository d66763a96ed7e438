"""What MLflow shows as the parameters of a run: what was set, and what the winner is made of."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from features.history import NEVER
from leadloop.clock import isoformat
from leadloop.settings import Settings
from training.candidates import ROUNDS, TREES
from training.ladder import BLEND, LINEAR, SMALL, TUNED
from training.rows import Recipe

NONE = "–"
"""Where a list is empty: MLflow's pages show an empty value as if nobody had said."""


def of_every(settings: Settings, as_of: int) -> dict[str, Any]:
    """Of any version. `as_of`: what was known by then taught it."""
    return {
        "as_of": "undated" if as_of == NEVER else isoformat(as_of),
        "horizon_days": settings.horizon_days,
        "capacity": settings.capacity,
        "currency": settings.currency,
        "leadloop": version("leadloop"),
    }


def of_learning(settings: Settings) -> dict[str, Any]:
    """Of a version that was learned and tested."""
    let_in = ", ".join(settings.allow_columns) or NONE
    return {"allow_columns": let_in, "test_share": settings.test_share, "seed": settings.seed}


def of_winner(recipe: Recipe) -> dict[str, Any]:
    """The hyperparameters of the rung that won, the usual ones where none were looked for; of those without, nothing.

    >>> of_winner(Recipe("logistic", penalty=0.3))
    {'penalty': 0.3, 'joint': 0.0, 'alone': False}
    >>> of_winner(Recipe("naive_bayes"))
    {}
    """
    found: dict[str, Any] = {"penalty": recipe.penalty} if recipe.rung in (LINEAR, SMALL, TUNED, BLEND) else {}
    if recipe.rung in (LINEAR, BLEND):
        found |= {"joint": recipe.joint, "alone": recipe.alone}
    return found | (_of_trees(recipe.trees) if recipe.rung in (SMALL, TUNED, BLEND) else {})


def _of_trees(other: Mapping[str, Any]) -> dict[str, Any]:
    params = {**TREES, "rounds": ROUNDS, **other}
    return {f"trees.{name}": value for name, value in params.items() if name != "verbosity"}
