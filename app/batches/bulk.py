"""One change for many rows of a list: which fields it may be, which rows it is about, what each would become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.batches import changes, running
from app.batches.changes import ACTIONS, Do
from app.batches.errors import told
from app.batches.models import ROWS, Batch, RowAction
from app.batches.services import AT_ONCE, LIMIT, Planned
from app.core.errors import Forbidden, NotFound, Unprocessable
from app.core.scope import ForeignCountry, changeable
from app.core.viewer import Right, visible
from app.screens import query, write
from app.screens.fields import Field
from app.screens.judge import differs
from app.screens.listpage import shown_listing
from app.screens.look import Look
from app.screens.page import Many

OWNERS = ("assigned_user_id", "assigned_to", "owner_user_id", "owner_id", "responsible_user_id")
_LISTS = ("tags", "multichoice")


def fields(look: Look) -> list[Field]:
    """The fields this viewer may give one value in many rows: no secrets, and nothing that only one row can have."""
    if not look.may_edit():
        return []
    table = look.screen.model.__table__
    one = {c.name for c in table.columns if c.unique}
    if "default_within" in table.info:
        one.add("is_default")
    return [
        f for f in write.writable(look.screen, look.viewer)
        if not f.secret and not f.internal and f.name not in one and f.name != "is_active"
    ]  # fmt: skip


def owner(look: Look) -> Field | None:
    """The field that says whose a row is, where the viewer may hand it over."""
    known = {f.name: f for f in fields(look) if f.targets == ("users",)}
    return next((known[name] for name in OWNERS if name in known), None)


def offered(look: Look) -> list[Do]:
    """What this viewer may do with many rows of the table at once."""
    if not look.may_edit():
        return []
    found = [Do.edit] if fields(look) else []
    if not look.screen.active:
        return [*found, Do.delete]
    if look.screen.right(look.viewer, "is_active") is Right.editable:
        found += [Do.deactivate, Do.activate]
    return found


def acts(look: Look) -> tuple[Many, ...]:
    """The buttons under a list."""
    words = {
        Do.edit: Many(Do.edit, _("Edit fields"), "pencil"),
        Do.deactivate: Many(Do.deactivate, _("Deactivate"), "archive"),
        Do.activate: Many(Do.activate, _("Activate"), "circle-check"),
        Do.delete: Many(Do.delete, _("Delete"), "trash"),
    }
    found = [words[do] for do in offered(look)]
    if (whose := owner(look)) is not None:
        found.insert(1, Many(Do.edit, _("Assign"), "user-check", whose.name))
    return tuple(found)


def ways(f: Field) -> tuple[changes.How, ...]:
    """How a field can be changed."""
    is_list = f.kind.name in _LISTS
    can_be_empty = is_list or (f.nullable and not f.required)
    return (
        changes.How.set,
        *((changes.How.add, changes.How.remove) if is_list else ()),
        *((changes.How.clear,) if can_be_empty else ()),
    )


def chosen(look: Look, do: Do, keys: Sequence[str]) -> list[Planned]:
    """These rows, as far as the viewer may know of them. Raises Unprocessable for too many."""
    typed = []
    for key in dict.fromkeys(keys):
        try:
            typed.append(query.key_of(look.screen, key))
        except NotFound:
            continue
    if len(typed) > LIMIT:
        raise _too_many()
    model = look.screen.model
    asked = visible(model, look.viewer).with_only_columns(model.id, model.row_version).where(model.id.in_(typed))
    return _planned(do, look.session.execute(asked.order_by(model.id)).all())


def matching(look: Look, do: Do, arguments: MultiDict[str, str]) -> list[Planned]:
    """All rows that the list of this address shows now. Raises Unprocessable for too many, BadQuery."""
    model = look.screen.model
    asked = query.narrowed(look.screen, look.viewer, shown_listing(look, arguments)).add_columns(model.row_version)
    found = look.session.execute(asked.order_by(model.id).limit(LIMIT + 1)).all()
    if len(found) > LIMIT:
        raise _too_many()
    return _planned(do, found)


def _planned(do: Do, rows: Sequence[Any]) -> list[Planned]:
    return [Planned(ACTIONS[do], str(key), version) for key, version in rows]


def _too_many() -> Unprocessable:
    most = format_decimal(LIMIT)
    return Unprocessable({}, [_("At most %(most)s records at once. Narrow the list with a filter.", most=most)])


# What each row would become ---------------------------------------------------


def plan(look: Look, batch: Batch, todo: Mapping[str, Any]) -> None:
    """Say of every row of a prepared batch whether `todo` changes it, and why not; versions are those of now.

    Rows of foreign countries are found for all, other refusals by trying: for as many as are done within a request.
    """
    do = Do(todo["do"])
    if do not in offered(look):
        raise Forbidden
    if set(todo.get("fields", {})) - {f.name for f in fields(look)}:
        raise Forbidden
    batch.todo = dict(todo)
    look.session.flush()
    found = look.session.connection().execute(
        select(ROWS.c.id, ROWS.c.record_id, ROWS.c.version_before).where(ROWS.c.batch_id == batch.id)
    )
    results = []
    lines = found.all()
    for start in range(0, len(lines), 1000):
        results += _planned_chunk(look, do, todo, lines[start : start + 1000])
    changed = update(ROWS).where(ROWS.c.id == bindparam("of"))
    names = ("action", "note", "version_before")
    look.session.connection().execute(
        changed.values({name: bindparam(f"new_{name}") for name in names}),
        [{"of": one["id"], **{f"new_{name}": one[name] for name in names}} for one in results],
    )
    if len([one for one in results if one["action"] not in running.LATER]) <= AT_ONCE:
        _try(look, batch)


def _planned_chunk(look: Look, do: Do, todo: Mapping[str, Any], lines: Sequence[Any]) -> list[dict[str, Any]]:
    there = running.fetched(look, [line.record_id for line in lines])
    ours = changeable(look.session, look.viewer, look.screen.model, [row.id for row in there.values()])
    results = []
    for line in lines:
        row = there.get(line.record_id)
        action, note = ACTIONS[do], None
        if row is None:
            action, note = RowAction.refused, NotFound().sentence
        elif row.id not in ours:
            action, note = RowAction.refused, ForeignCountry().sentence
        elif do is not Do.delete and not _differs(look, todo, row):
            action = RowAction.same
        version = row.row_version if row is not None else line.version_before
        results.append({"id": line.id, "action": action, "note": note, "version_before": version})
    return results


def _differs(look: Look, todo: Mapping[str, Any], row: Any) -> bool:
    wanted = changes.wanted(look.screen, todo, None, row)
    return any(differs(getattr(row, name), value) for name, value in wanted.items())


def _try(look: Look, batch: Batch) -> None:
    """Do every row by itself and take it back at once; what is refused is left out, with the reason."""
    trial = running.Trial(look, batch)
    for key, refused in trial.refusals():
        said = {"action": RowAction.refused, "note": told(look.screen, refused)}
        look.session.connection().execute(update(ROWS).where(ROWS.c.id == key).values(**said))


def numbers(session: Session, batch: Batch) -> dict[str, int]:
    """How many rows of a prepared batch would be changed, are so already, and are left out."""
    rows = ROWS.c
    asked = select(rows.action, func.count()).where(rows.batch_id == batch.id).group_by(rows.action)
    found = {RowAction(action).value: count for action, count in session.connection().execute(asked)}
    same, refused = (found.get(action.value, 0) for action in (RowAction.same, RowAction.refused))
    return {"change": batch.total - same - refused, "same": same, "refused": refused}


def reasons(session: Session, batch: Batch) -> list[tuple[str, int, list[str]]]:
    """Why rows are left out: the sentence, how many rows, and the keys of the first three."""
    rows = ROWS.c
    count, keys = func.count(), func.array_agg(rows.record_id)
    asked = select(rows.note, count, keys).where(rows.batch_id == batch.id, rows.action == RowAction.refused)
    found = session.connection().execute(asked.group_by(rows.note).order_by(count.desc()).limit(10))
    return [(note or "", number, list(some)[:3]) for note, number, some in found]


def first_rows(look: Look, batch: Batch, most: int) -> list[Any]:
    """The first records that would be changed, as mapped rows."""
    rows = ROWS.c
    asked = select(rows.record_id).where(rows.batch_id == batch.id, rows.action.not_in(running.LATER))
    keys = look.session.connection().scalars(asked.order_by(rows.number).limit(most)).all()
    there = running.fetched(look, list(keys))
    return [there[key] for key in keys if key in there]
