"""Small things that every page is made of: links, values, the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from app.screens.tree import Node


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere; `href` is None for the current page."""

    text: str
    href: str | None = None
    icon: str = ""


@dataclass(frozen=True)
class Choice:
    """One option of a select: the stored value, its label and its colour."""

    value: str
    label: str
    tone: str = ""


class Cell(NamedTuple):
    """One value as people read it. A list makes hundreds: a tuple is made in a fourth of the time of a dataclass.

    `kind` is one of: key, string, text, html, integer, decimal, money,
    boolean, date, datetime, partial_date, choice, country, tags, json,
    relation, secret, email, phone, url, color. `parts` holds (text, tone)
    pairs for choices, countries and tags. `text` is "" when there is no value.
    `copy` is what its button copies, "" for none; `tree` folds a JSON value,
    `html` is the safe rest of a stored page; `initials` and `hue` (a colour of `people`) stand for a person.
    """

    kind: str
    text: str = ""
    title: str = ""
    href: str = ""
    tone: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    truth: bool | None = None
    copy: str = ""
    tree: Node | None = None
    html: Markup | None = None
    initials: str = ""
    hue: int = 0


@dataclass(frozen=True)
class Column:
    """The head of a list column; `sorted` is "asc", "desc" or ""."""

    name: str
    label: str
    kind: str
    help: str = ""
    sort_href: str = ""
    sorted: str = ""

    @property
    def number(self) -> bool:
        return self.kind in ("integer", "decimal", "money")


@dataclass(frozen=True)
class Row:
    """One record in a list: cells in the order of the columns."""

    id: str
    name: str
    href: str
    cells: tuple[Cell, ...]
    edit_href: str = ""
    delete_href: str = ""
    inactive: bool = False
    version: str = ""
