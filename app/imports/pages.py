"""What the pages of an import show: files, columns with their samples, counts, rows as they will be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from app.batches.models import Batch
from app.imports import examining
from app.imports.cells import text_of, unpacked
from app.imports.chosen import Chosen, Known
from app.imports.columns import KEY, Target, barred, keys_of
from app.imports.examining import Found
from app.imports.models import ImportFile
from app.imports.plain import ENCODINGS, OTHERS
from app.imports.plan import Act, Line
from app.imports.reading import letter, repeated
from app.screens import query
from app.screens.cells import cell_of
from app.screens.look import Look
from app.screens.page import Cell, Choice

SAMPLES = 3
ROWS = 20
ERRORS = 100
_LONGEST = 60


@dataclass(frozen=True)
class ColumnLine:
    """A column of the file: its heading, some of its cells, and the field it is mapped to."""

    place: int
    letter: str
    heading: str
    samples: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class MappingPage:
    """`/imports/file/<id>`"""

    table: str
    many: str
    file: ImportFile
    count: str
    columns: tuple[ColumnLine, ...]
    offers: tuple[tuple[str, tuple[Choice, ...]], ...]
    keys: tuple[Choice, ...]
    hows: tuple[tuple[str, str, str], ...]
    chosen: Chosen
    required: tuple[tuple[str, tuple[str, ...]], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    encodings: tuple[Choice, ...]
    delimiters: tuple[Choice, ...]


@dataclass(frozen=True)
class ShownLine:
    """A row as it will be: its number, what becomes of it, its values by column, what is wrong with it."""

    number: int
    act: str
    tone: str
    verb: str
    cells: tuple[Cell, ...]
    problems: tuple[tuple[str, str], ...]
    odd: tuple[tuple[str, str], ...] = ()
    why: str = ""


@dataclass(frozen=True)
class PreviewPage:
    """`/imports/file/<id>/preview`"""

    table: str
    many: str
    file: ImportFile
    heads: tuple[str, ...]
    lines: tuple[ShownLine, ...]
    errors: tuple[tuple[int, str], ...]
    counts: tuple[tuple[str, str, str, str], ...]
    total: str
    bad: int
    good: int
    more_errors: int
    notes: tuple[str, ...]


def mapping_page(
    look: Look, file: ImportFile, chosen: Chosen, targets: dict[str, Target], *, known: bool
) -> MappingPage:
    """`known`: what was chosen for such columns before is proposed again."""
    samples = list(islice(unpacked(file.rows), SAMPLES))
    columns = tuple(
        ColumnLine(
            place, letter(place), heading,
            tuple(_short(text_of(row[place])) for _number, row in samples if place < len(row) and text_of(row[place])),
            chosen.columns[place],
        )
        for place, heading in enumerate(file.headings)
    )  # fmt: skip
    mapped = {targets[name].field.name for name in chosen.columns if name}
    required = [f for f in look.screen.editable() if f.required]
    missing = [f for f in required if f.name not in mapped]
    twice = repeated(file.headings)
    notes = [_("The columns are mapped as you mapped columns with these headings the last time.")] if known else []
    if twice:
        notes.append(
            _("Some headings stand above several columns: %(names)s. Choose a field for each of them.",
              names=", ".join(_("“%(name)s”", name=name) for name in twice))
        )  # fmt: skip
    barring = barred(look)
    if barring:
        notes.append(
            _("No record can be created from a file of yours, because you may not fill: %(fields)s.",
              fields=", ".join(_(f.label) for f in barring))
        )  # fmt: skip
    return MappingPage(
        table=look.screen.table,
        many=_(look.screen.many),
        file=file,
        count=format_decimal(file.count),
        columns=columns,
        offers=_offers(look, targets),
        keys=tuple(Choice(name, targets[name].label) for name in keys_of(look, targets)),
        hows=hows(look),
        chosen=chosen,
        required=tuple(
            (_(f.label), tuple(t.name for t in targets.values() if t.field.name == f.name)) for f in required
        ),
        missing=tuple(_(f.label) for f in missing) if chosen.creates else (),
        notes=tuple(notes),
        encodings=tuple(Choice(name, encoding_label(name)) for name in (*ENCODINGS, *OTHERS)),
        delimiters=(Choice(";", _("Semicolon ;")), Choice(",", _("Comma ,")), Choice("\t", _("Tab")),
                    Choice("|", _("Stroke |"))),
    )  # fmt: skip


def encoding_label(name: str) -> str:
    return {"utf-8-sig": "UTF-8", "cp1250": "Windows 1250", "iso-8859-2": "ISO 8859-2", "utf-16": "UTF-16",
            "cp1252": "Windows 1252"}[name]  # fmt: skip


def hows(look: Look) -> tuple[tuple[str, str, str], ...]:
    """(value, title, explanation) of what may become of rows by whether their key is known."""
    found = [
        (
            Known.create.value,
            _("Create a record from every row"),
            _("Records that are there already are not looked at."),
        )
    ]
    if look.may_edit():
        found += [
            (Known.both.value, _("Update known records, create the others"),
             _("A row whose key is found changes that record.")),
            (Known.update.value, _("Only update known records"), _("Rows whose key is not found are left out.")),
        ]  # fmt: skip
    found.append((Known.new.value, _("Only create new records"), _("Rows whose key is found are left out.")))
    return tuple(found)


def _offers(look: Look, targets: dict[str, Target]) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Fields by the sections of the form; the id comes first, for those who may update."""
    groups: list[tuple[str, tuple[Choice, ...]]] = []
    if look.may_edit():
        groups.append((_("To find records"), (Choice(KEY, targets[KEY].label),)))
    for title, names in look.screen.sections:
        offered = [
            Choice(t.name, f"{t.label} *" if t.field.required and not t.part else t.label)
            for name in names for t in targets.values() if t.field.name == name and not t.only_key
        ]  # fmt: skip
        if offered:
            groups.append((_(title) if title else _(look.screen.one), tuple(offered)))
    return tuple(groups)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def preview_page(look: Look, file: ImportFile, chosen: Chosen, targets: dict[str, Target], batch: Batch) -> PreviewPage:
    """What was found when all rows were looked at, with the first of them and the first that are wrong."""
    found = examining.found_in(batch)
    wrong = examining.wrong_rows(look.session, batch, ERRORS)
    bad = found.counts[Act.error]
    return PreviewPage(
        table=look.screen.table,
        many=_(look.screen.many),
        file=file,
        heads=tuple(_(look.screen.fields[name].label) for name in _places(chosen, targets)),
        lines=_shown(look, examining.first_rows(look, file, chosen, batch, ROWS), _places(chosen, targets)),
        errors=tuple((number, sentence) for number, note in wrong for sentence in note.split("\n"))[:ERRORS],
        counts=_counts(found),
        total=format_decimal(file.count),
        bad=bad,
        good=found.counts[Act.create] + found.counts[Act.update],
        more_errors=max(0, bad - len(wrong)),
        notes=_notes(found, file),
    )  # fmt: skip


@dataclass(frozen=True)
class ExaminingPage:
    """`/imports/file/<id>/preview` while a worker looks at the rows."""

    many: str
    file: ImportFile
    href: str
    percent: int
    progress: str
    total: str


def examining_page(look: Look, file: ImportFile, batch: Batch) -> ExaminingPage:
    return ExaminingPage(
        many=_(look.screen.many),
        file=file,
        href=f"/batches/{batch.id}",
        percent=round(100 * batch.progress / batch.total) if batch.total else 0,
        progress=format_decimal(batch.progress),
        total=format_decimal(batch.total),
    )


def verbs() -> dict[Act, tuple[str, str]]:
    """(what it is called, its colour)"""
    return {
        Act.create: (_("New"), "green"),
        Act.update: (_("Update"), "blue"),
        Act.same: (_("Unchanged"), "grey"),
        Act.skip: (_("Left out"), "grey"),
        Act.error: (_("Error"), "red"),
    }


def _counts(found: Found) -> tuple[tuple[str, str, str, str], ...]:
    """(act, label, number, colour)"""
    labels = {
        Act.create: _("New records"), Act.update: _("Updates"), Act.same: _("Unchanged"), Act.skip: _("Left out"),
        Act.error: _("With errors"),
    }  # fmt: skip
    always = (Act.create, Act.update, Act.error)
    return tuple(
        (act.value, label, format_decimal(found.counts[act]), verbs()[act][1] if found.counts[act] else "")
        for act, label in labels.items() if act in always or found.counts[act]
    )  # fmt: skip


def _notes(found: Found, file: ImportFile) -> tuple[str, ...]:
    names = [_("“%(name)s”", name=file.headings[place]) for place in found.numbers]
    notes = []
    if names:
        notes.append(
            _(
                "The workbook keeps %(columns)s as numbers: zeros at their beginning and a plus sign are lost. If there"
                " were any, format these columns as text and upload the file again.",
                columns=", ".join(names),
            )
        )
    if found.odd:
        notes.append(
            ngettext(
                "%(num)s row holds a value that may be wrong; it is imported as it is.",
                "%(num)s rows hold a value that may be wrong; they are imported as they are.",
                found.odd,
            )
        )
    return tuple(notes)


def _places(chosen: Chosen, targets: dict[str, Target]) -> dict[str, list[int]]:
    """The columns of the file that fill each field, in the order of the file."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(chosen.columns):
        if name:
            found.setdefault(targets[name].field.name, []).append(place)
    return found


def _shown(look: Look, lines: Sequence[Line], fields: Mapping[str, Sequence[int]]) -> tuple[ShownLine, ...]:
    """Values as a list shows them; what relations point to is named in one statement."""
    screen = look.screen
    wanted = [
        (screen.fields[name], line.given[name])
        for line in lines for name in fields if screen.fields[name].targets and line.given.get(name) is not None
    ]  # fmt: skip
    names = dict(
        zip(
            [(f.name, key) for f, key in wanted],
            query.names_of(look.session, look.screens, look.viewer, wanted),
            strict=True,
        )
    )
    words = verbs()
    return tuple(
        ShownLine(
            line.number, line.act.value, words[line.act][1], words[line.act][0],
            tuple(_cell(look, line, name, names, places) for name, places in fields.items()), tuple(line.problems),
            tuple(line.odd), line.why,
        )
        for line in lines
    )  # fmt: skip


def _cell(look: Look, line: Line, name: str, names: dict[tuple[str, Any], str], places: Sequence[int]) -> Cell:
    """The value; where the row says something that is none, what it says."""
    f, value = look.screen.fields[name], line.given.get(name)
    if line.act is Act.error and value in (None, ""):
        said = (text_of(line.cells[place]) for place in places if place < len(line.cells))
        return Cell("string", _short(" ".join(said)))
    if value is None or value == "" or name == KEY:
        return Cell(f.kind.name, "" if value is None else str(value))
    parts = value if f.kind.name == "partial_date" else (value,)
    row: dict[str, Any] = dict(zip((c.name for c in f.columns), parts, strict=True))
    if f.targets:
        row[f"{name}__name"] = names.get((name, value), "")
    if f.currency:
        currency = line.given.get(f.currency)
        row[f.currency] = getattr(currency, "value", currency)
    if "instance_type" in look.screen.fields:
        row["instance_type"] = line.given.get("instance_type")
    return cell_of(row, f, short=True, links={})
