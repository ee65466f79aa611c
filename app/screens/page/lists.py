"""A list: its rows, how it can be filtered, and what is kept for it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from app.screens.page.parts import Choice, Column, Link, Row


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
class Many:
    """What can be done with many rows at once; `field` is the one it is about, "" for any."""

    do: str
    text: str
    icon: str
    field: str = ""


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
