"""All that is learned as one saved thing: native LightGBM text and JSON, checked by hash, never a pickle."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.engagement import ANY
from features.history import Floats, History, Ints
from features.kernel import days_waited, matrix
from leadloop.errors import BrokenModelError
from models.calibration import Calibration
from models.decay import Decay
from models.drift_reference import Reference
from models.explain import Explainer
from models.joint import JointModel
from models.judging import Said, Scores, against, judge, settled
from models.linear import Beyond, LinearModel
from models.naive_bayes import NaiveBayes
from models.outcome import Blend, OutcomeModel, Part, ReasonModel, WinModel
from models.priority import Population
from models.tree import TreeModel
from models.value import ValueModel
from models.within import Within

FORMAT = 2
NOT_READY = {"need", "timing", "budget", "reach"}
"""Families of reasons that speak against a lead's readiness: whom nobody reaches makes no progress either."""
_NONE = np.empty(0)
MANIFEST, BODY, TREES = "manifest.json", "bundle.json", "win.txt"


@dataclass(frozen=True)
class Bundle:
    """A model as it is served. `families`: reason -> what it speaks about (fit, need, timing, budget, …).

    `reference`: what leads looked like at training; None in a bundle of before it was kept.
    """

    catalogue: Catalogue
    outcome: OutcomeModel
    value: ValueModel
    decay: Decay
    population: Population
    families: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)  # trained as of, horizon, rung, seed: for people
    reference: Reference | None = None

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
        value = self._usual_value if self.value.log is None else self.value.expected(X)
        raw = _NONE if self.outcome.packed is not None else self.outcome.win.raw(X)
        said = Said(raw, value, days_waited)
        return Scores(X, judge(said, X, self._last_sign, self._settled, len(self._reasons)), self._reasons)

    @cached_property
    def _usual_value(self) -> Floats:
        """What every win brings, where the features do not tell."""
        return self.value.expected(np.empty((1, 0)))

    @cached_property
    def _last_sign(self) -> int:
        return self.catalogue.place.get(f"{ANY}: days since", -1)

    @cached_property
    def _reasons(self) -> tuple[str, ...]:
        """Those that somebody gave, in the order in which they are told."""
        return tuple(sorted(self.outcome.reasons.names))

    @cached_property
    def _settled(self) -> Ints:
        speaks = against(self._reasons, self.families, NOT_READY)
        return settled(self._reasons, speaks, self.outcome, self.decay, self.population)


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
            f"The model in {folder} can't be read: {type(error).__name__} {error}; "
            f"promote another version or train again"
        ) from None


def whole(folder: Path) -> bool:
    """Whether every file is there as it was saved; whether this leadloop can read it is another matter."""
    try:
        hashes = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all(sha256((folder / name).read_bytes()).hexdigest() == known for name, known in hashes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _checked(folder: Path) -> Bundle:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise BrokenModelError(
            f"The model in {folder} has format {manifest.get('format')}, this leadloop reads {FORMAT}; train again"
        )
    texts = {name: (folder / name).read_bytes() for name in manifest["files"]}
    for name, content in texts.items():
        if sha256(content).hexdigest() != manifest["files"][name]:
            raise BrokenModelError(
                f"{folder / name} is not what was saved: its hash differs; promote another version or train again"
            )
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
        **({"reference": bundle.reference.as_json()} if bundle.reference else {}),
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
        reference=Reference.from_json(saved["reference"]) if "reference" in saved else None,
    )
