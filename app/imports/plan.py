"""What each row of a file would do, by the rules that forms save with: for the preview, and for the batch itself.

Rows go through in chunks, so that memory stays the same however long the file is; per chunk there is one statement for
each relation and each key, not for each row.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect

from app.core.errors import Unprocessable
from app.core.scope import changeable
from app.imports.cells import Cell, is_empty
from app.imports.chosen import Chosen, Known
from app.imports.columns import KEY, Target, barred, is_unique, together
from app.imports.lookup import Matches, Pointed, Several, unclear, versions_of
from app.imports.trial import Trial, Tried, sentences
from app.imports.values import Origin, Reader, part_of, reader_of
from app.screens import write
from app.screens.checks.rules import CHECKS, country_column
from app.screens.forms import spread
from app.screens.judge import Parents, differs, judge, parents_of
from app.screens.look import Look
from app.screens.readers import Invalid, check_parts

CHUNK = 1_000


class Act(enum.StrEnum):
    """What becomes of a row."""

    create = "create"
    update = "update"
    same = "same"  # the record is as the row says already
    skip = "skip"  # left out by choice
    error = "error"


@dataclass
class Line:
    """One row: its number in the file, its cells, what becomes of it; `problems` are (label of the field, sentence)."""

    number: int
    cells: list[Cell]
    act: Act = Act.create
    key: Any = None
    version: str | None = None
    given: dict[str, Any] = field(default_factory=dict)  # by field name
    values: dict[str, Any] = field(default_factory=dict)  # by attribute
    problems: list[tuple[str, str]] = field(default_factory=list)
    odd: list[tuple[str, str]] = field(default_factory=list)
    why: str = ""
    doubtful: dict[str, tuple[str, Several]] = field(default_factory=dict)  # names that several records have

    def refuse(self, label: str, sentence: str) -> None:
        self.problems.append((label, sentence))
        self.act = Act.error


class Plan:
    """The rows of one file for one viewer. `numbers` counts, per column, texts that the workbook keeps as numbers."""

    def __init__(
        self, look: Look, chosen: Chosen, targets: dict[str, Target], origin: Origin, width: int,
        trial: Trial | None = None,
    ) -> None:  # fmt: skip
        self.look, self.chosen, self.origin, self.width = look, chosen, origin, width
        self._trial = trial
        self.columns = [(place, targets[name]) for place, name in enumerate(chosen.columns) if name]
        self.numbers: Counter[int] = Counter()
        self.counts: Counter[Act] = Counter()
        self.odd = 0
        self._readers: dict[str, Reader] = {
            t.name: reader_of(t.field, origin) for _place, t in self.columns if not t.part
        }
        pointed = [(t.name, Pointed(look, t.field)) for _place, t in self.columns if t.field.targets]
        self._pointed = dict(
            sorted(pointed, key=lambda one: len(one[1].beside))
        )  # whose others must be known come last
        self._key = targets[chosen.key] if chosen.key else None
        self._matches = Matches(look, self._key.field) if self._key else None
        self._unique = [
            (t, Matches(look, t.field)) for _place, t in self.columns
            if not t.part and not t.only_key and t.name != chosen.key and is_unique(t.field) and not t.field.targets
            and look.reads(t.name)
        ]  # fmt: skip
        self._together = together(look.screen.fields.values())
        self._met: dict[tuple[Any, Any], int] = {}
        self._barred = barred(look)
        self._timed = [t.field for _place, t in self.columns if t.field.kind.name in ("date", "datetime")]
        self._required = [f for f in look.screen.editable() if f.required]

    def lines(self, rows: Iterable[tuple[int, list[Cell]]]) -> Iterator[Line]:
        chunk: list[Line] = []
        for number, cells in rows:
            chunk.append(Line(number, cells))
            if len(chunk) == CHUNK:
                yield from self._through(chunk)
                chunk = []
        yield from self._through(chunk)

    def _through(self, lines: list[Line]) -> Iterator[Line]:
        for line in lines:
            self._read(line)
        for name, pointed in self._pointed.items():
            pointed.learn(line.given[name] for line in lines if line.given.get(name))
        for line in lines:
            self._point(line)
        self._decide(lines)
        self._look_unique(lines)
        self._compare([line for line in lines if line.act is Act.update])
        self._look_together([line for line in lines if line.act in (Act.create, Act.update)])
        self._try([line for line in lines if line.act in (Act.create, Act.update)])
        for line in lines:
            self.counts[line.act] += 1
            self.odd += bool(line.odd)
            yield line

    # One row -----------------------------------------------------------------

    def _read(self, line: Line) -> None:
        has = len(line.cells)
        if has > self.width or (has < self.width and not self.origin.padded):
            line.refuse(
                "", _("This row has %(has)s cells where the headings have %(width)s.",
                      has=has, width=self.width)
            )  # fmt: skip
            return
        parts: dict[str, dict[str, int | None]] = {}
        for place, target in self.columns:
            cell = line.cells[place] if place < has else None
            if is_empty(cell):
                if not target.part:
                    line.given[target.name] = None
                else:
                    parts.setdefault(target.field.name, {})[target.part] = None
                continue
            if isinstance(cell, list) and cell[0] == "n" and target.field.kind.name in ("string", "phone"):
                self.numbers[place] += 1
            try:
                if target.part:
                    parts.setdefault(target.field.name, {})[target.part] = part_of(cell)
                else:
                    line.given[target.name] = self._readers[target.name](cell)
            except Invalid as wrong:
                line.refuse(target.label, str(wrong))
        for name, known in parts.items():
            self._assemble(line, name, known)

    def _assemble(self, line: Line, name: str, known: dict[str, int | None]) -> None:
        if all(value is None for value in known.values()):
            line.given.setdefault(name, None)
            return
        try:
            line.given[name] = check_parts(known.get("day"), known.get("month"), known.get("year"))
        except Invalid as wrong:
            line.refuse(_(self.look.screen.fields[name].label), str(wrong))

    def _point(self, line: Line) -> None:
        for name, pointed in self._pointed.items():
            if not line.given.get(name):
                continue
            said, line.given[name] = line.given[name], None
            try:
                key = pointed.key_of(said, line.given)
            except Invalid as wrong:
                line.refuse(_(self.look.screen.fields[name].label), str(wrong))
                continue
            if isinstance(key, Several):
                line.doubtful[name] = said, key
            else:
                line.given[name] = key

    # Which record ------------------------------------------------------------

    def _decide(self, lines: list[Line]) -> None:
        known = self._find(lines)
        found = changeable(
            self.look.session, self.look.viewer, self.look.screen.model, [k for ks in known.values() for k in ks]
        )
        for line in lines:
            if line.act is not Act.error:
                self._decide_one(line, known, found)
        if doubtful := [line for line in lines if line.doubtful]:
            self._settle(doubtful)
        for line in lines:
            if line.act in (Act.create, Act.update):
                line.values = self._values(line, empty=line.act is Act.update and not self.chosen.filled)
        new = [line for line in lines if line.act is Act.create]
        parents = self._parents(new, {})
        for line in new:
            self._new(line, parents)

    def _settle(self, lines: Sequence[Line]) -> None:
        """A name that several have means the one that the record points to already."""
        rows = versions_of(self.look, [line.key for line in lines if line.key is not None])
        for line in lines:
            row = rows.get(line.key)
            for name, (said, several) in line.doubtful.items():
                f = self.look.screen.fields[name]
                held = None if row is None else getattr(row, f.attribute)
                if held in several:
                    line.given[name] = held
                elif line.act is not Act.skip:
                    line.refuse(_(f.label), unclear(said))

    def _find(self, lines: list[Line]) -> dict[Any, list[Any]]:
        if self._matches is None or self._key is None:
            return {}
        return self._matches.find(value for line in lines for value in self._key_values(line))

    def _key_values(self, line: Line) -> list[Any]:
        """The key as it is compared: as it would be kept, and as it stands; older records were never tidied."""
        assert self._key is not None and self._matches is not None
        f, value = self._key.field, line.given.get(self._key.name)
        if value in (None, "") or line.act is Act.error:
            return []
        found = [value]
        if f.rule and isinstance(value, str):
            country = line.given.get(country_column(f.column)) or line.given.get(self.look.screen.country)
            found.insert(0, CHECKS[f.rule](value, str(country or "")).value)
        return list(dict.fromkeys(map(self._matches.of, found)))

    def _decide_one(self, line: Line, known: dict[Any, list[Any]], may: set[Any]) -> None:
        if self._matches is None or self._key is None:
            return
        values, how = self._key_values(line), self.chosen.known
        if not values:
            if how is Known.update:
                line.act, line.why = Act.skip, _("The key is empty.")
            return
        first = self._met.setdefault((self._key.name, values[0]), line.number)
        keys = list(dict.fromkeys(key for value in values for key in known.get(value, ())))
        if first != line.number:
            if how is Known.new:
                line.act, line.why = Act.skip, _("Row %(row)s has the same key.", row=first)
            else:
                line.refuse(self._key.label, _("Row %(row)s has the same key.", row=first))
        elif how is Known.new:
            if keys:
                line.act, line.why = Act.skip, _("There is such a record already.")
        elif len(keys) > 1:
            line.refuse(self._key.label, _("Several records have this value, so it is not clear which is meant."))
        elif keys:
            line.act, line.key = Act.update, keys[0]
            if keys[0] not in may:
                line.refuse("", _("This belongs to a country that is not yours, or to all countries."))
        elif how is Known.update:
            line.act, line.why = Act.skip, _("There is no such record.")
        elif self._key.name == KEY:
            line.refuse(self._key.label, _("This record does not exist, or you have no access to it."))

    # What is written ----------------------------------------------------------

    def _values(self, line: Line, *, empty: bool) -> dict[str, Any]:
        """Attribute values as a form would send them."""
        found: dict[str, Any] = {}
        for name, value in line.given.items():
            if name == KEY or (value in (None, [], "") and not empty):
                continue
            f = self.look.screen.fields[name]
            if value in (None, "") and f.required:
                line.refuse(_(f.label), _("This field is required."))
            found.update(spread(f, value))
        return found

    def _new(self, line: Line, parents: Parents) -> None:
        screen, viewer = self.look.screen, self.look.viewer
        try:
            given = write.countries_of(screen, viewer, line.values, new=True)
        except Unprocessable as refused:
            given = {}
            for name, messages in refused.fields.items():
                line.refuse(_(screen.fields[name].label), messages[0])
        for f in self._barred:
            line.refuse(_(f.label), _("This field is required, and a file cannot fill it."))
        told = {label for label, _sentence in line.problems}
        for f in self._required:
            if (
                f not in self._barred
                and {**given, **line.values}.get(f.attribute) in (None, "")
                and _(f.label) not in told
            ):
                line.refuse(_(f.label), _("This field is required."))
        self._judge(line, {**line.values, **given}, None, parents)

    def _parents(self, lines: Sequence[Line], rows: Mapping[Any, Any]) -> Parents:
        """What the records of these lines belong to; `rows` are those that are there, by key."""
        look = self.look
        records = [rows.get(line.key) for line in lines]
        return parents_of(look.session, look.screens, look.screen, look.viewer, [one.values for one in lines], records)

    def _judge(self, line: Line, values: dict[str, Any], row: Any, parents: Parents) -> None:
        """Values held to the own rule of their field, as when they are saved; what is odd passes, and is told."""
        look = self.look
        judged = judge(look.session, look.screens, look.screen, look.viewer, values, row, parents=parents)
        for name, messages in judged.errors.items():
            line.refuse(_(look.screen.fields[name].label), messages[0])
        line.odd += [(_(look.screen.fields[name].label), messages[0]) for name, messages in judged.warnings.items()]
        line.values |= {name: value for name, value in judged.values.items() if name in line.values}

    def _look_unique(self, lines: list[Line]) -> None:
        """What may stand in one record only: told here with the row, not by the database in the end."""
        for target, matches in self._unique:
            about = [
                line for line in lines
                if line.act in (Act.create, Act.update) and line.given.get(target.name) not in (None, "")
            ]  # fmt: skip
            known = matches.find(matches.of(line.given[target.name]) for line in about)
            for line in about:
                compared = matches.of(line.given[target.name])
                first = self._met.setdefault((target.name, compared), line.number)
                if first != line.number:
                    line.refuse(
                        target.label, _("Row %(row)s has the same value, and only one record can have it.", row=first)
                    )
                elif any(key != line.key for key in known.get(compared, ())):
                    line.refuse(target.label, _("This value is already taken by another record."))

    def _look_together(self, lines: Sequence[Line]) -> None:
        """Several values that only one record can have together: rows of one file exclude each other by them."""
        for fields in self._together:
            names = tuple(f.attribute for f in fields)
            for line in lines:
                values = tuple(line.values.get(name) for name in names)
                if None in values:
                    continue
                first = self._met.setdefault((names, values), line.number)
                if first != line.number:
                    labels = ", ".join(_(f.label) for f in fields)
                    line.refuse("", _("Row %(row)s has the same %(labels)s.", row=first, labels=labels))

    def _compare(self, lines: Sequence[Line]) -> None:
        """Records that are as their row says need no change; of the others the version that was looked at is noted."""
        rows = versions_of(self.look, [line.key for line in lines])
        parents = self._parents(lines, rows)
        for line in lines:
            row = rows.get(line.key)
            if row is None:
                line.refuse("", _("This record does not exist, or you have no access to it."))
                continue
            line.version = row.row_version
            self._leave_finer(line, row)
            changed = {name: value for name, value in line.values.items() if differs(getattr(row, name), value)}
            if not changed:
                line.act = Act.same
                continue
            self._judge(line, changed, row, parents)
            if line.act is Act.update and not any(differs(getattr(row, name), line.values[name]) for name in changed):
                line.act, line.odd = Act.same, []  # written otherwise, kept alike
                continue
            try:
                write.countries_of(self.look.screen, self.look.viewer, changed, new=False)
            except Unprocessable as refused:
                for name, messages in refused.fields.items():
                    line.refuse(_(self.look.screen.fields[name].label), messages[0])
        for row in rows.values():
            if not inspect(row).modified:
                self.look.session.expunge(row)

    def _leave_finer(self, line: Line, row: Any) -> None:
        """What the record knows better than a file can say it stays: sheets have whole seconds, a day has no time."""
        for f in self._timed:
            held, given = getattr(row, f.attribute), line.values.get(f.attribute)
            if not isinstance(held, datetime) or not isinstance(given, datetime):
                continue
            if held.date() == given.date() if f.kind.name == "date" else held.replace(microsecond=0) == given:
                del line.values[f.attribute]

    def _try(self, lines: Sequence[Line]) -> None:
        """What the database alone can refuse is told with the row, too."""
        if self._trial is None:
            return
        screen, viewer = self.look.screen, self.look.viewer
        rows = [
            Tried(line.key, line.version, {**line.values, **write.countries_of(screen, viewer, line.values, new=True)}
                  if line.act is Act.create else line.values)
            for line in lines
        ]  # fmt: skip
        for place, refused in self._trial.refusals(rows):
            for name, sentence in sentences(self.look, refused):
                f = screen.fields.get(name)
                lines[place].refuse(_(f.label) if f else "", sentence)
