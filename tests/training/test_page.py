"""The scorecard's page: well-formed, whole in both languages, with nothing from elsewhere and nothing unescaped."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.errors import InputError
from models import registry
from tests.support import Loop
from training import recipe
from training.page import pages, render
from training.page_words import FIGURES, WHO, WORDS
from training.words import RIVALS, SAID, WRITTEN, Both, said

LANGS = ("en", "fr")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
PAIRS = {
    **SAID,
    **RIVALS,
    **WORDS,
    **WHO,
    **{f"{name} means": each.means for name, each in FIGURES.items()},
    **{f"{name} is called": each.name for name, each in FIGURES.items()},
    **{en: Both(en, fr) for en, fr in WRITTEN.items()},
}


@pytest.fixture
def card(loop: Loop) -> dict[str, Any]:
    """The scorecard of the made-up company, as JSON."""
    return json.loads(json.dumps(dict(registry.load(loop.settings).scorecard)))  # type: ignore[no-any-return] # a dict


def text_of(page: str) -> str:
    return " ".join("".join(ElementTree.fromstring(page).itertext()).split())  # noqa: S314 -- our own page


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_is_well_formed_and_says_its_language(card: dict[str, Any], lang: str) -> None:
    root = ElementTree.fromstring(render(card, lang))  # noqa: S314 -- our own page
    assert root.attrib["lang"] == lang
    assert len(root.findall(".//svg")) == 2


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_has_no_script_and_nothing_from_elsewhere(card: dict[str, Any], lang: str) -> None:
    assert not re.search(r"https?:|//\w|<script|<link|<img|\bsrc=|\bhref=|url\(|@import|\bon\w+=", render(card, lang))


@pytest.mark.parametrize("lang", LANGS)
def test_what_comes_from_leads_is_escaped(card: dict[str, Any], lang: str) -> None:
    card["notes"] = card["why"] = card["why_fr"] = [HOSTILE]
    card["excluded"] = [{"column": HOSTILE, "evidence": HOSTILE}]
    card["segments"] = [{**row, "segment": HOSTILE, "level": HOSTILE} for row in card["segments"]]
    card["baselines"][HOSTILE] = card["baselines"]["recency"]
    card["model_version"] = HOSTILE
    page = render(card, lang)
    assert "<img" not in page
    assert HOSTILE in ElementTree.fromstring(page).itertext()  # noqa: S314 -- our own page


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_every_text_is_there_in_both_languages_with_the_same_values(name: str) -> None:
    pair = PAIRS[name]
    assert pair.en.strip()
    assert pair.fr.strip()
    assert sorted(re.findall(r"\{.*?\}", pair.en)) == sorted(re.findall(r"\{.*?\}", pair.fr))


def test_a_french_page_holds_no_english_heading(card: dict[str, Any]) -> None:
    page = text_of(render(card, "fr"))
    english = [pair.en for pair in WORDS.values() if "{" not in pair.en and len(pair.en.split()) > 2]
    assert [text for text in english if text in page] == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_names_the_verdict_every_baseline_and_every_column_left_out(card: dict[str, Any], lang: str) -> None:
    page = text_of(render(card, lang))
    assert getattr(WORDS[card["verdict"]], lang) in page
    assert [name for name in card["baselines"] if getattr(WHO[name], lang) not in page] == []
    assert [each["column"] for each in card["excluded"] if each["column"] not in page] == []


@pytest.mark.parametrize("note", [recipe.SILENT, "always 'x'", "12 different values in 40 leads"])
def test_notes_and_evidence_are_said_in_french(note: str) -> None:
    assert said(note, "fr") != note
    assert said(note, "en") == note


def test_notes_of_a_real_scorecard_are_said_in_french(card: dict[str, Any]) -> None:
    assert [note for note in card["notes"] if said(note, "fr") == note] == []


def test_a_note_in_french_keeps_its_values_and_writes_numbers_as_french_does() -> None:
    note = "source = fair {x}: chances are off: predicted 12.5%, real 8.0% of 1,234 leads"
    assert said(note, "fr").startswith("source = fair {x} : probabilités décalées : 12,5\xa0% prédits")


def test_a_text_that_nobody_translated_stays_as_it_is() -> None:
    assert said("all their own words", "fr") == "all their own words"


def test_a_scorecard_of_an_earlier_version_still_makes_a_page(card: dict[str, Any]) -> None:
    new = ("why_fr", "baseline_intervals", "differences", "segments", "reliability", "gains", "baseline_gains")
    assert "ROC-AUC" in text_of(render({name: card[name] for name in card if name not in new}, "fr"))


def test_a_window_without_dates_or_wins_still_makes_a_page(card: dict[str, Any]) -> None:
    card["split"] |= {"from": None, "to": None, "kind": "random"}
    card["gains"], card["metrics"]["roc_auc"], card["intervals"]["roc_auc"] = [], None, [None, None]
    assert "split at random" in text_of(render(card))


def test_mlflow_keeps_the_page_in_both_languages(loop: Loop) -> None:
    found = {path.name: path for path in (loop.settings.home / "artifacts").rglob("scorecard.*.html")}
    assert sorted(found) == ["scorecard.en.html", "scorecard.fr.html"]
    version = registry.load(loop.settings)
    kept = pages(version.scorecard)(version.version)["scorecard.fr.html"]
    assert found["scorecard.fr.html"].read_text() == kept


@pytest.mark.parametrize(("lang", "says"), [("fr", "Bilan du modèle"), ("en", "Scorecard")])
def test_the_command_writes_the_page(loop: Loop, tmp_path: Path, lang: str, says: str) -> None:
    out = tmp_path / "card.html"
    done = CliRunner().invoke(
        app, ["scorecard", "--home", str(loop.settings.home), "--out", str(out), "--lang", lang, "--json"]
    )
    assert done.exit_code == 0
    assert says in text_of(out.read_text())


def test_a_page_that_can_not_be_written_is_an_error_that_names_the_file(loop: Loop, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["scorecard", "--home", str(loop.settings.home), "--out", str(tmp_path)])
    assert isinstance(done.exception, InputError)
    assert str(tmp_path) in str(done.exception)
