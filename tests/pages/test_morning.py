"""A rep's morning at the queue, from reading to undoing, ends with the right rows in the ledger."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from leadloop.settings import Settings
from leadloop.store import audit, outcomes
from leadloop.store.ledger import Ledger
from serving.app import create_app
from tests.support import answering


@pytest.fixture
def queue(few: Settings) -> Iterator[httpx.Client]:
    """A server of 40 open leads, on each database, with the model that the made-up company learned."""
    with answering(
        create_app(few.model_copy(update={"reasons": {"Kein Budget": "no_budget"}}), without_key=True)
    ) as client:
        yield client


@pytest.fixture
def order(queue: httpx.Client) -> list[str]:
    """The leads of the queue, best first."""
    return [lead["lead_id"] for lead in queue.get("/v1/queue").json()["leads"]]


@pytest.fixture
def tab(browser: Browser, queue: httpx.Client) -> Iterator[Page]:
    """A browser's tab on the queue, whose console must stay silent but for answers that say no."""
    complaints: list[str] = []
    with browser.new_context(base_url=str(queue.base_url), locale="en-GB") as context:
        page = context.new_page()
        page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
        page.goto("/queue")
        yield page
    assert [told for told in complaints if not told.startswith("Failed to load resource")] == []


def stands(ledger: Ledger, lead_id: str) -> list[tuple[str, str | None, bool]]:
    """Of a lead's outcomes that hold: stage, reason, and whether it comes back."""
    with ledger.reading() as connection:
        rows = outcomes.read(connection, None, [lead_id])
    return [(row.stage, row.reason, row.until_at is not None) for row in rows]


def test_a_morning_by_keyboard_ends_with_the_right_rows(tab: Page, order: list[str], ledger: Ledger) -> None:
    done = tab.locator(".queue tr.done")
    tab.keyboard.press("j")
    tab.keyboard.press("r")
    tab.keyboard.press("4")
    expect(done).to_have_count(1)
    expect(done.first).to_contain_text("no budget")
    tab.keyboard.press("s")
    tab.keyboard.press("2")
    expect(done).to_have_count(2)
    tab.keyboard.press("a")
    expect(done).to_have_count(3)
    expect(tab.locator("#today")).to_contain_text("1 of 20 taken on")
    tab.keyboard.press("a")
    expect(done).to_have_count(4)
    tab.keyboard.press("u")
    expect(done).to_have_count(3)
    expect(tab.locator("#today")).to_contain_text("1 of 20 taken on")
    assert [stands(ledger, lead_id) for lead_id in order[:5]] == [
        [("rejected", "no_budget", False)],
        [("recycled", None, True)],
        [("accepted", None, False)],
        [],
        [],
    ]
    with ledger.reading() as connection:
        actions = [entry.action for entry in audit.read(connection) if entry.action.startswith("queue.")]
    assert sorted(actions) == ["queue.accept", "queue.accept", "queue.reject", "queue.snooze", "queue.undo"]


def test_a_morning_without_a_script_ends_with_the_same_rows(
    browser: Browser, queue: httpx.Client, order: list[str], ledger: Ledger
) -> None:
    options = {"base_url": str(queue.base_url), "java_script_enabled": False, "locale": "fr-FR"}
    with browser.new_context(**options) as context:  # type: ignore[arg-type] # its own types of the same
        tab = context.new_page()
        tab.goto("/queue?cell=")
        first = tab.locator(".queue tbody tr").first
        first.locator("details.reject summary").click()
        first.get_by_role("button", name="Kein Budget").click()
        expect(tab.locator("#notice")).to_contain_text(f"Refusé: {order[0]}")
        tab.locator(".queue tbody tr").first.get_by_role("button", name="Accepter").click()
        tab.locator("#notice").get_by_role("button", name="Annuler").click()
        expect(tab.locator("#notice")).to_have_text("")
        assert "done=" not in tab.url
    assert [stands(ledger, lead_id) for lead_id in order[:2]] == [[("rejected", "Kein Budget", False)], []]


def test_a_click_on_a_closed_lead_is_refused_in_place_and_nothing_is_lost(
    tab: Page, queue: httpx.Client, order: list[str]
) -> None:
    queue.post(f"/v1/queue/{order[0]}/reject", json={"reason": "spam"})
    with tab.expect_response(lambda answer: answer.request.method == "POST") as answered:
        tab.locator(".queue tbody tr").first.get_by_role("button", name="Accept").click()
    assert answered.value.status == 409
    expect(tab.locator("#notice")).to_contain_text("That can't be done any more")
    expect(tab.locator(".queue tbody tr").first).to_contain_text("Reject")


def test_filters_apply_themselves_and_are_in_the_address(tab: Page) -> None:
    tab.get_by_label("What to do").select_option(label="Nurture")
    tab.wait_for_url("**cell=nurture**")
    assert set(tab.locator(".queue .when b").all_inner_texts()) <= {"Nurture"}
