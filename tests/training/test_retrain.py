"""Training as a whole: the same bytes every time, no look at the future, no model where nothing is to learn."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.history import ALWAYS, read
from leadloop.clock import DAY
from leadloop.errors import NothingToLearnError, SettingsError
from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from models import aliases, registry
from models.bundle import BODY, MANIFEST, TREES
from models.switches import REASON_AT_MOST, history
from serving.scorer import Scorer, when
from serving.worklist import rank
from tests.checks import T0
from tests.support import Loop, taught
from tests.training.conftest import Fill
from training import retrain
from training.recipe import _middle, as_it_was
from training.retrain import Local, _past
from training.split import Split, forward

Somewhere = Callable[[str], Settings]
ENDS = ("won", "lost", "rejected", "recycled")


@pytest.fixture(scope="module")
def again(loop: Loop, somewhere: Somewhere) -> tuple[Settings, retrain.Trained]:
    """The company's ledger, learned from a second time."""
    settings = somewhere("again")
    return settings, taught(settings, loop.ledger, when(loop.ledger, None))


def test_training_twice_gives_the_same_bytes(loop: Loop, again: tuple[Settings, retrain.Trained]) -> None:
    one, other = loop.settings.models_dir / loop.trained.version, again[0].models_dir / again[1].version
    assert {path.name for path in one.iterdir()} == {path.name for path in other.iterdir()} >= {MANIFEST, BODY}
    assert [f for f in (MANIFEST, BODY, TREES) if (one / f).is_file() and differ(one / f, other / f)] == []


def differ(one: Path, other: Path) -> bool:
    return one.read_bytes() != other.read_bytes()


def test_training_twice_gives_the_same_scorecard(loop: Loop, again: tuple[Settings, retrain.Trained]) -> None:
    assert replace(loop.trained.scorecard, model_version="") == replace(again[1].scorecard, model_version="")


def test_a_model_that_is_worth_it_is_switched_on(loop: Loop) -> None:
    assert (loop.trained.scorecard.verdict, loop.trained.promoted) == ("activate", True)
    assert registry.load(loop.settings).version == loop.trained.version


def test_what_was_filled_after_the_fact_is_left_out_and_named(loop: Loop) -> None:
    assert "budget_confirmed" in [each["column"] for each in loop.trained.scorecard.excluded]


def shuffled(rows: list[OutcomeRow]) -> list[OutcomeRow]:
    """Whatever ended a lead becomes what ended another; times stay."""
    last = {row.lead_id: i for i, row in enumerate(rows) if row.stage in ENDS}
    places = sorted(last.values())
    drawn = np.random.default_rng(5).permutation(places).tolist()
    given = dict(zip(places, drawn, strict=True))
    return [replace(row, **_fate(rows[given[i]])) if i in given else row for i, row in enumerate(rows)]  # type: ignore[arg-type] # fields of a row


def _fate(row: OutcomeRow) -> dict[str, object]:
    return {"stage": row.stage, "reason": row.reason, "amount": row.amount, "currency": row.currency}


def test_shuffled_outcomes_switch_nothing_on(loop: Loop, somewhere: Somewhere) -> None:
    settings = somewhere("shuffled")
    ledger = Ledger.open(settings.ledger_url)
    with ledger.writing() as connection:
        leads.add(connection, loop.world.leads)
        events.add(connection, loop.world.events)
        outcomes.add(connection, shuffled(loop.world.outcomes))
    trained = retrain.train(settings, ledger, when(ledger, None))
    assert (trained.scorecard.verdict, trained.promoted) == ("do_not_activate", False)
    assert registry.newest(settings) == trained.version


# A ledger where the past looked otherwise than today: every lead was lost at first and half of them were won later.


def late_news(count: int = 200) -> tuple[list[LeadRow], list[OutcomeRow], list[EventRow]]:
    made = [LeadRow(f"{i:03d}", T0 + i * DAY, T0 + i * DAY, attributes={"size": i % 7}) for i in range(count)]
    closed = []
    for i in range(count):
        at, name = T0 + (i + 1) * DAY, f"{i:03d}"
        first = "won" if i % 3 == 0 else "lost"
        closed.append(OutcomeRow(name, first, at, at, outcome_id=name))
        if i < 60:  # corrected when all the test leads were in
            other = "lost" if first == "won" else "won"
            closed.append(OutcomeRow(name, other, at, T0 + count * DAY, outcome_id=name))
    return made, closed, []


def split_then(fill: Fill) -> tuple[retrain.Past, retrain.Past, Split, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Today, the past as it was, the split, and the leads that taught then."""
    ledger, settings = fill(*late_news()), Settings()
    history, as_of = read(ledger), T0 + 201 * DAY
    today = _past(settings, ledger, history, as_of)
    split = forward(history, np.arange(len(history)), history.created_at.astype(np.float64), 0.3, 0)
    then, taught, _ = as_it_was(settings, today, split, Local(settings, ledger, history))
    ledger.close()
    return today, then, split, taught


def test_labels_at_training_time_are_those_recorded_before_the_test_window(fill: Fill) -> None:
    today, then, _, taught = split_then(fill)
    corrected = taught[taught < 60]
    assert len(corrected) > 30
    assert (today.labels.state[corrected] != then.labels.state[corrected]).all()


def test_no_lead_teaches_by_what_became_known_in_the_test_window(fill: Fill) -> None:
    _, then, split, taught = split_then(fill)
    start = then.history.created_at[split.test].min()
    assert then.labels.known_at[taught].max() <= start
    assert then.labels.known_at[taught].min() > ALWAYS


def test_as_of_is_as_if_later_rows_had_never_come(fill: Fill, somewhere: Somewhere) -> None:
    made, closed, _ = late_news()
    as_of = T0 + 190 * DAY
    settings = somewhere("later"), somewhere("never")
    full = fill(made, closed, [])
    past = Ledger.open(settings[1].ledger_url)
    with past.writing() as connection:
        leads.add(connection, [row for row in made if (row.recorded_at or 0) <= as_of])
        outcomes.add(connection, [row for row in closed if (row.recorded_at or 0) <= as_of])
    for home, ledger in zip(settings, (full, past), strict=True):
        retrain.train(home, ledger, as_of)
    assert not differ(*(home.models_dir / "1" / MANIFEST for home in settings))


def test_without_a_win_leads_are_ranked_by_rules(fill: Fill, somewhere: Somewhere) -> None:
    made, closed, _ = late_news(40)
    lost = [replace(row, stage="lost") for row in closed]
    trained = retrain.train(somewhere("no win"), fill(made, lost, []), T0 + 41 * DAY)
    assert (trained.scorecard.verdict, trained.promoted) == ("rank_only", True)
    assert "ranked by rules" in trained.scorecard.why[1]


def test_three_wins_are_no_reason_to_switch_a_model_on(fill: Fill, somewhere: Somewhere) -> None:
    made, closed, _ = late_news(40)
    few = [replace(row, stage="won" if i < 3 else "lost") for i, row in enumerate(closed) if row.recorded_at]
    settings = somewhere("three")
    trained = retrain.train(settings, fill(made, few, []), T0 + 41 * DAY)
    assert (trained.scorecard.verdict, trained.promoted) == ("do_not_activate", False)
    told = history(aliases.shelf(settings).versions())
    assert [(each.did, each.version, each.by) for each in told] == [("refused", "1", "training")]
    assert (told[0].reason, told[0].reason_fr) == tuple(
        "; ".join(why)[:REASON_AT_MOST] for why in (trained.scorecard.why, trained.scorecard.why_fr)
    )


def test_an_empty_ledger_is_nothing_to_learn_from(fill: Fill) -> None:
    with pytest.raises(NothingToLearnError):
        retrain.train(Settings(), fill([], [], []), T0)


def test_a_ledger_of_wins_alone_learns_from_silence_and_says_so(fill: Fill, somewhere: Somewhere) -> None:
    made, closed, _ = late_news()
    wins = [row for row in closed if row.stage == "won" and (row.recorded_at or 0) < T0 + 200 * DAY]
    settings = somewhere("silent").model_copy(update={"horizon_days": 10.0})
    trained = retrain.train(settings, fill(made, wins, []), T0 + 230 * DAY)
    assert retrain.SILENT in trained.scorecard.notes


def with_points(count: int = 200) -> tuple[list[LeadRow], list[OutcomeRow], list[EventRow]]:
    """Leads whose points say who is won."""
    made, closed, none = late_news(count)
    scored = [replace(row, attributes={"size": i % 7, "points": 90 - i % 3 * 30}) for i, row in enumerate(made)]
    return scored, [row for row in closed if (row.recorded_at or 0) < T0 + count * DAY], none


def test_points_that_say_it_all_refuse_the_model(fill: Fill, somewhere: Somewhere) -> None:
    settings = somewhere("points").model_copy(update={"allow_columns": ["points"]})
    card = retrain.train(settings, fill(*with_points()), T0 + 250 * DAY).scorecard
    assert card.baselines["points"]["roc_auc"] == 1.0
    assert card.verdict == "do_not_activate"
    assert "the points you already have" in card.why[0]


def test_a_setting_that_names_no_column_of_points_stops_the_training(fill: Fill) -> None:
    with pytest.raises(SettingsError, match="no lead has a column 'grade'; there are points, size"):
        retrain.train(Settings(points_column="grade"), fill(*with_points()), T0 + 250 * DAY)


def test_whom_the_list_puts_first_is_seldom_in_the_cell_that_is_left_alone(loop: Loop) -> None:
    cells = [row["cell"] for row in rank(loop.ledger, Scorer.load(loop.settings)).rows]
    first = cells[:20]
    assert first.count("nurture") / 20 < 0.5 * cells.count("nurture") / len(cells)
    assert first.count("call_now") / 20 > cells.count("call_now") / len(cells)


@pytest.mark.parametrize(("worth", "middle"), [((0.0, 3.0, 4.0), 0.8), ((0.0, 0.0, 0.0), 0.8), ((9.0, 1.0, 1.0), 0.9)])
def test_fit_is_cut_where_half_of_the_worth_lies(worth: tuple[float, ...], middle: float) -> None:
    assert _middle(np.array([0.9, 0.2, 0.8]), np.array(worth)) == middle
