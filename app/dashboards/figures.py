"""What a tile is drawn from: plain frozen values, and how they become JSON and CSV. No database, no Flask."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from app.dashboards.counted import forms
from app.screens.export import small_file


@dataclass(frozen=True)
class Cell:
    """One number: `count` rows are behind it, and `href` is the list of exactly these."""

    value: float | None
    text: str
    count: int
    href: str


@dataclass(frozen=True)
class Series:
    """One colour of a chart; `tone` is that of the meaning, "" for the first free one."""

    name: str
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One place on the axis, with a cell for each series.

    `behind` is how many rows are behind all of them, where cells tell of the same rows and cannot be added up; `more`
    stands in the table only.
    """

    label: str
    cells: tuple[Cell, ...]
    tone: str = ""
    behind: int | None = None
    more: tuple[Cell, ...] = ()

    def rows(self) -> int:
        return sum(cell.count for cell in self.cells) if self.behind is None else self.behind


@dataclass(frozen=True)
class Note:
    """What a reader has to know of a number, such as amounts that are left out."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Change:
    """How a number differs from that of the equal period before; `tone` green, red or grey."""

    text: str
    before: str
    href: str
    tone: str


@dataclass(frozen=True)
class Entry:
    """One row of a list tile."""

    href: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """All numbers of one tile. `shape` is number, bar, stack, line, list or donut; `count` and `href` are of all rows.

    `counted` says what `count` counts, such as "deals"; "" where the number is the count itself. `axis` is "time"
    where the places follow each other in time. `span` says of which days and countries the numbers are. `more` heads
    the columns that only the table has; `most` is where the axis of values ends, 0 for where they end.
    """

    title: str
    shape: str
    unit: str = ""
    counted: str = ""
    series: tuple[Series, ...] = ()
    lines: tuple[Line, ...] = ()
    main: Cell | None = None
    change: Change | None = None
    heads: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    notes: tuple[Note, ...] = ()
    money: bool = False
    axis: str = ""
    table: str = ""
    span: str = ""
    more: tuple[str, ...] = ()
    most: int = 0

    def cells(self) -> list[Cell]:
        return [
            *((self.main,) if self.main else ()),
            *(cell for line in self.lines for cell in (*line.cells, *line.more)),
        ]


def as_json(figure: Figure) -> dict[str, Any]:
    """`counts` says how many records are behind a number."""
    return asdict(figure) | {"counts": forms(figure.table)}


def as_csv(figure: Figure) -> str:
    """The table behind a tile as a file: a line for each place on the axis, values with a decimal point, what is left
    out of them, and of which days and countries they are."""
    if figure.shape == "list":
        return small_file([figure.heads, *([text for text, _tone in entry.texts] for entry in figure.entries)])
    names = [series.name for series in figure.series] or [figure.unit or _("Number")]
    rows = [[figure.title, *names, *figure.more, *([figure.counted] if figure.counted else [])]]
    if figure.main is not None:
        rows.append([figure.span, _bare(figure.main), *([str(figure.main.count)] if figure.counted else [])])
    for line in figure.lines:
        behind = [str(line.rows())] if figure.counted else []
        rows.append([line.label, *map(_bare, line.cells), *map(_bare, line.more), *behind])
    told = [*(note.text for note in figure.notes), *([figure.span] if figure.lines else [])]
    return small_file([*rows, *([text] for text in told)])


def _bare(cell: Cell) -> str:
    if cell.value is None:
        return ""
    return str(int(cell.value)) if float(cell.value).is_integer() else f"{cell.value:.2f}"
