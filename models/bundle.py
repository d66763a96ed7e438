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
from features.history import Floats, History, Ints
from features.kernel import days_waited, matrix
from leadloop.errors import BrokenModelError
from models.calibration import Calibration
from models.decay import Decay
from models.explain import Explainer
from models.linear import LinearModel
from models.outcome import Blend, OutcomeModel, ReasonModel, WinModel
from models.priority import Population, cell, priority, tier
from models.tree import TreeModel
from models.value import ValueModel

FORMAT = 1
MANIFEST, BODY, TREES = "manifest.json", "bundle.json", "win.txt"


@dataclass(frozen=True)
class Scores:
    """Scores of n moments, a column an array of shape (n,); `X` are the features they were made from."""

    X: Floats
    p_win: Floats
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
        p_win = self.outcome.p_win(X)
        value = self.value.expected(X)
        importance, urgency = p_win * value, self.decay.urgency(days_waited)
        p_reject = self.outcome.p_reject(X, p_win)
        fit, readiness = self._axes(p_reject, len(X))
        return Scores(
            X=X,
            p_win=p_win,
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

    def _axes(self, p_reject: Mapping[str, Floats], n: int) -> tuple[Floats, Floats]:
        """Fit: no fit-family reason applies. Readiness: given fit, neither need, timing nor budget is against it."""
        against_fit = self._family(p_reject, {"fit"})
        against_ready = self._family(p_reject, {"need", "timing", "budget"})
        fit = np.full(n, np.nan) if against_fit is None else 1.0 - against_fit
        if against_ready is None:
            return fit, np.full(n, np.nan)
        given = 1.0 if against_fit is None else np.maximum(fit, 1e-9)
        return fit, np.clip(1.0 - against_ready / given, 0.0, 1.0)

    def _family(self, p_reject: Mapping[str, Floats], families: set[str]) -> Floats | None:
        parts = [p for reason, p in sorted(p_reject.items()) if self.families.get(reason) in families]
        return np.sum(parts, axis=0) if parts else None


def save(bundle: Bundle, folder: Path) -> str:
    """Write the bundle into `folder`; returns the hash of all of it, which names exactly this model."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {BODY: json.dumps(_as_json(bundle), sort_keys=True, indent=1)}
    for part in _parts(bundle.outcome.win):
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
        "win": ["tree" if isinstance(part, TreeModel) else part.as_json() for part in _parts(outcome.win)],
        "calibration": asdict(outcome.calibration),
        "reasons": {
            "reasons": list(reasons.reasons),
            "shares": list(reasons.shares),
            "model": reasons.model.as_json() if reasons.model else None,
        },
        "value": asdict(bundle.value),
        "decay": asdict(bundle.decay),
        "population": bundle.population.as_json(),
        "families": dict(bundle.families),
        "facts": dict(bundle.facts),
    }


def _parts(win: WinModel) -> tuple[LinearModel | TreeModel, ...]:
    return win.parts if isinstance(win, Blend) else (win,)


def _from_json(saved: Mapping[str, Any], trees: str) -> Bundle:
    reasons = saved["reasons"]
    parts = tuple(TreeModel(trees) if part == "tree" else LinearModel.from_json(part) for part in saved["win"])
    return Bundle(
        catalogue=Catalogue.from_json(saved["catalogue"]),
        outcome=OutcomeModel(
            win=parts[0] if len(parts) == 1 else Blend(parts),
            calibration=Calibration(**saved["calibration"]),
            reasons=ReasonModel(
                tuple(reasons["reasons"]),
                tuple(reasons["shares"]),
                LinearModel.from_json(reasons["model"]) if reasons["model"] else None,
            ),
        ),
        value=ValueModel(**saved["value"]),
        decay=Decay(**saved["decay"]),
        population=Population.from_json(saved["population"]),
        families=saved["families"],
        facts=saved["facts"],
    )
