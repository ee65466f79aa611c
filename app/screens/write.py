"""Saving for screens: one way for form, REST and import, with every refusal as a sentence at its field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Constraint, inspect, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, IntegrityError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import Conflict, Forbidden, InUse, Unprocessable
from app.core.paths import Own, Owns, path_of
from app.core.scope import ForeignCountry
from app.core.types import Country
from app.core.viewer import Right, Viewer, visible
from app.screens.fields import Field
from app.screens.judge import differs, judge, parents_of
from app.screens.query import Screens
from app.screens.resolve import Resolved

_NAMES = postgresql.dialect().identifier_preparer
_OUTSIDE = "42501"  # row-level security lets nobody write it
_TOO_LARGE = "54000"  # an index entry has no room for it
_UNIQUE, _FOREIGN, _NOT_NULL, _CHECK = "23505", "23503", "23502", "23514"


def writable(screen: Resolved, viewer: Viewer) -> list[Field]:
    """The fields this viewer may fill in."""
    return [f for f in screen.editable() if screen.right(viewer, f.name) is Right.editable]


@dataclass
class Known:
    """What was found out for earlier rows of the same transaction, so that many rows do not ask it again."""

    writable: frozenset[str] | None = None
    there: set[tuple[str, Any]] = field(default_factory=set)
    parents: Mapping[tuple[str, Any], Any] = field(default_factory=dict)
    """By table and key the records that the rows at hand belong to."""


def add(session: Session, screens: Screens, screen: Resolved, viewer: Viewer, values: Mapping[str, Any]) -> Any:
    """A new row from attribute values. Raises Forbidden, ForeignCountry, Unprocessable."""
    row = make(session, screens, screen, viewer, values)
    flush(session, screens, screen)
    return row


def make(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, values: Mapping[str, Any],
    known: Known | None = None,
) -> Any:  # fmt: skip
    """As `add`, to be flushed by the caller."""
    if not viewer.may_add(screen.module):
        raise Forbidden
    demand_changeable(screen)
    _only_writable(screen, viewer, values, known)
    values = {**values, **countries_of(screen, viewer, values, new=True)}
    _demand_required(screen, values)
    _check(screens, session, screen, viewer, values, known)
    values = _held_to_rules(session, screens, screen, viewer, values, None, known)
    row = screen.model(**values)
    session.add(row)
    return row


def change(
    session: Session,
    screens: Screens,
    screen: Resolved,
    viewer: Viewer,
    row: Any,
    values: Mapping[str, Any],
    version: str | None,
) -> Any:
    """The row with new values. `version` is what the person has seen (None: whatever is there).

    Raises Forbidden, Conflict when somebody else was faster, Unprocessable.
    """
    put(session, screens, screen, viewer, row, values, version)
    flush(session, screens, screen)
    return row


def put(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, row: Any, values: Mapping[str, Any],
    version: str | None, known: Known | None = None, *, as_it_was: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """As `change`, to be flushed by the caller. Gives the values that were there before, of what has changed.

    What is put back `as_it_was` is not held to the rules of its fields: it may be older than they are.
    """
    if not viewer.may_edit(screen.module):
        raise Forbidden
    demand_changeable(screen)
    if version is not None and row.row_version != version:
        raise Conflict
    changed = may_hold(session, screens, screen, viewer, row, values, known, as_it_was=as_it_was)
    before = {name: getattr(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    if version is not None:
        set_committed_value(row, "row_version", version)
    return before


def may_hold(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, row: Any, values: Mapping[str, Any],
    known: Known | None = None, *, as_it_was: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What of these values differs from the row, as it may be kept there. Raises Forbidden, Unprocessable."""
    changed = {name: value for name, value in values.items() if differs(getattr(row, name), value)}
    _only_writable(screen, viewer, changed, known)
    countries_of(screen, viewer, changed, new=False)
    _check(screens, session, screen, viewer, changed, known)
    return changed if as_it_was else _held_to_rules(session, screens, screen, viewer, changed, row, known)


def erase(session: Session, screen: Resolved, viewer: Viewer, row: Any, version: str | None) -> None:
    """Delete, also where the table could deactivate; to be flushed by the caller. Raises Forbidden, Conflict."""
    if not viewer.may_edit(screen.module):
        raise Forbidden
    demand_changeable(screen)
    if version is not None and row.row_version != version:
        raise Conflict
    session.delete(row)


def remove(session: Session, screens: Screens, screen: Resolved, viewer: Viewer, row: Any, version: str | None) -> str:
    """Deactivate where the table can, else delete. Gives "deactivated" or "deleted".

    Raises Forbidden, Conflict, InUse when other records need this one.
    """
    if not viewer.may_edit(screen.module):
        raise Forbidden
    demand_changeable(screen)
    if version and row.row_version != version:
        raise Conflict
    if screen.active and row.is_active:
        if screen.right(viewer, "is_active") is not Right.editable:
            raise Forbidden
        row.is_active = False
        flush(session, screens, screen)
        return "deactivated"
    session.delete(row)
    flush(session, screens, screen)
    return "deleted"


class AppendOnly(Forbidden):
    """Written by what happens, by nobody's hand."""

    def default(self) -> str:
        return _("Entries of this log are written by the system; nobody adds, changes or removes one.")


def demand_changeable(screen: Resolved) -> None:
    """Raises AppendOnly for what only services write."""
    if screen.append_only:
        raise AppendOnly(_(screen.written) if screen.written else "")


def _only_writable(screen: Resolved, viewer: Viewer, values: Mapping[str, Any], known: Known | None = None) -> None:
    """Whatever door values come through, none of them is for a field this viewer may not fill in. Raises Forbidden."""
    allowed = known.writable if known is not None else None
    if allowed is None:
        allowed = frozenset(attribute for f in writable(screen, viewer) for attribute in f.attributes)
    if known is not None:
        known.writable = allowed
    if not allowed.issuperset(values):
        raise Forbidden


def _demand_required(screen: Resolved, values: Mapping[str, Any]) -> None:
    """What must be filled in, whether or not the editor has a right to it. Raises Unprocessable."""
    empty = [f for f in screen.editable() if f.required and values.get(f.attribute) in (None, "")]
    if empty:
        raise Unprocessable({f.name: [_("This field is required.")] for f in empty})


def countries_of(screen: Resolved, viewer: Viewer, values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The country of a row whose editor has not all of them: filled in where there is only one to choose.

    Raises Unprocessable at the field for a country that is not the editor's, or for none.
    """
    path = path_of(screen.model.__table__)
    if viewer.everywhere or viewer.countries is None or not isinstance(path, Own | Owns):
        return {}
    name, several = path.column, isinstance(path, Owns)
    if not new and name not in values:
        return {}
    given = values.get(name)
    chosen = [str(item) for item in (given if several else [given]) if item] if given else []
    if not chosen:
        if isinstance(path, Own) and path.otherwise is not None:
            return {}
        if new and (only := only_country(screen, viewer)):
            return only
        raise Unprocessable({name: [_("Choose one of your countries: %(codes)s.", codes=_codes(viewer))]})
    if not set(chosen) <= set(viewer.countries):
        raise Unprocessable({name: [_("You work in these countries only: %(codes)s.", codes=_codes(viewer))]})
    return {}


def only_country(screen: Resolved, viewer: Viewer) -> dict[str, Any]:
    """The country of a new row, by attribute, where its editor has no choice; else nothing."""
    path = path_of(screen.model.__table__)
    if viewer.countries is None or len(viewer.countries) != 1 or not isinstance(path, Own | Owns):
        return {}
    return {path.column: list(viewer.countries) if isinstance(path, Owns) else Country(viewer.countries[0])}


def _codes(viewer: Viewer) -> str:
    return ", ".join(viewer.countries or ()) or "–"


def _held_to_rules(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, values: Mapping[str, Any], row: Any,
    known: Known | None,
) -> dict[str, Any]:  # fmt: skip
    """The values as they are kept. Raises Unprocessable for what breaks the own rule of a field; oddities pass."""
    judged = judge(session, screens, screen, viewer, values, row, parents=known.parents if known is not None else {})
    if judged.errors:
        raise Unprocessable(judged.errors)
    return judged.values


def _check(
    screens: Screens, session: Session, screen: Resolved, viewer: Viewer, values: Mapping[str, Any],
    known: Known | None = None,
) -> None:  # fmt: skip
    """A record may only point to records its editor may see; nothing points to what is not there."""
    problems: dict[str, list[str]] = {}
    by_attribute = {attribute: f for f in screen.fields.values() for attribute in f.attributes}
    for name, value in values.items():
        f = by_attribute[name]
        if isinstance(value, str) and "\x00" in value:
            problems[f.name] = [_("This text holds a character that cannot be stored.")]
        if not f.targets or value in (None, "") or (known is not None and (f.name, value) in known.there):
            continue
        wanted = [
            visible(screens[table].model, viewer).where(screens[table].model.id == value).exists()
            for table in f.targets
        ]
        if not any(session.execute(select(*wanted)).one()):
            problems[f.name] = [_("This record does not exist, or you have no access to it.")]
        elif known is not None:
            known.there.add((f.name, value))
    if problems:
        raise Unprocessable(problems)


def learn(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, rows: Sequence[Mapping[str, Any]],
    records: Sequence[Any], known: Known,
) -> None:  # fmt: skip
    """Ask once for all of these rows whether what they point to is there; what is not is told by the row itself.

    `records` are those that get the values (None for new ones). Their parents are known until the next call.
    """
    known.parents = parents_of(session, screens, screen, viewer, rows, records)
    for f in screen.fields.values():
        given = (
            {values[f.attribute] for values in rows if values.get(f.attribute) not in (None, "")} if f.targets else ()
        )
        fresh = [key for key in given if (f.name, key) not in known.there]
        if len(fresh) < 2:
            continue
        for table in f.targets:
            model = screens[table].model
            asked = visible(model, viewer).with_only_columns(model.id).where(model.id.in_(fresh))
            known.there |= {(f.name, key) for key in session.scalars(asked)}


def flush(session: Session, screens: Screens, screen: Resolved) -> None:
    """What was set goes to the database. Raises Conflict, ForeignCountry, InUse, Unprocessable."""
    with refusing(screens, screen):
        session.flush()


@contextmanager
def refusing(screens: Screens, screen: Resolved) -> Iterator[None]:
    """What the database refuses within the block, said as people read it.

    Raises Conflict, ForeignCountry, InUse, Unprocessable.
    """
    try:
        yield
    except StaleDataError as lost:
        raise Conflict from lost
    except ProgrammingError as walled:
        if str(getattr(walled.orig, "sqlstate", "")) != _OUTSIDE:
            raise
        raise ForeignCountry from walled
    except IntegrityError as refused:
        raise _refusal(screens, screen, refused) from refused
    except OperationalError as failed:
        if str(getattr(failed.orig, "sqlstate", "")) != _TOO_LARGE:
            raise
        raise Unprocessable({}, [_("A text is too long to be found again. Shorten it.")]) from failed
    except (DataError, InternalError) as unfit:
        raise Unprocessable({}, [_("A value does not fit its field.")]) from unfit


def _refusal(screens: Screens, screen: Resolved, refused: IntegrityError) -> Unprocessable | InUse:
    """PostgreSQL's refusal as a sentence at the field it is about."""
    said = refused.orig.diag  # type: ignore[union-attr]  # psycopg's error carries the diagnosis
    state, constraint = str(refused.orig.sqlstate), str(said.constraint_name or "")  # type: ignore[union-attr]
    if state == _FOREIGN and (
        said.table_name != screen.table or "is still referenced" in str(said.message_detail or "")
    ):
        other = screens.get(str(said.table_name))
        return InUse(
            _(
                "This record is still used by “%(others)s”, so it cannot be deleted.",
                others=_(other.many) if other else said.table_name,
            )
        )
    names = _names_in(screen, constraint, str(said.column_name or ""))
    sentence = {
        _UNIQUE: _("This value is already taken by another record."),
        _FOREIGN: _("This record does not exist, or you have no access to it."),
        _NOT_NULL: _("This field is required."),
        _CHECK: _("This value is not allowed here."),
    }.get(state, _("This value cannot be saved."))
    if state == _UNIQUE and len(names) > 1:
        labels = ", ".join(_(screen.fields[name].label) for name in names)
        sentence = _("There is already a record with the same %(labels)s.", labels=labels)
    if not names:
        return Unprocessable({}, [sentence])
    return Unprocessable({name: [sentence] for name in names})


def _names_in(screen: Resolved, constraint: str, column: str) -> list[str]:
    """The fields a constraint is about, found in the mapping by its name."""
    by_column = {c.name: f.name for f in screen.fields.values() for c in f.columns}
    if column in by_column:
        return [by_column[column]]
    table = inspect(screen.model).local_table
    for known in table.constraints:
        if _kept_name(known) == constraint and hasattr(known, "columns") and len(known.columns):
            return list(dict.fromkeys(by_column[c.name] for c in known.columns if c.name in by_column))
    for index in table.indexes:
        if index.name == constraint:
            return [by_column[c.name] for c in index.columns if c.name in by_column]
    # CHECKs are written as text: the columns are the words in it that are columns.
    for known in table.constraints:
        if _kept_name(known) == constraint and hasattr(known, "sqltext"):
            mentioned = re.findall(r"\w+", str(known.sqltext))
            return list(dict.fromkeys(by_column[w] for w in mentioned if w in by_column))
    tail = constraint.removeprefix(f"fk_{screen.table}_").removeprefix(f"uq_{screen.table}_lower_")
    return [by_column[tail]] if tail in by_column else []


def _kept_name(constraint: Constraint) -> str:
    """The name as PostgreSQL keeps it: 63 letters, and SQLAlchemy shortens longer ones."""
    return str(_NAMES.format_constraint(constraint)).strip('"')
