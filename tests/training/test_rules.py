"""With too few outcomes to learn from, leads are ranked by rules, and everything says that they are."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from features.history import build
from features.kernel import matrix
from leadloop.clock import DAY
from leadloop.errors import NoImportancesError, NothingToLearnError
from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from models import registry
from tests.checks import T0, event, everyone, lead
from tests.made_up import numbers
from tests.support import run_of
from training import recipe, retrain, rules
from training.labels import label
from training.page import render

Somewhere = Callable[[str], Settings]
NOW = T0 + 40 * DAY
LEADS = 40


def _made() -> list[LeadRow]:
    return [LeadRow(f"{i:02d}", T0 + i * DAY, T0 + i * DAY, attributes={"size": i % 7}) for i in range(LEADS)]


def _done() -> list[EventRow]:
    """Everybody looked around; every fourth asked for a demo, and every fourth turned away."""
    kinds = {0: "demo_request", 1: "unsubscribe"}
    seen = [EventRow(f"{i:02d}", "page_view", T0 + i * DAY, T0 + i * DAY) for i in range(LEADS)]
    more = [EventRow(f"{i:02d}", kinds[i % 4], T0 + 39 * DAY, T0 + 39 * DAY) for i in range(LEADS) if i % 4 in kinds]
    return [*seen, *more]


def _closed(count: int) -> list[OutcomeRow]:
    """The first so many leads, every other one won."""
    at = [T0 + (i + 1) * DAY for i in range(count)]
    return [
        OutcomeRow(f"{i:02d}", "won" if i % 2 else "lost", at[i], at[i], outcome_id=f"{i:02d}") for i in range(count)
    ]


def filled(ledger: Ledger, count: int) -> Ledger:
    """The leads, what they did, and what came of the first `count`."""
    with ledger.writing() as connection:
        leads.add(connection, _made())
        events.add(connection, _done())
        outcomes.add(connection, _closed(count))
    return ledger


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


@pytest.mark.parametrize("count", [0, 5, 19])
def test_with_too_few_outcomes_a_model_of_rules_is_switched_on_and_says_so(
    count: int, ledger: Ledger, somewhere: Somewhere, request: pytest.FixtureRequest
) -> None:
    settings = somewhere(f"few-{request.node.callspec.id}")
    trained = retrain.train(settings, filled(ledger, count), NOW)
    card = trained.scorecard
    assert (card.verdict, trained.promoted, trained.version) == ("rank_only", True, "1")
    assert f"only {count} outcomes are known, {count // 2} of them wins: 20, of both kinds" in card.why[0]
    assert f"{count} issues connues seulement, dont {count // 2} gagnées" in card.why_fr[0]
    assert registry.load(settings).bundle.facts["chosen"] == "rules"
    assert {"chosen", "as_of", "capacity", "currency", "leadloop"} <= run_of(settings, "1").data.params.keys()


def test_with_enough_outcomes_of_both_kinds_a_model_is_learned_and_judged(empty: Ledger, somewhere: Somewhere) -> None:
    settings = somewhere("enough")
    trained = retrain.train(settings, filled(empty, 20), NOW)
    assert registry.load(settings, trained.version).bundle.facts["chosen"] != "rules"
    assert trained.scorecard.verdict in ("rank_only", "do_not_activate")  # so few can't make chances sure
    assert trained.scorecard.split["test"] > 0


def test_outcomes_of_one_kind_only_are_ranked_by_rules(empty: Ledger, somewhere: Somewhere) -> None:
    with empty.writing() as connection:
        leads.add(connection, _made())
        outcomes.add(connection, [row for row in _closed(LEADS) if row.stage == "lost"])
    trained = retrain.train(somewhere("one-kind"), empty, NOW)
    assert trained.scorecard.why[0].startswith("only 20 outcomes are known, 0 of them wins")


def test_a_model_that_is_switched_on_already_stays(empty: Ledger, somewhere: Somewhere) -> None:
    settings = somewhere("stays")
    filled(empty, 5)
    first, second = retrain.train(settings, empty, NOW), retrain.train(settings, empty, NOW)
    assert (first.promoted, second.promoted) == (True, False)
    assert registry.load(settings).version == first.version != second.version


def test_training_by_rules_twice_gives_the_same_bytes(empty: Ledger, somewhere: Somewhere) -> None:
    settings = somewhere("rules-twice")
    filled(empty, 5)
    for _ in range(2):
        retrain.train(settings, empty, NOW)
    one, other = ((settings.models_dir / version / "bundle.json").read_bytes() for version in ("1", "2"))
    assert one == other


def test_without_a_single_lead_there_is_nothing_to_rank(empty: Ledger, somewhere: Somewhere) -> None:
    with pytest.raises(NothingToLearnError, match="import leads and train again"):
        retrain.train(somewhere("nobody"), empty, NOW)


def test_a_lead_that_came_in_later_plays_no_part(empty: Ledger, somewhere: Somewhere) -> None:
    settings = somewhere("rules-as-of")
    filled(empty, 5)
    retrain.train(settings, empty, NOW)
    with empty.writing() as connection:
        leads.add(connection, [LeadRow("new", NOW + DAY, NOW + DAY, attributes={"size": 1_000_000})])
    retrain.train(settings, empty, NOW)
    one, other = ((settings.models_dir / version / "bundle.json").read_bytes() for version in ("1", "2"))
    assert one == other


@pytest.mark.parametrize(("lang", "says"), [("en", "Nothing was tested."), ("fr", "Rien n’a été testé.")])
def test_the_page_of_rules_says_that_nothing_was_tested(
    lang: str, says: str, empty: Ledger, somewhere: Somewhere
) -> None:
    filled(empty, 5)
    settings = somewhere(f"page-{lang}")
    retrain.train(settings, empty, NOW)
    page = render(registry.load(settings).scorecard, lang)
    text = " ".join("".join(ElementTree.fromstring(page).itertext()).split())  # noqa: S314 -- our own page
    assert says in text
    assert "ROC-AUC" not in text
    assert (recipe.LEAST, "20" in text) == (20, True)


def test_what_matters_to_rules_is_asked_in_vain_with_a_reason(empty: Ledger, somewhere: Somewhere) -> None:
    settings = somewhere("matters")
    retrain.train(settings, filled(empty, 5), NOW)
    with pytest.raises(NoImportancesError, match="ranks by rules and has learned nothing"):
        registry.importances_of(registry.load(settings))


# What the rules think of three leads who are alike but for what they did.

KINDS = numbers("size", kinds=("page_view", "demo_request", "unsubscribe"), dated=True)


def chances(*deeds: tuple[str, str, int]) -> list[float]:
    """Of leads a, b and c; `deeds`: who, what, how many days ago."""
    made = [lead(name, T0, size=3) for name in "abc"]
    done = [event(kind, NOW - days * DAY, lead_id=name, key=f"{name} {days}") for name, kind, days in deeds]
    history = build(made, done)
    X = matrix(KINDS, history, everyone(3), np.full(3, NOW))
    p_win = rules.bundle_of(KINDS, X, label(history, [], {}), {}).outcome.p_win(X)
    return [float(p) for p in p_win]


def test_who_asked_for_something_comes_before_who_looked_around_and_who_turned_away_comes_last() -> None:
    asked, looked, away = chances(("a", "demo_request", 2), ("b", "page_view", 2), ("c", "unsubscribe", 2))
    assert asked > looked > away


def test_who_was_there_lately_comes_before_who_was_there_long_ago() -> None:
    lately, long_ago, never = chances(("a", "page_view", 1), ("b", "page_view", 35))
    assert lately > long_ago > never


def test_where_nobody_did_anything_all_are_alike_and_one_in_ten_is_taken_for_granted() -> None:
    assert chances() == pytest.approx([0.1, 0.1, 0.1])


def test_a_chance_by_rules_is_explained_and_adds_up() -> None:
    made = [lead(name, T0, size=3) for name in "abc"]
    history = build(made, [event("demo_request", NOW - DAY, lead_id="a")])
    X = matrix(KINDS, history, everyone(3), np.full(3, NOW))
    outcome = rules.bundle_of(KINDS, X, label(history, [], {}), {}).outcome
    parts = outcome.contributions(X)
    assert parts.sum(axis=1) == pytest.approx(outcome.win.raw(X))
    assert KINDS.features[int(parts[0, :-1].argmax())].source == "demo_request"


@pytest.mark.parametrize("first", ["won", "lost"])
def test_where_everything_that_teaches_ended_alike_there_is_nothing_to_learn(
    first: str, empty: Ledger, somewhere: Somewhere
) -> None:
    other = {"won": "lost", "lost": "won"}[first]
    filled(empty, 0)
    with empty.writing() as connection:
        ends = [replace(row, stage=first if i < 14 else other) for i, row in enumerate(_closed(20))]
        outcomes.add(connection, ends)
    trained = retrain.train(somewhere(f"all-{first}"), empty, NOW)
    assert (trained.scorecard.verdict, trained.promoted) == ("do_not_activate", False)
    assert trained.scorecard.why[0].startswith("nothing to learn")


def test_outcomes_of_leads_too_young_for_their_wins_to_be_in_do_not_count_yet(
    empty: Ledger, somewhere: Somewhere
) -> None:
    filled(empty, 0)
    with empty.writing() as connection:
        ends = [replace(row, stage="won" if i % 2 else "lost") for i, row in enumerate(_closed(LEADS)[::2])]
        outcomes.add(connection, ends)
    card = retrain.train(somewhere("young"), empty, NOW).scorecard
    assert card.verdict == "rank_only"
    assert card.why[0].startswith("of 20 outcomes only 0 are of leads old enough")
    assert card.why_fr[0].startswith("sur 20 issues, 0 seulement")
