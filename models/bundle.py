"""All that is learned as one saved thing: native LightGBM text and JSON, checked by hash, never a pickle."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.engagement import ANY
from features.history import Floats, History, Ints
from features.kernel import days_waited, matrix
from leadloop.errors import BrokenModelError
from models.calibration import Calibration
from models.decay import Decay
from models.explain import Explainer
from models.joint import JointModel
from models.linear import Beyond, LinearModel
from models.naive_bayes import NaiveBayes
from models.outcome import Blend, OutcomeModel, Part, ReasonModel, WinModel
from models.priority import Population, cell, priority, tier
from models.tree import TreeModel
from models.value import ValueModel
from models.within import Within

FORMAT = 2
NOT_READY = {"need", "timing", "budget"}
"""Families of reasons that speak against a lead's readiness."""
MANIFEST, BODY, TREES = "manifest.json", "bundle.json", "win.txt"


@dataclass(frozen=True)
class Scores:
    """Scores of n moments, a column an array of shape (n,); `X` are the features they were made from.

    `p_win_low`, `p_win_high`: what the chance is at least and at most in nine cases of ten.
    """

    X: Floats
    p_win: Floats
    p_win_low: Floats
    p_win_high: Floats
    expected_value: Floats
    importance: Floats
    urgency: Floats
    priority: Floats
    stars: Ints
    flames: Ints
    fit: Floats
    readiness: Floats
    cell: NDArray[np.str_]
    p_reject: dict[str, Floats]


@dataclass(frozen=True)
class Bundle:
    """A model as it is served. `families`: reason -> what it speaks about (fit, need, timing, budget, …)."""

    catalogue: Catalogue
    outcome: OutcomeModel
    value: ValueModel
    decay: Decay
    population: Population
    families: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)  # trained as of, horizon, rung, seed: for people

    @cached_property
    def explainer(self) -> Explainer:
        """Tells the reasons of its scores."""
        return Explainer(self.catalogue)

    def score(self, history: History, lead: Ints, as_of: Ints) -> Scores:
        """Score moments: row i is lead number `lead[i]` of `history` at `as_of[i]` (microseconds UTC)."""
        X = matrix(self.catalogue, history, lead, as_of)
        return self.score_features(X, days_waited(history, lead, as_of))

    def score_features(self, X: Floats, days_waited: Floats) -> Scores:
        """Score rows X of the kernel's matrix; `days_waited` since the lead came in, NaN where unknown."""
        p_win, low, high = self.outcome.p_win_between(X)
        value = self.value.expected(X)
        importance, urgency = p_win * value, self.decay.urgency(self._waited(X, days_waited))
        p_reject = self.outcome.p_reject(X, p_win)
        fit, readiness = self._axes(p_reject, len(X))
        return Scores(
            X=X,
            p_win=p_win,
            p_win_low=low,
            p_win_high=high,
            expected_value=value,
            importance=importance,
            urgency=urgency,
            priority=priority(importance, urgency, self.population.reach_later),
            stars=tier(importance, self.population.importance),
            flames=tier(urgency, self.population.urgency),
            fit=fit,
            readiness=readiness,
            cell=cell(fit, readiness, self.population),
            p_reject=p_reject,
        )

    def _waited(self, X: Floats, days_waited: Floats) -> Floats:
        """Days since the lead last gave a sign of its own: its last event, else its arrival."""
        last = self.catalogue.place.get(f"{ANY}: days since")
        return days_waited if last is None else np.fmin(days_waited, X[:, last])

    def _axes(self, p_reject: Mapping[str, Floats], n: int) -> tuple[Floats, Floats]:
        """Fit: no fit-family reason applies. Readiness: given fit, neither need, timing nor budget is against it."""
        against_fit, against_ready = self._family(p_reject, {"fit"}), self._family(p_reject, NOT_READY)
        fit = np.full(n, np.nan) if against_fit is None else 1.0 - against_fit
        if against_ready is None:
            return fit, np.full(n, np.nan)
        given = 1.0 if against_fit is None else np.maximum(fit, 1e-9)
        return fit, np.minimum(np.maximum(1.0 - against_ready / given, 0.0), 1.0)

    def _family(self, p_reject: Mapping[str, Floats], families: set[str]) -> Floats | None:
        parts = [p for reason, p in sorted(p_reject.items()) if self.families.get(reason) in families]
        return sum(parts[1:], start=parts[0]) if parts else None


def save(bundle: Bundle, folder: Path) -> str:
    """Write the bundle into `folder`; returns the hash of all of it, which names exactly this model."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {BODY: json.dumps(_as_json(bundle), sort_keys=True, indent=1)}
    for part in _parts(bundle.outcome.win)[0]:
        if isinstance(part, TreeModel):
            files[TREES] = part.text
    hashes = {name: sha256(text.encode()).hexdigest() for name, text in files.items()}
    files[MANIFEST] = json.dumps(
        {"format": FORMAT, "features": bundle.catalogue.hash, "files": hashes}, sort_keys=True, indent=1
    )
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return sha256(files[MANIFEST].encode()).hexdigest()


def load(folder: Path) -> Bundle:
    """Read a bundle back, checking every file against the manifest.

    Raises: BrokenModelError when a file is missing, was changed, or is of another format.
    """
    try:
        return _checked(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenModelError(
            f"The model in {folder} can't be read: {type(error).__name__} {error}; train again or roll back"
        ) from None


def _checked(folder: Path) -> Bundle:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise BrokenModelError(
            f"The model in {folder} has format {manifest.get('format')}, this leadloop reads {FORMAT}; train again"
        )
    texts = {name: (folder / name).read_bytes() for name in manifest["files"]}
    for name, content in texts.items():
        if sha256(content).hexdigest() != manifest["files"][name]:
            raise BrokenModelError(f"{folder / name} is not what was saved: its hash differs; train again or roll back")
    bundle = _from_json(json.loads(texts[BODY]), texts.get(TREES, b"").decode())
    if bundle.catalogue.hash != manifest["features"]:
        raise BrokenModelError(f"The features of the model in {folder} are not those it was trained on; train again")
    return bundle


def _as_json(bundle: Bundle) -> dict[str, Any]:
    outcome = bundle.outcome
    reasons = outcome.reasons
    return {
        "catalogue": bundle.catalogue.as_json(),
        "win": _win_as_json(outcome.win),
        "calibration": asdict(outcome.calibration),
        "reasons": {
            "reasons": list(reasons.reasons),
            "shares": list(reasons.shares),
            "model": reasons.model.as_json() if reasons.model else None,
        },
        "value": bundle.value.as_json(),
        "decay": asdict(bundle.decay),
        "population": bundle.population.as_json(),
        "families": dict(bundle.families),
        "facts": dict(bundle.facts),
    }


KINDS: Mapping[str, type[LinearModel] | type[JointModel] | type[NaiveBayes] | type[Beyond] | type[Within]] = {
    "linear": LinearModel,
    "joint": JointModel,
    "naive_bayes": NaiveBayes,
    "beyond": Beyond,
    "within": Within,
}
"""Parts of a model of the win that are kept as JSON; trees are kept as their own text."""


def _parts(win: WinModel) -> tuple[tuple[Part, ...], tuple[float, ...]]:
    return (win.parts, win.weights) if isinstance(win, Blend) else ((win,), ())


def _win_as_json(win: WinModel) -> dict[str, Any]:
    parts, weights = _parts(win)
    return {"parts": [_part_as_json(part) for part in parts], "weights": list(weights), "blend": isinstance(win, Blend)}


def _part_as_json(part: Part) -> dict[str, Any]:
    if isinstance(part, TreeModel):
        return {"kind": "trees"}
    kind = next(name for name, each in KINDS.items() if isinstance(part, each))
    return {"kind": kind, **part.as_json()}


def _win_from_json(saved: Mapping[str, Any], trees: str) -> WinModel:
    parts = tuple(
        _trees(trees) if part["kind"] == "trees" else KINDS[part["kind"]].from_json(part) for part in saved["parts"]
    )
    return Blend(parts, tuple(saved["weights"])) if saved["blend"] else parts[0]


def _trees(text: str) -> TreeModel:
    model = TreeModel(text)
    _ = model.forest  # trees that can't be walked are found here, and not by the first lead
    return model


def _calibration(saved: Mapping[str, Any]) -> Calibration:
    knots, values = tuple(saved["knots"]), tuple(saved["values"])
    spread = tuple(tuple(row) for row in saved["spread"])
    return Calibration(saved["intercept"], saved["below"], saved["above"], knots, values, spread)


def _from_json(saved: Mapping[str, Any], trees: str) -> Bundle:
    reasons = saved["reasons"]
    return Bundle(
        catalogue=Catalogue.from_json(saved["catalogue"]),
        outcome=OutcomeModel(
            win=_win_from_json(saved["win"], trees),
            calibration=_calibration(saved["calibration"]),
            reasons=ReasonModel(
                tuple(reasons["reasons"]),
                tuple(reasons["shares"]),
                LinearModel.from_json(reasons["model"]) if reasons["model"] else None,
            ),
        ),
        value=ValueModel.from_json(saved["value"]),
        decay=Decay(**saved["decay"]),
        population=Population.from_json(saved["population"]),
        families=saved["families"],
        facts=saved["facts"],
    )
