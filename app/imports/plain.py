"""Reading CSV: which letters, which delimiter, which rows; nothing is guessed that a rule cannot decide."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from flask_babel import gettext as _

from app.imports.errors import Unreadable
from app.imports.limits import MOST_CELL

# In the order in which they are tried: text that is UTF-8 is no accident, and the last one takes any byte.
ENCODINGS = ("utf-8-sig", "cp1250", "iso-8859-2")
OTHERS = ("utf-16", "cp1252")  # can be chosen, or is marked in the file
DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 20  # records that the delimiter is judged by
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_PIECE = 1024**2
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype\b|!--|\?xml\b|html\b|head\b|meta\b|table\b)", re.IGNORECASE)
_HINT = re.compile(r"sep=([;,\t|])\r?\n", re.IGNORECASE)  # Excel's own first line

csv.field_size_limit(MOST_CELL)


def encoding_of(raw: bytes, wanted: str = "") -> str:
    """How the bytes are to be read: as wished, as marked, else the first encoding that fits. Raises Unreadable."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    elif wanted:
        candidates = (wanted,)
    else:
        candidates = ENCODINGS
    for name in candidates:
        try:
            _look(raw, name)
        except UnicodeError:
            continue
        return name
    raise Unreadable(_("The file cannot be read as %(encoding)s. Choose another encoding.", encoding=candidates[0]))


def _look(raw: bytes, encoding: str) -> None:
    """Raises UnicodeError for bytes that do not fit, Unreadable for letters that no text has."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for start in range(0, len(raw), _PIECE):
        text = decoder.decode(raw[start : start + _PIECE], start + _PIECE >= len(raw))
        found = _CONTROL.search(text)
        if found is None:
            continue
        if found[0] == "\x00":
            raise Unreadable(
                _("The file holds NUL characters: it is no text, or it was saved as UTF-16 without a mark."
                  " Save it as “CSV UTF-8”.")
            )  # fmt: skip
        raise Unreadable(_("This is no text file. Save it as CSV or as an Excel workbook (.xlsx)."))


def delimiter_of(raw: bytes, encoding: str) -> str:
    """The delimiter by which the first rows fall apart alike; of several the one that gives the most columns."""
    best = (False, 1, DELIMITERS[0])
    for mark in reversed(DELIMITERS):
        try:
            rows = [row for _line, row in islice(_records(raw, encoding, mark), _SAMPLE)]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        alike = all(len(row) == len(rows[0]) for row in rows)
        best = max(best, (alike, len(rows[0]), mark), key=lambda found: found[:2])
    return best[2]


def is_markup(raw: bytes) -> bool:
    """Whether this is a table of the web: many programs call it .xls, and spreadsheets open it without a word."""
    plain = raw[:400].replace(b"\x00", b"").lstrip(b"\xff\xfe")  # as it is in UTF-16, too
    return _MARKUP.match(plain) is not None


def hinted(raw: bytes, encoding: str) -> str:
    """The delimiter that the file itself names in its first line, as Excel writes it; else ""."""
    found = _HINT.match(raw[:40].decode(encoding, "ignore").lstrip("\ufeff"))
    return found[1] if found else ""


def rows_of(raw: bytes, encoding: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line they begin in. Raises Unreadable."""
    line = 0
    try:
        for line, row in _records(raw, encoding, mark):  # the last one read is told
            yield line, row
    except csv.Error as broken:
        said = str(broken)
        if "field limit" in said:
            sentence = _(
                "A cell after line %(line)s is longer than %(most)s characters, or a quotation mark is never closed.",
                line=line, most=MOST_CELL,
            )  # fmt: skip
        elif "unexpected end" in said:
            sentence = _("After line %(line)s a quotation mark is opened and never closed.", line=line)
        else:
            sentence = _(
                "After line %(line)s something stands between a closing quotation mark and the next delimiter."
                " Is the delimiter right?", line=line,
            )  # fmt: skip
        raise Unreadable(sentence) from broken


def _records(raw: bytes, encoding: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    text = io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=mark, strict=True)
    hint = bool(hinted(raw, encoding))
    begins = 1
    for row in reader:
        line, begins = begins, reader.line_num + 1
        if line == 1 and hint:
            continue
        if any(cell.strip() for cell in row):
            yield line, row
