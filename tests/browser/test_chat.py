"""Two people talk, each in a browser of his own; and how the pages of a browser hear of what is new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import PATIENCE, Guard
from tests.browser.people import browser_of

pytestmark = pytest.mark.browser
CLERK, MANAGER = "Mária Kováčiková", "Tomáš Richter"


@pytest.fixture
def desk_of_clerk(browser: Browser, house: str) -> Iterator[BrowserContext]:
    with browser_of(browser, house, "clerk.sk") as context:
        yield context


@pytest.fixture
def clerk(desk_of_clerk: BrowserContext, guard: Guard) -> Page:
    return guard.watch(desk_of_clerk.new_page())


@pytest.fixture
def manager(browser: Browser, house: str, guard: Guard) -> Iterator[Page]:
    with browser_of(browser, house, "manager") as context:
        yield guard.watch(context.new_page())


def open_talk(page: Page, name: str) -> None:
    page.goto("/chat/")
    page.locator(".talk-line", has_text=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Message to"))


def write(page: Page, words: str) -> None:
    field(page).click()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def bubbles(page: Page, words: str) -> Locator:
    return page.locator("[data-messages] .bubble", has_text=words)


def unread(page: Page) -> int:
    """The number in the top bar."""
    return int(page.locator("[data-badge-number]").text_content() or "")


def test_two_people_talk_and_nobody_reloads_anything(clerk: Page, manager: Page) -> None:
    open_talk(clerk, MANAGER)
    open_talk(manager, CLERK)
    manager.goto("/customers/list/")
    before = unread(manager)

    write(clerk, "Dobrý deň, https://a.example/x")
    expect(bubbles(clerk, "Dobrý deň").locator("a")).to_have_attribute("href", "https://a.example/x")
    expect(manager.locator("[data-badge-number]")).to_have_text(str(before + 1))
    expect(bubbles(clerk, "Dobrý deň").locator(".bubble-read")).to_have_count(0)
    open_talk(manager, CLERK)
    expect(bubbles(manager, "Dobrý deň")).to_be_visible()
    expect(bubbles(clerk, "Dobrý deň").locator(".bubble-read")).to_be_visible()
    expect(manager.locator("[data-badge-number]")).to_have_text(str(before))
    write(manager, "Aj vám")

    expect(bubbles(clerk, "Aj vám")).to_be_visible()
    expect(clerk.locator(".talk-line[aria-current] .talk-last")).to_contain_text("Aj vám")
    expect(bubbles(manager, "Aj vám").locator(".bubble-read")).to_be_visible()
    expect(clerk.locator(".talk-line").first).to_contain_text(MANAGER)


def test_enter_sends_shift_enter_begins_a_line_and_nothing_is_sent_twice(clerk: Page) -> None:
    open_talk(clerk, MANAGER)
    field(clerk).click()
    clerk.keyboard.type("prvý")
    clerk.keyboard.press("Shift+Enter")
    clerk.keyboard.type("druhý")
    for _time in range(3):
        clerk.keyboard.press("Enter")

    expect(bubbles(clerk, "prvý")).to_have_text(re.compile("prvý\ndruhý"))
    clerk.reload()

    expect(bubbles(clerk, "prvý")).to_have_count(1)
    expect(field(clerk)).to_have_value("")


def test_what_could_not_be_sent_is_kept_and_arrives_once(clerk: Page, guard: Guard) -> None:
    guard.forgiven = ("503",)
    open_talk(clerk, MANAGER)
    lost: list[str] = []

    def lose_the_answer(route: Any) -> None:
        """The message arrives, its answer does not."""
        if route.request.method != "POST" or route.request.url.endswith("/read"):
            route.continue_()
            return
        route.fetch()
        lost.append(route.request.post_data)
        route.fulfill(status=503, body="")

    clerk.route("**/chat/*", lose_the_answer)
    write(clerk, "stratená odpoveď")
    failed = clerk.locator("[data-unsent] .is-failed")
    expect(failed).to_contain_text("stratená odpoveď")
    write(clerk, "čaká za ňou")
    expect(clerk.locator("[data-unsent] .bubble")).to_have_count(2)
    clerk.reload()
    expect(clerk.locator("[data-unsent] .bubble")).to_have_count(2)
    clerk.unroute("**/chat/*")
    for _message in range(2):
        failed.first.get_by_role("button", name="Try again").click()
        clerk.wait_for_timeout(300)

    expect(clerk.locator("[data-unsent] .bubble")).to_have_count(0)
    clerk.reload()
    expect(bubbles(clerk, "stratená odpoveď")).to_have_count(1)
    expect(bubbles(clerk, "čaká za ňou")).to_have_count(1)
    assert len(lost) == 1


def test_a_draft_outlives_the_page_and_a_text_that_is_too_long_is_not_sent(clerk: Page) -> None:
    open_talk(clerk, MANAGER)
    field(clerk).fill("rozpísané")
    clerk.goto("/chat/")
    open_talk(clerk, MANAGER)
    expect(field(clerk)).to_have_value("rozpísané")

    field(clerk).fill("á" * 4003)
    expect(clerk.locator("[data-count]")).to_have_text("3 characters too many")
    clerk.keyboard.press("Enter")

    expect(clerk.locator("[data-unsent] .bubble")).to_have_count(0)
    expect(field(clerk)).to_have_value("á" * 4003)
    field(clerk).fill("")


def test_a_new_talk_begins_with_the_picker_by_keyboard(clerk: Page) -> None:
    clerk.goto("/chat/")
    clerk.get_by_role("button", name="New message").press("Enter")
    clerk.keyboard.type("richter")
    expect(clerk.get_by_role("option", name=re.compile(MANAGER))).to_be_visible()
    clerk.keyboard.press("Enter")

    expect(clerk.get_by_role("heading", name=MANAGER)).to_be_visible()
    expect(field(clerk)).to_be_focused()


TYPE = "box.value = 'richter'; box.dispatchEvent(new Event('input', { bubbles: true }));"
AS_IT_OPENS = f"""() => {{
    document.querySelector('[data-new]').click();
    const box = document.activeElement;
    {TYPE}
}}"""
BEFORE_IT_LOOKS = f"""() => {{
    const picker = document.querySelector('#chat-with').tomselect;
    const box = picker.control_input;
    picker.focus();
    {TYPE}
}}"""


@pytest.mark.parametrize("typing", (AS_IT_OPENS, BEFORE_IT_LOOKS), ids=("as it opens", "before it looks"))
def test_letters_typed_at_once_are_searched_for(clerk: Page, typing: str) -> None:
    clerk.goto("/chat/")
    if typing is BEFORE_IT_LOOKS:
        clerk.get_by_role("button", name="New message").click()
        clerk.evaluate("() => document.activeElement.blur()")
        clerk.evaluate("() => document.querySelector('#chat-with').tomselect.wrapper.classList.remove('preloaded')")
    clerk.evaluate(typing)

    expect(clerk.get_by_role("option", name=re.compile(MANAGER))).to_be_visible()
    expect(clerk.get_by_role("option")).to_have_count(1)


def test_what_is_found_leads_into_its_talk(clerk: Page) -> None:
    clerk.goto("/chat/")
    clerk.get_by_role("searchbox", name="Search your messages").fill("KOLKO ZMLUV")
    clerk.keyboard.press("Enter")
    expect(clerk.locator(".talk-line mark").first).to_have_text("Koľko")
    clerk.locator(".talk-line").last.click()

    expect(clerk.locator(".bubble.is-found")).to_contain_text("Koľko zmlúv")
    expect(clerk.locator(".bubble.is-found")).to_be_in_viewport()


def test_on_a_phone_the_list_leads_to_the_talk_and_back(browser: Browser, house: str, guard: Guard) -> None:
    with browser_of(browser, house, "clerk.sk", viewport={"width": 390, "height": 780}, has_touch=True) as context:
        page = guard.watch(context.new_page())
        page.goto("/chat/")
        expect(page.locator(".talk")).to_be_hidden()
        page.locator(".talk-line", has_text=MANAGER).tap()

        expect(page.locator(".talks")).to_be_hidden()
        expect(field(page)).to_be_in_viewport()
        expect(page.locator("[data-messages] .bubble").last).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        field(page).fill("z mobilu")
        page.get_by_role("button", name="Send").tap()
        expect(bubbles(page, "z mobilu").last).to_be_in_viewport()
        page.get_by_role("link", name="All conversations").tap()
        expect(page.locator(".talk-line").first).to_contain_text("z mobilu")


# The stream -----------------------------------------------------------------------


def test_ten_pages_of_a_browser_hold_one_stream_and_all_of_them_hear(
    desk_of_clerk: BrowserContext, guard: Guard, manager: Page
) -> None:
    streams: list[str] = []
    desk_of_clerk.on("request", lambda sent: streams.append(sent.url) if sent.url.endswith("/live/") else None)
    pages = [guard.watch(desk_of_clerk.new_page()) for _page in range(10)]
    for page in pages:
        page.goto("/profile/")
    numbers = [unread(page) for page in pages]

    open_talk(manager, CLERK)
    write(manager, "všetkým stránkam")
    for page, number in zip(pages, numbers, strict=True):
        expect(page.locator("[data-badge-number]")).to_have_text(str(number + 1))
    pages[0].close()  # the one that held the stream; the next takes over
    write(manager, "aj po odchode prvej")
    for page, number in zip(pages[1:], numbers[1:], strict=True):
        expect(page.locator("[data-badge-number]")).to_have_text(str(number + 2))

    assert len(streams) == 2
    for page in pages[1:]:
        page.close()


def test_where_the_stream_is_refused_pages_ask_by_the_clock(clerk: Page, manager: Page, guard: Guard) -> None:
    guard.forgiven = ("503",)
    clerk.clock.install()
    clerk.route("**/live/", lambda route: route.fulfill(status=503, headers={"Retry-After": "60"}, body=""))
    asked: list[dict[str, str]] = []
    clerk.on("request", lambda sent: asked.append(sent.headers) if sent.url.endswith("/chat/unread.json") else None)
    clerk.goto("/profile/")
    number = unread(clerk)
    open_talk(manager, CLERK)
    write(manager, "bez prúdu")
    expect(bubbles(manager, "bez prúdu")).to_be_visible()
    assert asked == []

    clerk.clock.run_for(80_000)

    expect(clerk.locator("[data-badge-number]")).to_have_text(str(number + 1))
    assert [headers["x-quiet"] for headers in asked] == ["1"]
    clerk.unroute("**/live/")
    with clerk.expect_request("**/live/"):
        clerk.clock.run_for(200_000)


def test_after_a_logout_elsewhere_the_pages_fall_silent(
    desk_of_clerk: BrowserContext, guard: Guard, house: str
) -> None:
    # The browser says that the stream led to the login page.
    streams: list[str] = []
    page = desk_of_clerk.new_page()
    desk_of_clerk.on("request", lambda sent: streams.append(sent.url) if sent.url.endswith("/live/") else None)
    with page.expect_response("**/live/"):
        page.goto("/profile/")
    other = desk_of_clerk.new_page()
    other.goto("/profile/")
    other.locator(".user-button").click()
    with page.expect_request("**/login/*", timeout=PATIENCE):
        other.get_by_role("menuitem", name="Log out").click()

    page.clock.install()
    page.clock.run_for(900_000)

    assert streams.count(f"{house}/live/") <= 3
