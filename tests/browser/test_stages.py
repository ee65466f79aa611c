"""Pipelines and their stages in the browser: begun, put in order by mouse and keys, removed with their deals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE, Guard
from tests.browser.phone import PHONE, SMALL, STICKING_OUT
from tests.browser.test_accessibility import COLOURS, grave

pytestmark = pytest.mark.browser
HOME = "/pipeline/pipelines/"


def begin(page: Page, name: str, template: str = "New families") -> None:
    """A pipeline of its own for the test, so that no other one is changed."""
    page.goto(f"{HOME}new")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.locator(".begin", has_text=template).first.click()
    page.get_by_role("button", name="Add pipeline").click()
    expect(page.locator("#toasts")).to_contain_text(f"“{name}” is added.")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def names(page: Page) -> list[str]:
    return [str(field.input_value()) for field in page.locator("[data-stage] [data-name]").all()]


def row(page: Page, name: str) -> Locator:
    """The stage of this name, as it was drawn or is typed."""
    place = names(page).index(name)
    return page.locator("[data-stages] > [data-stage]").nth(place)


def save(page: Page, name: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text(f"“{name}” is saved.")


def test_a_pipeline_begins_from_a_template(page: Page) -> None:
    begin(page, "Clinics of the north", "Hospitals")

    assert names(page) == [
        "To be visited", "Visited", "Terms discussed", "Agreement with lawyers", "To be signed", "Won", "Lost",
    ]  # fmt: skip
    page.goto(HOME)
    expect(page.locator(".pipeline-line", has_text="Clinics of the north")).to_contain_text("0 open deals")


def test_stages_are_dragged_into_another_order(page: Page) -> None:
    begin(page, "Dragged")
    grip, target = row(page, "Contract sent").locator("[data-grip]"), row(page, "New lead")

    grip.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 30, steps=4)
    page.mouse.move(box["x"] + 20, box["y"] + 5, steps=4)
    page.mouse.up()

    expect(page.locator("[data-says]")).to_have_text("“Contract sent” is stage 1 of 6 now.")
    assert names(page) == ["Contract sent", "New lead", "Contacted", "Offer sent", "Won", "Lost"]
    save(page, "Dragged")
    page.reload()
    assert names(page)[:2] == ["Contract sent", "New lead"]


def test_escape_puts_a_dragged_stage_back(page: Page) -> None:
    begin(page, "Dropped")
    before = names(page)

    row(page, "Lost").locator("[data-grip]").hover()
    page.mouse.down()
    box = row(page, "New lead").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 5, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()

    assert names(page) == before


def test_stages_are_put_in_order_by_keys_alone(page: Page) -> None:
    begin(page, "By keys")
    row(page, "New lead").locator("[data-grip]").focus()

    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-says]")).to_have_text("“New lead” is stage 2 of 6 now.")
    page.keyboard.press("End")
    expect(page.locator("[data-says]")).to_have_text("“New lead” is stage 6 of 6 now.")
    expect(row(page, "New lead").locator("[data-grip]")).to_be_focused()
    row(page, "New lead").locator("[data-up]").press("Enter")
    expect(page.locator("[data-says]")).to_have_text("“New lead” is stage 5 of 6 now.")
    page.keyboard.press("Control+s")

    expect(page.locator("#toasts")).to_contain_text("“By keys” is saved.")
    assert names(page) == ["Contacted", "Offer sent", "Contract sent", "Won", "New lead", "Lost"]


def test_a_stage_is_added_with_a_colour_and_what_it_needs(page: Page) -> None:
    begin(page, "Grown", "Blank")

    page.get_by_role("button", name="Add a stage").click()
    page.keyboard.type("Second talk")
    fresh = row(page, "Second talk")
    assert names(page) == ["New", "Second talk", "Won", "Lost"]
    fresh.locator("[data-color-box] summary").click()
    fresh.locator('[data-pick="#db2777"]').click()
    fresh.locator("[data-chance-of]").fill("40")
    fresh.locator("[data-needs] summary").click()
    fresh.get_by_label("Value").check()
    fresh.get_by_label("Expected close").check()
    expect(fresh.locator("[data-needed]")).to_have_text("Value, Expected close")
    save(page, "Grown")

    page.reload()
    kept = row(page, "Second talk")
    expect(kept.locator("[data-hex]")).to_have_value("#db2777")
    expect(kept.locator("[data-chance-of]")).to_have_value("40")
    expect(kept.locator("[data-needed]")).to_have_text("Value, Expected close")


def deal_in(page: Page, pipeline: str, title: str) -> None:
    """A deal in the first stage, by the REST interface with the cookies of the page."""
    token = page.locator('input[name="csrf_token"]').first.input_value()
    key = page.url.rpartition("/")[2]
    stage = row(page, names(page)[0]).get_attribute("data-stage") or ""
    made = page.request.post(
        "/deals/add",
        form={"title": title, "pipeline_id": key, "stage_id": stage, "csrf_token": token},
        headers={"Referer": page.url},
    )
    assert made.ok, made.text()


def test_a_stage_with_deals_asks_where_they_go(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    begin(page, "Shrunk")
    deal_in(page, "Shrunk", "Stands in the way")
    page.reload()

    going = row(page, "New lead")
    going.locator("[data-drop]").click()
    expect(going.locator("[data-target]")).to_be_focused()
    expect(going.locator("[data-going]")).to_contain_text("1 deal stands in this stage. It goes to")
    going.get_by_role("button", name="Keep the stage").click()
    expect(going.locator("[data-going]")).to_be_hidden()
    going.locator("[data-drop]").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet")
    going = row(page, "New lead")
    expect(going).to_contain_text("Choose where its deals go.")
    going.locator("[data-target]").select_option(label="Lost")
    going.get_by_role("textbox", name="Why are they lost?").fill("We closed this way")
    save(page, "Shrunk")

    expect(page.locator("#toasts")).to_contain_text("1 deal was moved.")
    assert names(page) == ["Contacted", "Offer sent", "Contract sent", "Won", "Lost"]
    expect(row(page, "Lost").locator(".stage-deals")).to_have_text(re.compile("1$"))


def test_deals_follow_a_stage_that_becomes_lost(page: Page) -> None:
    begin(page, "Flagged")
    deal_in(page, "Flagged", "Follows its stage")
    page.reload()

    changed = row(page, "New lead")
    changed.locator("[data-kind-of]").select_option("won")
    expect(changed.locator("[data-becomes]")).to_contain_text("1 deal in this stage becomes won")
    expect(changed.locator("[data-chance-of]")).to_have_value("100")
    changed.locator("[data-kind-of]").select_option("open")
    expect(changed.locator("[data-chance-of]")).to_have_value("10")
    expect(changed.locator("[data-becomes]")).to_be_hidden()
    changed.locator("[data-chance-of]").fill("20")
    changed.get_by_label("Also give this probability to the 1 open deal").check()
    save(page, "Flagged")
    page.reload()
    changed = row(page, "New lead")
    changed.locator("[data-kind-of]").select_option("lost")
    changed.get_by_role("textbox", name="Why are they lost?").fill("None of them came")
    save(page, "Flagged")

    page.goto("/deals/list/?q=Follows")
    expect(page.locator("tr[data-row]", has_text="Follows its stage")).to_contain_text("Lost")


def test_the_slower_of_two_keeps_what_he_typed(page: Page, guard: Guard) -> None:
    guard.forgiven = ("409",)
    begin(page, "Raced")
    other = guard.watch(page.context.new_page())
    other.goto(page.url)
    row(other, "Contacted").locator("[data-name]").fill("Theirs")
    save(other, "Raced")
    other.close()

    row(page, "Contacted").locator("[data-name]").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("“Theirs”: Name is “Theirs” now.")
    assert "Mine" in names(page)
    save(page, "Raced")
    assert "Mine" in names(page)


@pytest.fixture(params=((1440, 900), (PHONE["width"], PHONE["height"])), ids=("desk", "phone"))
def sized(
    request: pytest.FixtureRequest, browser: Browser, house: str, guard: Guard, login_state: object
) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(
        base_url=house, locale="en-GB", viewport={"width": width, "height": height}, reduced_motion="reduce",
        storage_state=login_state, has_touch=width < 500,  # type: ignore[arg-type]
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    yield guard.watch(context.new_page())
    context.close()


def test_no_page_of_pipelines_has_a_serious_finding(sized: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page, found = sized, []

    def look(name: str) -> None:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found.extend(grave(page, name))
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found.extend(grave(page, f"{name}, dark", COLOURS))
        size = page.viewport_size
        if size and size["width"] < 500:
            found.extend(f"{name}: too small for a finger: {one}" for one in page.evaluate(SMALL))
            found.extend(f"{name}: sticks out: {one}" for one in page.evaluate(STICKING_OUT))

    page.goto(HOME)
    look("list")
    page.goto(f"{HOME}new")
    look("new")
    page.get_by_role("button", name="Add pipeline").click()
    page.get_by_role("alert").wait_for()
    look("new, refused")
    page.goto(HOME)
    page.get_by_role("link", name="New families", exact=True).click()
    page.locator("[data-stages]").wait_for()
    look("editor")
    rows = page.locator("[data-stages] > [data-stage]")
    rows.nth(0).locator("[data-needs] summary").click()
    rows.nth(0).locator("[data-chance-of]").fill("12")
    rows.nth(1).locator("[data-kind-of]").select_option("lost")
    rows.nth(2).locator("[data-drop]").click()
    page.get_by_role("button", name="Add a stage").click()
    rows.nth(3).locator("[data-color-box] summary").click()
    look("editor, changed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").wait_for()
    look("editor, refused")

    assert not found, "\n".join(found)
