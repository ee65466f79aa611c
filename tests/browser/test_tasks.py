"""Tasks in the browser: added, completed, handed on, moved in the calendar and talked about, by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE, Guard
from tests.browser.people import browser_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def clerk_state(house: str, browser: Browser) -> object:
    """Cookies of somebody who works with customers of Slovakia."""
    with browser_of(browser, house, "clerk.sk") as context:
        return context.storage_state()


@pytest.fixture
def clerk(browser: Browser, house: str, guard: Guard, clerk_state: object) -> Iterator[Page]:
    context = browser.new_context(
        base_url=house, locale="en-GB", viewport={"width": 1440, "height": 900}, reduced_motion="reduce",
        storage_state=clerk_state,  # type: ignore[arg-type]
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    yield guard.watch(context.new_page())
    context.close()


def add(page: Page, title: str, due: datetime | None = None) -> None:
    page.goto("/work/tasks/")
    page.keyboard.press("n")
    page.keyboard.type(title)
    if due is not None:
        page.get_by_label("Due by").first.fill(due.strftime("%Y-%m-%dT%H:%M"))
    page.locator("[data-quick-title]").press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"“{title}” is added.")
    expect(line(page, title)).to_have_count(1)


def line(page: Page, title: str) -> Locator:
    return page.get_by_role("link", name=title, exact=True)


def row(page: Page, title: str) -> Locator:
    return page.locator(".task", has_text=title)


def test_a_task_is_added_and_completed_by_keys_alone(clerk: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)  # of the empty dialog
    add(clerk, "Send the kit to Mrs Nova")

    button = clerk.get_by_role("button", name="Complete: Send the kit to Mrs Nova")
    button.focus()
    clerk.keyboard.press("Enter")
    dialog = clerk.get_by_role("dialog", name="Complete the task")
    expect(dialog).to_be_visible()
    clerk.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_have_text("Say what was done or agreed.")
    clerk.keyboard.type("Sent by courier")
    clerk.keyboard.press("Control+Enter")

    expect(clerk.locator("#toasts")).to_contain_text("Completed.")
    expect(line(clerk, "Send the kit to Mrs Nova")).to_have_count(0)
    clerk.get_by_label("Status").select_option("completed")
    clerk.wait_for_url(re.compile(r"\?status=completed$"))
    line(clerk, "Send the kit to Mrs Nova").click()
    expect(clerk.locator(".task-outcome")).to_contain_text("Sent by courier")
    clerk.get_by_role("button", name="Reopen").click()
    expect(clerk.locator("#toasts")).to_contain_text("Open again.")


def test_a_task_is_handed_to_a_colleague(clerk: Page) -> None:
    add(clerk, "Ask for the missing signature")

    clerk.get_by_role("button", name="Reassign: Ask for the missing signature").click()
    dialog = clerk.get_by_role("dialog", name="Reassign the task")
    dialog.locator(".ts-control input").press_sequentially("zuzana")
    expect(dialog.locator(".option").first).to_contain_text("Zuzana")
    clerk.keyboard.press("Enter")
    dialog.get_by_role("button", name="Reassign").click()

    expect(clerk.locator("#toasts")).to_contain_text("The task is with Zuzana")
    expect(line(clerk, "Ask for the missing signature")).to_have_count(0)
    clerk.goto("/work/tasks/team?due=none")  # a task without a time is on the last page of all of them
    expect(row(clerk, "Ask for the missing signature")).to_contain_text("Zuzana")


def test_what_a_colleague_does_with_an_open_task_is_said_and_what_is_typed_stays(clerk: Page, page: Page) -> None:
    add(clerk, "Look for the lost parcel")
    line(clerk, "Look for the lost parcel").click()
    box = clerk.get_by_label("Add a comment")
    box.fill("It was in")

    page.goto(clerk.url)
    page.get_by_label("Add a comment").fill("It is in Trnava.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".remarks")).to_contain_text("It is in Trnava.")

    news = clerk.locator("[data-task-news]")
    expect(news).to_contain_text("has commented on this task.")
    expect(box).to_have_value("It was in")
    news.get_by_role("link", name="Reload").click()
    expect(clerk.locator(".remarks")).to_contain_text("It is in Trnava.")
    expect(news.locator(".notice")).to_be_hidden()


def middle_of_the_month() -> datetime:
    """A day with days of the same month around it, next month."""
    now = datetime.now(UTC)
    return (now.replace(day=28) + timedelta(days=7)).replace(day=15, hour=10, minute=30)


def test_a_task_is_dragged_to_another_day_and_moved_back_by_keys(clerk: Page) -> None:
    day = middle_of_the_month()
    add(clerk, "Visit the maternity ward", day)
    clerk.goto(f"/work/tasks/calendar?on={day:%Y-%m-%d}")
    task = clerk.locator(".calendar-task", has_text="Visit the maternity ward")
    there = clerk.locator(f'[data-day="{day + timedelta(days=3):%Y-%m-%d}"]')

    task.drag_to(there)
    expect(there.locator(".calendar-task", has_text="Visit the maternity ward")).to_have_count(1)
    expect(clerk.locator("[data-live]")).to_contain_text("Visit the maternity ward: Due")
    clerk.reload()
    expect(there.locator(".calendar-task", has_text="Visit the maternity ward")).to_contain_text("10:30")

    task.focus()
    clerk.keyboard.press("Alt+ArrowUp")
    before = clerk.locator(f'[data-day="{day - timedelta(days=4):%Y-%m-%d}"]')
    expect(before.locator(".calendar-task", has_text="Visit the maternity ward")).to_be_focused()
    expect(clerk.locator("[data-live]")).to_contain_text("Due")
    clerk.keyboard.press("d")
    expect(clerk.get_by_role("dialog", name="Change the due time")).to_be_visible()
    expect(clerk.locator("#d-due")).to_have_value(f"{day - timedelta(days=4):%Y-%m-%d}T10:30")
    clerk.keyboard.press("Escape")
    clerk.goto(f"/work/tasks/calendar?view=week&on={day - timedelta(days=4):%Y-%m-%d}")
    expect(before.locator(".calendar-task", has_text="Visit the maternity ward")).to_be_visible()


def test_a_move_that_is_refused_goes_back(clerk: Page, guard: Guard) -> None:
    guard.forgiven = ("409",)
    day = middle_of_the_month()
    add(clerk, "Check the invoice twice", day)
    clerk.goto(f"/work/tasks/calendar?on={day:%Y-%m-%d}")
    task = clerk.locator(".calendar-task", has_text="Check the invoice twice")
    other = clerk.context.new_page()
    other.goto(task.get_attribute("href") or "")
    other.get_by_role("button", name="Complete", exact=True).click()
    other.get_by_label("What was done or agreed").fill("Both are right")
    other.get_by_role("dialog").get_by_role("button", name="Complete").click()
    expect(other.locator(".task-outcome")).to_contain_text("Both are right")

    task.focus()
    clerk.keyboard.press("Alt+ArrowRight")

    expect(clerk.locator("#toasts")).to_contain_text("This task is completed already.")
    here = clerk.locator(f'[data-day="{day:%Y-%m-%d}"]')
    expect(here.locator(".calendar-task", has_text="Check the invoice twice")).to_have_count(1)


def test_a_colleague_is_named_by_keys(clerk: Page) -> None:
    add(clerk, "Prepare the contract of family Kral")
    line(clerk, "Prepare the contract of family Kral").click()
    box = clerk.get_by_label("Add a comment")
    box.focus()

    clerk.keyboard.type("Please ask @zuz")
    people = clerk.get_by_role("listbox", name="Colleagues to name")
    expect(people.get_by_role("option")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    clerk.keyboard.press("Enter")
    expect(people).to_be_hidden()
    expect(box).to_have_value(re.compile(r"^Please ask @\[[^\]]+\] $"))
    clerk.keyboard.type("today, @")
    expect(people.get_by_role("option").nth(1)).to_be_visible()
    clerk.keyboard.press("ArrowDown")
    expect(people.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    clerk.keyboard.press("Escape")
    expect(people).to_be_hidden()
    clerk.keyboard.press("Backspace")
    clerk.keyboard.press("Control+Enter")

    expect(clerk.locator("#toasts")).to_contain_text("The comment is added.")
    expect(clerk.locator(".remarks .mention")).to_contain_text("@Zuzana")


def test_a_task_from_a_record_leads_back_to_it(clerk: Page) -> None:
    clerk.goto("/customers/list/")
    clerk.locator("tbody a[href^='/customers/show/']").first.click()
    name = clerk.get_by_role("heading", level=1).inner_text()
    address = clerk.url.partition("?")[0]

    clerk.get_by_role("link", name="Create task").click()
    expect(clerk.get_by_label("Title")).to_have_value(f"Follow up: {name}")
    clerk.get_by_label("Title").fill("Ask about the second child")
    clerk.keyboard.press("Control+s")

    clerk.wait_for_url(address)
    section = clerk.get_by_role("region", name="Open tasks")
    section.get_by_role("link", name="Ask about the second child").click()
    clerk.locator(".task-about a").click()
    clerk.wait_for_url(address)


def test_a_repeated_task_says_how_it_repeats(clerk: Page) -> None:
    add(clerk, "Weekly numbers", middle_of_the_month())
    line(clerk, "Weekly numbers").click()

    clerk.get_by_role("button", name="More").click()
    clerk.get_by_role("button", name="Repeat").click()
    dialog = clerk.get_by_role("dialog", name="Repeat the task")
    dialog.get_by_label("Repeats").select_option("weekly")
    dialog.get_by_label("Mon").check()
    dialog.get_by_label("Thu").check()
    dialog.get_by_role("button", name="Save").click()

    expect(clerk.locator(".task-facts")).to_contain_text("Every week on Mon, Thu at 10:30")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("address", ["", "team", "overdue", "calendar?who=all", "calendar?who=all&view=week", "new"])
def test_no_page_is_wider_than_the_screen(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})

    page.goto(f"/work/tasks/{address}")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["en", "hu"])
def test_the_acts_of_a_task_are_all_within_a_phone(clerk: Page, language: str) -> None:
    add(clerk, f"Fits a phone in {language}")
    line(clerk, f"Fits a phone in {language}").click()
    clerk.wait_for_url(re.compile("/work/tasks/[0-9a-f-]{36}"))
    task = clerk.url
    clerk.goto(f"/lang/{language}")
    clerk.set_viewport_size({"width": 390, "height": 844})

    clerk.goto(task)

    edges = clerk.locator(".record-acts > .button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    clerk.goto("/lang/en")
    assert len(edges) >= 3
    assert max(edges) <= 390
