"""What the pages of batches show: the form for many rows, the preview, how far a batch is, one's own batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.batches import bulk, changes, services
from app.batches.changes import Do, How
from app.batches.models import ROWS, Batch, BatchKind, BatchState, RowAction
from app.core.values import kept
from app.core.viewer import visible
from app.screens import address, query
from app.screens.cells import cell_of, moment_text
from app.screens.fields import Field
from app.screens.filters import Named
from app.screens.formpage import form_of, name_pickers
from app.screens.forms import KindField, ScreenForm, spread
from app.screens.look import Look
from app.screens.page import Cell

SHOWN = 20  # rows of a preview
RECENT = 50
_RUNNING = (BatchState.examining, BatchState.waiting, BatchState.running, BatchState.undoing)


# The form ------------------------------------------------------------------------


@dataclass
class Line:
    """A field on the form: how it shall be changed, and the control for its value."""

    name: str
    control: KindField
    ways: tuple[tuple[str, str], ...]
    how: str = ""
    error: str = ""


@dataclass
class Typed:
    """What was typed. `todo` is complete when there are no `errors`."""

    lines: list[Line]
    todo: dict[str, Any]
    errors: list[str]


def ways() -> dict[How, str]:
    return {How.set: _("Set to"), How.clear: _("Clear"), How.add: _("Add"), How.remove: _("Remove")}


def form(look: Look, sent: MultiDict[str, str] | None, wished: str = "") -> Typed:
    """The form for many rows, as it is opened (with one field chosen) or as it was sent."""
    controls = form_of(look)
    names = [f.name for f in bulk.fields(look)]
    controls.fill({}, sent)
    lines, todo, errors = [], dict[str, Any](), list[str]()
    words = ways()
    for name in names:
        f, control = look.screen.fields[name], controls._fields[name]
        can = bulk.ways(f)
        how = (sent.get(f"how-{name}", "") if sent is not None else How.set.value if name == wished else "")[:10]
        control.flags.required = False
        line = Line(name, control, tuple((way.value, words[way]) for way in can), how if how in can else "")
        if line.how and sent is not None:
            change = _change(look, f, control, How(line.how), line)
            if line.error:
                errors.append(f"{_(f.label)}: {line.error}")
            else:
                todo[name] = change
        else:
            control.errors = []
        lines.append(line)
    if sent is not None and not todo and not errors:
        errors.append(_("Choose at least one field to change."))
    _name(look, controls)
    return Typed(lines, {"do": Do.edit.value, "fields": todo}, errors)


def _change(look: Look, f: Field, control: KindField, how: How, line: Line) -> dict[str, Any]:
    if how is How.clear:
        return {"how": how.value}
    if control.process_errors:
        line.error = str(control.process_errors[0])
        control.errors = list(control.process_errors)
        return {}
    if control.data in (None, "", []):
        line.error = (
            _("Give a value, or choose to clear the field.") if How.clear in bulk.ways(f) else _("Give a value.")
        )
        control.errors = [line.error]
        return {}
    return {"how": how.value, "values": kept(look.screen.model, spread(f, control.data))}


def _name(look: Look, controls: ScreenForm) -> None:
    for bound in controls._fields.values():
        if bound.process_errors and not bound.spec.targets:
            bound.current = None
    name_pickers(look, controls, None)


def forged(look: Look, sent: Mapping[str, str]) -> list[str]:
    """Fields that were sent to be changed though this form cannot hold them."""
    may = {f.name for f in bulk.fields(look)}
    asked = {name.removeprefix("how-") for name, how in sent.items() if name.startswith("how-") and how}
    return sorted(name for name in asked - may if name in look.screen.fields)


# The preview ---------------------------------------------------------------------


@dataclass(frozen=True)
class Changing:
    """One record of the preview: its name and the cells of each changed field before and after."""

    name: str
    href: str
    cells: tuple[tuple[Cell, Cell], ...]


@dataclass(frozen=True)
class Preview:
    """What a prepared batch would do."""

    sentence: str
    numbers: Mapping[str, int]
    reasons: tuple[tuple[str, int, str], ...]
    columns: tuple[str, ...]
    rows: tuple[Changing, ...]
    more: int
    danger: bool
    verb: str
    undoable: bool


def preview(look: Look, batch: Batch) -> Preview:
    counted = bulk.numbers(look.session, batch)
    do = Do(batch.todo["do"])
    names = [name for name in batch.todo.get("fields", {}) if look.reads(name)]
    names = names or (["is_active"] if do in (Do.activate, Do.deactivate) else [])
    fields = [look.screen.fields[name] for name in names]
    records = bulk.first_rows(look, batch, SHOWN)
    told = bulk.reasons(look.session, batch)
    keys = [record.id for record in records] + [
        query.key_of(look.screen, key) for _note, _n, some in told for key in some
    ]
    called = names_by_key(look, keys)
    return Preview(
        sentence=sentence(look, batch),
        numbers=counted,
        reasons=tuple(
            (note, number, ", ".join(called.get(str(key), "") for key in keys if called.get(str(key))))
            for note, number, keys in told
        ),
        columns=tuple(_(f.label) for f in fields),
        rows=_changing(look, batch, records, fields, called),
        more=max(0, counted["change"] - len(records)),
        danger=do is Do.delete,
        verb=_verb(do, counted["change"]),
        undoable=do is not Do.delete,
    )


def names_by_key(look: Look, keys: Sequence[Any]) -> dict[str, str]:
    """The names of records of this table, by their keys as text, in one statement."""
    if not keys:
        return {}
    model = look.screen.model
    named = query.name_of(look.screens, look.screen.table, model.id, look.viewer)
    asked = visible(model, look.viewer).with_only_columns(model.id, named).where(model.id.in_(set(keys)))
    return {str(key): name or str(key) for key, name in look.session.execute(asked)}


def _changing(
    look: Look, batch: Batch, records: Sequence[Any], fields: Sequence[Field], called: Mapping[str, str]
) -> tuple[Changing, ...]:
    """Every record with its cells; the names of what foreign keys point to come in one statement."""
    pairs: list[tuple[Any, Field, dict[str, Any], dict[str, Any]]] = []
    for record in records:
        wanted = changes.wanted(look.screen, batch.todo, None, record)
        for f in fields:
            before = {c.name: getattr(record, a) for a, c in zip(f.attributes, f.columns, strict=True)}
            after = {c.name: wanted.get(a) for a, c in zip(f.attributes, f.columns, strict=True)}
            if f.currency and look.reads(f.currency):
                before[f.currency] = after[f.currency] = getattr(record, f.currency)
            pairs.append((record, f, before, after))
    asked = [(f, side[f.name]) for _r, f, before, after in pairs for side in (before, after) if f.targets]
    known = {(f.name, key): (f, key) for f, key in asked if key is not None}
    names = dict(zip(known, query.names_of(look.session, look.screens, look.viewer, list(known.values())), strict=True))
    cells: dict[Any, list[tuple[Cell, Cell]]] = {}
    for record, f, before, after in pairs:
        for side in (before, after):
            if f.targets:
                side[f"{f.name}__name"] = names.get((f.name, side[f.name]), "")
        cells.setdefault(record.id, []).append(
            (cell_of(before, f, short=True, links={}), cell_of(after, f, short=True, links={}))
        )
    return tuple(
        Changing(
            called.get(str(r.id), str(r.id)), address.show_href(look.screen.table, r.id), tuple(cells.get(r.id, ()))
        )
        for r in records
    )


def sentence(look: Look, batch: Batch) -> str:
    """What a batch does, in words: never with a value that is hidden from its owner now."""
    if batch.kind is BatchKind.imported:
        name = batch.todo.get("name")
        return _("Import of “%(file)s”", file=name) if name else _("Import of a file")
    if stage := batch.todo.get("stage"):
        return _("Removal of the stage “%(name)s”", name=stage)
    do = batch.todo.get("do")
    if do == Do.edit:
        words = {How.clear: _("cleared"), How.add: _("added to"), How.remove: _("removed from")}
        fields = [
            _(look.screen.fields[name].label) + (f" ({words[how]})" if (how := How(change["how"])) in words else "")
            for name, change in batch.todo.get("fields", {}).items()
            if name in look.screen.fields and look.reads(name)
        ]
        return _("Change: %(fields)s", fields=", ".join(fields)) if fields else _("Change of several records")
    known = {Do.activate: _("Activate"), Do.deactivate: _("Deactivate"), Do.delete: _("Delete")}
    return known[Do(do)] if do else _("Change of several records")


def _verb(do: Do, count: int) -> str:
    if do is Do.delete:
        return ngettext("Delete %(num)s record", "Delete %(num)s records", count)
    if do is Do.deactivate:
        return ngettext("Deactivate %(num)s record", "Deactivate %(num)s records", count)
    if do is Do.activate:
        return ngettext("Activate %(num)s record", "Activate %(num)s records", count)
    return ngettext("Change %(num)s record", "Change %(num)s records", count)


# How far it is, and what came of it --------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One batch, for its page and for the list."""

    key: str
    href: str
    table: str
    many: str
    list_href: str
    what: str
    state: str
    label: str
    tone: str
    result: str
    error: str
    when: str
    total: int
    progress: int
    percent: int
    busy: bool
    can_cancel: bool
    can_undo: bool
    until: str
    back_href: str = ""
    lists: tuple[tuple[str, str], ...] = ()


def states() -> dict[BatchState, tuple[str, str]]:
    return {
        BatchState.examining: (_("Being examined"), "blue"),
        BatchState.prepared: (_("Prepared"), "grey"),
        BatchState.waiting: (_("Waiting"), "amber"),
        BatchState.running: (_("Running"), "blue"),
        BatchState.done: (_("Done"), "green"),
        BatchState.failed: (_("Nothing was changed"), "red"),
        BatchState.cancelled: (_("Cancelled"), "grey"),
        BatchState.undoing: (_("Being undone"), "blue"),
        BatchState.undone: (_("Undone"), "grey"),
    }


def preview_href(batch: Batch) -> str:
    """Where one sees what a batch would do."""
    return f"{batch.todo['prepared_at']}/preview" if batch.kind is BatchKind.imported else f"/batches/{batch.id}"


def _back_href(batch: Batch) -> str:
    """Where what failed was prepared, and can be corrected."""
    failed = batch.state in (BatchState.failed, BatchState.cancelled)
    return str(batch.todo.get("prepared_at", "")) if failed else ""


def sets() -> dict[str, Named]:
    """Lists of what one batch did, as addresses ask for them: as long as its rows are known."""
    return {
        "created": Named(_l("Created together"), partial(services.keys_of, RowAction.created)),
        "changed": Named(_l("Changed together"), partial(services.keys_of, RowAction.changed)),
    }


def _lists(look: Look, batch: Batch, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """(words, address) of the lists of what a batch did."""
    known = batch.undo_until is not None and batch.undo_until > now
    if batch.state is not BatchState.done or not known or not look.viewer.sees(look.screen.module):
        return ()
    created, changed = (int(batch.counts.get(name, 0)) for name in ("created", "changed"))
    words = {
        "created": ngettext("Show %(num)s new record", "Show %(num)s new records", created),
        "changed": ngettext("Show %(num)s changed record", "Show %(num)s changed records", changed),
    }
    return tuple(
        (words[name], address.filtered_href(batch.table_name, [(name, "id", batch.id)]) + "&all=1")
        for name, count in (("created", created), ("changed", changed)) if count
    )  # fmt: skip


def told(look: Look, batch: Batch, *, now: datetime) -> Told:
    label, tone = states()[batch.state]
    there = batch.state in (BatchState.done, BatchState.undone)
    return Told(
        key=batch.id,
        href=f"/batches/{batch.id}",
        table=batch.table_name,
        many=_(look.screen.many),
        list_href=address.list_href(batch.table_name) if look.viewer.sees(look.screen.module) else "",
        what=sentence(look, batch),
        state=batch.state.value,
        label=label,
        tone=tone,
        result=result(batch.counts) if there else "",
        error=batch.error or "",
        when=moment_text(batch.finished_at or batch.created_at),
        total=batch.total,
        back_href=_back_href(batch),
        lists=_lists(look, batch, now=now),
        progress=batch.progress,
        percent=round(100 * batch.progress / batch.total) if batch.total else 0,
        busy=batch.state in _RUNNING,
        can_cancel=batch.state in (BatchState.prepared, BatchState.waiting),
        can_undo=services.can_undo(batch, now=now) and look.may_edit(),
        until=moment_text(batch.undo_until) if batch.undo_until else "",
    )


def result(counts: Mapping[str, int]) -> str:
    """What was done, in one line."""
    words = (
        ("created", _("created")), ("changed", _("changed")), ("deactivated", _("deactivated")),
        ("deleted", _("deleted")), ("same", _("as it was")), ("refused", _("left out")),
        ("undone", _("undone")), ("kept", _("not undone")),
    )  # fmt: skip
    return ", ".join(f"{format_decimal(counts[name])} {word}" for name, word in words if counts.get(name))


def recent(look: Look, *, now: datetime) -> list[Told]:
    """The viewer's own batches, the newest first; of tables he still sees."""
    asked = visible(Batch, look.viewer).where(Batch.state.not_in((BatchState.examining, BatchState.prepared)))
    found = look.session.scalars(asked.order_by(Batch.created_at.desc()).limit(RECENT))
    return [
        told(look.at(batch.table_name), batch, now=now)
        for batch in found
        if batch.table_name in look.screens and look.viewer.sees(look.screens[batch.table_name].module)
    ]


def left_out(look: Look, batch: Batch) -> list[tuple[int, str, str]]:
    """(number, name, reason) of every row that was left out."""
    rows = ROWS.c
    asked = select(rows.number, rows.record_id, rows.note).where(rows.batch_id == batch.id, rows.note.is_not(None))
    found = look.session.connection().execute(asked.order_by(rows.number)).all()
    called: dict[str, str] = {}
    for start in range(0, len(found), 1000):
        keys = [query.key_of(look.screen, row.record_id) for row in found[start : start + 1000] if row.record_id]
        called |= names_by_key(look, keys)
    return [(row.number, called.get(row.record_id or "", row.record_id or ""), row.note) for row in found]
