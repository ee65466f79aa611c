"""What only the database refuses - a CHECK, a key that is taken, a trigger - found out before anything is imported.

Rows are written as they would be and taken back at once: a thousand together, past the mapping, so that it costs a
fraction of the import. Only where the database objects the row is found by halving, and tried again in the way it
would be saved; what that refuses as well is a refusal, in the same words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, inspect, update
from sqlalchemy.exc import DBAPIError, OperationalError

from app.core.errors import DomainError, Unprocessable
from app.core.viewer import visible
from app.screens import write
from app.screens.look import Look


class Tried(NamedTuple):
    """A row to be: of a known record its key and version; its attribute values."""

    key: Any
    version: str | None
    values: Mapping[str, Any]


class Trial:
    """Rows of one table, tried for one viewer; nothing is left behind."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._known = write.Known()
        mapped = inspect(look.screen.model)
        self._columns: dict[str, Any] = dict(mapped.columns.items())
        self._alone = "default_within" in look.screen.model.__table__.info

    def refusals(self, rows: Sequence[Tried]) -> list[tuple[int, DomainError]]:
        """(place, refusal) of those of these rows that the database would not take."""
        if not rows:
            return []
        model = self.look.screen.model
        # Says to the database's own wall who asks: the statements below pass by the mapping.
        self.look.session.execute(visible(model, self.look.viewer).with_only_columns(model.id).limit(0))
        outer = self.look.session.connection().begin_nested()
        try:
            return self._found(rows, list(range(len(rows))))
        finally:
            outer.rollback()

    def _found(self, rows: Sequence[Tried], places: list[int]) -> list[tuple[int, DomainError]]:
        """As `refusals`; what passes stays till the end, so that of two that exclude each other one is told."""
        if self._passes([rows[place] for place in places]):
            return []
        if len(places) > 1:
            half = len(places) // 2
            return self._found(rows, places[:half]) + self._found(rows, places[half:])
        refused = self._refusal(rows[places[0]])
        return [] if refused is None else [(places[0], refused)]

    def _passes(self, rows: Sequence[Tried]) -> bool:
        """Whether the database takes these rows together; they stay if it does."""
        connection = self.look.session.connection()
        savepoint = connection.begin_nested()
        try:
            for statement, values in self._statements(rows):
                connection.execute(statement, values)
        except DBAPIError as refused:
            if refused.connection_invalidated:
                raise
            savepoint.rollback()
            return False
        savepoint.commit()
        return True

    def _statements(self, rows: Sequence[Tried]) -> list[tuple[Any, list[dict[str, Any]]]]:
        """New rows and changed ones, together as far as they fill the same columns; changed ones in order of keys."""
        table = self.look.screen.model.__table__
        groups: dict[tuple[bool, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: str(row.key or "")):
            values = {self._columns[name].key: value for name, value in row.values.items()}
            if self._alone and values.get("is_default"):
                values["is_default"] = False  # the one before gives way when it is saved
            new = row.key is None
            if new:
                values = {**self._empty(), **values}
            else:
                values = {f"new_{name}": value for name, value in values.items()} | {"of": row.key}
            groups[new, tuple(sorted(values))].append(values)
        found: list[tuple[Any, list[dict[str, Any]]]] = []
        for (new, names), some in groups.items():
            if new:
                found.append((insert(table), some))
            elif len(names) > 1:
                given: dict[str, Any] = {name.removeprefix("new_"): bindparam(name) for name in names if name != "of"}
                found.append((update(table).where(table.c.id == bindparam("of")).values(given), some))
        return found

    def _empty(self) -> dict[str, Any]:
        """The columns that are simply empty unless they are filled, so that rows need not fill the same ones."""
        return {
            c.key: None for c in self.look.screen.model.__table__.columns
            if c.nullable and c.default is None and c.server_default is None and not c.system
        }  # fmt: skip

    def _refusal(self, row: Tried) -> DomainError | None:
        """Why the row cannot be saved; None when it can, or when nobody can say because it is being saved just now."""
        look = self.look
        savepoint = look.session.begin_nested()
        try:
            with look.session.no_autoflush:
                if row.key is None:
                    write.make(look.session, look.screens, look.screen, look.viewer, row.values, self._known)
                else:
                    self._put(row)
            write.flush(look.session, look.screens, look.screen)
        except DomainError as refused:
            return refused
        except OperationalError:
            return None
        finally:
            savepoint.rollback()
        return None

    def _put(self, row: Tried) -> None:
        look, model = self.look, self.look.screen.model
        asked = visible(model, look.viewer).where(model.id == row.key).execution_options(populate_existing=True)
        record = look.session.scalars(asked).one_or_none()
        if record is not None:
            values, known = row.values, self._known
            write.put(look.session, look.screens, look.screen, look.viewer, record, values, row.version, known)


def sentences(look: Look, refused: DomainError) -> list[tuple[str, str]]:
    """(name of the field, sentence) of a refusal."""
    if not isinstance(refused, Unprocessable):
        return [("", refused.sentence)]
    if len({told[0] for told in refused.fields.values()}) == 1 < len(refused.fields):
        return [("", next(iter(refused.fields.values()))[0])]  # about all of them together, and said once
    found = [("", sentence) for sentence in refused.general]
    found += [(name, sentence) for name, told in refused.fields.items() for sentence in told[:1]]
    return found or [("", refused.sentence)]
