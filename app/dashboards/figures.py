"""What a tile is drawn from: plain frozen values, and how they become JSON and CSV. No database, no Flask."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

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
    """One place on the axis, with a cell for each series."""

    label: str
    cells: tuple[Cell, ...]
    tone: str = ""


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
    where the places follow each other in time; `one` is what a single row is called. `span` says of which days and
    countries the numbers are.
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
    one: str = ""
    table: str = ""
    span: str = ""

    def cells(self) -> list[Cell]:
        return [*((self.main,) if self.main else ()), *(cell for line in self.lines for cell in line.cells)]


def as_json(figure: Figure) -> dict[str, Any]:
    return asdict(figure)


def as_csv(figure: Figure) -> str:
    """The table behind a tile as a file: a line for each place on the axis, values with a decimal point, what is left
    out of them, and of which days and countries they are."""
    if figure.shape == "list":
        return small_file([figure.heads, *([text for text, _tone in entry.texts] for entry in figure.entries)])
    names = [series.name for series in figure.series] or [figure.unit or _("Number")]
    rows = [[figure.title, *names, *([figure.counted] if figure.counted else [])]]
    if figure.main is not None:
        rows.append([figure.span, _bare(figure.main), *([str(figure.main.count)] if figure.counted else [])])
    for line in figure.lines:
        counts = [cell.count for cell in line.cells]
        behind = counts[0] if figure.shape == "line" else sum(counts)
        rows.append([line.label, *map(_bare, line.cells), *([str(behind)] if figure.counted else [])])
    told = [*(note.text for note in figure.notes), *([figure.span] if figure.lines else [])]
    return small_file([*rows, *([text] for text in told)])


def _bare(cell: Cell) -> str:
    if cell.value is None:
        return ""
    return str(int(cell.value)) if float(cell.value).is_integer() else f"{cell.value:.2f}"
