"""Filters in force as sentences that people read, each with what it takes to change it or take it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.screens import address, query, spans, switch
from app.screens.cells import choices_of
from app.screens.fields import Field
from app.screens.filters import Active, ends_of, name_of_set, operators_of, told_of_set
from app.screens.look import Look
from app.screens.page import Chip
from app.screens.readers import Invalid, parse_day

_WITHOUT_VALUE = ("none", "some")
_MOST_TOLD = 20  # values of one filter that are said in words


def chips_of(look: Look, filters: Sequence[Active], arguments: MultiDict[str, str], base: str) -> tuple[Chip, ...]:
    """Each filter in force as a sentence, with the address without it. One statement for all names."""
    names = _names(look, filters)
    chips = []
    for active in filters:
        f = active.field
        values = _values(active, names)
        parameters = [k for k in arguments if k.startswith("_flt_") and k.endswith(f"_{f.name}")]
        parameter = next((k for k in parameters if arguments.getlist(k) == list(active.values)), parameters[0])
        chips.append(
            Chip(
                sentence(active, [text for _value, text in values]),
                base + switch.unfiltered(look, address.without(arguments, parameter)),
                parameter,
                f.name,
                active.operator,
                tuple(values),
            )
        )
    return tuple(chips)


def sentence(active: Active, texts: Sequence[str]) -> str:
    """The filter in words; `texts` are its values as people read them."""
    if named := name_of_set(active.operator):
        return f"{named}: {_told_of(texts)}" if any(told_of_set(active.operator, v) for v in active.values) else named
    label = _(active.field.label)
    if active.operator == "rel":
        return f"{label}: {', '.join(texts)}"
    if active.operator == "bt" and len(texts) == 2:
        low, high = texts
        if low and high:
            return str(_("%(field)s is between %(low)s and %(high)s", field=label, low=low, high=high))
        operator, texts = ("ge", [low]) if low else ("le", [high])
    else:
        operator = active.operator
    words = next((o.label for o in operators_of(active.field) if o.name == operator), operator)
    return f"{label} {words}" if operator in _WITHOUT_VALUE else f"{label} {words} {_told_of(texts)}"


def _told_of(texts: Sequence[str]) -> str:
    """Values in a row; of very many the first, and how many there are besides."""
    first = ", ".join(texts[:_MOST_TOLD])
    beyond = len(texts) - _MOST_TOLD
    return str(_("%(names)s and %(number)s more", names=first, number=format_decimal(beyond))) if beyond > 0 else first


def _values(active: Active, names: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    """The values as they were given, each with its text."""
    f, given = active.field, list(active.values)
    if active.operator in _WITHOUT_VALUE:
        return []
    if name_of_set(active.operator):
        return [(value, told_of_set(active.operator, value) or value) for value in given]
    if active.operator == "bt":
        try:
            return [(value, _told(f, value)) for value in ends_of(given)]
        except Invalid:
            return [(value, value) for value in given]
    labels = {choice.value: choice.label for choice in choices_of(f)}
    if active.operator == "rel":
        labels = {choice.value: choice.label for choice in spans.choices()}
    several = f.targets or labels or f.kind.name in ("tags", "multichoice")
    values = [v.strip() for raw in given for v in (raw.split(",") if several else [raw])]
    return [(v, names.get((f.name, v)) or labels.get(v) or _told(f, v)) for v in values]


def _told(f: Field, value: str) -> str:
    """A number or a day as people of this locale write it; anything else as it was typed."""
    if not value:
        return value
    try:
        if f.kind.name in ("integer", "decimal", "money"):
            read: Any = f.kind.read(value, f)
            return value if "year" in f.name else str(format_decimal(read))
        if f.kind.name in ("date", "partial_date") or (f.kind.name == "datetime" and len(value) == 10):
            return str(format_date(parse_day(value), "medium"))
        if f.kind.name == "datetime":
            moment: datetime = f.kind.read(value, f)
            return str(format_datetime(moment, "short"))
    except Invalid:
        return value
    return value


def _names(look: Look, filters: Sequence[Active]) -> dict[tuple[str, str], str]:
    """The names behind the keys that filters hold, as this viewer may know them, as far as they are told."""
    wanted = [
        (f.field, v)
        for f in filters if f.field.targets and f.operator not in _WITHOUT_VALUE
        for v in dict.fromkeys(
            [v for raw in f.values for v in (part.strip() for part in raw.split(",")) if v][:_MOST_TOLD]
        )
    ]  # fmt: skip
    found = query.names_of(look.session, look.screens, look.viewer, _typed(wanted))
    return dict(zip(((f.name, key) for f, key in wanted), found, strict=True))


def _typed(wanted: Sequence[tuple[Field, str]]) -> list[tuple[Field, Any]]:
    typed = []
    for f, key in wanted:
        try:
            typed.append((f, f.kind.read(key, f)))
        except Invalid:
            typed.append((f, None))
    return typed
