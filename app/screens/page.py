"""What a page needs to be drawn: plain frozen values, no database, no Flask.

`build.py` fills these from a resolved screen and the rows; the templates
draw them and decide nothing. Every text is already translated, every address
already carries what it has to keep (filters, order, page size).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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


@dataclass(frozen=True)
class Cell:
    """One value as people read it.

    `kind` is one of: key, string, text, html, integer, decimal, money,
    boolean, date, datetime, partial_date, choice, country, tags, json,
    relation, secret, email, phone, url, color. `parts` holds (text, tone)
    pairs for choices, countries and tags. `text` is "" when there is no value.
    `copy` is what its button copies, "" for none; `tree` folds a JSON value,
    `html` is the safe rest of a stored page.
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


@dataclass(frozen=True)
class Operator:
    """How a filter compares: `takes` is none, one, many, range or span; a span is one of `choices`."""

    name: str
    label: str
    takes: str = "one"
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Filterable:
    """A column that can be filtered, for the filter builder."""

    name: str
    label: str
    kind: str
    operators: tuple[Operator, ...]
    choices: tuple[Choice, ...] = ()
    options_href: str = ""


@dataclass(frozen=True)
class Chip:
    """An active filter as a sentence ("Country is SK") with its way out, and what is needed to change it."""

    sentence: str
    remove_href: str
    parameter: str = ""
    column: str = ""
    operator: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Paging:
    """Where one is in a list; addresses are "" when there is no such page."""

    page: int
    first_row: int
    last_row: int
    total: str
    page_size: int
    first_href: str = ""
    previous_href: str = ""
    next_href: str = ""
    last_href: str = ""
    sizes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class ColumnChoice:
    """A column that a list may show."""

    name: str
    label: str
    shown: bool


@dataclass(frozen=True)
class SavedTab:
    """A saved search as a tab above its list; `who` is its owner, where it is somebody else's."""

    key: str
    name: str
    href: str
    current: bool = False
    default: bool = False
    shared: bool = False
    changed: bool = False
    who: str = ""


@dataclass(frozen=True)
class Saved:
    """What is kept for a list: the viewer's own searches, those of colleagues, and the one that is open.

    `query` is the list as it stands, to be saved; `left_out` says which conditions of the open search are not in it.
    """

    tabs: tuple[SavedTab, ...] = ()
    others: tuple[SavedTab, ...] = ()
    current: SavedTab | None = None
    all_href: str = ""
    may_save: bool = False
    may_change: bool = False
    query: str = ""
    left_out: str = ""


@dataclass(frozen=True)
class ListPage:
    """`/<table>/list/`"""

    table: str
    title: str
    one: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    paging: Paging
    query: str = ""
    query_hint: str = ""
    chips: tuple[Chip, ...] = ()
    filterables: Markup = Markup("")  # noqa: RUF009  # JSON of Filterable, the same object for many pages
    keep: tuple[tuple[str, str], ...] = ()
    clear_href: str = ""
    add_href: str = ""
    export_href: str = ""
    workbook_href: str = ""
    import_href: str = ""
    chart_href: str = ""
    toggle: Link | None = None
    links: tuple[Link, ...] = ()
    can_delete: bool = False
    quick: tuple[str, ...] = ()
    delete_verb: str = ""
    message: str = ""
    choices: tuple[ColumnChoice, ...] = ()
    saved: Saved = Saved()
    asked: str = ""
    many: tuple[Many, ...] = ()
    many_query: str = ""
    many_total: int = 0


@dataclass(frozen=True)
class Many:
    """What can be done with many rows at once; `field` is the one it is about, "" for any."""

    do: str
    text: str
    icon: str
    field: str = ""


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
    timeline_href: str = ""
    acts: tuple[Link, ...] = ()
    asides: tuple[Aside, ...] = ()


@dataclass(frozen=True)
class HistoryChange:
    """One field of an entry: what it was and what it became."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class HistoryEntry:
    """Who did what when; `action` is the stored word, for its icon. `folded` are several of a kind in one line."""

    what: str
    action: str
    who: str
    when: str
    changes: tuple[HistoryChange, ...] = ()
    folded: tuple[HistoryEntry, ...] = ()


@dataclass(frozen=True)
class HistoryPage:
    """`/<table>/show/<id>/history`"""

    entries: tuple[HistoryEntry, ...]
    older_href: str = ""
    newer_href: str = ""


@dataclass(frozen=True)
class Told:
    """One happening of a timeline: `what` it was, by whom, and what it says; `day` is that of the viewer's zone."""

    kind: str
    icon: str
    what: str
    when: str
    moment: str
    day: date
    title: str = ""
    text: str = ""
    who: str = ""
    href: str = ""
    badges: tuple[Cell, ...] = ()
    changes: tuple[HistoryChange, ...] = ()


@dataclass(frozen=True)
class Day:
    """The happenings of one day, newest first."""

    key: str
    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class TimelinePage:
    """`/<table>/show/<id>/timeline`; `kinds` holds (key, label, icon, address). `continues` a page before it."""

    days: tuple[Day, ...]
    kinds: tuple[tuple[str, str, str, str], ...]
    kind: str
    all_href: str
    older_href: str = ""
    continues: bool = False


@dataclass(frozen=True)
class Change:
    """One field of a conflicting edit: before, yours and theirs.

    It is chosen (`take` is "mine" or "theirs" to begin with), or, when `merged`, taken over without a question.
    `before` is None where the form does not tell.
    """

    name: str
    label: str
    before: str | None
    mine: str
    theirs: str
    take: str = "mine"
    merged: bool = False


@dataclass(frozen=True)
class FormSection:
    """Fields of a form that belong together (WTForms fields, see `forms.py`)."""

    title: str
    fields: tuple[object, ...]


@dataclass(frozen=True)
class FormPage:
    """`/<table>/add` and `/<table>/edit/<id>`; also shown again with errors."""

    table: str
    title: str
    one: str
    many: str
    action: str
    back_href: str
    list_href: str
    sections: tuple[FormSection, ...]
    verb: str
    version: str = ""
    form_key: str = ""
    errors: tuple[tuple[str, str, str], ...] = ()
    general: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    is_new: bool = True
    missing: tuple[str, ...] = ()
    check_href: str = ""
    base: str = ""


@dataclass(frozen=True)
class ShortForm:
    """A form inside a tab: the most important fields of a new record that belongs to `owner` by `column`."""

    action: str
    column: str
    owner: str
    title: str
    verb: str
    form_key: str
    fields: tuple[object, ...]
    errors: tuple[tuple[str, str, str], ...]
    general: tuple[str, ...]
    missing: tuple[str, ...]
    full_href: str


@dataclass(frozen=True)
class Chart:
    """One chart of a table; the numbers come from `data_href` as JSON.

    The JSON is {"title", "unit", "rows": [{"label", "value", "text", "href",
    "tone"}]}; `shape` is bar, line or donut.
    """

    key: str
    title: str
    shape: str
    data_href: str
    unit: str = ""


@dataclass(frozen=True)
class ChartPage:
    """`/<table>/chart/`"""

    table: str
    title: str
    many: str
    list_href: str
    charts: tuple[Chart, ...]
    chips: tuple[Chip, ...] = ()
    clear_href: str = ""
    pin_href: str = ""


@dataclass(frozen=True)
class NavItem:
    """A line of the sidebar."""

    text: str
    href: str
    icon: str
    active: bool = False


@dataclass(frozen=True)
class NavGroup:
    """A group of the sidebar; open when it holds the current page."""

    text: str
    icon: str
    items: tuple[NavItem, ...]
    active: bool = False


@dataclass(frozen=True)
class DirectoryArea:
    """All tables of one heading, for the directory of all tables."""

    title: str
    items: tuple[NavItem, ...] = ()
    notes: tuple[str, ...] = field(default=())
