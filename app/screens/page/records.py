"""A record: its values, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.screens.page.parts import Cell, Column, Link, Row


@dataclass(frozen=True)
class ShownField:
    """A label with its value on a record page."""

    name: str
    label: str
    cell: Cell
    help: str = ""
    wide: bool = False

    @property
    def empty(self) -> bool:
        return not self.cell.text and not self.cell.parts and self.cell.truth is None


@dataclass(frozen=True)
class ShownSection:
    """Fields that belong together; `title` may be ""."""

    title: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True)
class Tab:
    """Related records: the first few rows and the way to all of them."""

    key: str
    title: str
    count: str
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    all_href: str = ""
    add_href: str = ""
    load_href: str = ""
    icon: str = ""
    short_href: str = ""
    delete_verb: str = ""
    delete_question: str = ""
    back: str = ""


@dataclass(frozen=True)
class Aside:
    """What another domain shows on a record's page, drawn by a template of its own with these values."""

    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Extra:
    """What the domain of a table shows on the pages of its records: `above` their tabs, `asides` above their fields.

    `styles` and `scripts` are paths under static/ that it needs.
    """

    above: tuple[Aside, ...] = ()
    asides: tuple[Aside, ...] = ()
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordPage:
    """`/<table>/show/<id>`"""

    table: str
    id: str
    title: str
    one: str
    many: str
    list_href: str
    badges: tuple[Cell, ...] = ()
    facts: tuple[ShownField, ...] = ()
    sections: tuple[ShownSection, ...] = ()
    tabs: tuple[Tab, ...] = ()
    edit_href: str = ""
    delete_href: str = ""
    delete_verb: str = ""
    delete_question: str = ""
    version: str = ""
    links: tuple[Link, ...] = ()
    inactive: bool = False
    pdf_href: str = ""
    acts: tuple[Link, ...] = ()
    asides: tuple[Aside, ...] = ()
    above: tuple[Aside, ...] = ()
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    quick: frozenset[str] = frozenset()
    """Fields that this viewer may change where he reads them."""
