"""One deal in the browser: moved, priced, followed up, on its page and in a panel, by mouse, by keys and on a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Guard
from tests.browser.late import go_on, held_back
from tests.browser.phone import PHONE, SMALL, STICKING_OUT
from tests.browser.test_accessibility import grave

pytestmark = pytest.mark.browser

MADE = """async ([title, stage]) => {
    const found = async (name, typed) =>
        (await (await fetch(`/deals/pick/${name}?q=${encodeURIComponent(typed)}`)).json()).results;
    const form = new FormData(document.querySelector("#record-form"));
    const pipeline = (await found("pipeline_id", "New families"))[0].id;
    form.set("title", title);
    form.set("pipeline_id", pipeline);
    form.set("country_code", "SK");
    form.set("currency", "EUR");
    for (const one of await found("stage_id", stage)) {
        form.set("stage_id", one.id);
        const answer = await fetch("/deals/add", { method: "POST", body: form });
        if (answer.url.includes("/show/")) return answer.url;
    }
    return "";
}"""


@pytest.fixture
def deal(page: Page, request: pytest.FixtureRequest) -> str:
    """The address of a new deal in the first stage."""
    page.goto("/deals/add")
    page.locator("#record-form").wait_for()
    address = str(page.evaluate(MADE, [f"Deal of {request.node.name}"[:100], "New lead"]))
    assert address
    page.goto(address)
    return address


def step(page: Page, name: str) -> Locator:
    return page.locator(".deal-step", has_text=name)


def toast(page: Page, words: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(words)


def choose(page: Page, field: Locator, typed: str) -> None:
    field.locator(".ts-control input").press_sequentially(typed)
    expect(field.locator(".option").first).to_contain_text(re.compile(typed, re.IGNORECASE))
    page.keyboard.press("Enter")


def test_a_deal_is_moved_by_its_bar_and_moved_back(page: Page, deal: str) -> None:
    step(page, "Contacted").get_by_role("button").focus()
    page.keyboard.press("Enter")

    toast(page, "The deal is in “Contacted” now.")
    expect(page.locator('.deal-path [aria-current="step"]')).to_contain_text("Contacted")
    expect(page.locator(".value", has_text="Win probability").locator("dd")).not_to_contain_text("10%")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator('.deal-path [aria-current="step"]')).to_contain_text("New lead")


def test_a_lost_deal_says_why_and_is_opened_again(page: Page, guard: Guard, deal: str) -> None:
    guard.forgiven = ("422",)
    lost = page.locator(".deal-ending.is-lost")
    lost.click()
    dialog = page.get_by_role("dialog", name="Move to “Lost”")
    reason = dialog.get_by_label("Reason lost")
    expect(reason).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(re.compile("Say why the deal was lost|This field is required"))
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page.locator('.deal-path [aria-current="step"]')).to_contain_text("New lead")

    lost.click()
    reason.fill("Too expensive")
    page.keyboard.press("Control+Enter")

    toast(page, "The deal is lost.")
    expect(page.locator(".record-title")).to_contain_text("Lost")
    expect(page.locator(".sections")).to_contain_text("Too expensive")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator(".record-title")).to_contain_text("Open")


def test_who_was_too_late_is_told_and_sees_where_the_deal_is(page: Page, guard: Guard, deal: str) -> None:
    guard.forgiven = ("409",)
    other = guard.watch(page.context.new_page())
    other.goto(deal)
    step(other, "Offer sent").get_by_role("button").click()
    toast(other, "The deal is in “Offer sent” now.")

    step(page, "Contacted").get_by_role("button").click()

    toast(page, "moved this deal to “Offer sent” meanwhile.")
    expect(page.locator('.deal-path [aria-current="step"]')).to_contain_text("Offer sent")


def test_products_change_what_the_deal_is_worth(page: Page, deal: str) -> None:
    form = page.locator(".deal-line-form")
    choose(page, form.locator('[data-field="product_id"]'), "Cord")
    expect(form.locator('[name="price"]')).not_to_have_value("")  # the price of the country
    form.locator('[name="price"]').fill("1000")
    form.locator('[name="quantity"]').fill("2")
    form.locator('[name="discount"]').fill("500")
    form.get_by_role("button", name="Add product").click()

    toast(page, "The product is added.")
    expect(page.locator("[data-deal-total]")).to_have_text("€1,500.00")
    expect(page.locator(".facts")).to_contain_text("€1,500.00")
    expect(page.get_by_role("tab", name="Deal products")).to_contain_text("1")
    page.locator(".deal-lines").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit the product")
    dialog.get_by_label("Quantity").fill("3")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".facts")).to_contain_text("€2,500.00")
    page.locator(".deal-lines").get_by_role("button", name="Remove").click()
    toast(page, "The product is removed.")
    expect(page.locator(".deal-lines")).to_have_count(0)


# The answer begins at once; its last word comes when the test says so.
SLOW_PRICE = """() => {
    const quick = window.fetch;
    window.fetch = async (address, ...rest) => {
        const answer = await quick(address, ...rest);
        if (!String(address).includes("/price.json")) return answer;
        const words = await answer.text();
        const body = new ReadableStream({ start(stream) {
            window.priceComes = () => { stream.enqueue(new TextEncoder().encode(words)); stream.close(); };
        } });
        return new Response(body, { status: answer.status, headers: answer.headers });
    };
}"""


def test_a_price_that_is_typed_is_not_overwritten_by_the_one_on_its_way(page: Page, deal: str) -> None:
    page.evaluate(SLOW_PRICE)
    form = page.locator(".deal-line-form")
    choose(page, form.locator('[data-field="product_id"]'), "Cord")
    page.wait_for_function("() => window.priceComes")
    form.locator('[name="price"]').fill("100")
    page.evaluate("() => { window.priceComes(); return new Promise((heard) => setTimeout(heard, 100)); }")

    expect(form.locator('[name="price"]')).to_have_value("100")


def test_a_price_that_comes_under_the_cursor_is_typed_over(page: Page, deal: str) -> None:
    page.evaluate(SLOW_PRICE)
    form = page.locator(".deal-line-form")
    price = form.locator('[name="price"]')
    choose(page, form.locator('[data-field="product_id"]'), "Cord")
    page.wait_for_function("() => window.priceComes")
    price.focus()
    page.evaluate("() => window.priceComes()")
    expect(price).not_to_have_value("")
    page.keyboard.type("75")

    expect(price).to_have_value("75")


CORD = re.compile("[?&]q=Cord$")


def test_a_product_that_is_still_being_looked_for_is_waited_for(page: Page, deal: str) -> None:
    held = held_back(page, CORD)
    form = page.locator(".deal-line-form")
    form.locator('[data-field="product_id"] .ts-control input').press_sequentially("Cord")
    page.keyboard.press("Enter")
    form.locator('[name="price"]').fill("100")
    form.get_by_role("button", name="Add product").click()
    go_on(page, held, CORD)

    toast(page, "is added")
    expect(page.get_by_role("row", name=re.compile("Cord Blood 1 €100.00"))).to_be_visible()


def test_a_product_that_is_not_found_says_so_to_who_has_gone_on(page: Page, deal: str) -> None:
    missing = re.compile("[?&]q=Nosuch$")
    held = held_back(page, missing)
    form = page.locator(".deal-line-form")
    form.locator('[data-field="product_id"] .ts-control input').press_sequentially("Nosuch")
    page.keyboard.press("Enter")
    form.locator('[name="price"]').focus()
    go_on(page, held, missing)

    toast(page, "Nothing matches. “Nosuch”")
    expect(form.locator('[name="price"]')).to_be_focused()


def test_a_line_that_makes_no_sense_says_so_at_its_field(page: Page, guard: Guard, deal: str) -> None:
    guard.forgiven = ("422",)
    form = page.locator(".deal-line-form")
    choose(page, form.locator('[data-field="product_id"]'), "Cord")
    form.locator('[name="price"]').fill("100")
    form.locator('[name="discount"]').fill("200")
    form.get_by_role("button", name="Add product").click()

    expect(form.locator('[data-field="discount"]')).to_contain_text("The discount is larger than what the line costs.")
    expect(form.locator('[name="discount"]')).to_be_focused()
    expect(form.locator('[name="price"]')).to_have_value("100")


def test_an_activity_is_planned_done_and_followed_by_the_next_by_keys_alone(page: Page, deal: str) -> None:
    page.locator('[data-composer] [name="subject"]').focus()
    page.keyboard.type("Call about the kit")
    page.locator('[data-composer] [name="due_at"]').fill("2026-01-05T10:00")
    page.get_by_role("button", name="1 hour before").press("Enter")
    expect(page.locator('[data-composer] [name="reminder_at"]')).to_have_value("2026-01-05T09:00")
    page.locator('[data-composer] [name="subject"]').press("Enter")
    toast(page, "Planned.")
    late = page.locator(".deal-doing.is-late", has_text="Call about the kit")
    expect(late).to_contain_text("Late")
    expect(page.locator('[data-composer] [name="subject"]')).to_have_value("")

    late.get_by_role("button", name="Complete").press("Enter")
    dialog = page.get_by_role("dialog", name="Complete the activity")
    expect(dialog.get_by_label("Outcome")).to_be_focused()
    page.keyboard.type("Wants to meet")
    dialog.get_by_label("Plan the next one").press("Space")
    page.keyboard.type("Meet at the clinic")
    dialog.get_by_label("Type").select_option("meeting")
    page.keyboard.press("Control+Enter")

    toast(page, "Done, and the next one is planned.")
    expect(page.locator(".deal-doing.is-done", has_text="Wants to meet")).to_be_visible()
    expect(page.locator(".deal-doing:not(.is-done)", has_text="Meet at the clinic")).to_contain_text("Meeting")
    page.get_by_role("button", name="Reopen: Call about the kit").click()
    expect(page.locator(".deal-doing.is-late", has_text="Call about the kit")).to_be_visible()


def test_a_note_is_not_planned(page: Page, deal: str) -> None:
    page.get_by_role("radio", name="Note").check()
    composer = page.locator("[data-composer]")
    expect(composer.locator('[name="due_at"]')).to_be_hidden()
    composer.locator('[name="subject"]').fill("Speaks Hungarian")
    page.get_by_role("button", name="Add note").click()

    toast(page, "Noted.")
    expect(page.locator(".deal-doing.is-done", has_text="Speaks Hungarian")).to_be_visible()


def test_what_is_being_written_stays_when_the_deal_is_moved(page: Page, deal: str) -> None:
    page.locator('[data-composer] [name="subject"]').fill("Half a sen")
    step(page, "Contacted").get_by_role("button").click()

    toast(page, "The deal is in “Contacted” now.")
    expect(page.locator('.deal-path [aria-current="step"]')).to_contain_text("Contacted")
    expect(page.locator('[data-composer] [name="subject"]')).to_have_value("Half a sen")


def test_a_product_that_is_being_typed_stays_when_the_deal_is_moved(page: Page, deal: str) -> None:
    form = page.locator(".deal-line-form")
    choose(page, form.locator('[data-field="product_id"]'), "Cord")
    form.locator('[name="quantity"]').fill("7")
    step(page, "Contacted").get_by_role("button").click()

    expect(page.locator('.deal-path [aria-current="step"]')).to_contain_text("Contacted")
    expect(form.locator('[name="quantity"]')).to_have_value("7")
    expect(form.locator(".ts-control .item")).to_contain_text("Cord")
    form.get_by_role("button", name="Add product").click()
    expect(page.locator(".deal-lines")).to_contain_text("7")


def test_a_refusal_that_comes_late_takes_nobody_away_from_where_he_types(page: Page, guard: Guard, deal: str) -> None:
    guard.forgiven = ("422",)
    form, subject = page.locator(".deal-line-form"), page.locator('[data-composer] [name="subject"]')
    held = held_back(page, "**/products")
    form.get_by_role("button", name="Add product").click()
    subject.press_sequentially("Call")
    go_on(page, held, "**/products")

    expect(form.locator('[data-field="product_id"] .wrong')).to_be_visible()
    expect(subject).to_be_focused()
    expect(subject).to_have_value("Call")


def test_the_next_activity_can_be_typed_while_the_first_is_being_saved(page: Page, deal: str) -> None:
    subject = page.locator('[data-composer] [name="subject"]')
    held = held_back(page, "**/activities")
    subject.fill("First")
    subject.press("Enter")
    subject.fill("Second")
    go_on(page, held, "**/activities")

    expect(page.locator(".deal-doing", has_text="First")).to_be_visible()
    expect(subject).to_have_value("Second")


def test_a_double_click_opens_one_form(page: Page, deal: str) -> None:
    form = page.locator(".deal-line-form")
    choose(page, form.locator('[data-field="product_id"]'), "Cord")
    form.get_by_role("button", name="Add product").click()
    expect(page.locator(".deal-lines")).to_be_visible()
    opened: list[str] = []
    page.on("request", lambda request: opened.append(request.url) if "/products/" in request.url else None)
    page.locator(".deal-lines [data-dialog]").first.evaluate("(button) => { button.click(); button.click(); }")

    expect(page.locator("dialog.deal-dialog")).to_be_visible()
    assert len(opened) == 1


def opened_panel(page: Page, deal: str) -> Locator:
    """The fragment in the middle of another page, as the board opens it."""
    key = deal.split("/show/")[1].split("?")[0]
    page.evaluate(
        """async (key) => {
            const html = await (await fetch(`/pipeline/deals/${key}/panel`)).text();
            const box = document.createElement("aside");
            box.id = "beside";
            box.innerHTML = html;
            document.querySelector("#content").replaceChildren(box);
            window.changes = [];
            document.addEventListener("deal:changed", (event) => window.changes.push(event.detail.deal));
        }""",
        key,
    )
    return page.locator("[data-deal-panel]")


def test_the_panel_does_the_same_by_keys_and_says_that_something_changed(page: Page, deal: str) -> None:
    panel = opened_panel(page, deal)
    expect(panel.locator(".timeline")).to_contain_text("Came into “New lead”")
    panel.locator(".deal-step", has_text="Contacted").get_by_role("button").press("Enter")
    expect(panel.locator('[aria-current="step"]')).to_contain_text("Contacted")
    panel.locator('[data-composer] [name="subject"]').fill("From the board")
    page.keyboard.press("Enter")
    expect(panel.locator(".deal-doing", has_text="From the board")).to_be_visible()
    expect(panel.locator('[data-composer] [name="subject"]')).to_be_focused()
    panel.locator(".deal-ending.is-lost").press("Enter")
    dialog = page.get_by_role("dialog", name="Move to “Lost”")
    dialog.get_by_label("Reason lost").fill("Moved away")
    page.keyboard.press("Enter")

    expect(panel.locator(".deal-panel-head")).to_contain_text("Lost")
    page.wait_for_function("window.changes.length === 3")
    assert set(page.evaluate("window.changes")) == {deal.split("/show/")[1].split("?")[0]}
    assert page.evaluate("document.querySelectorAll('#beside > [data-deal-panel]').length") == 1


@pytest.mark.parametrize("part", ["page", "panel", "lost", "complete", "agenda", "week"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_nothing_of_a_deal_keeps_anybody_out(page: Page, deal: str, part: str, size: Any) -> None:
    page.locator('[data-composer] [name="subject"]').fill("Call at once")
    page.locator('[data-composer] [name="due_at"]').fill("2026-01-05T10:00")
    page.get_by_role("button", name="Plan activity").click()
    toast(page, "Planned.")
    if size:
        page.set_viewport_size(size)
    page.goto(f"/pipeline/activities?view={part}" if part in ("agenda", "week") else deal)
    if part == "panel":
        opened_panel(page, deal).locator(".timeline").wait_for()
    elif part == "lost":
        page.locator(".deal-ending.is-lost").click()
        page.get_by_role("dialog").wait_for()
    elif part == "complete":
        page.get_by_role("button", name="Complete").first.click()
        page.get_by_label("Plan the next one").check()
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += grave(page, f"{part}, {scheme}")
    if size:
        found += page.evaluate(STICKING_OUT)
        found += page.evaluate(SMALL)

    assert found == []


def test_the_calendar_moves_an_activity_by_keys_and_leads_to_its_deal(page: Page, deal: str) -> None:
    due = datetime.now(UTC).replace(hour=10, minute=0)
    page.locator('[data-composer] [name="subject"]').fill("Visit the clinic")
    page.locator('[data-composer] [name="due_at"]').fill(f"{due:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Plan activity").click()
    toast(page, "Planned.")

    page.goto(f"/pipeline/activities?view=month&on={due:%Y-%m-%d}")
    mine = page.locator("a.calendar-task", has_text="Visit the clinic").first
    if not mine.count():  # a day shows a few only
        page.goto(f"/pipeline/activities?view=week&on={due:%Y-%m-%d}")
    mine.focus()
    page.keyboard.press("Alt+ArrowLeft")
    before = due - timedelta(days=1)
    toast(page, "Due ")
    page.goto(f"/pipeline/activities?view=week&on={before:%Y-%m-%d}")
    expect(page.locator(f'[data-day="{before:%Y-%m-%d}"]')).to_contain_text("Visit the clinic")
    page.locator("a.calendar-task", has_text="Visit the clinic").first.click()
    expect(page).to_have_url(re.compile(r"/deals/show/[^#]+#activity-"))
    expect(page.locator(".deal-doing:focus")).to_contain_text("Visit the clinic")


def test_an_activity_is_completed_from_the_list_of_what_is_to_be_done(page: Page, deal: str) -> None:
    page.locator('[data-composer] [name="subject"]').fill("Write the offer")
    page.get_by_role("button", name="Plan activity").click()
    toast(page, "Planned.")
    page.goto("/pipeline/activities")
    page.get_by_role("button", name="Complete: Write the offer").click()
    page.get_by_role("dialog", name="Complete the activity").get_by_role("button", name="Complete").click()

    toast(page, "Done.")
    expect(page.locator(".task", has_text="Write the offer")).to_have_count(0)
