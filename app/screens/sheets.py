"""A workbook of what a list shows: the rows and columns of its CSV, each value with its type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import chain
from typing import Any

from flask import request
from flask_babel import format_datetime, get_timezone
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core import workbook
from app.core.types import Country, utc_now
from app.core.workbook import Head, Tally
from app.screens import address, query
from app.screens.cells import choices_of
from app.screens.chips import chips_of
from app.screens.export import TEXTS, exported_fields, heads_of, noted, values_in
from app.screens.fields import Field
from app.screens.listpage import shown_listing
from app.screens.look import Look
from app.screens.query import Columns

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = {"string": 24, "relation": 28, "text": 40, "html": 40, "json": 40, "email": 28, "phone": 18, "url": 32,
           "datetime": 18, "tags": 24, "multichoice": 24}  # fmt: skip
_KEY_WIDTH = 38


def workbook_of(look: Look, arguments: MultiDict[str, str], *, now: datetime | None = None) -> Iterator[bytes]:
    """The file in pieces; everything that needs the request is asked for before the first. Raises BadQuery at once."""
    screen = look.screen
    fields, listing = exported_fields(look, arguments), shown_listing(look, arguments)
    question = query.all_of(look.screens, screen, look.viewer, listing, fields)
    widths = [_KEY_WIDTH, *(_WIDTHS.get(f.kind.name, 14) for f in fields[1:])]
    heads = [Head(title, width) for title, width in zip(heads_of(fields), widths, strict=True)]
    chips = chips_of(look, listing.filters, arguments, address.list_href(screen.table)) if arguments else ()
    tally = Tally()
    about = _About(look, [chip.sentence for chip in chips], listing.search, tally, now or utc_now())
    readers = [_reader(f, get_timezone() or UTC) for f in fields]
    parts = query.streamed(question, look.viewer)
    rows = chain.from_iterable(zip(*(read(part) for read in readers), strict=True) for part in parts)
    pieces = workbook.written(_(screen.many), heads, rows, tally, cut=about.cut, about=about)
    return noted(look, arguments, ((piece, tally.rows) for piece in pieces if piece), request.remote_addr, "xlsx")


class _About:
    """The second sheet: of what, by whom, when, how many, and what did not fit. Its texts are made beforehand."""

    def __init__(self, look: Look, filters: list[str], search: str, tally: Tally, now: datetime) -> None:
        self._tally = tally
        self._title, self._rows = _("About this file"), _("Rows")
        most = workbook.MOST_ROWS - 2
        self.cut = _("A sheet has room for %(most)s rows, and there are more. Export as CSV, or filter the list.", most=most)  # noqa: E501  # fmt: skip
        self._long = _("Some texts are longer than a cell may be and are cut; they end with “…”. The CSV has all of them.")  # noqa: E501  # fmt: skip
        self._lines: list[tuple[Any, ...]] = [
            (_("Table"), _(look.screen.many)),
            (_("Exported by"), look.viewer.name),
            (_("Exported at"), f"{format_datetime(now, 'medium')} ({get_timezone() or UTC})"),
            (_("Times"), str(get_timezone() or UTC)),
        ]
        self._lines += [(_("Filter"), sentence) for sentence in filters]
        self._lines += [(_("Search"), search)] if search else []

    def __call__(self) -> tuple[str, list[tuple[Any, ...]]]:
        said = [self.cut] if self._tally.cut_rows else []
        said += [self._long] if self._tally.cut_cells else []
        return self._title, [*self._lines, (self._rows, self._tally.rows), *(("", sentence) for sentence in said)]


def _reader(f: Field, zone: tzinfo) -> Callable[[Columns], Iterable[Any]]:
    """How one column of the sheet is read from rows; decided once, not per row."""
    name, kind = f.column.name, f.kind.name
    if f.targets:
        named = f"{f.name}__name"
        return lambda part: part[named]
    if kind == "choice":
        said = labels_of(f)
        return lambda part: [said.get(value, value) for value in part[name]]
    if kind == "multichoice":
        words = labels_of(f)
        return lambda part: [", ".join(words.get(one, one) for one in value or ()) for value in part[name]]
    if kind == "partial_date":
        return lambda part: [None if value is None else f.kind.text(value) for value in values_in(part, f)]
    if name == "id":
        return lambda part: [str(value) for value in part[name]]
    if kind in ("integer", "boolean", "money", "country", *TEXTS):
        return lambda part: part[name]
    if kind == "decimal":
        return lambda part: [_plain(value) for value in part[name]]
    if kind == "date":
        return lambda part: [v.date() if isinstance(v, datetime) else v for v in part[name]]
    if kind == "datetime":
        return lambda part: [None if v is None else _local(v, zone) for v in part[name]]
    return lambda part: [None if value is None else f.kind.text(value) for value in part[name]]


def labels_of(f: Field) -> dict[str, str]:
    """What stands in a cell for each choice: its label in the viewer's language, by which an import knows it again.

    The value itself where a label would be taken for another choice, or for several.
    """
    said = {choice.value: choice.label for choice in choices_of(f)} if f.choices is not Country else {}
    words = Counter(label.casefold() for label in said.values())
    found = {}
    for value, _label in f.picks():
        label = said.get(value, value)
        taken = words[label.casefold()] > 1 or (label.casefold() in {v.casefold() for v in said} - {value.casefold()})
        found[value] = value if taken or re.search("[,;\n]", label) else label
    return found


def _local(value: datetime, zone: tzinfo) -> datetime:
    """A moment of the database as the clock of the zone shows it."""
    return value.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _plain(value: Decimal | None) -> float | None:
    """A rate or a coordinate with the decimals that it has, not with the two of an amount."""
    return None if value is None else float(value)
