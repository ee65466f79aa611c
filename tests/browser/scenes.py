"""Ways through the house on which a page opens something: each is walked, and looked at where it says so.

`look(name)` is what a test does with the page as it stands. A scene leaves
nothing behind that another test would trip over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.imports import csv_of

Look = Callable[[str], None]
HUNGARY = "/customers/list/?_flt_in_country=HU"


def _rows(page: Page, address: str) -> Locator:
    page.goto(address)
    rows = page.locator("tr[data-row]")
    rows.first.wait_for()
    return rows


def many_rows(page: Page, look: Look, folder: Path) -> None:
    """Rows are chosen, changed together and changed back."""
    _rows(page, HUNGARY)
    for number in range(3):
        page.locator("tbody input.pick").nth(number).check()
    expect(page.locator("#many").get_by_role("status")).to_have_text("3 chosen")
    look("rows are chosen")
    page.locator("#many").get_by_role("button", name="Edit fields").click()
    page.locator(".many-add .ts-control").click()
    look("a field is chosen to be changed")
    page.keyboard.type("City")
    page.locator(".many-add .option", has_text=re.compile("^City$")).click()
    page.locator('[name="city"]').fill("Testville")
    look("a value for many")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-will-change]")).to_have_text("3")
    look("many before they are changed")
    page.get_by_role("button", name="Change 3 records").click()
    expect(page.locator("#toasts")).to_contain_text("3 changed")
    look("many are changed")
    page.goto("/batches/")
    look("all batches")
    page.locator(".batch-list a").first.click()
    expect(page.locator(".batch")).to_have_attribute("data-state", "done")
    look("a finished batch")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".batch")).to_contain_text("3 undone")
    look("a batch that is undone")


def imported_rows(page: Page, look: Look, folder: Path) -> None:
    """A file becomes records, and the records are taken back."""
    rows = [["Vor", "Nach", "E-Mail", "Land", "Anderes"]]
    rows += [["Anna", f"Gesehen {letter}", f"gesehen.{letter}@example.com", "DE", "x"] for letter in "abc"]
    rows += [["Berta", "Ungültig", "no address", "Narnia", "y"]]
    path = folder / "gesehen.csv"
    path.write_bytes(csv_of(rows))
    page.goto("/imports/customers/")
    look("a file is asked for")
    page.get_by_label("Choose a file or drop it here").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    for heading, field in (("Vor", "first_name"), ("Nach", "last_name"), ("E-Mail", "email"), ("Land", "country")):
        page.get_by_label(f"Field for “{heading}”").select_option(field)
    page.get_by_label("Create a record from every row").check()
    look("columns have fields")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".import-errors")).to_be_visible()
    look("rows with errors")
    page.get_by_label("Import without the 1 row that is wrong").check()
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.locator(".batch")).to_have_attribute("data-state", re.compile("waiting|queued|running|done"))
    look("an import")


def two_editors(page: Page, look: Look, folder: Path) -> None:
    """Somebody saves while another one writes."""
    page.goto("/email_tags/list/")
    page.locator("tr[data-row] td a").first.click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#record-form").wait_for()
    other = page.context.new_page()
    other.goto(page.url)
    for sheet, words in ((other, "Theirs"), (page, "Mine")):
        field = sheet.locator("#f-description")
        field.fill(f"{words}, not {field.input_value()}"[:60])
        sheet.get_by_role("button", name="Save").click()
        sheet.locator(".conflict, .record-head").first.wait_for()
    other.close()
    expect(page.locator(".conflict")).to_be_visible()
    look("two values for one field")
    page.goto("/customers/add")
    page.locator("#f-first_name").fill("Not saved")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    look("leaving what is not saved")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("a form with errors")


def list_tools(page: Page, look: Look, folder: Path) -> None:
    """What a list opens: a cell, its columns, filters, saved searches, keys."""
    row = _rows(page, HUNGARY).first
    cell = row.locator('td[data-quick="city"]')
    if cell.locator("[data-quick-start]").is_visible():
        cell.dblclick()
        expect(cell.get_by_role("textbox")).to_be_focused()
        look("a cell is edited")
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns", exact=True).click()
    expect(page.get_by_role("dialog", name="Columns")).to_be_visible()
    look("columns are chosen")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="View", exact=True).click()
    look("how a list is seen")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save this search").click()
    page.get_by_label("Name", exact=True).fill("Seen in Hungary")
    look("a search is saved")
    page.get_by_role("dialog", name="Save this search").get_by_role("button", name="Save").click()
    more = page.get_by_role("button", name="More about this search")
    more.click()
    look("what can be done with a saved search")
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.goto(HUNGARY)
    page.get_by_role("button", name=re.compile("^Filter")).click()
    line = page.locator(".filter-line").last
    line.get_by_label("Column").select_option(label="Client status")
    line.get_by_label("Condition").select_option(label="is any of")
    page.get_by_role("button", name="Another condition").click()
    look("filters are built")
    page.keyboard.press("Escape")
    page.goto("/customers/list/?q=qqqqq")
    look("nothing matches")


def search_box(page: Page, look: Look, folder: Path) -> None:
    """Anything is found from anywhere."""
    name = _rows(page, "/customers/list/?order=last_name").first.locator("td:first-child > a").inner_text().strip()
    page.keyboard.press("Control+k")
    look("a search that is empty")
    page.keyboard.type(name.split()[-1])
    expect(page.get_by_role("group", name="Customers").get_by_role("option").first).to_be_visible()
    look("records that are found")
    page.get_by_role("combobox", name="Search").fill("qqqqq")
    expect(page.get_by_text("No record was found")).to_be_visible()
    look("no record is found")
    page.goto("/find/all?q=" + name.split()[-1])
    look("all that is found")


def boards(page: Page, look: Look, folder: Path) -> None:
    """Tiles are arranged."""
    page.goto("/")
    page.locator("canvas").first.wait_for()
    page.get_by_role("button", name="Arrange").click()
    look("tiles are arranged")
    page.get_by_role("button", name="Add a tile").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("a tile is added")


def a_record(page: Page, look: Look, folder: Path) -> None:
    """A record with its tabs, a short form, its history, and on paper."""
    page.goto("/customer_notes/list/")
    page.locator('td a[href^="/customers/show/"]').first.click()
    tab = page.get_by_role("tab", name="Timeline")
    tab.click()
    expect(page.locator("#panel-timeline [data-day]").first).to_be_visible()
    look("what happened")
    page.get_by_role("tab", name=re.compile("^Customer notes")).click()
    panel = page.locator('[id="panel-customer_notes.customer_id"]')
    panel.get_by_role("link", name="Add").click()
    expect(panel.locator('textarea[name="content"]')).to_be_visible()
    look("a note is added in its tab")
    panel.get_by_role("button", name="Cancel").click()
    page.get_by_role("tab", name="Details").click()
    page.get_by_role("button", name="More", exact=True).click()
    look("what else can be done")
    page.get_by_role("menuitem", name=re.compile("Delete|Deactivate")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("a record is about to go")
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    look("a record on paper")
    page.emulate_media(media="screen")


def a_missing_parent(page: Page, look: Look, folder: Path) -> None:
    """What a form needs is made beside it."""
    page.goto("/customers/add")
    page.locator("#f-country").select_option("SK")
    holder = page.locator('[data-field="health_insurance_id"]')
    holder.locator(".ts-control").click()
    page.keyboard.type("Quite another insurance")
    holder.locator(".create").wait_for()
    look("a parent that is not there")
    holder.locator(".create").click()
    expect(page.get_by_role("dialog").get_by_label("Name", exact=False).first).to_be_visible()
    look("a parent is made")


def pages_alone(page: Page, look: Look, folder: Path) -> None:
    """Menus of the frame, refusals, and pages that no other scene has."""
    page.goto("/customers/show/nobody")
    look("what does not exist")
    page.goto("/deals/list/")
    page.get_by_role("button", name="Account").click()
    look("the account")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Notifications")).first.click()
    look("notifications")
    page.goto("/deals/list/?page_size=25")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    look("keys")


SCENES = (
    many_rows,
    imported_rows,
    two_editors,
    list_tools,
    search_box,
    boards,
    a_record,
    a_missing_parent,
    pages_alone,
)
