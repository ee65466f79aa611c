"""From the bytes of a file to headings and rows, whatever they were written with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from app.imports import books, plain
from app.imports.cells import Cell, is_empty, packed, text_of
from app.imports.errors import Unreadable
from app.imports.limits import HEADING, MOST_BYTES, MOST_CELL, MOST_COLUMNS, MOST_ROWS


@dataclass(frozen=True)
class Wish:
    """How the person wants the file to be read; "" where nothing was wished."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Read:
    """A file that could be read. `rows` are packed (see `cells`), `count` is how many there are."""

    format: str
    headings: tuple[str, ...]
    rows: bytes
    count: int
    encoding: str = ""
    delimiter: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    early: bool = False


def read(raw: bytes, wish: Wish) -> Read:
    """Raises Unreadable with what is wrong and what to do."""
    if not raw.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Unreadable(_("The file is empty."))
    if len(raw) > MOST_BYTES:
        raise Unreadable(too_large())
    return _read_book(raw, wish) if books.is_book(raw) else _read_text(raw, wish)


def too_large() -> str:
    return _("The file is larger than %(most)s MB. Split it into several.", most=MOST_BYTES // 1024**2)


def _read_text(raw: bytes, wish: Wish) -> Read:
    if plain.is_markup(raw):
        raise Unreadable(
            _("This is a web page or XML, whatever its name says."
              " Open it in a spreadsheet and save it as .xlsx or CSV.")
        )  # fmt: skip
    encoding = plain.encoding_of(raw, wish.encoding)
    mark = wish.delimiter or plain.hinted(raw, encoding) or plain.delimiter_of(raw, encoding)
    headings, rows, count = _taken(plain.rows_of(raw, encoding, mark), exact=True)
    return Read("csv", headings, rows, count, encoding, mark)


def _read_book(raw: bytes, wish: Wish) -> Read:
    with books.opened(raw, wish.sheet) as (book, found):
        if book.columns > MOST_COLUMNS * 4:
            raise Unreadable(_too_wide(book.columns))
        headings, rows, count = _taken(found, exact=False)
    return Read(book.format, headings, rows, count, sheets=book.sheets, sheet=book.sheet, early=book.early)


def _taken(found: Iterator[tuple[int, Sequence[Cell]]], *, exact: bool) -> tuple[tuple[str, ...], bytes, int]:
    """Headings, packed rows, count. A sheet has as many cells in each row; a row of text need not (`exact`)."""
    first = next(found, None)
    if first is None:
        raise Unreadable(_("The file is empty."))
    cells = list(first[1])
    while len(cells) > 1 and not exact and is_empty(cells[-1]):
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(_too_wide(len(cells)))
    counted = _Counted(found, len(cells), exact=exact)
    rows = packed(counted)
    if not counted.count:
        raise Unreadable(_("The file has headings, but no rows below them."))
    return tuple(_headings(cells)), rows, counted.count


class _Counted:
    """Rows on their way into the pack: counted, held to the limits, as wide as the headings where a sheet is wider."""

    def __init__(self, found: Iterator[tuple[int, Sequence[Cell]]], width: int, *, exact: bool) -> None:
        self._found, self._width, self._exact = found, width, exact
        self.count = 0

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        for number, row in self._found:
            self.count += 1
            if self.count > MOST_ROWS:
                raise Unreadable(
                    _("The file has more than %(most)s rows. Split it into several.", most=format_decimal(MOST_ROWS))
                )
            cells = list(row)
            while len(cells) > self._width and is_empty(cells[-1]):
                cells.pop()
            if any(isinstance(cell, str) and len(cell) > MOST_CELL for cell in cells):
                raise Unreadable(
                    _("A cell in row %(row)s is longer than %(most)s characters.", row=number, most=MOST_CELL)
                )
            yield number, cells


def _too_wide(columns: int) -> str:
    return _("The file has %(columns)s columns; at most %(most)s can be read.", columns=columns, most=MOST_COLUMNS)


def _headings(cells: Sequence[Cell]) -> Iterator[str]:
    """A column without a heading goes by its letter."""
    for place, cell in enumerate(cells):
        text = " ".join(text_of(cell).split())[:HEADING]
        yield text or _("Column %(letter)s", letter=letter(place))


def letter(place: int) -> str:
    """A, B, ... Z, AA: as spreadsheets name their columns."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def repeated(headings: Sequence[str]) -> list[str]:
    """Headings that stand above more than one column."""
    return [name for name, times in Counter(map(folded, headings)).items() if times > 1 and name]


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def safe_name(given: str | None) -> str:
    """The name of a file without its path and without what a name cannot have."""
    name = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", (given or "").replace("\\", "/").rpartition("/")[2]).strip()
    return name[-120:] or _("File")
