"""Two people change one record: what each has changed since both began, and what becomes of it.

A form carries the values it was opened with. When somebody else was faster, three values of each field are known:
before, mine, theirs. A field that one side alone has changed keeps that change, and nobody is asked, unless it hangs
together with a field that the other side has changed (a postal code and its country, two ends of a period). What both
have changed, or what hangs together, is chosen by the person, field by field.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint

from app.screens.checks.rules import country_column
from app.screens.fields import Field
from app.screens.forms import KindField, ScreenForm, stored_value
from app.screens.resolve import Resolved

FIELD = "base_values"  # of the form: what it was opened with
TAKE = "take-"  # of the form: whose value of a field is chosen
THEIRS = "theirs"
_LONGEST = 2_000  # characters; of longer texts only a digest goes along
DIGEST = "sha256:"
_PLACES = re.compile(r"^(.*?)(?:address|street|street_number|city|postal_code|region|area|country|country_code)$")
_ACCOUNTS = re.compile(r"bank|iban|swift")

Base = Mapping[str, Any]


@dataclass(frozen=True)
class Merged:
    """Names of fields: what is to be chosen, and what is taken over from the other side."""

    asked: tuple[str, ...]
    taken: tuple[str, ...]
    mine: frozenset[str]


def plain(f: Field, value: Any) -> Any:
    """A value as a form carries and compares it: texts, of long ones a digest."""
    if f.kind.name == "partial_date":
        return [str(part or "") for part in value or ("", "", "")]
    if isinstance(value, list):
        return [str(item) for item in value]
    text = f.kind.text(value).replace("\r\n", "\n")
    return text if len(text) <= _LONGEST else DIGEST + hashlib.sha256(text.encode()).hexdigest()


def _merging(form: ScreenForm) -> Iterator[tuple[str, KindField]]:
    for name, bound in form._fields.items():
        if not bound.readonly and not bound.spec.secret:
            yield name, bound


def base_text(form: ScreenForm, row: Any) -> str:
    """The values of a record that this form may change, as the form carries them."""
    values = {name: plain(bound.spec, stored_value(row, bound.spec)) for name, bound in _merging(form)}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def read_base(text: str) -> Base | None:
    """What a form was opened with; None when it does not say so."""
    try:
        found = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def three_way(screen: Resolved, form: ScreenForm, row: Any, base: Base) -> Merged:
    mine, theirs, asked = set(), set(), set()
    for name, bound in _merging(form):
        if name not in base:
            continue
        before, now = base[name], plain(bound.spec, stored_value(row, bound.spec))
        typed = plain(bound.spec, bound.data) if not bound.process_errors else None  # what cannot be read is a change
        if bound.given and typed != before:
            mine.add(name)
        if now != before:
            theirs.add(name)
        if name in mine and name in theirs and typed != now:
            asked.add(name)
    both = {n for n in mine & theirs if n not in asked}  # the same change twice is no question
    for group in belonging(screen):
        if group & (mine - both) and group & (theirs - both):
            asked |= group & ((mine | theirs) - both)
    order = [name for name, _bound in _merging(form)]
    return Merged(
        tuple(n for n in order if n in asked),
        tuple(n for n in order if n in theirs - mine - asked),
        frozenset(mine),
    )


def take(form: ScreenForm, row: Any, names: Iterable[str]) -> None:
    """Let these fields hold what the record holds now."""
    for name in names:
        bound = form._fields[name]
        bound.process(None, stored_value(row, bound.spec))
        bound.given, bound.typed = False, None


def chosen(form: ScreenForm, sent: Mapping[str, str]) -> tuple[str, ...]:
    """Fields of which the other side's value was chosen."""
    return tuple(name for name, _bound in _merging(form) if sent.get(TAKE + name) == THEIRS)


def belonging(screen: Resolved) -> list[frozenset[str]]:
    """Fields that make sense only together."""
    fields = screen.fields
    by_column = {c.name: f.name for f in fields.values() for c in f.columns}
    groups: list[set[str]] = [{name, other} for name, (other, _values) in screen.when.items()]
    for f in fields.values():
        if f.rule and (own := country_column(f.column)):
            groups.append({f.name, own})
        if f.beside in fields:
            groups.append({f.name, f.beside})
        if f.currency:
            groups.append({f.name, f.currency})
        if len(f.targets) > 1 and "instance_type" in fields:
            groups.append({f.name, "instance_type"})
    table = screen.model.__table__
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            groups.append({by_column[c.name] for c in constraint.columns if c.name in by_column})
        elif isinstance(constraint, CheckConstraint):
            words = re.findall(r"\w+", str(constraint.sqltext))
            groups.append({by_column[word] for word in words if word in by_column})
    groups += [{by_column[c.name] for c in i.columns if c.name in by_column} for i in table.indexes if i.unique]
    places: dict[str, set[str]] = {}
    for name in fields:
        if found := _PLACES.match(name):
            places.setdefault(found[1], set()).add(name)
    groups += [*places.values(), {name for name in fields if _ACCOUNTS.search(name)}]
    return [frozenset(group) for group in groups if len(group) > 1]
