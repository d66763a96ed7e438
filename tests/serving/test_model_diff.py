"""What another version would change, held against both versions' own lists; nothing is switched by looking."""

import json
from typing import Any

import pytest

from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import aliases
from serving import diff_page, model_diff
from serving.app import create_app
from serving.backlog.making import make
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


def test_a_version_against_itself_changes_nothing(three_versions: Settings) -> None:
    ledger = Ledger.open(three_versions.ledger_url)
    same = model_diff.diff(three_versions, ledger, ("1", "1"))
    ledger.close()
    assert (same["queue"]["enter"], same["queue"]["leave"], same["leads"]) == ([], [], [])
    assert same["agreement"]["rank_correlation"] == 1.0
    assert {each["difference"] for each in [*same["owners"], *same["features"]]} == {0}


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
    assert aliases.read(life) == before


@pytest.mark.parametrize(("lang", "says"), [("en", "Who changes tier"), ("fr", "Qui change de niveau")])
def test_the_page_says_it_in_both_languages_without_scripts(found: dict[str, Any], lang: str, says: str) -> None:
    spiteful = {**found, "owners": [{"owner": "<b>x</b>", "a": 1, "b": 2, "difference": 1}]}
    page = diff_page.render(spiteful, lang)
    assert (says in page, "&lt;b&gt;x" in page, "<b>x" in page, "<script" in page) == (True, True, False, False)
