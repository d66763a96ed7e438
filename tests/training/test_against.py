"""What a model is measured against: orders, points found by name, and the chances that the past gave to each."""

from dataclasses import replace

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute, Refusal
from leadloop.clock import DAY
from leadloop.errors import SettingsError
from models.calibration import chance
from tests.checks import T0
from training.against import Heard, against, by_bins, peers
from training.compare import Sides, compare
from training.dataset import Dataset
from training.points import candidates, choose
from training.rows import Rows

N = 400
WON = (np.arange(N) % 4 == 0).astype(np.float64)


def leads(count: int = N, first: int = 0) -> Dataset:
    created = T0 + (first + np.arange(count)) * DAY
    nothing = np.full(count, "", dtype=object)
    return Dataset(
        np.arange(count),
        created + DAY,
        WON[:count],
        nothing,
        np.full(count, np.nan),
        np.ones(count),
        created.astype(np.float64),
        np.ones(count, dtype=bool),
        np.full(count, np.nan),
        np.full((count, 2), np.inf),
    )


def heard(train: Dataset, test: Dataset, points: Floats | None = None) -> Heard:
    return Heard(train.order, test.order, points, points)


def test_newest_first_is_oldest_first_turned_round() -> None:
    found = against(leads(), leads(first=N), heard(leads(), leads(first=N)), {}).baselines
    assert (found["newest_first"].score == -found["oldest_first"].score).all()
    assert np.argmax(found["newest_first"].score) == N - 1


def test_without_an_order_oldest_and_newest_are_left_out_with_a_note() -> None:
    unknown = replace(leads(), order=np.full(N, np.nan))
    found = against(unknown, unknown, heard(leads(), leads()), {})
    assert not {"oldest_first", "newest_first"} & set(found.baselines)
    assert any("left out" in note.en for note in found.notes)


def test_random_calls_everybody_alike() -> None:
    found = against(leads(), leads(), heard(leads(), leads()), {}).baselines["random"]
    assert (np.ptp(found.score), found.p[0]) == (0.0, WON.mean())


def test_odoo_never_shows_a_chance_of_nothing_or_of_everything() -> None:
    raw = {"odoo_pls": np.linspace(-99, 99, N), "logistic": np.linspace(-2, 2, N)}
    found = against(leads(), leads(), heard(leads(), leads()), raw).baselines
    assert (found["odoo_pls"].p.min(), found["odoo_pls"].p.max()) == pytest.approx((0.0001, 0.9999))
    assert found["logistic"].p.tolist() == chance(raw["logistic"]).tolist()


def test_a_chance_by_bins_is_what_the_past_had_there() -> None:
    seen = np.repeat([1.0, 5.0, np.nan], 1_000)
    won = np.concatenate([np.tile([1.0, 0, 0, 0], 250), np.tile([1.0, 0], 500), np.zeros(1_000)])
    found = by_bins(seen, won, np.array([1.0, 5.0, np.nan, 99.0]))
    assert found.tolist() == pytest.approx([0.25, 0.5, 0.0, 0.5], abs=0.01)


def test_few_leads_in_a_bin_are_held_to_the_mean() -> None:
    found = by_bins(np.array([1.0, np.nan]), np.array([1.0, 0.0]), np.array([1.0]))
    assert found.tolist() == pytest.approx([0.52], abs=0.01)


def test_a_lead_without_points_comes_last() -> None:
    points = np.where(np.arange(N) == 7, np.nan, np.arange(N, dtype=np.float64))
    found = against(leads(), leads(), heard(leads(), leads(), points), {}).baselines["points"]
    assert np.argmin(found.score) == 7


def catalogue_of(*attributes: Attribute, refused: tuple[str, ...] = ()) -> Catalogue:
    return Catalogue(attributes, (), dated=True, excluded=tuple(Refusal(name, "known too late") for name in refused))


NAMES = ["Lead Score", "lead_score", "score", "Points", "Scoring", "Note", "hubspot score", "Note du lead", "leadscore"]


@pytest.mark.parametrize("name", NAMES)
def test_points_are_found_by_their_name(name: str) -> None:
    catalogue = catalogue_of(Attribute(name, "number"), Attribute("employees", "number"))
    assert [each.column for each in candidates(catalogue, "")] == [name]


@pytest.mark.parametrize("name", ["underscored", "pointer", "employees", "footnotes", "notes"])
def test_other_numbers_are_no_points(name: str) -> None:
    assert not candidates(catalogue_of(Attribute(name, "number")), "")


def test_the_likeliest_name_comes_first_and_a_refused_column_last() -> None:
    catalogue = catalogue_of(
        Attribute("hubspot score", "number"), Attribute("points", "number"), refused=("lead score",)
    )
    assert [each.column for each in candidates(catalogue, "")] == ["points", "hubspot score", "lead score"]


def test_the_column_that_the_settings_name_is_taken() -> None:
    catalogue = catalogue_of(Attribute("grade", "number"), Attribute("score", "number"))
    assert [each.column for each in candidates(catalogue, "grade")] == ["grade"]


def test_a_column_that_no_lead_has_is_an_error_that_names_it() -> None:
    with pytest.raises(SettingsError, match="no lead has a column 'gade'; there are grade"):
        candidates(catalogue_of(Attribute("grade", "number")), "gade")


def test_a_named_column_without_numbers_is_an_error_that_names_it() -> None:
    found = candidates(catalogue_of(Attribute("grade", "category", ("a", "b"))), "grade")
    with pytest.raises(SettingsError, match="'grade' holds no numbers"):
        choose(found, np.full((50, 1), np.nan))


def test_a_column_that_is_hardly_filled_or_always_the_same_is_not_taken() -> None:
    found = candidates(catalogue_of(Attribute("points", "number"), Attribute("score", "number"), refused=()), "")
    values = np.stack([np.full(100, 5.0), np.where(np.arange(100) < 10, np.arange(100.0), np.nan)], axis=1)
    assert choose(found, values) is None


def compared(catalogue: Catalogue, named: str = "") -> tuple[set[str], tuple[str, ...], list[str]]:
    def look(asked: Catalogue, data: Dataset) -> Floats:
        return np.tile(np.arange(len(data), dtype=np.float64)[:, None], (1, len(asked.features)))

    sides = Sides(leads(), leads(), leads().order, leads().order)
    found = compare(catalogue, named, sides, {}, look)
    return set(found.baselines), found.rivals, [note.en for note in found.notes]


def test_points_are_a_baseline_and_a_rival_and_named() -> None:
    names, rivals, notes = compared(catalogue_of(Attribute("points", "number")))
    assert "points" in names & set(rivals)
    assert any("“points”" in note for note in notes)


def test_points_that_are_refused_are_shown_and_judge_nothing() -> None:
    names, rivals, notes = compared(catalogue_of(refused=("points",)))
    assert "points" in names - set(rivals)
    assert any("known too late" in note for note in notes)


def test_without_points_there_is_no_such_baseline() -> None:
    assert "points" not in compared(catalogue_of(Attribute("employees", "number")))[0]


def test_peers_learn_from_the_rows_that_taught() -> None:
    catalogue = replace(catalogue_of(Attribute("source", "category", ("web", "fair"))), dated=False)
    X = (np.arange(N) % 2)[:, None].astype(np.float64)
    rows = Rows(X, WON, np.ones(N), np.full(N, "", dtype=object), np.arange(N, dtype=np.float64))
    found, notes = peers(catalogue, rows, 0)
    assert set(found) == {"odoo_pls", "odoo_pls_plus", "logistic"}
    assert all(peer.raw(X)[0] > peer.raw(X)[1] for peer in found.values())
    assert notes == []
