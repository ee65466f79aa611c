"""An XLSX file in pieces while its rows are read: one sheet of data and one that tells about it.

A workbook is a ZIP of XML. Libraries for it finish a file on the disk before
the first byte leaves; here rows become XML one by one, so that a hundred
thousand of them need no job, no file and no memory to speak of. A text is
always written as a text: nothing that somebody typed becomes a formula or a
link.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from app.core.formulas import looks_like_formula

MOST_ROWS = 1_048_576  # of a sheet, with the head
MOST_CHARACTERS = 32_767  # of a cell, in UTF-16
MOST_BYTES = 2_000_000_000  # of a sheet: beyond 2 GiB a ZIP needs what spreadsheets do not read

_FIRST_DAY = date(1900, 3, 1)  # before it spreadsheets disagree about the calendar
_ZERO = date(1899, 12, 30).toordinal()
_CHUNK = 64 * 1024
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # what would be read as a character of its own
_ODD = re.compile("[&<>\r]|_x|" + _ILLEGAL.pattern)  # most texts need no second look
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")

# The styles of `_STYLES`, by their place.
_HEAD, _AMOUNT, _DAY, _MOMENT, _TEXT, _QUOTED, _SAID = range(1, 8)


@dataclass(frozen=True)
class Head:
    """A column: its head and how wide it is, in characters."""

    title: str
    width: int = 14


@dataclass
class Tally:
    """What has been written so far, for the sheet about it and for the audit trail."""

    rows: int = 0
    cut_cells: int = 0
    cut_rows: bool = False


def written(
    name: str, heads: Sequence[Head], rows: Iterable[Sequence[Any]], tally: Tally, *, cut: str,
    about: Any = None, most_rows: int = MOST_ROWS,
) -> Iterator[bytes]:  # fmt: skip
    """The file in pieces of about 64 kB.

    A row holds str, int, Decimal, bool, date, datetime without a zone, or
    None. `cut` is the sentence in the last row where not all rows fit.
    `about()` is called in the end and gives the second sheet: its name and
    lines of texts.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        yield from _sheet(archive, sink, heads, rows, tally, cut, most_rows)
        names = [name]
        if about is not None:
            title, lines = about()
            names.append(title)
            _about(archive, lines)
        _frame(archive, names)
        yield sink.taken()
    yield sink.taken()


class _Sink:
    """What a ZIP is written to; it cannot go back, so what was written may leave."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._parts.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Who takes the pieces knows when it is over."""

    def taken(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def _sheet(
    archive: zipfile.ZipFile, sink: _Sink, heads: Sequence[Head], rows: Iterable[Sequence[Any]], tally: Tally,
    cut: str, most_rows: int,
) -> Iterator[bytes]:  # fmt: skip
    letters = [_letter(place) for place in range(len(heads))]
    with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
        size = _put(sheet, [_opened(heads), _row(1, letters, [h.title for h in heads], tally, _HEAD)])
        number, waiting, held = 1, [], 0
        for row in rows:
            if number >= most_rows - 1 or size > MOST_BYTES:
                tally.cut_rows = True
                waiting.append(_row(number + 1, letters, [cut], tally, _SAID))
                break
            number += 1
            tally.rows += 1
            xml = _row(number, letters, row, tally)
            waiting.append(xml)
            held += len(xml)
            if held > _CHUNK:
                size += _put(sheet, waiting)
                waiting, held = [], 0
                if piece := sink.taken():
                    yield piece
        area = f"A1:{letters[-1]}{max(number, 2)}"
        waiting.append(f'</sheetData><autoFilter ref="{area}"/></worksheet>')
        _put(sheet, waiting)
    yield sink.taken()


def _put(sheet: IO[bytes], parts: Sequence[str]) -> int:
    return sheet.write("".join(parts).encode())


def _row(number: int, letters: Sequence[str], row: Sequence[Any], tally: Tally, style: int = 0) -> str:
    cells = [
        _cell(f"{letter}{number}", value, tally, style)
        for letter, value in zip(letters, row, strict=False)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Any, tally: Tally, style: int) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" s="{style or _style_of(value)}" t="inlineStr"><is><t xml:space="preserve">{_text(value, tally)}</t></is></c>'  # noqa: E501  # one cell, one line
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Decimal | float) and not math.isfinite(value):
        return _cell(place, str(value), tally, style)  # PostgreSQL keeps NaN; a number of a sheet it is not
    if isinstance(value, Decimal):
        return f'<c r="{place}" s="{_AMOUNT}"><v>{value:f}</v></c>'
    if isinstance(value, datetime):
        day = _serial(value.date())
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        if day is None:
            return _cell(place, value.isoformat(" "), tally, style)
        return f'<c r="{place}" s="{_MOMENT}"><v>{day + seconds / 86400:.10f}</v></c>'
    if isinstance(value, date):
        day = _serial(value)
        return (
            f'<c r="{place}" s="{_DAY}"><v>{day}</v></c>'
            if day is not None
            else _cell(place, value.isoformat(), tally, style)
        )
    return f'<c r="{place}"><v>{value}</v></c>'


def _serial(day: date) -> int | None:
    """The day as spreadsheets count; None before they agree on it."""
    return day.toordinal() - _ZERO if day >= _FIRST_DAY else None


def _style_of(text: str) -> int:
    """A text that looks like a formula stays a text even when somebody edits the cell."""
    return _QUOTED if looks_like_formula(text) else _TEXT


def _text(value: str, tally: Tally) -> str:
    if len(value) * 2 > MOST_CHARACTERS and len(value.encode("utf-16-le", "replace")) // 2 > MOST_CHARACTERS:
        value = value.encode("utf-16-le", "replace")[: (MOST_CHARACTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"
        tally.cut_cells += 1
    if not _ODD.search(value):
        return value
    if "_x" in value:
        value = _ESCAPE.sub("_x005F_", value)
    if _ILLEGAL.search(value):
        value = _ILLEGAL.sub("\ufffd", value)
    return escape(value, {"\r": "_x000D_"})


def _letter(place: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# The frame ---------------------------------------------------------------------

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFF0EBED"/><bgColor indexed="64"/></patternFill></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="8">
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyNumberFormat="1"/>
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>
</cellXfs>
</styleSheet>"""  # noqa: E501  # as the format has it


def _opened(heads: Sequence[Head]) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{min(max(h.width, len(h.title) + 3), 60)}" customWidth="1"/>'
        for n, h in enumerate(heads, 1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>"
    )


def _about(archive: zipfile.ZipFile, lines: Sequence[Sequence[Any]]) -> None:
    tally = Tally()
    rows = "".join(_row(n, ("A", "B"), line, tally) for n, line in enumerate(lines, 1))
    archive.writestr(
        "xl/worksheets/sheet2.xml",
        f'{_XML}<worksheet xmlns="{_MAIN}"><cols><col min="1" max="1" width="24" customWidth="1"/>'
        f'<col min="2" max="2" width="80" customWidth="1"/></cols><sheetData>{rows}</sheetData></worksheet>',
    )


def sheet_name(name: str) -> str:
    """A name as sheets may have it: at most 31 characters, some of them not."""
    return _NOT_IN_NAMES.sub(" ", name).strip(" '")[:31] or "Sheet"


def _frame(archive: zipfile.ZipFile, names: Sequence[str]) -> None:
    """What makes a workbook of the sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(sheet_name(_ILLEGAL.sub(" ", name)))} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
    )
    parts = {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship'
        f' Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{kinds}</Types>',
    }
    for path, text in parts.items():
        archive.writestr(path, text)
