"""Small forms over a few fields of a screen, read and refused as its whole form does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.core.errors import Forbidden, Unprocessable
from app.core.viewer import Right
from app.screens import address, formpage
from app.screens.forms import ScreenForm
from app.screens.look import Look
from app.screens.write import writable


def part_of_form(
    look: Look, names: Iterable[str], start: Mapping[str, Any], sent: MultiDict[str, str] | None = None
) -> ScreenForm:
    """A form of these fields in this order, as far as the viewer may know of them. Raises Forbidden.

    `start` are values by the name of the field; what was `sent` takes their place. Something sent for a field that the
    viewer may not write is refused, not dropped.
    """
    screen = look.screen
    known = {f.name: f for f in screen.editable()}
    fields = [known[name] for name in names if name in known and look.reads(name)]
    may = {f.name for f in writable(screen, look.viewer)}
    if sent is not None and any(name in sent and name not in may for name in names):
        raise Forbidden
    options = {f.name: address.page_href(screen.table, "pick", f.name) for f in fields if f.targets}
    form = ScreenForm(fields, frozenset(f.name for f in fields if f.name not in may), options)
    form.fill(start, sent)
    if sent is None:
        formpage.name_pickers(look, form, None)
    return form


def values_of(form: ScreenForm) -> dict[str, Any]:
    """Attribute values of what was sent. Raises Unprocessable with every sentence at its field."""
    if not form.validate():
        raise Unprocessable({name: [str(error) for error in bound.errors] for name, bound in form._fields.items()
                             if bound.errors})  # fmt: skip
    return form.values()


def writes(look: Look, *names: str) -> bool:
    """Whether the viewer may change these fields of records that are there."""
    return look.may_edit() and _all_editable(look, names)


def fills(look: Look, *names: str) -> bool:
    """Whether the viewer may make a record with these fields."""
    return look.may_add() and _all_editable(look, names)


def _all_editable(look: Look, names: Iterable[str]) -> bool:
    screen = look.screen
    return all(name not in screen.readonly and screen.right(look.viewer, name) is Right.editable for name in names)
