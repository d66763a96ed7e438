"""Sales see their own or their team's leads when so configured, and marketing sees no people."""

import csv
import shutil
from collections.abc import Iterator

import httpx
import pytest

from leadloop.access import Role
from leadloop.errors import UnknownLeadError
from leadloop.settings import Settings
from leadloop.store import keys
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from serving.access import Caller
from serving.app import create_app
from serving.sight import Rules
from tests.support import Loop, answering

TEAMS = {"nord": ["nadia", "paul"], "sud": ["lea"]}
OWN = Rules(own_only=True, teams=TEAMS)


def caller(role: Role = Role.sales, owner: str | None = None, team: str | None = None) -> Caller:
    """Somebody who asks."""
    return Caller("7", role, owner=owner, team=team)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (caller(owner="nadia"), {"nadia"}),
        (caller(team="nord"), {"nadia", "paul"}),
        (caller(owner="zoe", team="nord"), {"zoe", "nadia", "paul"}),
        (caller(), set()),
        (caller(team="gone"), set()),
        (caller(Role.marketing), {"nadia", "paul", "lea", "zoe", None}),
        (caller(Role.service), {"nadia", "paul", "lea", "zoe", None}),
    ],
)
def test_sales_see_their_own_and_their_teams_leads(who: Caller, seen: set[str | None]) -> None:
    everyone = ("nadia", "paul", "lea", "zoe", None)
    assert {owner for owner in everyone if OWN.sight(who).visible(owner)} == seen


def test_unless_so_configured_sales_see_every_lead() -> None:
    assert Rules.of(Settings(teams=TEAMS)).sight(caller(owner="nadia")).visible("lea")
    assert not Rules.of(Settings(teams=TEAMS, sales_see="own")).sight(caller(owner="nadia")).visible("lea")


def test_a_lead_that_is_not_seen_is_refused_like_one_that_is_not_there() -> None:
    with pytest.raises(UnknownLeadError, match="There is no lead 'L-7'"):
        OWN.sight(caller(owner="nadia")).check("L-7", "lea")


def test_marketing_sees_no_identity() -> None:
    assert [role for role in Role if not OWN.sight(caller(role)).identity] == [Role.marketing]


@pytest.fixture(scope="module")
def own(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """A server where sales see their own, and keys: `one` of an owner, `team` of two of them, `admin`."""
    home = tmp_path_factory.mktemp("own") / "home"
    shutil.copytree(loop.settings.home, home)
    owners = sorted({str(row.attributes["owner"]) for row in loop.world.leads if row.attributes.get("owner")})
    settings = Settings(home=home, sales_see="own", teams={"two": owners[1:3]})
    ledger = Ledger.open(settings.ledger_url)
    holders = {
        "one": Holder(Role.sales, owner=owners[0]),
        "team": Holder(Role.sales, team="two"),
        "admin": Holder(Role.admin),
    }
    with ledger.writing() as connection:
        held = {name: keys.create(connection, holder)[1] for name, holder in holders.items()}
    ledger.close()
    with answering(create_app(settings)) as client:
        yield client, held | {"owner": owners[0], "colleague": owners[1]}


def queue(client: httpx.Client, key: str, **asked: str) -> httpx.Response:
    """The whole queue as the holder of a key sees it."""
    return client.get("/v1/queue", params={"limit": 1000, **asked}, headers={"Authorization": f"Bearer {key}"})


def test_the_queue_of_a_sales_key_is_its_owners(own: tuple[httpx.Client, dict[str, str]]) -> None:
    client, held = own
    mine, asked = queue(client, held["one"]).json(), queue(client, held["admin"], owner=held["owner"]).json()
    assert [lead["lead_id"] for lead in mine["leads"]] == [lead["lead_id"] for lead in asked["leads"]] != []
    assert mine["total"] < queue(client, held["admin"]).json()["total"]


def test_the_file_of_the_queue_has_no_more_than_the_page(own: tuple[httpx.Client, dict[str, str]]) -> None:
    client, held = own
    file = client.get("/queue", params={"csv": "leads"}, headers={"Authorization": f"Bearer {held['one']}"}).text
    rows = list(csv.DictReader(file.removeprefix("\ufeff").splitlines()))
    assert {row["owner"] for row in rows} == {held["owner"]}


def test_a_team_sees_both_of_its_owners_and_may_ask_for_one(own: tuple[httpx.Client, dict[str, str]]) -> None:
    client, held = own
    both, one = queue(client, held["team"]).json(), queue(client, held["team"], owner=held["colleague"]).json()
    assert 0 < one["total"] < both["total"]


def test_a_colleagues_queue_is_refused(own: tuple[httpx.Client, dict[str, str]]) -> None:
    client, held = own
    answer = queue(client, held["one"], owner=held["colleague"])
    assert (answer.status_code, held["colleague"] in answer.json()["detail"]) == (403, True)


def test_the_lead_of_somebody_else_has_no_sheet_and_takes_no_click(own: tuple[httpx.Client, dict[str, str]]) -> None:
    client, held = own
    theirs = queue(client, held["admin"], owner=held["colleague"], limit="1").json()["leads"][0]["lead_id"]
    bearer = {"Authorization": f"Bearer {held['one']}"}
    answers = [client.get(f"/v1/leads/{theirs}", headers=bearer)]
    answers += [client.post(f"/v1/queue/{theirs}/{action}", headers=bearer) for action in ("accept", "undo")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert {answer.json()["detail"] for answer in answers} == {
        f"There is no lead '{theirs}' in the ledger; import it first"
    }
