"""What another version would change, held against both versions' own lists; nothing is switched by looking."""

import json
from pathlib import Path
from typing import Any

import pytest

from leadloop.cli.switch import show_diff
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import aliases
from serving import diff_page, model_diff
from serving.app import create_app
from serving.backlog.making import make
from serving.diff_told import Told
from serving.diff_words import WORDS
from serving.scorer import Scorer, when
from serving.worklist import rank
from tests.support import answering, leadloop

TOP = 40


@pytest.fixture(scope="module")
def found(three_versions: Settings) -> dict[str, Any]:
    """What version 2 changes against 1."""
    ledger = Ledger.open(three_versions.ledger_url)
    made = model_diff.diff(three_versions, ledger, ("previous", "champion"), capacity=TOP)
    ledger.close()
    return made


def rows(settings: Settings, version: str) -> list[dict[str, Any]]:
    """The open leads as a version ranks them, by the way of `leadloop score`."""
    ledger = Ledger.open(settings.ledger_url)
    ranked = rank(ledger, Scorer.load(settings, version)).rows
    ledger.close()
    return ranked


def queue(settings: Settings, version: str) -> list[str]:
    """The same by the way of the queue."""
    ledger = Ledger.open(settings.ledger_url)
    backlog = make(ledger, Scorer.load(settings, version), settings)
    ledger.close()
    return [str(lead_id) for lead_id in backlog.lead_ids[backlog.order[:TOP]]]


def test_who_comes_into_the_top_and_who_drops_out_is_what_both_queues_say(
    found: dict[str, Any], three_versions: Settings
) -> None:
    before, after = (queue(three_versions, version) for version in "12")
    assert [row["lead_id"] for row in found["queue"]["enter"]] == [each for each in after if each not in before]
    assert [row["lead_id"] for row in found["queue"]["leave"]] == [each for each in before if each not in after]
    assert len(found["queue"]["enter"]) > 0


def test_tiers_are_counted_as_both_versions_give_them(found: dict[str, Any], three_versions: Settings) -> None:
    before, after = ({row["lead_id"]: row for row in rows(three_versions, version)} for version in "12")
    for name in ("stars", "flames"):
        changes = [after[lead_id][name] - before[lead_id][name] for lead_id in before]
        told = found["tiers"][name]
        assert (told["up"], told["down"]) == (sum(c > 0 for c in changes), sum(c < 0 for c in changes))


def test_each_lead_at_the_top_is_somebodys(found: dict[str, Any]) -> None:
    assert [sum(each[side] for each in found["owners"]) for side in "ab"] == [TOP, TOP]
    assert sum(each["difference"] for each in found["owners"]) == 0


def test_a_team_has_what_its_owners_have(found: dict[str, Any]) -> None:
    mine = [each for each in found["owners"] if each["owner"] in ("anna", "lea")]
    assert found["teams"] == [
        {"team": "south", **{key: sum(each[key] for each in mine) for key in ("a", "b", "difference")}}
    ]


@pytest.mark.parametrize("refs", [("1", "1"), ("champion", "2"), ("1", "previous")])
def test_people_hear_that_both_are_one_version_and_programs_that_nothing_differs(
    three_versions: Settings, refs: tuple[str, str]
) -> None:
    ledger = Ledger.open(three_versions.ledger_url)
    with pytest.raises(InputError, match=r"^Both are version [12]; name two$"):
        model_diff.look_apart(three_versions, refs)
    found = model_diff.diff(three_versions, ledger, refs)
    assert found["agreement"]["rank_correlation"] == 1.0
    assert {each["difference"] for each in (*found["teams"], *found["owners"])} == {0}
    ledger.close()


def test_a_lead_that_is_gone_meanwhile_is_left_out_of_both(three_versions: Settings) -> None:
    ledger = Ledger.open(three_versions.ledger_url)
    sides = [model_diff._side(three_versions, ledger, ref, when(ledger, None)) for ref in "12"]
    ledger.close()
    gone = str(sides[0].backlog.lead_ids[3])
    a, b = model_diff._alike(model_diff._without(sides[0], {gone}), sides[1])
    assert a.backlog.lead_ids.tolist() == b.backlog.lead_ids.tolist()
    assert gone not in b.backlog.lead_ids.tolist()


def test_looking_switches_nothing_and_command_and_server_say_the_same(life: Settings) -> None:
    before = dict(aliases.read(life) or {})
    told = json.loads(leadloop("diff", "1", "2", "--home", life.home, "--json"))
    with answering(create_app(life.model_copy(update={"teams": {}}), without_key=True)) as client:
        assert client.get("/v1/models/diff", params={"a": "1", "b": "2"}).json() == told
        assert client.get("/v1/models/diff", params={"a": "1", "b": "99"}).status_code == 404
        assert client.get("/v1/models/diff", params={"a": "champion", "b": "2"}).status_code == 200
    assert aliases.read(life) == before


SAID = {
    "en": ("Nothing was switched", "Trained as of", "Each of its own test", "Flames: ", "difference", " more, "),
    "fr": ("Rien n’a été activé", "Entraînée au", "Chacune sur son propre test", "Flammes : ", "écart", " de plus, "),
}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_terminal_says_what_the_page_says_and_where_it_is_shorter(
    found: dict[str, Any], lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    level = {"up": 340, "down": 16, "moves": [{"from": 0, "to": 2, "leads": 1_340}, {"from": 3, "to": 2, "leads": 16}]}
    found = {**found, "features": found["features"] * 12, "tiers": {**found["tiers"], "flames": level}}
    show_diff(found, lang)
    said, words = capsys.readouterr().out, WORDS[lang]
    for text in (*SAID[lang], words["verdict"], words["moved"], words["cells"], "95 %"):
        assert text in said
    told = Told(found, lang)
    first = [
        table.rows[0] for table in (told.metrics(), told.features(), told.levels("flames")[1], told.shares("team"))
    ]
    assert all(cell in said for row in first for cell in row)
    assert f"({words['team']})" in said
    assert f"({words['owner']})" in said
    assert words["more"].format(title=words["features"], shown=10, all=len(found["features"])) in said


def test_numbers_are_written_as_the_language_writes_them(found: dict[str, Any]) -> None:
    figure = {"value": 885_980.4, "interval": [1_000.0, 2_000.5]}
    value = {"metric": "value_at_capacity", "a": figure, "b": {"value": None, "interval": None}}
    wins = {"metric": "wins_at_capacity", "a": {"value": 82.0, "interval": None}, "b": figure}
    rows = [Told({**found, "metrics": [value, wins]}, lang).metrics().rows for lang in ("en", "fr")]
    assert [rows[0][0][1:], rows[0][1][1]] == [("885,980 (1,000 – 2,000)", "–"), "82"]
    assert rows[1][0][1] == "885\u202f980 (1\u202f000 – 2\u202f000)"


@pytest.mark.parametrize(("lang", "says"), [("en", "No lead is open"), ("fr", "Aucun lead n’est ouvert")])
def test_without_open_leads_no_share_of_none_is_told(
    found: dict[str, Any], lang: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    none = {"rank_correlation": 0.0, "same_in_top": 0, "top": 0}
    empty = {**found, "open_leads": 0, "agreement": none, "queue": {"stay": 0, "enter": [], "leave": []}}
    show_diff(empty, lang)
    for text in (capsys.readouterr().out, diff_page.render(empty, lang)):
        assert says in text
        assert "rank correlation" not in text
        assert "corrélation des rangs" not in text


def test_a_page_is_written_to_a_file_of_html_alone(life: Settings, tmp_path: Path) -> None:
    leadloop("diff", "1", "2", "--out", tmp_path / "d.pdf", "--home", life.home, code=2)
    leadloop("diff", "1", "1", "--out", tmp_path / "d.html", "--home", life.home, code=1)
    assert not list(tmp_path.glob("d.*"))


@pytest.mark.parametrize(("lang", "says"), [("en", "Who changes tier"), ("fr", "Qui change de niveau")])
def test_the_page_says_it_in_both_languages_without_scripts(found: dict[str, Any], lang: str, says: str) -> None:
    spiteful = {**found, "owners": [{"owner": "<b>x</b>", "a": 1, "b": 2, "difference": 1}]}
    page = diff_page.render(spiteful, lang)
    assert (says in page, "&lt;b&gt;x" in page, "<b>x" in page, "<script" in page) == (True, True, False, False)
    assert (("Étoiles : " if lang == "fr" else "Stars: ") in page, "Étoiles:" in page) == (True, False)
