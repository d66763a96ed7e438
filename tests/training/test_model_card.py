"""A model card says in both languages what its version is, runs nothing, and leaves out what nobody measured."""

import json
from dataclasses import replace

import pytest

from models import registry
from models.logged import description
from models.signature import example
from tests.support import Loop, leadloop
from training.document import Bullets, Section, Table, as_markdown, as_page
from training.model_card import Told, of_version, sections

SPITEFUL = "<img src=x onerror=alert(1)> | x\n# y"


@pytest.fixture(scope="module")
def told(loop: Loop) -> Told:
    version = registry.load(loop.settings)
    return Told(version.scorecard, version.bundle, version.importances, version.data)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_both_languages_have_the_same_sections_and_figures(told: Told, lang: str) -> None:
    card, other = sections(told, lang), sections(told, "en")
    assert [len(each.blocks) for each in card] == [len(each.blocks) for each in other]
    shapes = [[len(b.rows) for b in each.blocks if isinstance(b, Table)] for each in card]
    assert shapes == [[len(b.rows) for b in each.blocks if isinstance(b, Table)] for each in other]
    assert sum(map(sum, shapes)) > 30


def test_no_word_of_one_language_is_in_the_other(told: Told) -> None:
    french, english = (of_version(told, "7", lang)[".md"] for lang in ("fr", "en"))
    assert ("What it is for" in french, "À quoi il sert" in english) == (False, False)


def test_what_leads_wrote_neither_runs_nor_breaks_a_table() -> None:
    parts = [Section(SPITEFUL, [Table(("a", "b"), [(SPITEFUL, "1")]), Bullets([SPITEFUL]), SPITEFUL])]
    page, text = as_page(SPITEFUL, parts, "en"), as_markdown(SPITEFUL, parts)
    assert "<img" not in page
    assert "<img" not in text
    assert [line for line in text.splitlines() if line.startswith("# y")] == []
    assert [line.count("|") - line.count("\\|") for line in text.splitlines() if line.startswith("|")] == [3, 3, 3]


def test_a_version_of_rules_says_that_nothing_was_learned_or_tested(told: Told) -> None:
    bundle = replace(told.bundle, facts={**told.bundle.facts, "chosen": "rules"})
    card = {**told.card, "split": {"kind": "time", "train": 0, "test": 0, "from": None, "to": None}}
    text = of_version(Told(card, bundle, None), "1", "en")[".md"]
    assert "ranks by rules" in text
    assert "ROC-AUC |" not in text


def by_rules(told: Told) -> Told:
    """The same, had it been a version of rules."""
    card = {**told.card, "split": {"kind": "time", "train": 0, "test": 0, "from": None, "to": None}}
    return Told(card, replace(told.bundle, facts={**told.bundle.facts, "chosen": "rules"}), None)


@pytest.mark.parametrize(
    ("lang", "never"), [("en", ("chance of a win", "learned from")), ("fr", ("probabilité d’une",))]
)
def test_a_version_of_rules_neither_learned_nor_gives_chances(told: Told, lang: str, never: tuple[str, ...]) -> None:
    rules = by_rules(told)
    for text in (of_version(rules, "1", lang)[".md"], description(rules.card, rules.bundle)):
        assert not [words for words in (*never, "sales chose", "ont choisi", "learned at") if words in text]


def test_salespeople_are_named_as_what_they_are_a_feature(told: Told) -> None:
    english, french = (of_version(told, "1", lang)[".md"] for lang in ("en", "fr"))
    assert "No leads’ names, addresses or phone numbers are features" in english
    assert "names of salespeople are a feature (column “owner”)" in english
    assert "noms des commerciaux sont une variable (colonne « owner »)" in french
    assert "owner" not in example(told.bundle).columns


def test_a_version_of_old_says_when_it_learned_in_utc_and_was_not_switched_on_by_itself(told: Told) -> None:
    text = of_version(replace(told, card={**told.card, "verdict": "do_not_activate"}), "1", "en")[".md"]
    assert f"{told.bundle.facts['as_of'][:10]} " in text
    assert " UTC |" in text
    assert "It was not switched on by itself." in text


def test_the_french_says_models_segments_and_verdicts_in_french(told: Told) -> None:
    facts = {**told.bundle.facts, "chosen": "logistic", "horizon_days": 180.0}
    card = {**told.card, "verdict": "activate", "why_fr": ["un", "deux"]}
    french = replace(told, card=card, bundle=replace(told.bundle, facts=facts))
    text, described = of_version(french, "1", "fr")[".md"], description(card, french.bundle).split("\n\n")[1]
    assert "| modèle | régression logistique |" in text
    assert "| campaign |" not in text
    assert described.startswith("**Activer** : un ; deux. ")
    assert "en 180 jours ; appris au " in described
    assert "(régression logistique, " in described


def test_the_command_shows_the_card_that_mlflow_keeps(loop: Loop, told: Told) -> None:
    shown = json.loads(leadloop("models", "card", "--home", loop.settings.home, "--lang", "fr", "--json"))
    assert shown == {"version": loop.trained.version, "card": of_version(told, loop.trained.version, "fr")[".md"]}
