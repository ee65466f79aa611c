"""Files of what a list shows: chosen columns, or all this viewer may read; streamed, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core import audit
from app.core.formulas import BEGINNINGS, plain
from app.screens import address, query, wishes
from app.screens.fields import Field
from app.screens.listpage import shown_listing
from app.screens.look import Look
from app.screens.query import Columns

Piece = TypeVar("Piece", str, bytes)

_CHUNK = 64 * 1024
_AT_A_TIME = 500
_DOUBTFUL = frozenset(BEGINNINGS)  # looked at for every text of a file
TEXTS = ("string", "text", "html", "email", "phone", "url", "color")


def exported_fields(look: Look, arguments: MultiDict[str, str]) -> list[Field]:
    """The columns of every file of this list, the key first: the chosen ones, or all this viewer may read."""
    chosen = wishes.columns_asked(look, arguments, wishes.Wish())
    return [look.screen.fields["id"], *(chosen or address.visible_fields(look.screen, look.viewer))]


def heads_of(fields: list[Field]) -> list[str]:
    return ["ID", *(_(f.label) for f in fields[1:])]


def csv_of(look: Look, arguments: MultiDict[str, str]) -> Iterator[str]:
    """The file in pieces of about 64 kB, UTF-8 with a byte order mark for spreadsheets. Raises BadQuery at once."""
    fields = exported_fields(look, arguments)
    question = query.all_of(look.screens, look.screen, look.viewer, shown_listing(look, arguments), fields)
    pieces = _pieces(heads_of(fields), fields, query.streamed(question, look.viewer))
    return noted(look, arguments, pieces, request.remote_addr, "csv")


def _pieces(heads: list[str], fields: list[Field], parts: Iterator[Columns]) -> Iterator[tuple[str, int]]:
    """The file in pieces, each with the number of rows written so far."""
    texts = [_reader(f) for f in fields]
    return _written(heads, (list(zip(*(text(part) for text in texts), strict=True)) for part in parts))


def in_pieces(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ","
) -> Iterator[tuple[str, int]]:
    """A CSV of any length in pieces of about 64 kB, each with the number of rows so far; safe as `small_file` is."""
    safe = ([plain(one) if isinstance(one, str) else one for one in row] for row in rows)
    return _written(heads, iter(lambda: list(islice(safe, _AT_A_TIME)), []), delimiter)


def _written(
    heads: Sequence[str], parts: Iterable[Sequence[Sequence[object]]], delimiter: str = ","
) -> Iterator[tuple[str, int]]:
    """With a byte order mark, for spreadsheets."""
    buffer, count = io.StringIO(), 0
    writer = csv.writer(buffer, delimiter=delimiter)
    buffer.write("\ufeff")
    writer.writerow([plain(head) for head in heads])
    for part in parts:
        writer.writerows(part)
        count += len(part)
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue(), count
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue(), count


def noted(
    look: Look, arguments: MultiDict[str, str], pieces: Iterator[tuple[Piece, int]], origin: str | None, kind: str
) -> Iterator[Piece]:
    """The pieces, and in the end who took how many rows out, by which filter; also when the reader hung up.

    `origin` is the network address: the request is over before its answer is.
    """
    taken, complete = 0, False
    asked = {name: arguments.getlist(name) for name in arguments}
    try:
        for piece, so_far in pieces:
            taken = so_far
            yield piece
        complete = True
    finally:
        details = {"rows": taken, "filter": asked, "format": kind} | ({} if complete else {"complete": False})
        audit.note_apart("export", entity_type=look.screen.table, details=details, by=look.viewer, address=origin)


def _reader(f: Field) -> Callable[[Columns], Iterable[Any]]:
    """How one column of the file is read from rows; decided once, not per row. An empty cell may be None."""
    name, kind = f.column.name, f.kind.name
    if f.targets or kind in TEXTS:
        held = f"{f.name}__name" if f.targets else name
        return lambda part: [v if not v or v[0] not in _DOUBTFUL else plain(v) for v in part[held]]
    if kind == "partial_date":
        return lambda part: ["" if value is None else f.kind.text(value) for value in values_in(part, f)]
    if kind in ("choice", "country", "integer"):  # as they are; nothing here can begin like a formula
        return lambda part: part[name]
    if kind == "datetime":
        return lambda part: [None if value is None else f"{value.isoformat()}Z" for value in part[name]]
    text: Callable[[Any], Any] = f.kind.dump if kind == "date" else f.kind.text
    if kind in ("date", "boolean", "decimal", "money"):
        return lambda part: ["" if value is None else text(value) for value in part[name]]
    return lambda part: ["" if value is None else plain(text(value)) for value in part[name]]


def values_in(part: Columns, f: Field) -> Iterator[tuple[int | None, ...] | None]:
    """The parts of incomplete dates; None where nothing is known."""
    known = zip(*(part[column.name] for column in f.columns), strict=True)
    return (parts if any(one is not None for one in parts) else None for parts in known)


def small_file(rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> str:
    """A CSV of a few rows with a byte order mark; texts that are safe to open in a spreadsheet, numbers as they are."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    csv.writer(buffer, delimiter=delimiter).writerows(
        [plain(one) if isinstance(one, str) else one for one in row] for row in rows
    )
    return buffer.getvalue()
