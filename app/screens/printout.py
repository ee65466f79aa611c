"""One record on paper: its filled fields by section, and the beginning of each list of related records.

A PDF leaves the house as an export does: for those who may export, and noted
in the trail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from flask_babel import format_datetime
from flask_babel import gettext as _

from app.core import audit
from app.core.html import text_of
from app.core.pdf import pdf_of
from app.screens import query
from app.screens.look import Look
from app.screens.page import Cell, RecordPage
from app.screens.recordpage import child_tabs, record_page, tab_of
from app.screens.resolve import Child
from config import APP_NAME

MOST_ROWS = 20  # of each list of related records
MOST_COLUMNS = 5
LONGEST = 20_000  # characters of a text
_IN_A_LIST = 300
_LINE, _NARROW = 38, 18  # characters that stand in half a page, and in a column of a list
_FACT = 60  # characters of a fact that are kept in one line
_CSS = """
@page {
  size: A4; margin: 18mm 16mm 20mm;
  @frame foot { -pdf-frame-content: foot; left: 16mm; width: 178mm; top: 281mm; height: 10mm; }
}
body { font-family: Plain; font-size: 9pt; color: #221f20; line-height: 1.35; }
h1 { font-size: 17pt; margin: 0; line-height: 1.2; }
h2 { font-size: 11pt; margin: 12pt 0 3pt; color: #6b2346; -pdf-keep-with-next: true; }
.brand { font-size: 8pt; color: #6b2346; font-weight: bold; margin-bottom: 5pt; }
.badges { color: #5d5558; margin: 2pt 0 0; }
.facts { margin: 4pt 0 0; }
.quiet, .label { color: #716a6d; font-size: 7.5pt; }
.values td { padding: 5pt 6pt 3pt 0; vertical-align: top; border-bottom: 0.25pt solid #e4dfe1; }
.wide { margin-top: 5pt; }
.rows th { text-align: left; font-size: 7.5pt; color: #716a6d; font-weight: normal; padding: 3pt 4pt 2pt;
           border-bottom: 0.75pt solid #6b2346; }
.rows .is-number { text-align: right; }
.rows td { padding: 4pt 4pt 2pt; font-size: 8pt; vertical-align: top; border-bottom: 0.25pt solid #e4dfe1; }
#foot { font-size: 7.5pt; color: #716a6d; }
"""


@dataclass(frozen=True)
class Said:
    """A label with its value as text."""

    label: str
    text: str


@dataclass(frozen=True)
class Section:
    """Fields that belong together: `pairs` stand side by side, `wide` over the whole width, line by line."""

    title: str
    pairs: tuple[tuple[Said, Said | None], ...]
    wide: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Related:
    """The beginning of a list of related records: how many there are as text, heads as (label, whether numbers)."""

    title: str
    total: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    rest: str


@dataclass(frozen=True)
class Printout:
    """What the template of the PDF needs."""

    brand: str
    one: str
    title: str
    badges: tuple[str, ...]
    facts: tuple[Said, ...]
    sections: tuple[Section, ...]
    related: tuple[Related, ...]
    made: str


def record_pdf(look: Look, key: str, *, now: datetime) -> tuple[bytes, RecordPage]:
    """The PDF of a record and what it is of. Raises NotFound; the caller has seen that the viewer may export."""
    page = record_page(look, key, tabs=False)
    printout = _printout(look, page, now)
    made = pdf_of(render_template("screens/print.html", page=printout), _CSS)
    counts = {related.title: related.total for related in printout.related}
    audit.note_apart(
        "export", by=look.viewer, entity_type=look.screen.table, entity_id=page.id, entity_name=page.title,
        details={"format": "pdf", "rows": 1, "related": counts},
    )  # fmt: skip
    return made, page


def _printout(look: Look, page: RecordPage, now: datetime) -> Printout:
    sections = tuple(
        _section(section.title, [(f.label, f.cell, f.wide) for f in section.fields if not f.empty])
        for section in page.sections
    )
    return Printout(
        brand=APP_NAME,
        one=page.one,
        title=page.title,
        badges=tuple(cell.text for cell in page.badges) + ((_("Inactive"),) if page.inactive else ()),
        facts=tuple(_fact(f.label, said(f.cell)) for f in page.facts),
        sections=tuple(s for s in sections if s.pairs or s.wide),
        related=_related(look, page.id),
        made=_("Printed by %(name)s, %(time)s", name=look.viewer.name, time=format_datetime(now, "medium")),
    )


def _fact(label: str, text: str) -> Said:
    """A short one goes to the next line as a whole: a time does not stand there without its day."""
    return Said(_unbroken(label), _unbroken(text)) if len(label) + len(text) < _FACT else Said(label, text)


def _unbroken(text: str) -> str:
    return re.sub(r"\s", "\u00a0", text)


def _section(title: str, fields: list[tuple[str, Cell, bool]]) -> Section:
    short = [Said(label, said(cell)) for label, cell, wide in fields if not wide]
    pairs = tuple((short[n], short[n + 1] if n + 1 < len(short) else None) for n in range(0, len(short), 2))
    return Section(title, pairs, tuple((label, lines_of(said(cell))) for label, cell, wide in fields if wide))


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text as they are set in: blanks at the beginning of a line are part of JSON and of lists."""
    return tuple(re.sub(r"^\s+", lambda blanks: _unbroken(blanks[0]), line) for line in text.split("\n"))


def _related(look: Look, key: str) -> tuple[Related, ...]:
    """One statement for all counts, then one for each list that has rows."""
    found = []
    for child, count in child_tabs(look, query.key_of(look.screen, key)):
        if count:
            found.append(_list(look, child, key, count))
    return tuple(found)


def _list(look: Look, child: Child, key: str, count: int) -> Related:
    tab = tab_of(look, child, key, count, rows=True, closed=True, most=MOST_ROWS)
    heads = tuple((column.label, column.number) for column in tab.columns[:MOST_COLUMNS])
    rows = tuple(tuple(said(cell, _IN_A_LIST, _NARROW) for cell in row.cells[:MOST_COLUMNS]) for row in tab.rows)
    rest = _("The first %(shown)s of %(total)s.", shown=len(rows), total=tab.count) if count > len(rows) else ""
    return Related(tab.title, tab.count, heads, rows, rest)


def said(cell: Cell, longest: int = LONGEST, width: int = _LINE) -> str:
    """A value as plain text; a word that no line of `width` could hold is broken, where it can be after a sign."""
    text = text_of(cell.text) if cell.kind == "html" else cell.text
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return re.sub(rf"\S{{{width + 1},}}", lambda word: " ".join(_pieces(word[0], width)), text)


def _pieces(word: str, width: int) -> Iterator[str]:
    while len(word) > width:
        sign = max(word.rfind(mark, width // 2, width) for mark in "@./_-")
        end = sign + 1 if sign > 0 else width
        yield word[:end]
        word = word[end:]
    yield word
