"""What the rules of fields say of a form, at its fields: as it is drawn, and while it is being filled.

The answer to a page that asks about one field is what saving would say about it: the same form, the same rights, the
same rules. Nothing is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.screens.forms import KindField, ScreenForm, spread, stored_value
from app.screens.judge import Judged, differs, judge
from app.screens.look import Look

Said = Mapping[str, Sequence[str]]
"""Sentences by the name of a field."""
MOST = 200  # fields in one question


def judged(look: Look, form: ScreenForm, row: Any) -> Judged:
    """What the rules say of everything this form holds for changing."""
    values: dict[str, Any] = {}
    for bound in form._fields.values():
        if not bound.readonly and not bound.process_errors and not bound.spec.secret:
            values.update(spread(bound.spec, bound.data))
    return judge(look.session, look.screens, look.screen, look.viewer, values, row)


def new_doubts(look: Look, form: ScreenForm, row: Any) -> dict[str, list[str]]:
    """What is odd about the values that are about to replace those of a record."""
    given = {n: b for n, b in form._fields.items() if b.given and differs(stored_value(row, b.spec), b.data)}
    return {name: said for name, said in judged(look, form, row).warnings.items() if name in given}


def mark(look: Look, form: ScreenForm, row: Any) -> Judged:
    """Put to the fields what is wrong and what is odd. A new form that nobody has filled yet is left in peace."""
    found = judged(look, form, row)
    for name, bound in form._fields.items():
        if row is None and not bound.given:
            continue
        bound.errors = [*bound.errors, *(e for e in found.errors.get(name, ()) if e not in bound.errors)]
        bound.warnings = found.warnings.get(name, [])
    return found


def answer(look: Look, form: ScreenForm, row: Any, asked: Iterable[str]) -> dict[str, Any]:
    """For each field that is asked about: what is wrong, what is odd, and how it will be kept."""
    form.validate()
    found = mark(look, form, row)
    fields = {}
    for name in list(asked)[:MOST]:
        bound = form._fields.get(name)
        if bound is None or bound.readonly:
            continue
        fields[name] = {
            "errors": [str(e) for e in bound.errors],
            "warnings": [str(w) for w in bound.warnings],
            "value": _kept(bound, found),
        }
    return {"fields": fields}


def _kept(bound: KindField, found: Judged) -> str | None:
    """The text a field will have when it is saved, where that is another one than was typed."""
    spec = bound.spec
    if bound.errors or not spec.rule or not bound.data:
        return None
    text = spec.kind.text(found.values.get(spec.attribute, bound.data))
    return text if bound.typed and text != bound.typed[-1] else None


def doubts(look: Look, warnings: Said) -> str:
    """What is odd about values that were saved, in one sentence; "" when nothing is."""
    lines = [f"{_(look.screen.fields[name].label)}: {sentence}" for name, said in warnings.items() for sentence in said]
    return _("Saved, but look again. %(doubts)s", doubts=" ".join(lines)) if lines else ""
