"""A bundle is one thing: saved and read back to the bit in any process, refused when a byte of it is not its own."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from features.history import build
from features.kernel import days_waited
from leadloop.errors import BrokenModelError
from models import bundle as bundles
from models.bundle import BODY, MANIFEST, TREES, Bundle
from models.judging import Scores
from models.outcome import NO_REASON
from tests import checks
from tests.models.conftest import edited

if TYPE_CHECKING:
    from tests.models.conftest import Looked

ELSEWHERE = """
import sys; from pathlib import Path; import numpy as np
from models import bundle; from tests.models.test_bundle import digest
folder = Path(sys.argv[1])
print(digest(bundle.load(folder).score_features(np.load(folder / "X.npy"), np.load(folder / "waited.npy"))))
"""


def digest(scores: Scores) -> str:
    """Names exactly these scores."""
    return sha256(b"".join(np.ascontiguousarray(each).tobytes() for each in (scores.X, scores.table))).hexdigest()


@pytest.fixture
def saved(bundle: Bundle, tmp_path: Path) -> Path:
    bundles.save(bundle, tmp_path)
    return tmp_path


def test_a_bundle_read_back_gives_the_same_bytes_of_scores(looked: "Looked", saved: Path) -> None:
    again = bundles.load(saved).score(looked.history, looked.leads, looked.as_of)
    assert digest(again) == digest(looked.scores)


def test_another_process_gives_the_same_bytes_of_scores(looked: "Looked", saved: Path) -> None:
    np.save(saved / "X.npy", looked.scores.X)
    np.save(saved / "waited.npy", days_waited(looked.history, looked.leads, looked.as_of))
    command = [sys.executable, "-W", "error", "-c", ELSEWHERE, str(saved)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.stdout.strip() == digest(looked.scores), done.stderr


def test_saving_twice_writes_the_same_bytes(bundle: Bundle, saved: Path, tmp_path: Path) -> None:
    name = bundles.save(bundles.load(saved), tmp_path / "again")
    files = [MANIFEST, BODY, TREES]
    assert [(saved / f).read_bytes() for f in files] == [(tmp_path / "again" / f).read_bytes() for f in files]
    assert name == bundles.save(bundle, saved)


def test_a_bundle_of_before_references_were_kept_is_read_and_one_of_now_keeps_its_own(
    bundle: Bundle, saved: Path, tmp_path: Path
) -> None:
    bundles.save(replace(bundle, reference=None), tmp_path / "old")
    assert (bundles.load(tmp_path / "old").reference, bundles.load(saved).reference) == (None, bundle.reference)
    assert "reference" not in (tmp_path / "old" / BODY).read_text()
    assert bundle.reference is not None
    assert len(bundle.reference.columns) == len(bundle.catalogue.features)


def test_another_model_has_another_name(bundle: Bundle, tmp_path: Path) -> None:
    other = replace(bundle, value=replace(bundle.value, mean=bundle.value.mean + 1))
    assert bundles.save(bundle, tmp_path / "a") != bundles.save(other, tmp_path / "b")


BREAKS: dict[str, Callable[[Path], object]] = {
    "no folder": shutil.rmtree,
    "no manifest": lambda f: (f / MANIFEST).unlink(),
    "no body": lambda f: (f / BODY).unlink(),
    "no trees": lambda f: (f / TREES).unlink(),
    "changed body": lambda f: (f / BODY).write_text((f / BODY).read_text().replace("0.1", "0.2", 1)),
    "changed trees": lambda f: (f / TREES).write_text((f / TREES).read_text() + " "),
    "truncated body": lambda f: (f / BODY).write_bytes((f / BODY).read_bytes()[:-100]),
    "truncated trees": lambda f: (f / TREES).write_bytes((f / TREES).read_bytes()[:-100]),
    "empty body": lambda f: (f / BODY).write_bytes(b""),
    "truncated manifest": lambda f: (f / MANIFEST).write_bytes((f / MANIFEST).read_bytes()[:-10]),
    "empty manifest": lambda f: (f / MANIFEST).write_bytes(b""),
    "a list for a manifest": lambda f: (f / MANIFEST).write_text("[]"),
    "bytes for a manifest": lambda f: (f / MANIFEST).write_bytes(b"\xff\xfe"),
    "another format": lambda f: edited(f, MANIFEST, format=99),
    "no format": lambda f: edited(f, MANIFEST, format=None),
    "no files": lambda f: edited(f, MANIFEST, files={}),
    "files that are none": lambda f: edited(f, MANIFEST, files=3),
    "another feature hash": lambda f: edited(f, MANIFEST, features="0" * 32),
    "a body that says nothing": lambda f: rehashed(f, BODY, "{}"),
    "a body that is a list": lambda f: rehashed(f, BODY, "[]"),
}


def rehashed(folder: Path, name: str, text: str) -> None:
    """Whoever replaces a file and its hash has another model, not a broken one; it must still hold together."""
    (folder / name).write_text(text)
    edited(folder, MANIFEST, files={name: sha256(text.encode()).hexdigest()})


@pytest.mark.parametrize("broken", BREAKS)
def test_a_bundle_that_is_not_what_was_saved_is_refused(broken: str, saved: Path) -> None:
    BREAKS[broken](saved)
    with pytest.raises(BrokenModelError, match="train again"):
        bundles.load(saved)


def test_a_refusal_names_the_file(saved: Path) -> None:
    BREAKS["changed trees"](saved)
    with pytest.raises(BrokenModelError, match=str(saved / TREES)):
        bundles.load(saved)


def test_the_chances_of_a_win_of_each_reason_and_of_none_sum_to_one(looked: "Looked") -> None:
    outcome, X, p_win = looked.bundle.outcome, looked.scores.X, looked.scores.p_win
    silent = (1 - p_win) * outcome.reasons.shares_of(X)[:, outcome.reasons.reasons.index(NO_REASON)]
    assert np.abs(p_win + sum(looked.scores.p_reject.values()) + silent - 1).max() < 1e-12


def test_every_chance_is_strictly_between_none_and_certain(looked: "Looked") -> None:
    chances = np.stack([looked.scores.p_win, *looked.scores.p_reject.values()])
    assert chances.min() > 0
    assert chances.max() < 1


def test_fit_and_readiness_are_shares(looked: "Looked") -> None:
    axes = np.stack([looked.scores.fit, looked.scores.readiness])
    assert ((axes >= 0) & (axes <= 1)).all()


def test_fit_is_the_chance_that_no_reason_of_the_fit_family_applies(looked: "Looked") -> None:
    bundle, p = looked.bundle, looked.scores.p_reject
    against = sum(p[reason] for reason in p if bundle.families.get(reason) == "fit")
    assert np.abs(looked.scores.fit - (1 - against)).max() < 1e-12


@pytest.mark.parametrize("spared", ["not_a_buyer", "bad_timing", "unreachable"])
def test_what_a_reason_speaks_against_is_all_that_it_lowers(looked: "Looked", spared: str) -> None:
    families = {reason: family for reason, family in looked.bundle.families.items() if reason != spared}
    less = replace(looked.bundle, families=families).score_features(looked.scores.X, looked.scores.p_win)
    fitter, readier = less.fit > looked.scores.fit, less.readiness > looked.scores.readiness
    assert fitter.any() if spared == "not_a_buyer" else (readier.any() and not fitter.any())


def test_without_reasons_nobody_has_fit_or_readiness(looked: "Looked") -> None:
    scores = replace(looked.bundle, families={}).score_features(looked.scores.X, looked.scores.p_win)
    assert np.isnan([scores.fit, scores.readiness]).all()
    assert set(scores.cell.tolist()) == {"unknown"}


def test_importance_is_chance_times_value(looked: "Looked") -> None:
    s = looked.scores
    assert (s.importance == s.p_win * s.expected_value).all()


def test_a_lead_alone_has_the_score_it_has_in_a_batch(looked: "Looked") -> None:
    rows = np.arange(0, len(looked.leads), 100)
    alone = [looked.bundle.score(looked.history, looked.leads[[i]], looked.as_of[[i]]) for i in rows.tolist()]
    for name in ("p_win", "importance", "urgency", "priority", "fit", "readiness"):
        together = getattr(looked.scores, name)[rows]
        assert (checks.bits(together) == checks.bits(np.concatenate([getattr(s, name) for s in alone]))).all(), name


def test_no_value_makes_a_score_that_is_none(bundle: Bundle) -> None:
    odd = checks.awkward(bundle.catalogue)
    history = build(odd.leads, odd.events)
    scores = bundle.score(history, checks.everyone(len(history)), np.full(len(history), checks.NOW))
    assert np.isfinite([scores.p_win, scores.importance, scores.urgency, scores.priority]).all()


def test_no_lead_at_all_is_no_score(bundle: Bundle) -> None:
    none = np.array([], dtype=np.int64)
    assert bundle.score(build([], []), none, none).p_win.shape == (0,)
