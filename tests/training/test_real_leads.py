"""What training finds in real leads, by the example mappings; skipped by name where the leads are absent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from leadloop.intake.load import load
from leadloop.intake.mapping import read_mapping
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from serving.scorer import when
from training import retrain
from training.scorecard import Scorecard

EXAMPLES = Path(__file__).parents[2] / "examples"
Find = Callable[[str], Path]


def card_of(name: str, file: Path, settings: Settings) -> Scorecard:
    """The scorecard of a real export, from its file to the verdict."""
    ledger, report = Ledger.open(settings.ledger_url), ImportReport()
    mapping = read_mapping(EXAMPLES / f"{name}.toml")
    chunks = read_paths([file], mapping=mapping, timezone=None, stages={}, report=report)
    load(ledger, chunks, report, strict=False, done=lambda _: None)
    card = retrain.train(settings, ledger, when(ledger, None)).scorecard
    ledger.close()
    return card


@pytest.mark.parametrize(("name", "roc_auc", "log_loss"), [("x_education", 0.845, 0.465), ("ficzon", 0.84, 0.290)])
def test_real_leads_are_ranked_and_their_chances_are_true(
    name: str, roc_auc: float, log_loss: float, shared_data: Find, somewhere: Callable[[str], Settings]
) -> None:
    card = card_of(name, shared_data(f"{name}/leads.csv"), somewhere(name))
    assert (card.metrics["roc_auc"] or 0) >= roc_auc
    assert (card.metrics["log_loss"] or 9) <= log_loss


def test_where_there_is_nothing_to_learn_nothing_is_switched_on(
    shared_data: Find, somewhere: Callable[[str], Settings]
) -> None:
    card = card_of("maven", shared_data("maven/sales_pipeline.csv"), somewhere("maven"))
    assert card.verdict == "do_not_activate"
    assert "nothing to learn" in card.why[0]
