"""Filters: from an address or a REST query to SQL, typed by the kind of the column.

An address holds `_flt_<operator>_<column>=<value>`; the operator is its name
or, as Flask-AppBuilder writes it, its number in the column's list.
"""

from __future__ import annotations

import json
import operator as op
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any

from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.types import utc_now
from app.core.viewer import Viewer
from app.screens import spans
from app.screens.beyond import Beyond
from app.screens.fields import Field
from app.screens.kinds import Numbers
from app.screens.page import Operator
from app.screens.readers import Invalid, parse_day, parse_json
from app.screens.resolve import Resolved

_PARAMETER = re.compile(r"_flt_([a-z]+|\d{1,2})_(\w+)")
MOST_FILTERS = 30
_LONGEST_KEY = 100

LABELS = {
    "ct": _l("contains"), "nct": _l("does not contain"), "sw": _l("starts with"), "ew": _l("ends with"),
    "eq": _l("is"), "neq": _l("is not"), "in": _l("is any of"), "nin": _l("is none of"),
    "ge": _l("is at least"), "le": _l("is at most"), "gt": _l("is more than"), "lt": _l("is less than"),
    "has": _l("has all of"), "any": _l("has any of"), "lacks": _l("has none of"),
    "none": _l("is empty"), "some": _l("is not empty"),
    "bt": _l("is between"), "rel": _l("is within"), "json": _l("holds the JSON"),
}  # fmt: skip
DATE_LABELS = {"ge": _l("is on or after"), "le": _l("is on or before"), "eq": _l("is on")}
_TAKES = {"in": "many", "nin": "many", "has": "many", "any": "many", "lacks": "many", "none": "none", "some": "none",
          "bt": "range", "rel": "span"}  # fmt: skip
_COMPARED = {"eq": op.eq, "ge": op.ge, "le": op.le, "gt": op.gt, "lt": op.lt}
_SAME = {"rel_o_m": "eq", "rel_m_m": "has", "startswith": "sw", "gte": "ge", "lte": "le"}


@dataclass(frozen=True)
class Named:
    """A set of records that somebody else keeps: what it is called, and which keys are in it for whoever asks.

    One that belongs to a `table` is offered by the filters of its list, to whom it is `open`, with the choices at
    `options_href`; `told` is what such a choice is called. Of several values all hold. With `leads`, a column of one
    table, the keys are of the records that it leads to, and the set has the rows of this table that lead there.
    """

    label: Any
    keys: Callable[[str], Select[Any]]
    table: str = ""
    options_href: str = ""
    open: Callable[[Viewer], bool] = lambda _viewer: True
    told: Callable[[str], str] | None = None
    leads: Any = None


_named: dict[str, Named] = {}


def name_sets(sets: Mapping[str, Named]) -> None:
    """From now on `_flt_<name>_id=<value>` narrows a list to the keys of a set; said once, when the house is built."""
    _named.update(sets)


@dataclass(frozen=True)
class Active:
    """One filter in force: the values are texts as they were given."""

    field: Field
    operator: str
    values: tuple[str, ...]


def operators_of(f: Field) -> tuple[Operator, ...]:
    """The comparisons a column offers, in the order that numbers refer to."""
    dated = f.kind.name in ("date", "datetime", "partial_date")
    return tuple(
        Operator(
            o, str(DATE_LABELS[o] if dated and o in DATE_LABELS else LABELS[o]), _TAKES.get(o, "one"),
            spans.choices() if o == "rel" else (),
        )
        for o in _offered(f)
    )  # fmt: skip


def _offered(f: Field) -> tuple[str, ...]:
    """The names of these comparisons."""
    return f.kind.operators if f.nullable else tuple(o for o in f.kind.operators if o not in ("none", "some"))


def from_address(allowed: Sequence[Field], arguments: MultiDict[str, str]) -> tuple[Active, ...]:
    """The filters of an address. Raises BadQuery with a sentence."""
    found = []
    for parameter in arguments:
        if not parameter.startswith("_flt_"):
            continue
        match = _PARAMETER.fullmatch(parameter)
        if match is None:
            raise BadQuery(_("The filter “%(name)s” cannot be read.", name=parameter[:80]))
        found.append(active(allowed, match[2], match[1], arguments.getlist(parameter)))
    return not_too_many(found)


def not_too_many(found: Sequence[Active]) -> tuple[Active, ...]:
    """The filters, as many as one question may have. Raises BadQuery."""
    if len(found) > MOST_FILTERS:
        raise BadQuery(_("Too many filters."))
    return tuple(found)


def active(allowed: Sequence[Field], column: str, operator: str, values: Sequence[str]) -> Active:
    """One filter, its column and operator checked. Raises BadQuery."""
    f = next((f for f in allowed if f.name == column), None)
    if f is not None and column == "id" and operator in _named:
        return Active(f, operator, tuple(values))
    if f is None or not f.kind.operators:
        raise BadQuery(_("There is no column “%(name)s” to filter by.", name=column[:80]))
    offered = _offered(f)
    if operator.isdecimal():
        if len(operator) > 2 or int(operator) >= len(offered):
            raise BadQuery(_("“%(name)s” cannot be compared that way.", name=str(f.label)))
        operator = offered[int(operator)]
    operator = _SAME.get(operator, operator)
    if operator not in {*offered, *f.kind.operators}:
        raise BadQuery(_("“%(name)s” cannot be compared that way.", name=str(f.label)))
    return Active(f, operator, tuple(values))


def name_of_set(operator: str) -> str:
    """What a set is called; "" for what is none."""
    return str(_named[operator].label) if operator in _named else ""


def told_of_set(operator: str, value: str) -> str:
    """What one choice of a set is called; "" where it has no name."""
    told = _named[operator].told if operator in _named else None
    return told(value[:_LONGEST_KEY]) if told else ""


def sets_of(table: str, viewer: Viewer) -> dict[str, Named]:
    """The sets that the list of a table offers this viewer, by their operators."""
    return {name: one for name, one in _named.items() if table and one.table == table and one.open(viewer)}


def condition(screen: Resolved, given: Active) -> ColumnElement[bool]:
    """The WHERE of a filter. Raises BadQuery when a value does not fit the column."""
    with _explained(given):
        return _condition(screen, given)


@dataclass(frozen=True)
class Compared:
    """A filter that compares one column with what was given and nothing else: its value is a parameter.

    So the same statement serves all filters of this `shape`; it is `given` that it is made of the first time.
    """

    given: Active
    shape: Hashable
    value: Any

    def condition(self, screen: Resolved, name: str) -> ColumnElement[bool]:
        """The WHERE with the parameter `name`."""
        column = getattr(screen.model, self.given.field.attributes[0])
        if isinstance(self.value, bool):  # stands in the text, as an index over some rows only has it
            return _COMPARED[self.given.operator](column, self.value)
        several = self.given.operator == "in"
        parameter = bindparam(name, type_=column.type, expanding=several)
        return column.in_(parameter) if several else _COMPARED[self.given.operator](column, parameter)


def compared(given: Active) -> Compared | None:
    """The filter with its typed value; None for one whose statement is another for each value. Raises BadQuery."""
    f, operator = given.field, given.operator
    other = isinstance(f, Beyond) or operator in _named or f.kind.name == "partial_date"
    if other or operator not in {*_COMPARED, "in"} or (f.timestamp and operator != "in"):
        return None
    with _explained(given):
        if operator == "in":
            value: Any = _listed(given)
        elif len(given.values) == 1:
            value = f.kind.read(given.values[0].strip(), f)
        else:
            return None
    if value is None or value == []:
        return None
    return Compared(given, (f.name, operator, value if isinstance(value, bool) else ""), value)


@contextmanager
def _explained(given: Active) -> Iterator[None]:
    """A value that does not fit is a question that cannot be asked. Raises BadQuery."""
    try:
        yield
    except Invalid as wrong:
        raise BadQuery(f"{_(given.field.label)}: {wrong}") from wrong


def _listed(given: Active) -> list[Any]:
    """The values of "is any of": one parameter may hold several, or be repeated."""
    f = given.field
    return [f.kind.read(v, f) for raw in given.values for v in raw.split(",") if v.strip()]


def _condition(screen: Resolved, given: Active) -> ColumnElement[bool]:
    f, operator = given.field, given.operator
    if operator in _named:
        named = _named[operator]
        if named.leads is not None and named.leads.class_ is not screen.model:
            return false()
        key = cast(screen.model.id if named.leads is None else named.leads, Text)
        return and_(*(key.in_(named.keys(value[:_LONGEST_KEY])) for value in given.values or ("",)))
    if isinstance(f, Beyond):
        assert f.there is not None
        there = select(f.there.model.id).where(_condition(f.there, replace(given, field=f.inner)))
        hit: ColumnElement[bool] = getattr(screen.model, screen.fields[f.key].attribute).in_(there)
        return hit
    if len(given.values) > 1 and operator not in _TAKES:
        return and_(*(_condition(screen, Active(f, operator, (one,))) for one in dict.fromkeys(given.values)))
    columns = [getattr(screen.model, attribute) for attribute in f.attributes]
    column = columns[0]
    value = given.values[-1].strip() if given.values else ""
    if operator in ("none", "some"):
        empty = _empty(f, columns)
        return empty if operator == "none" else not_(empty)
    if operator == "bt":
        ends = zip(("ge", "le"), ends_of(given.values), strict=True)
        if f.kind.name == "partial_date":
            return _partial(columns, *(parse_day(end) if end else None for _which, end in ends))
        return and_(*(_condition(screen, Active(f, which, (end,))) for which, end in ends if end))
    if operator == "rel":
        return _within(f, columns, spans.days_of(value, today()))
    if operator == "json":
        return _holds(f, column, value)
    if f.kind.name == "partial_date":
        day = parse_day(value)
        return _partial(columns, day, None) if operator == "ge" else _partial(columns, None, day)
    if operator in ("in", "nin"):
        wanted = _listed(given)
        if not wanted:
            return false()
        hit = column.in_(wanted)
        return hit if operator == "in" else or_(not_(hit), column.is_(None))
    if operator in ("has", "any", "lacks"):
        wanted = f.kind.parse([v for raw in given.values for v in raw.split(",")], f)
        if not wanted:
            return false()
        several = cast(wanted, ARRAY(Integer() if isinstance(f.kind, Numbers) else Text()))
        if operator == "lacks":
            return or_(not_(column.bool_op("&&")(several)), column.is_(None))
        return column.bool_op("@>" if operator == "has" else "&&")(several)
    if operator in ("ct", "nct", "sw", "ew"):
        return _text(column, operator, value)
    if f.kind.name in ("date", "datetime") and f.timestamp:
        return _moment(column, f, operator, value)
    typed = f.kind.read(value, f)
    if operator == "neq":
        return or_(column != typed, column.is_(None))
    return _COMPARED[operator](column, typed)


def ends_of(values: Sequence[str]) -> tuple[str, str]:
    """The ends of a range as texts: `from..to`, or two values; one may be left open. Raises Invalid."""
    given = [value.strip() for value in values]
    if len(given) == 1:
        low, mark, high = given[0].partition("..")
        given = [low.strip(), high.strip() if mark else low.strip()]
    if len(given) != 2 or not any(given):
        raise Invalid(_("A range looks like 10..20; one end may be left open."))
    return given[0], given[1]


def today() -> date:
    """The day it is in the viewer's zone."""
    return utc_now().astimezone(get_timezone() or UTC).date()


def _within(f: Field, columns: Sequence[Any], days: spans.Days) -> ColumnElement[bool]:
    first, last = days
    if f.kind.name == "partial_date":
        ends = [_partial(columns, first, last)] if first or last else []
    elif f.timestamp:
        utc = f.kind.name == "date"
        ends = [columns[0] >= _bounds(first, utc=utc)[0]] if first else []
        ends += [columns[0] < _bounds(last, utc=utc)[1]] if last else []
    else:
        ends = [columns[0] >= first] if first else []
        ends += [columns[0] <= last] if last else []
    return and_(true(), *ends)


def _holds(f: Field, column: Any, value: str) -> Any:
    """Whether the stored value holds this one, as jsonb compares; what is no JSON holds nothing."""
    wanted = cast(literal(json.dumps(parse_json(value)), Text()), JSONB)
    if f.json_text:
        column = case((func.pg_input_is_valid(column, "jsonb"), cast(column, JSONB)), else_=null())
    return column.bool_op("@>")(wanted)


def _empty(f: Field, columns: Sequence[Any]) -> ColumnElement[bool]:
    column = columns[0]
    if f.kind.name == "partial_date":
        return and_(*(part.is_(None) for part in columns))
    if f.kind.name in ("tags", "multichoice"):
        return func.coalesce(func.cardinality(column), 0) == 0
    if isinstance(column.type, String):
        return or_(column.is_(None), column == "")
    return column.is_(None)


def _text(column: Any, operator: str, value: str) -> ColumnElement[bool]:
    """Accents and case do not matter. The C collation lets a beginning use its index."""
    if not value:
        return false()
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = {"sw": f"{escaped}%", "ew": f"%{escaped}"}.get(operator, f"%{escaped}%")
    text = column if isinstance(column.type, String) else cast(column, String)
    hit = func.fold(text).collate("C").like(func.fold(pattern), escape="\\")
    return or_(not_(hit), column.is_(None)) if operator == "nct" else hit


def _moment(column: Any, f: Field, operator: str, value: str) -> ColumnElement[bool]:
    """A whole day is meant when only a day is given, in the viewer's zone; `le` includes it."""
    if f.kind.name == "date" or re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        day = parse_day(value)
        start, end = _bounds(day, utc=f.kind.name == "date")
        if operator == "eq":
            return and_(column >= start, column < end)
        return column >= start if operator == "ge" else column < end
    typed = f.kind.read(value, f)
    if operator == "eq":
        return column == typed
    return column >= typed if operator == "ge" else column <= typed


def day_begins(f: Field, day: date) -> datetime | date:
    """When a day of a date column begins, in the viewer's zone, as filters compare it."""
    return _bounds(day, utc=f.kind.name == "date")[0] if f.timestamp else day


def _bounds(day: date, *, utc: bool) -> tuple[datetime, datetime]:
    zone: Any = UTC if utc else (get_timezone() or UTC)

    def at(which: date) -> datetime:
        midnight = datetime.combine(which, time())
        return zone.localize(midnight) if hasattr(zone, "localize") else midnight.replace(tzinfo=zone)

    if day == date.max:
        raise Invalid(_("This year is out of range."))
    return at(day), at(day + timedelta(days=1))


def _partial(columns: Sequence[Any], first: date | None, last: date | None) -> ColumnElement[bool]:
    """What is not known counts as the first of it; rows without a year are left out.

    Compared part by part and not as one number: sums may fail, and below row-level security an index serves only what
    tells nothing in errors. The 1 is a word of such an index, no parameter. Parts that both ends share are equal, which
    PostgreSQL estimates better than a range of rows.
    """
    day, month, year = columns
    parts = [year, *(case((part.is_(None), literal_column("1")), else_=part) for part in (month, day))]
    low, high = ((end.year, end.month, end.day) if end else () for end in (first, last))
    shared = [value for value, _other in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))]
    found = [part == value for part, value in zip(parts, shared, strict=False)]
    for compared, end in ((op.ge, low[len(shared) :]), (op.le, high[len(shared) :])):
        if end:
            found.append(compared(tuple_(*parts[len(shared) :]), tuple_(*(literal(value) for value in end))))
    return and_(*found)
