"""A model card says in both languages what its version is, runs nothing, and leaves out what nobody measured."""

import json
from dataclasses import replace

import pytest

from models import registry
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


def test_the_command_shows_the_card_that_mlflow_keeps(loop: Loop, told: Told) -> None:
    shown = json.loads(leadloop("models", "card", "--home", loop.settings.home, "--lang", "fr", "--json"))
    assert shown == {"version": loop.trained.version, "card": of_version(told, loop.trained.version, "fr")[".md"]}
