"""Schema + `Screen` = complete screen: every default computed here, every name checked here. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import class_mapper

from app.core.db import Base
from app.core.statements import prepared
from app.core.viewer import Right, Viewer
from app.screens.fields import MANAGED, Field, fields_of
from app.screens.spec import Chart, Happening, Leading, Screen

LIST_COLUMNS = 7
_NAMES = (
    "name",
    "title",
    "full_name",
    "label",
    "display_name",
    "subject",
    "code",
    "username",
    "email",
    "key",
)
_DATES = (
    "created_at",
    "generated_at",
    "started_at",
    "assigned_at",
    "snapshot_date",
    "rate_date",
    "updated_at",
)


class ScreenError(ValueError):
    """A `Screen` names something that does not exist; said at start, with the table and the name."""


@dataclass(frozen=True)
class Child:
    """Records of another table that point here: a tab."""

    table: str
    key: str
    column: str
    label: str = ""


@dataclass(frozen=True)
class Resolved:
    """Everything the pages of one table need to know."""

    table: str
    model: type[Any]
    module: str
    one: str
    many: str
    icon: str
    fields: Mapping[str, Field]
    name: tuple[str, ...]
    columns: tuple[str, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    readonly: frozenset[str]
    order: tuple[str, bool]
    date: str
    charts: tuple[Chart, ...]
    find: tuple[tuple[str, ...], ...]
    search: tuple[str, ...]
    children: tuple[Child, ...] = ()
    active: bool = False
    country: str = ""
    inside: str = ""
    links: tuple[Leading, ...] = ()
    list_links: tuple[Leading, ...] = ()
    reference: bool = False
    append_only: bool = False
    written: str = ""
    sealed: frozenset[str] = frozenset()
    when: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    happening: Happening | None = None
    talks: str = ""

    @property
    def key(self) -> Any:
        return self.model.id

    def right(self, viewer: Viewer, name: str) -> Right:
        """What this viewer may do with one field: the one question behind every list, form, filter, file and name.

        In the role tables a field of the module's own table goes by its name, one of a table inside of it by
        `<table>.<name>`. Of a partial date the strictest of its parts counts.
        """
        kept: tuple[Resolved, dict[str, Right]] | None = viewer.known.get(self.table)
        if kept is None or kept[0] is not self:
            kept = viewer.known[self.table] = self, prepared(self, viewer.stamp, dict)
        rights = kept[1]
        right = rights.get(name)
        if right is None:
            right = rights[name] = self._right(viewer, name)
        return right

    def _right(self, viewer: Viewer, name: str) -> Right:
        if name in self.sealed and not viewer.everything:
            return Right.hidden
        f = self.fields.get(name)
        parts = {name, *(column.name for column in f.columns)} if f else {name}
        prefix = "" if not self.inside else f"{self.table}."
        return min(viewer.field(self.module, prefix + part) for part in parts)

    def reads(self, viewer: Viewer, name: str) -> bool:
        """Whether this viewer may know of the field at all."""
        return self.right(viewer, name) is not Right.hidden

    def names(self, viewer: Viewer) -> tuple[str, ...]:
        """The columns by which this viewer may know a record; none where its module is closed to him.

        Names of colleagues, products, hospitals and the like (`info["reference"]`) are no secret within the house,
        unless a field of them is hidden.
        """
        if not viewer.sees(self.module):
            return self.name if self.reference and viewer.user_id else ()
        return tuple(name for name in self.name if self.reads(viewer, name))

    def shown(self) -> list[Field]:
        """Fields a person may ever see, in the order of the sections; system dates last."""
        names = [name for _, names in self.sections for name in names]
        return [self.fields[name] for name in [*names, *(n for n in MANAGED if n in self.fields)]]

    def editable(self) -> list[Field]:
        """Fields a form may hold."""
        return [f for f in self.shown() if not f.readonly and f.name not in self.readonly]

    def filterable(self) -> list[Field]:
        return [f for f in self.shown() if f.kind.operators]


def resolve_all(models: Mapping[str, type[Any]], screens: Iterable[Screen]) -> dict[str, Resolved]:
    """The complete screens of all tables by table name, in the order of `screens`. Raises ScreenError."""
    given = {screen.table: screen for screen in screens}
    models = {name: models[name] for name in dict.fromkeys([*given, *models])}
    done = {name: resolve(model, given.get(name) or Screen(model), models) for name, model in models.items()}
    children = _children(done)
    return {name: replace(screen, children=children[name]) for name, screen in done.items()}


def resolve(model: type[Base], spec: Screen, models: Mapping[str, type[Any]]) -> Resolved:
    table = str(model.__tablename__)
    info = cast(Table, class_mapper(model).local_table).info
    fields = fields_of(model)
    usable = {name: f for name, f in fields.items() if not f.internal}
    known = _Known(table, fields)
    sections = _sections(known, spec, usable)
    name = known.all(spec.name) or _default_name(usable)
    columns = known.all(spec.columns) or _default_columns(usable, name)
    date = known.one(spec.date) if spec.date else next((d for d in _DATES if d in fields), "")
    if spec.inside and spec.inside not in models:
        raise ScreenError(f"{table}: there is no table {spec.inside!r} to be inside of.")
    return Resolved(
        table=table,
        model=model,
        module=spec.module or spec.inside or table,
        one=info["one"],
        many=info["many"],
        icon=info["icon"],
        fields=fields,
        name=name,
        columns=_listable(fields, columns),
        sections=sections,
        readonly=frozenset(known.all(spec.readonly)),
        order=_order(known, spec, usable, date),
        date=date,
        charts=_checked_charts(known, spec.charts) or _default_charts(usable, date),
        find=tuple(info.get("find", ())),
        search=_search(usable, name, columns),
        active="is_active" in fields,
        country=next((c for c in ("country", "country_code") if c in fields), ""),
        inside=spec.inside,
        links=spec.links,
        list_links=spec.list_links,
        append_only=spec.append_only,
        written=spec.written,
        sealed=frozenset(known.all(spec.sealed)),
        reference=bool(info.get("reference")),
        when=_when(known, spec),
        happening=_checked_happening(known, spec.happening),
        talks=_checked_talks(known, spec.talks),
    )


class _Known:
    """Looks names up; a column of a partial date is known by its prefix as well."""

    def __init__(self, table: str, fields: Mapping[str, Field]) -> None:
        self.table = table
        self.fields = fields
        self.parts = {column.name: f.name for f in fields.values() for column in f.columns}

    def one(self, name: str) -> str:
        if name in self.fields:
            return name
        if name in self.parts:
            return self.parts[name]
        raise ScreenError(f"{self.table}: there is no column {name!r}.")

    def all(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.one(name) for name in names))


def _sections(known: _Known, spec: Screen, usable: Mapping[str, Field]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    left = [n for n in usable if n != "id" and n not in MANAGED]
    sections = []
    for title, names in spec.sections:
        taken = tuple(n for n in known.all(names) if n in left)
        left = [n for n in left if n not in taken]
        if taken:
            sections.append((title, taken))
    if left:
        sections.append(("Other" if sections else "", tuple(left)))
    return tuple(sections)


def _when(known: _Known, spec: Screen) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Field -> (the field it hangs on, its values as a form has them). What must be filled in is never folded away."""
    found = {}
    for name, (other, given) in spec.when.items():
        f, controller = known.fields[known.one(name)], known.fields[known.one(other)]
        if f.required:
            raise ScreenError(f"{known.table}: {name!r} must be filled in and cannot hang on {other!r}.")
        values = given if isinstance(given, tuple) else (given,)
        texts = tuple("1" if v is True else "0" if v is False else str(v) for v in values)
        if not {*texts} <= ({"0", "1"} if controller.kind.name == "boolean" else {v for v, _ in controller.picks()}):
            raise ScreenError(f"{known.table}: {other!r} never has the values {texts} that {name!r} waits for.")
        found[f.name] = (controller.name, texts)
    return found


def _default_name(usable: Mapping[str, Field]) -> tuple[str, ...]:
    for name in _NAMES:
        if name in usable:
            return (name,)
    relations = [n for n, f in usable.items() if f.kind.name == "relation"]
    return tuple(relations[:2]) or ("id",)


def _default_columns(usable: Mapping[str, Field], name: tuple[str, ...]) -> tuple[str, ...]:
    """The name first, then what one scans for: choices, owners, money, dates; never long text."""
    rank = {"choice": 0, "country": 1, "relation": 2, "money": 3, "date": 4, "partial_date": 4, "boolean": 5}
    rest = [
        f for n, f in usable.items()
        if n not in name and n != "id" and n not in MANAGED and not f.wide and not f.secret and f.kind.name != "tags"
    ]  # fmt: skip
    rest.sort(key=lambda f: rank.get(f.kind.name, 6))
    picked = [*name, *(f.name for f in rest)][: LIST_COLUMNS - 1]
    return tuple([*picked, "created_at"] if "created_at" in usable else picked)


def _listable(fields: Mapping[str, Field], columns: tuple[str, ...]) -> tuple[str, ...]:
    """No secrets, and no currency beside an amount that already shows it."""
    shown = {fields[c].currency for c in columns}
    return tuple(c for c in columns if c not in shown and not fields[c].internal and not fields[c].secret)


def _order(known: _Known, spec: Screen, usable: Mapping[str, Field], date: str) -> tuple[str, bool]:
    """(column, descending)"""
    if spec.order:
        return known.one(spec.order.removeprefix("-")), spec.order.startswith("-")
    for name in ("sort_order", "order"):
        if name in usable:
            return name, False
    if "name" in usable and len(usable) <= 8:
        return "name", False
    return (date, True) if date else ("id", False)


def _search(usable: Mapping[str, Field], name: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns a quick search looks into where no search index is declared."""
    texts = ("string", "email", "phone", "text", "url")
    return tuple(
        n for n in dict.fromkeys([*name, *columns]) if n in usable and n != "id" and usable[n].kind.name in texts
    )


def _checked_charts(known: _Known, charts: Iterable[Chart]) -> tuple[Chart, ...]:
    for chart in charts:
        known.all(n for n in (chart.by, chart.of) if n)
    return tuple(charts)


def _checked_happening(known: _Known, happening: Happening | None) -> Happening | None:
    if happening is not None:
        known.all(n for n in (happening.who, happening.date, *happening.text, *happening.badges, *happening.about) if n)
    return happening


def _checked_talks(known: _Known, name: str) -> str:
    if name and len(known.fields[known.one(name)].targets) != 1:
        raise ScreenError(f"{known.table}: {name!r} does not lead to one other table.")
    return name


def _default_charts(usable: Mapping[str, Field], date: str) -> tuple[Chart, ...]:
    """Rows per month, counts by each choice, sums of money; by the first relation where there is nothing else."""
    charts = [Chart.count()] if date else []
    charts += [Chart.count(n) for n, f in usable.items() if f.kind.name in ("choice", "country")]
    charts += [Chart.count("is_active")] if "is_active" in usable else []
    by = "currency" if "currency" in usable else None if date else next(iter(_relations(usable)), None)
    charts += [Chart.total(n, by) for n, f in usable.items() if f.kind.name == "money" and (by or date)]
    if len(charts) < 2:
        charts += [Chart.count(n) for n in _relations(usable)[:2]]
    return tuple(charts)


def _relations(usable: Mapping[str, Field]) -> list[str]:
    return [n for n, f in usable.items() if f.kind.name == "relation"]


def _children(screens: Mapping[str, Resolved]) -> dict[str, tuple[Child, ...]]:
    """Tabs of each table: the tables inside it first, then the others that point to it."""
    found: dict[str, list[Child]] = {name: [] for name in screens}
    for screen in screens.values():
        relations = [f for f in screen.fields.values() if f.targets]
        targets = [target for f in relations for target in f.targets]
        for f in relations:
            for target in f.targets:
                label = f.label if targets.count(target) > 1 else ""
                found[target].append(Child(screen.table, f"{screen.table}.{f.name}", f.name, label))
    order = list(screens)
    for name, children in found.items():
        children.sort(key=lambda c: (screens[c.table].inside != name, order.index(c.table)))
    return {name: tuple(children) for name, children in found.items()}


def describe(screen: Resolved) -> str:
    """The complete screen as text, for `flask screens` and the golden file."""
    lines = [f"{screen.table}: {screen.many} ({screen.one}), module {screen.module}, icon {screen.icon}"]
    lines.append(f"  named by {', '.join(screen.name)}; ordered by {'-' if screen.order[1] else ''}{screen.order[0]}")
    lines.append(f"  list: {', '.join(screen.columns)}")
    for title, names in screen.sections:
        lines.append(f"  section {title or '-'}:")
        for name in names:
            f = screen.fields[name]
            marks = [
                f.kind.name,
                "required" if f.required else "",
                f"-> {' or '.join(f.targets)}" if f.targets else "",
            ]
            marks += ["read-only" if name in screen.readonly or f.readonly else ""]
            lines.append(f"    {name} | {f.label} | {' '.join(m for m in marks if m)}")
    for name, (other, values) in screen.when.items():
        lines.append(f"  {name} only when {other} is {' or '.join(values)}")
    lines.append(
        "  charts: "
        + ", ".join(f"{c.what} {c.of or ''} by {c.by or 'month'}".replace("  ", " ") for c in screen.charts)
    )
    lines.append("  tabs: " + (", ".join(child.key for child in screen.children) or "none"))
    lines.append(
        "  search: " + ", ".join("+".join(f) for f in screen.find)
        if screen.find
        else "  search: " + ", ".join(screen.search)
    )
    return "\n".join(lines)
