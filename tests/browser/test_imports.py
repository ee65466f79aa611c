"""From the list over a dropped file, its columns and the preview to records, with the mouse and with the keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.imports import csv_of

HEADS = ["Meno", "Priezvisko", "E-mail", "Krajina", "Čosi iné"]


def a_file(folder: Path, name: str, rows: list[list[str]], *, encoding: str = "cp1250") -> Path:
    path = folder / name
    path.write_bytes(csv_of([HEADS, *rows]).decode().encode(encoding))
    return path


def test_a_file_goes_all_the_way_from_the_list_to_records(page: Page, tmp_path: Path) -> None:
    rows = [["Ľudmila", "Zvonohrová", "ludmila.import@example.com", "Slovensko", "x"],
            ["Žofia", "Zvonohrová", "zofia.import@example.com", "Narnia", "y"]]  # fmt: skip
    path = a_file(tmp_path, "ľudia.csv", rows)

    page.goto("/customers/list/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("Choose a file or drop it here").set_input_files(path)
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_label("Encoding")).to_have_value("cp1250")
    expect(page.locator("[data-mapped]")).to_have_text("4 of 5 columns have a field")
    expect(page.get_by_label("Field for “Meno”")).to_have_value("first_name")
    country = page.get_by_label("Field for “Krajina”")
    country.select_option("")
    expect(page.locator("[data-missing]")).to_have_text("Required for new records and without a column: Country.")
    country.select_option("country")
    expect(page.locator("[data-missing]")).to_be_hidden()
    expect(page.locator("[name=key]")).to_be_hidden()
    page.get_by_label("Update known records, create the others").check()
    expect(page.locator("[name=key]")).to_be_visible()
    page.locator("[name=key]").select_option("email")
    page.get_by_role("button", name="Preview").click()

    expect(page.locator('.tile[data-act="create"] .tile-value')).to_have_text("1")
    expect(page.get_by_text("“Narnia” is not one of the choices.").first).to_be_visible()
    start = page.get_by_role("button", name="Import 1 row")
    expect(start).to_be_disabled()
    page.get_by_label("Import without the 1 row that is wrong").check()
    expect(start).to_be_enabled()
    start.click()

    expect(page).to_have_url(re.compile(r"/batches/[0-9a-f-]{36}$"))


def test_the_delimiter_is_changed_and_the_file_is_read_anew_at_once(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Meno,Priezvisko;Email\nA,B;c@example.com\n", encoding="utf-8")

    page.goto("/imports/customers/")
    page.get_by_label("Choose a file or drop it here").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    before = page.get_by_label("Delimiter").input_value()
    page.get_by_label("Delimiter").select_option("|")

    expect(page.get_by_role("rowheader")).to_have_count(1)
    assert before in (";", ",")
    expect(page.get_by_label("Delimiter")).to_have_value("|")


def test_what_cannot_be_read_is_said_where_one_is(page: Page, tmp_path: Path, guard: object) -> None:
    guard.forgiven = ("422",)  # type: ignore[attr-defined]  # the guard of tests/browser/conftest.py
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")

    page.goto("/imports/customers/")
    page.get_by_label("Choose a file or drop it here").set_input_files(path)
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("alert")).to_have_text("The file is empty.")
    expect(page.get_by_role("alert")).to_be_focused()


def test_a_large_file_is_examined_in_the_background_and_can_be_stopped(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    rows = [["Ľudmila", "Zvonohrová", f"large{number}.import@example.com", "SK", ""] for number in range(2_001)]
    path = a_file(tmp_path, "large.csv", rows)

    page.goto("/imports/customers/")
    page.get_by_label("Choose a file or drop it here").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("heading", name="Every row is being examined")).to_be_visible()
    expect(page.locator("[data-batch-count]")).to_have_text("0 / 2,001")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Stop and go back to the columns").click()
    expect(page.locator("[data-columns]")).to_be_visible()
    expect(page.locator("[data-busy]")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_way_is_wider_than_the_window(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    path = a_file(tmp_path, "long.csv", [["x" * 300, "Y", "xy.import@example.com", "SK", "z" * 500]])

    page.goto("/imports/customers/")
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    page.get_by_label("Choose a file or drop it here").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-columns]")).to_be_visible()
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".import-rows")).to_be_visible()
    widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert max(widths) <= width
