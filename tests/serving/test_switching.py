"""A person switches versions on and back: tried first, refused where the verdict is no, noted, followed by servers."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from leadloop.access import Role
from leadloop.errors import InputError, NoModelError, RefusedVersionError, RegistryError
from leadloop.settings import Settings
from leadloop.store import audit
from leadloop.store.ledger import Ledger
from models import aliases, registry
from models import bundle as bundles
from serving import versions
from serving.app import create_app
from serving.scorer import Scorer
from serving.switching import Desk
from tests.journey.test_small_installation import WITHOUT
from tests.serving.test_access import bearer, made
from tests.support import answering, leadloop, serving


@pytest.fixture
def desk(life: Settings) -> Iterator[Desk]:
    """Where somebody switches."""
    ledger = Ledger.open(life.ledger_url)
    yield Desk(life, ledger, "command")
    ledger.close()


@pytest.fixture
def client(life: Settings) -> Iterator[httpx.Client]:
    """A client of a server on it."""
    with answering(create_app(life, without_key=True)) as found:
        yield found


def named(settings: Settings) -> dict[str, str]:
    return dict(aliases.read(settings) or {})


def spoil(settings: Settings, version: str) -> None:
    """A byte more in a file of a version."""
    with (settings.models_dir / version / bundles.BODY).open("a") as file:
        file.write(" ")


def lose(settings: Settings, version: str) -> None:
    """What MLflow has of a version is not where it was."""
    with sqlite3.connect(settings.home / "mlflow.db") as registered:
        gone = "UPDATE model_versions SET storage_location = '/gone', source = '/gone' WHERE version = ?"
        registered.execute(gone, (version,))


def log(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        return [(entry.action, entry.subject) for entry in audit.read(connection)]


def test_one_command_brings_the_version_before_back_to_a_running_server_and_once_more_goes_forth(
    life: Settings, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with serving(life.home, watch_model_seconds="0.05", store_scores="false") as client:
        for before, after in (("2", "1"), ("1", "2")):
            assert client.get("/readyz").json()["model_version"] == before
            done = json.loads(leadloop("rollback", "--home", life.home, "--json"))
            assert (done["did"], done["version"], done["before"]) == ("rolled_back", after, before)
            eventually(lambda after=after: client.get("/readyz").json()["model_version"] == after)  # type: ignore[misc]
            assert client.post("/v1/score", json={"lead": {}}).json()["model_version"] == after


def test_rolling_back_says_who_serves_and_how_to_come_back(life: Settings) -> None:
    assert "Version 1 serves again, 2 is the one before: `leadloop rollback`" in leadloop(
        "rollback", "--home", life.home
    )


def test_switching_and_listing_speak_the_language_asked_for(life: Settings) -> None:
    refused = leadloop("promote", "3", "--lang", "fr", "--home", life.home, code=3)
    assert refused == ""
    said = leadloop("promote", "1", "--lang", "fr", "--home", life.home)
    assert "La version 1 est désormais le champion, avant elle la 2" in said
    assert "La version 2 sert à nouveau, la 1 est celle d’avant" in leadloop(
        "rollback", "--home", life.home, language="fr"
    )
    told = leadloop("models", "history", "--lang", "fr", "--home", life.home)
    for text in ("changements", "pourquoi", "refusée", "activée", "rétablie"):
        assert text in told
    assert registry.load(life, "3").scorecard["why_fr"][0][:40] in " ".join(told.split())
    versions = leadloop("models", "list", "--lang", "fr", "--home", life.home)
    auc = f"{registry.load(life, '1').scorecard['metrics']['roc_auc']:.3f}".replace(".", ",")
    for text in ("3 versions", "créée", "ne pas activer", "test propre à la version", auc):
        assert text in versions


def test_one_version_is_counted_as_one(life: Settings) -> None:
    for version in ("2", "3"):
        with sqlite3.connect(life.home / "mlflow.db") as registered:
            registered.execute("DELETE FROM model_version_tags WHERE version = ?", (version,))
    assert "1 switch\n" in leadloop("models", "history", "--home", life.home)


def test_versions_are_switched_where_mlflow_is_not_installed(life: Settings) -> None:
    for arguments in (["rollback"], ["diff", "1", "2", "--json"], ["promote", "2"]):
        code = WITHOUT.format(missing=["mlflow", "pandas"], arguments=[*arguments, "--home", str(life.home)])
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert named(life) == {"champion": "2", "previous": "1"}


def test_there_is_no_rolling_back_without_a_version_before(desk: Desk) -> None:
    aliases.shelf(desk.settings).drop("previous")
    with pytest.raises(NoModelError, match="no version before 2"):
        desk.roll_back()


def test_a_broken_version_before_is_not_rolled_back_to(desk: Desk) -> None:
    spoil(desk.settings, "1")
    lose(desk.settings, "1")
    before = named(desk.settings)
    with pytest.raises(RegistryError, match="copy of version 1 here is broken, and it can't be fetched anew"):
        desk.roll_back()
    assert (named(desk.settings), registry.pointed(desk.settings), log(desk.ledger)) == (before, "2", [])


def test_a_broken_version_is_not_promoted(desk: Desk) -> None:
    spoil(desk.settings, "1")
    lose(desk.settings, "1")
    with pytest.raises(RegistryError, match="copy of version 1 here is broken"):
        desk.promote("1")
    assert named(desk.settings)["champion"] == "2"


def test_a_broken_copy_is_fetched_anew_and_the_version_serves(desk: Desk) -> None:
    spoil(desk.settings, "1")
    assert desk.roll_back().version == "1"
    assert Scorer.load(desk.settings).version.version == "1"


def test_a_version_whose_verdict_is_no_is_refused_and_that_is_noted(desk: Desk) -> None:
    with pytest.raises(RefusedVersionError, match=r"Version 3 .*do_not_activate.*`--force --reason TEXT`"):
        desk.promote("3")
    assert named(desk.settings) == {"champion": "2", "previous": "1"}
    assert log(desk.ledger) == [("model.refused", "model:3")]
    told = versions.listed(desk.settings)["history"][0]
    assert (told["did"], told["version"], told["by"]) == ("refused", "3", "command")
    card = registry.load(desk.settings, "3").scorecard
    assert (told["reason"], told["reason_fr"]) == ("; ".join(card["why"]), "; ".join(card["why_fr"]))


def test_a_switch_noted_without_french_is_told_as_it_was(desk: Desk) -> None:
    old = {"did": "promoted", "before": None, "by": "training", "reason": "better", "forced": False}
    aliases.shelf(desk.settings).annotate("1", {"switch 2024-01-01T00:00:00Z": json.dumps(old)})
    told = versions.listed(desk.settings)["history"][-1]
    assert told == {**old, "at": "2024-01-01T00:00:00Z", "version": "1", "reason_fr": ""}


def test_the_history_marks_what_was_forced(life: Settings) -> None:
    leadloop("promote", "3", "--force", "--reason", "the fair is on", "--home", life.home)
    assert "promoted, forced" in leadloop("models", "history", "--home", life.home)


def test_forcing_it_wants_a_reason_which_mlflow_keeps_and_the_audit_log_does_not(desk: Desk) -> None:
    with pytest.raises(InputError, match="reason"):
        desk.promote("3", " ", force=True)
    assert desk.promote("3", "the fair is on", force=True).as_json() == {
        "did": "promoted",
        "version": "3",
        "before": "2",
        "forced": True,
    }
    told = versions.listed(desk.settings)["history"][0]
    assert (told["reason"], told["forced"], told["before"]) == ("the fair is on", True, "2")
    with desk.ledger.reading() as connection:
        entry = audit.read(connection)[0]
    assert (entry.action, entry.detail) == (
        "model.promoted",
        {"before": "2", "verdict": "do_not_activate", "forced": True},
    )


def test_promoting_the_champion_switches_and_notes_nothing(desk: Desk) -> None:
    assert desk.promote("champion").did == "nothing"
    assert log(desk.ledger) == []


def test_a_challenger_is_promoted_by_that_name(desk: Desk) -> None:
    registry.challenge(desk.settings, "1")
    assert desk.promote("challenger").version == "1"
    assert named(desk.settings) == {"champion": "1", "previous": "2"}


@pytest.mark.parametrize(("asked", "code"), [(["3"], 3), (["3", "--force"], 2), (["winner"], 1), (["1"], 0)])
def test_promote_says_by_its_exit_code_what_came_of_it(life: Settings, asked: list[str], code: int) -> None:
    leadloop("promote", *asked, "--home", life.home, "--json", code=code)
    assert named(life)["champion"] == ("1" if code == 0 else "2")


def test_the_server_switches_and_follows(
    client: httpx.Client, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    done = client.post("/v1/models/1/promote", json={"reason": "better in spring"}).json()
    assert done == {"did": "promoted", "version": "1", "before": "2", "forced": False}
    eventually(lambda: client.get("/readyz").json()["model_version"] == "1")
    assert client.post("/v1/models/rollback").json()["version"] == "2"
    eventually(lambda: client.get("/readyz").json()["model_version"] == "2")
    entries = client.get("/v1/audit").json()["entries"]
    assert [(each["action"], each["actor"]) for each in entries] == [
        ("model.rolled_back", "open"),
        ("model.promoted", "open"),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("3/promote", {}, 409),
        ("3/promote", {"force": True}, 422),
        ("99/promote", {}, 404),
        ("winner/promote", {}, 404),
        ("3/promote", {"force": True, "reason": "must be"}, 200),
    ],
)
def test_the_server_refuses_as_the_command_does(
    client: httpx.Client, path: str, body: dict[str, object], status: int
) -> None:
    assert client.post(f"/v1/models/{path}", json=body).status_code == status


def test_a_server_without_a_version_before_says_so(client: httpx.Client, life: Settings) -> None:
    aliases.shelf(life).drop("previous")
    answer = client.post("/v1/models/rollback")
    assert (answer.status_code, "no version before 2" in answer.json()["detail"]) == (409, True)


def test_the_versions_are_listed_with_what_they_are_called_and_how_they_did(client: httpx.Client) -> None:
    found = client.get("/v1/models").json()
    assert (found["aliases"], found["registry"]) == ({"champion": "2", "previous": "1"}, "ok")
    told = {each["version"]: (each["aliases"], each["verdict"]) for each in found["versions"]}
    assert told == {
        "3": ([], "do_not_activate"),
        "2": (["champion"], "rank_only"),
        "1": (["previous"], "activate"),
    }
    assert all(each["metrics"]["roc_auc"] > 0.5 and each["copied"] for each in found["versions"])


def test_while_mlflow_is_down_the_copies_are_listed_and_nothing_is_switched(life: Settings) -> None:
    down = life.model_copy(update={"mlflow_tracking_uri": "http://127.0.0.1:9"})
    with answering(create_app(down, without_key=True)) as client:
        found = client.get("/v1/models").json()
        assert ([each["version"] for each in found["versions"]], found["aliases"]) == (
            ["3", "2", "1"],
            {"champion": "2"},
        )
        assert "does not answer" in found["registry"]
        assert client.post("/v1/models/rollback").status_code == 503
        assert client.get("/readyz").json()["model_version"] == "2"


def test_versions_without_a_copy_here_are_listed_with_the_figures_of_their_tags(life: Settings) -> None:
    card = registry.load(life, "1").scorecard
    shutil.rmtree(life.models_dir / "1")
    aliases.shelf(life).annotate("1", {"average_precision": "high", "brier": "nan"})
    told = {each["version"]: each for each in versions.listed(life)["versions"]}["1"]
    assert told["metrics"] == {name: pytest.approx(card["metrics"][name], abs=1e-4) for name in told["metrics"]}
    assert ({"roc_auc", "log_loss"} <= set(told["metrics"]), "brier" in told["metrics"]) == (True, False)
    assert "of the version's own test" in leadloop("models", "list", "--home", life.home)


def test_while_mlflow_is_down_the_history_is_not_known_and_not_said_to_be_empty(
    life: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert leadloop("models", "history", "--home", life.home, code=1) == ""
    told = json.loads(leadloop("models", "history", "--home", life.home, "--json", code=1))
    assert (told["history"], "does not answer" in told["registry"]) == ([], True)


def test_sales_sees_no_versions_and_switches_none(life: Settings, tmp_path: Path) -> None:
    with answering(create_app(life)) as client:
        ledger = Ledger.open(life.ledger_url)
        _, sales = made(ledger, Role.sales)
        _, operations = made(ledger, Role.operations)
        ledger.close()
        asked = [client.get("/v1/models", headers=bearer(key)).status_code for key in (sales, operations)]
        assert asked == [403, 200]
        assert client.post("/v1/models/rollback", headers=bearer(sales)).status_code == 403
