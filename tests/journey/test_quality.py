"""The benchmark of quality: peers see what our model saw, and the result has the shape that programs read."""

import pytest

from benchmarks import quality
from benchmarks.peers import PEERS, predictions
from features.history import read
from serving.scorer import when
from tests.support import Loop
from training.recipe import Played, try_out
from training.retrain import Local
from training.scorecard import Scorecard


@pytest.fixture(scope="module")
def tried(loop: Loop) -> tuple[Scorecard, Played, Scorecard]:
    """The made-up company's scorecard, what it rests on, and the scorecard with peers."""
    as_of = when(loop.ledger, None)
    engine = Local(loop.settings, loop.ledger, read(loop.ledger, as_of))
    card, played = try_out(loop.settings, engine, engine.past(as_of), lambda _: None)
    X = engine.columns(played.learned.catalogue, played.test)
    rows = played.learned.taught
    return card, played, quality.beside(played, predictions(played.learned.catalogue, rows, X))


def test_trying_out_gives_the_scorecard_of_training_and_registers_nothing(
    loop: Loop, tried: tuple[Scorecard, Played, Scorecard]
) -> None:
    assert tried[0].metrics == loop.trained.scorecard.metrics
    assert tried[0].model_version == ""


def test_peers_are_measured_on_the_leads_that_our_model_was_tested_on(
    tried: tuple[Scorecard, Played, Scorecard],
) -> None:
    card, _, beside = tried
    assert beside.metrics == card.metrics
    assert set(beside.baselines) == {*quality.UNLEARNED, *PEERS}
    assert all((beside.baselines[peer]["roc_auc"] or 0) > 0.55 for peer in PEERS)


def test_the_result_has_figures_peers_ratios_and_the_mean(tried: tuple[Scorecard, Played, Scorecard]) -> None:
    measured = quality.Measured(tried[2], tried[0].verdict)
    result = quality.told({"one": measured, "same": measured})
    assert set(result) == {"figures", "peers", "ratios"}
    assert result["figures"]["mean.log_loss"] == result["figures"]["one.log_loss"]
    for peer in quality.ALL:
        ours, theirs = result["figures"]["one.log_loss"], result["peers"][f"one.{peer}.log_loss"]
        assert result["ratios"][f"one.log_loss / {peer}"] == pytest.approx((ours or 0) / (theirs or 1))


def test_the_error_of_a_mean_over_sets_is_smaller_than_of_one(tried: tuple[Scorecard, Played, Scorecard]) -> None:
    measured = quality.Measured(tried[2], tried[0].verdict)
    figures = quality.told({"one": measured, "same": measured})["figures"]
    one = figures["one.log_loss - best peer, error"] or 0
    assert 0 < (figures["mean.log_loss - best peer, error"] or 0) < one


@pytest.mark.parametrize(("only", "quick", "names"), [("demo-12000", False, 3), ("ficzon", True, 1), ("bank", True, 0)])
def test_sets_are_chosen_by_their_name(only: str, quick: bool, names: int) -> None:
    assert len(quality.chosen(only, quick=quick)) == names
