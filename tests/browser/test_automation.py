"""Automation in the browser: a rule is built by mouse and by keys, tried out, looked back with, and switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard

pytestmark = pytest.mark.browser


def choose_deal(page: Page) -> None:
    page.locator("#dry-deal-ts-control").click()
    page.locator(".ts-dropdown .option").first.click()


def rule_called(page: Page, name: str) -> str:
    """The address of the rule in the list."""
    page.goto("/automation/")
    return page.get_by_role("link", name=name, exact=True).get_attribute("href") or ""


def test_a_rule_is_built_by_keys_alone(page: Page) -> None:
    page.goto("/automation/new")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Built by keys")
    page.get_by_label("Trigger").focus()
    page.keyboard.type("A deal moves")
    expect(page.get_by_label("To the stage")).to_be_visible()
    page.get_by_label("To the stage").focus()
    page.keyboard.type("Offer sent")
    page.get_by_role("button", name="Add a condition").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Field")
    expect(field).to_be_focused()
    page.keyboard.type("Value")
    expect(page.get_by_label("Condition", exact=True)).to_be_visible()
    expect(field).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("is at least")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Value", exact=True)).to_be_focused()
    page.keyboard.type("1000")
    page.get_by_label("Kind of activity").last.focus()
    page.keyboard.type("Call")
    page.get_by_label("Subject").first.focus()
    page.keyboard.type("Call ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first of the placeholders
    expect(page.get_by_label("Subject").first).to_have_value("Call {customer_name}")
    page.get_by_label("Due in", exact=True).focus()
    page.keyboard.type("3")
    said = "When a deal moves to “Offer sent” and value is at least 1,000: plan an activity (call)"
    expect(page.locator("[data-sentence-text]")).to_contain_text(said)
    page.keyboard.press("Control+s")

    page.wait_for_url(re.compile(r"/automation/\?pipeline_id="))
    expect(page.locator("#toasts")).to_contain_text("“Built by keys” is saved.")
    expect(page.locator(".rule-line", has_text="Built by keys")).to_contain_text(said)


def test_a_rule_is_built_by_mouse_tried_and_switched_off(page: Page) -> None:
    page.goto("/automation/")
    page.get_by_role("link", name="New rule").click()
    page.get_by_role("link", name="Call every new lead").click()
    page.wait_for_url(re.compile(r"/automation/new\?.*from="))  # until the scripts have begun
    page.get_by_label("Name", exact=True).fill("Built by mouse")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Field").select_option(label="Value")
    page.get_by_label("Condition", exact=True).select_option(label="is at least")
    page.get_by_role("textbox", name="Value", exact=True).fill("1")
    choose_deal(page)
    expect(page.locator("[data-dry-body] .verdict")).to_be_visible()
    expect(page.locator("[data-dry-body]")).to_contain_text("Value is at least")
    expect(page.locator("[data-dry-body]")).to_contain_text("The deal has:")
    page.get_by_role("button", name="Run the back-test").click()
    expect(page.locator("[data-back-body]")).to_contain_text("in the last 90 days")
    expect(page.locator("[data-back-body] a").first).to_have_attribute("href", re.compile("^/deals/show/"))
    page.get_by_role("button", name="Save").click()

    line = page.locator(".rule-line", has_text="Built by mouse")
    switch = line.get_by_role("switch", name="Built by mouse")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(page.locator("#toasts")).to_contain_text("“Built by mouse” is off.")
    expect(line.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    line.get_by_role("link", name="0 runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs of “Built by mouse”")
    expect(page.get_by_text("No runs yet")).to_be_visible()


def test_the_log_is_filtered_as_one_chooses(page: Page) -> None:
    page.goto("/automation/runs")
    page.get_by_label("Outcome").select_option("failed")
    page.wait_for_url(re.compile(r"/automation/runs\?outcome=failed$"))

    expect(page.get_by_label("Outcome")).to_have_value("failed")


def test_the_log_is_narrowed_to_one_deal(page: Page) -> None:
    page.goto("/automation/runs")
    link = page.locator(".run-deal a").first
    name, key = link.inner_text(), (link.get_attribute("href") or "").rpartition("/")[2]
    page.locator(".runs-filter .ts-control").click()
    page.keyboard.type(name)
    page.locator(f'.ts-dropdown .option[data-value="{key}"]').click()
    page.wait_for_url(re.compile(rf"/automation/runs\?deal={key}$"))

    expect(page.locator(".runs-filter .ts-control .item")).to_have_text(name)
    expect(page.locator(".run-deal").first).to_have_text(name)
    expect(page.locator(f'.run-deal a:not([href$="{key}"])')).to_have_count(0)
    page.get_by_label("Outcome").select_option("failed")
    page.wait_for_url(re.compile(rf"outcome=failed&deal={key}$"))
    page.go_back()
    expect(page.get_by_label("Rule", exact=True)).to_be_enabled()


def test_a_mistake_is_one_click_away_and_nothing_typed_is_lost(page: Page, guard: Guard) -> None:
    guard.forgiven = ("422",)
    page.goto("/automation/new?from=lead")
    page.get_by_label("Due in", exact=True).fill("soon")
    page.get_by_label("Subject").first.fill("Kept")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert").first).to_contain_text("This must be a number.")
    page.get_by_role("link", name="Due in").click()
    expect(page.get_by_label("Due in", exact=True)).to_be_focused()
    expect(page.get_by_label("Due in", exact=True)).to_have_value("soon")
    expect(page.get_by_label("Subject").first).to_have_value("Kept")


def test_an_email_is_seen_while_it_is_written(page: Page) -> None:
    page.goto("/automation/new?from=thanks")
    text = page.get_by_role("textbox", name="Text")
    text.fill("Dear ")
    page.get_by_role("group", name="Insert into: Text").get_by_role("button", name="First name").click()

    expect(text).to_have_value("Dear {customer_first_name}")
    expect(page.locator(".mail-text mark")).to_have_text(["First name"])
    page.get_by_label("Action").select_option(label="Write a note")
    expect(page.locator("[data-mail]")).to_be_hidden()


def test_another_pipeline_offers_its_own_stages_and_keeps_what_was_typed(page: Page) -> None:
    page.goto("/automation/new?from=offer")
    page.get_by_label("Name", exact=True).fill("Kept over the pipeline")
    page.get_by_label("Pipeline").first.select_option(label="Returning families")

    page.get_by_label("To the stage").select_option(label="Offer with discount")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept over the pipeline")


def test_a_look_back_that_fails_says_so_and_can_be_tried_again(page: Page, guard: Guard) -> None:
    page.goto("/automation/new?from=lead")
    page.route("**/automation/back-test", lambda route: route.abort())
    page.get_by_role("button", name="Run the back-test").click()
    wrong = page.locator("[data-back-body]").get_by_role("alert")
    expect(wrong).to_contain_text("This could not be loaded.")
    page.unroute("**/automation/back-test")
    page.locator("[data-back-body]").get_by_role("button", name="Try again").click()

    expect(page.locator("[data-back-body]")).to_contain_text("in the last 90 days")
    guard.noted = [line for line in guard.noted if "ERR_FAILED" not in line]


def test_a_rule_is_deleted_after_a_question(page: Page) -> None:
    page.goto("/automation/new?from=rotting")
    page.get_by_label("Name", exact=True).fill("Soon gone")
    page.get_by_role("button", name="Save").click()
    line = page.locator(".rule-line", has_text="Soon gone")
    line.get_by_role("button", name="More: Soon gone").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The rule stops at once")
    dialog.get_by_role("button", name="Delete").click()

    expect(page.locator("#toasts")).to_contain_text("“Soon gone” is deleted.")
    expect(page.locator(".rule-line", has_text="Soon gone")).to_have_count(0)


def test_two_editors_do_not_overwrite_each_other(page: Page, guard: Guard) -> None:
    guard.forgiven = ("409",)
    page.goto("/automation/new?from=lead")
    page.get_by_label("Name", exact=True).fill("Edited twice")
    page.get_by_role("button", name="Save").click()
    address = rule_called(page, "Edited twice")
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Due in", exact=True).fill("7")
    other.get_by_role("button", name="Save").click()
    other.wait_for_url(re.compile("pipeline_id="))
    other.close()
    page.get_by_label("Due in", exact=True).fill("9")
    page.get_by_role("button", name="Save").click()

    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("in 7 days")
    expect(page.get_by_label("Due in", exact=True)).to_have_value("9")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("pipeline_id="))
    expect(page.locator(".rule-line", has_text="Edited twice")).to_contain_text("in 9 days")
