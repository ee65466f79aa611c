"""Values held to the own rule of their field (`screens.checks`), in the country of their record.

Every door asks here, through `write` when it saves and by itself when it only wants to know: what is wrong, what is
odd, and the values as they are kept. A value that the record has already is never an error: it was imported, or was
right when it was entered. It is kept as it is, with a warning. A country that the viewer may not know of is not told by
a sentence either: it counts as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from app.core.paths import path_of
from app.core.types import utc_now
from app.core.viewer import Viewer, visible
from app.screens.checks import birth
from app.screens.checks.rules import CHECKS, country_column
from app.screens.fields import Field
from app.screens.query import Screens
from app.screens.resolve import Resolved

Parents = Mapping[tuple[str, Any], Any]
_DEEPEST = 3  # parents on the way to a country


@dataclass(frozen=True)
class Judged:
    """Attribute values as they are kept; sentences by the name of the field."""

    values: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)


def judge(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, values: Mapping[str, Any], row: Any = None,
    *, parents: Parents = MappingProxyType({}),
) -> Judged:  # fmt: skip
    """These attribute values, which are new or are to replace those of `row`; `parents` need not be asked for."""
    judged = Judged(dict(values))
    ruled = [f for f in screen.fields.values() if f.rule and values.get(f.attribute)]
    of_parents: list[str] = []  # the country of the parents, looked for once and only when it is needed

    def given(attribute: str) -> Any:
        return values[attribute] if attribute in values else getattr(row, attribute, None)

    def country_of(f: Field) -> str:
        own = screen.fields.get(country_column(f.column))
        country = given(own.attribute) if own is not None and screen.reads(viewer, own.name) else None
        if not country:
            if not of_parents:
                of_parents.append(_of_parents(session, screens, screen, viewer, given, _DEEPEST, parents))
            country = of_parents[0]
        return str(country or "")

    for f in ruled:
        old = values[f.attribute]
        if not isinstance(old, str):
            continue
        verdict = CHECKS[f.rule](old, country_of(f))
        if row is not None and not differs(getattr(row, f.attribute), old):
            if verdict.error or verdict.warning:
                judged.warnings[f.name] = [verdict.error or verdict.warning]
            continue
        if f.length is not None and len(verdict.value) > f.length:
            continue
        judged.values[f.attribute] = verdict.value
        if verdict.error:
            judged.errors[f.name] = [verdict.error]
        elif verdict.warning:
            judged.warnings[f.name] = [verdict.warning]
    for number, day in birth.DAY_OF.items():
        if number in screen.fields and day in screen.fields:
            _judge_birth(judged, screen.fields[number], screen.fields[day], screen, viewer, row, country_of)
    return judged


def _judge_birth(
    judged: Judged, number: Field, day: Field, screen: Resolved, viewer: Viewer, row: Any,
    country_of: Callable[[Field], str],
) -> None:  # fmt: skip
    """The day a person was born, by itself and beside the number; who may not read one is not told of it."""

    def given(attribute: str) -> Any:
        return judged.values[attribute] if attribute in judged.values else getattr(row, attribute, None)

    def changes(f: Field) -> bool:
        names = [name for name in f.attributes if name in judged.values]
        return any(row is None or differs(getattr(row, name), judged.values[name]) for name in names)

    if not any(name in judged.values for name in (*day.attributes, number.attribute)):
        return
    parts, today = [given(name) for name in day.attributes], utc_now().date()
    born, wrong = birth.day_of(parts), birth.wrong_day(parts, today)
    if wrong and changes(day):
        judged.errors[day.name] = [wrong]
        return
    if born is None:
        return
    # Where the number alone is another one, it is told there.
    here = any(name in judged.values for name in day.attributes) and (changes(day) or not changes(number))
    sentence = (wrong or birth.odd_day(born, today)) if here else ""
    known = given(number.attribute) if number.name not in judged.errors else None
    if not sentence and known and screen.reads(viewer, number.name) and screen.reads(viewer, day.name):
        sentence = birth.disagreement(born, str(known), country_of(number), at_day=here)
    if sentence:
        name = day.name if here else number.name
        judged.warnings[name] = [*judged.warnings.get(name, []), sentence]


def differs(old: Any, new: Any) -> bool:
    """Whether a value is another one; a form cannot tell nothing from an empty text or list."""
    if old in (None, "", []) and new in (None, "", []):
        return False
    return type(old) is not type(new) or bool(old != new)


def parents_of(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, rows: Sequence[Mapping[str, Any]],
    records: Sequence[Any],
) -> Parents:  # fmt: skip
    """The parents of many rows (values, and the record that gets them or None), one statement for each kind.

    Nothing where no value is held to a rule, or one row alone is asked about.
    """
    ruled = [f.attribute for f in screen.fields.values() if f.rule]
    about = [
        (values, record) for values, record in zip(rows, records, strict=True) if any(map(values.get, ruled))
    ]  # fmt: skip
    found: dict[tuple[str, Any], Any] = {}
    for name in path_of(screen.model.__table__).parents() if len(about) > 1 else ():
        f = screen.fields.get(name)
        if f is None:
            continue
        keys = {values.get(f.attribute) or getattr(record, f.attribute, None) for values, record in about} - {None, ""}
        for table in f.targets if keys else ():
            model = screens[table].model
            asked = session.scalars(visible(model, viewer).where(model.id.in_(keys)))
            found |= {(table, parent.id): parent for parent in asked}
    return found


def _of_parents(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, given: Callable[[str], Any], depth: int,
    parents: Parents,
) -> str:  # fmt: skip
    """The country of the record this one belongs to, as far as the viewer may see it; "" where there is none."""
    own = screen.fields.get(screen.country)
    if own is not None and screen.reads(viewer, own.name) and (found := given(own.attribute)):
        return str(found)
    for name in path_of(screen.model.__table__).parents() if depth else ():
        f = screen.fields.get(name)
        key = given(f.attribute) if f is not None else None
        if f is None or key in (None, ""):
            continue
        for table in f.targets:
            other = screens[table]
            parent = parents.get((table, key))
            if parent is None:
                parent = session.scalars(visible(other.model, viewer).where(other.model.id == key)).one_or_none()
            if parent is None:
                continue
            found = _of_parents(session, screens, other, viewer, _attributes_of(parent), depth - 1, parents)
            if found:
                return found
    return ""


def _attributes_of(row: Any) -> Callable[[str], Any]:
    return lambda attribute: getattr(row, attribute, None)
