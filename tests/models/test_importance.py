"""What matters over many leads: shares of the movement, directions and shapes that the contributions bear out."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from models.bundle import Bundle
from models.importance import LEADS_AT_LEAST, LEVELS_AT_MOST, ROWS_AT_MOST, TOLD_AT_MOST, importances
from models.shape import BINS, rank_correlation

if TYPE_CHECKING:
    from tests.models.conftest import Looked

CATALOGUE = Catalogue(
    (
        Attribute("budget", "number"),
        Attribute("campaign", "category", tuple(f"c{i}" for i in range(60))),
        Attribute("comment", "text", ("urgent",)),
        Attribute("company_size", "company size"),
        Attribute("lead_source", "category", ("web", "fair", "rare")),
        Attribute("vip", "flag"),
    ),
    ("demo_request",),
    dated=True,
)
NAMES = [feature.name for feature in CATALOGUE.features]
ROWS = 3_000


class Truth:
    """A model whose effects are known: each column adds a function of itself."""

    EFFECTS: ClassVar[dict[str, Callable[[Floats], Floats]]] = {
        "budget": lambda x: np.abs(x - 50) / 50 - 0.5,
        "campaign": lambda x: (x % 2) * 0.1,
        "comment: urgent": lambda x: x * 0.3,
        "company_size: company size": lambda x: x * 0.2,
        "lead_source": lambda x: np.where(x == 1, 1.0, 0.0),
        "vip": lambda x: -x,
        "demo_request: count": lambda x: x * 0.01,
        "demo_request: days since": lambda x: -x / 10,
    }

    def contributions(self, X: Floats) -> Floats:
        """Shape (len(X), features + 1)."""
        out = np.zeros((len(X), len(NAMES) + 1))
        for name, effect in self.EFFECTS.items():
            out[:, NAMES.index(name)] = np.nan_to_num(effect(X[:, NAMES.index(name)]))
        out[:, -1] = -1.0
        return out


@pytest.fixture(scope="module")
def seen() -> Floats:
    draws = np.random.default_rng(3)
    out = np.full((ROWS, len(NAMES)), np.nan)
    columns = {
        "budget": draws.uniform(0, 100, ROWS),
        "campaign": draws.integers(0, 60, ROWS),
        "comment (words)": draws.integers(1, 9, ROWS),
        "comment: urgent": draws.integers(0, 2, ROWS),
        "company_size: company size": draws.integers(0, 7, ROWS),
        "lead_source": draws.choice([0, 1, 2], ROWS, p=[0.6, 0.395, 0.005]),
        "vip": draws.integers(0, 2, ROWS),
        "demo_request: count": draws.integers(0, 4, ROWS),
    }
    for name, values in columns.items():
        out[:, NAMES.index(name)] = values
    counted = out[:, NAMES.index("demo_request: count")] > 0
    out[counted, NAMES.index("demo_request: days since")] = draws.uniform(0, 100, counted.sum())
    out[::10, NAMES.index("budget")] = np.nan
    return out


@pytest.fixture(scope="module")
def found(bundle: Bundle, seen: Floats) -> dict[str, Any]:
    outcome: Any = Truth()
    known = replace(bundle, catalogue=CATALOGUE, outcome=outcome)
    return importances(known, seen, np.full(ROWS, 0.5))


def fact(found: dict[str, Any], feature: str) -> dict[str, Any]:
    return next(each for each in found["facts"] if each["feature"] == feature)


def test_shares_sum_to_one_and_come_largest_first(found: dict[str, Any]) -> None:
    shares = [each["share"] for each in found["facts"]]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)


def test_a_share_is_the_mean_of_the_size_of_the_summed_contributions(found: dict[str, Any], seen: Floats) -> None:
    parts = Truth().contributions(seen)
    columns = [i for i, name in enumerate(NAMES) if name.startswith("demo_request")]
    assert fact(found, "demo_request")["effect"] == pytest.approx(np.abs(parts[:, columns].sum(axis=1)).mean())


def test_rows_count_as_the_leads_they_stand_for(found: dict[str, Any]) -> None:
    assert found["leads"] == ROWS / 2
    assert sum(step["leads"] for step in fact(found, "vip")["shape"]) == pytest.approx(ROWS / 2, abs=2)


@pytest.mark.parametrize(
    ("feature", "direction"),
    [
        ("budget", "it_depends"),
        ("company_size: company size", "more_is_better"),
        ("vip", "yes_is_worse"),
        ("lead_source", "by_value"),
        ("comment", "by_value"),
        ("demo_request", "recent_is_better"),
    ],
)
def test_the_direction_is_the_one_that_was_put_in(found: dict[str, Any], feature: str, direction: str) -> None:
    assert fact(found, feature)["direction"] == direction


def test_a_number_is_shaped_by_bins_of_equal_weight_and_by_what_is_missing(found: dict[str, Any]) -> None:
    *bins, missing = fact(found, "budget")["shape"]
    assert len(bins) == BINS
    assert max(b["leads"] for b in bins) - min(b["leads"] for b in bins) <= 2
    assert [np.sign(b["effect"]) for b in bins] == [1, 1, -1, -1, 1, 1] or bins[0]["effect"] > bins[2]["effect"]
    assert (missing["fr"], missing["leads"]) == ("non renseigné", ROWS / 20)


def test_a_category_is_shaped_by_its_levels_and_at_most_so_many(found: dict[str, Any]) -> None:
    steps = {step["en"]: step["effect"] for step in fact(found, "lead_source")["shape"]}
    assert steps == {"web": 0.0, "fair": 1.0, "rare": 0.0}
    assert len(fact(found, "campaign")["shape"]) == LEVELS_AT_MOST + 1


def test_steps_have_their_names_in_both_languages(found: dict[str, Any]) -> None:
    first = fact(found, "company_size: company size")["shape"][0]
    assert (first["fr"], first["en"]) == ("1 personne", "1 person")


def test_events_are_shaped_by_how_often_and_by_how_long_ago(found: dict[str, Any]) -> None:
    demo = fact(found, "demo_request")
    assert [step["fr"] for step in demo["shape"]] == ["jamais", "1 fois", "2 fois", "3 à 5 fois"]
    effects = [step["effect"] for step in demo["recency"]]
    assert effects[:4] == sorted(effects[:4], reverse=True)
    assert demo["recency"][-1]["en"] == "never"


def test_what_never_happens_is_not_shown(found: dict[str, Any]) -> None:
    assert not [step for each in found["facts"] for step in each["shape"] if not np.isfinite(step["effect"])]


def test_segments_have_enough_leads_and_leave_themselves_out(found: dict[str, Any]) -> None:
    segments = found["segments"]["source"]
    assert [segment["level"] for segment in segments] == ["web", "fair"]
    assert all(segment["leads"] >= LEADS_AT_LEAST for segment in segments)
    assert "lead_source" not in [each["feature"] for segment in segments for each in segment["facts"]]
    assert all(sum(each["share"] for each in segment["facts"]) == pytest.approx(1) for segment in segments)
    assert 0 < len(found["segments"]["campaign"]) < 60  # 25 leads each, give or take


def test_importances_of_the_company_are_small_plain_json(looked: "Looked") -> None:
    once, again = (importances(looked.bundle, looked.scores.X, np.ones(len(looked.leads))) for _ in range(2))
    text = json.dumps(once, allow_nan=False)
    assert text == json.dumps(again, allow_nan=False)
    assert len(text) < 200_000
    assert all(len(segment["facts"]) <= TOLD_AT_MOST for segment in once["segments"]["source"])


def test_of_many_rows_a_sample_stands_for_all(looked: "Looked") -> None:
    many = np.tile(looked.scores.X, (3, 1))[: ROWS_AT_MOST + 1_000]
    sample = importances(looked.bundle, many, np.ones(len(many)))
    assert sample["leads"] == len(many)


def test_no_row_at_all_is_no_importance(bundle: Bundle) -> None:
    none = importances(bundle, np.empty((0, len(bundle.catalogue.features))), np.empty(0))
    assert (none["leads"], none["facts"]) == (0, [])


@pytest.mark.parametrize(("x", "y", "rho"), [([1, 2, 3], [9, 5, 1], -1), ([1, 1, 1], [1, 2, 3], 0), ([1], [1], 0)])
def test_ranks_correlate_as_they_should(x: list[float], y: list[float], rho: float) -> None:
    assert rank_correlation(np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)) == rho
