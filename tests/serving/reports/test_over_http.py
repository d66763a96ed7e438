"""Reports over HTTP: the figures of the command, made once a minute, off the event loop."""

import json
from threading import get_ident

import anyio
import httpx
import pytest

from serving.reports.ask import Ask
from serving.reports.cache import KEPT, Answers
from serving.reports.catalogue import REPORTS, make
from serving.scorer import Scorer, when
from tests.support import Loop, leadloop


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_is_answered_with_its_data_and_notes(api: httpx.Client, loop: Loop, name: str) -> None:
    ask = Ask(loop.settings, when(loop.ledger, None), "fr")
    made = make(loop.ledger, name, ask, lambda: Scorer.load(loop.settings))
    answer = api.get(f"/v1/reports/{name}", params={"lang": "fr"})
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(made.as_json()))


def test_the_command_gives_what_the_api_gives(api: httpx.Client, loop: Loop) -> None:
    said = json.loads(leadloop("report", "contract", "--json", "--lang", "fr", "--home", loop.settings.home))
    assert api.get("/v1/reports/contract", params={"lang": "fr"}).json() == said


def test_the_contract_can_be_asked_what_if(api: httpx.Client) -> None:
    asked = {"goal": "50000", "rate": ["won=0.5", "sql=0.4"], "capacity": "7"}
    found = api.get("/v1/reports/contract", params=asked).json()
    assert (found["assumed"], found["plan"]["goal"]) == ({"won": 0.5, "sql": 0.4}, 50_000.0)
    assert found["monthly"]["capacity_a_day"] == 7


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("nothing", {}),
        ("sla", {"lang": "de"}),
        ("sla", {"as_of": "soon"}),
        ("features", {"by": "owner"}),
        ("contract", {"rate": "won"}),
        ("contract", {"rate": "client=0.5"}),
        ("contract", {"rate": "won=2"}),
        ("contract", {"capacity": "0"}),
        ("contract", {"goal": "nan"}),
    ],
)
def test_what_cannot_be_answered_is_a_problem(api: httpx.Client, name: str, query: dict[str, str]) -> None:
    answer = api.get(f"/v1/reports/{name}", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("as_of", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("name", ["sla", "contract", "rejections", "sources"])
def test_an_instant_at_the_end_of_time_is_answered(api: httpx.Client, name: str, as_of: str) -> None:
    assert api.get(f"/v1/reports/{name}", params={"as_of": as_of}).status_code == 200


def test_in_an_undated_ledger_as_of_is_refused(server: httpx.Client) -> None:
    assert server.get("/v1/reports/sla").status_code == 200
    assert server.get("/v1/reports/sla", params={"as_of": "2026-01-01"}).status_code == 422


def test_those_who_ask_at_once_share_one_answer_made_in_another_thread() -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(get_ident())
        return b"answer"

    async def ask(answers: Answers) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(answers.get, "key", make)

    anyio.run(ask, Answers())
    assert len(made) == 1
    assert made[0] != get_ident()


def test_an_answer_that_failed_is_made_again_and_old_ones_are_forgotten() -> None:
    made: list[str] = []

    def make(key: str) -> bytes:
        made.append(key)
        if made == ["0"]:
            raise ValueError(key)
        return key.encode()

    async def ask(answers: Answers) -> None:
        with pytest.raises(ValueError, match="0"):
            await answers.get("0", lambda: make("0"))
        for number in [*range(KEPT + 1), 0]:
            await answers.get(str(number), lambda key=str(number): make(key))  # type: ignore[misc]

    anyio.run(ask, Answers())
    assert made.count("0") == 3  # failed, made, forgotten and made again
    assert len(made) == KEPT + 3
