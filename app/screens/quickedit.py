"""Changing one field where it is read: which fields, what is sent, and what takes it back.

Taking back puts the very value there that stood there before, though a form may not take it any more: it was imported,
or is older than its rule. Nobody types it: it goes along signed, for its person, record and field, with what it is to
replace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from app.core.errors import DomainError, Forbidden
from app.core.values import kept, restored
from app.screens import merge
from app.screens.fields import Field
from app.screens.forms import stored_value
from app.screens.look import Look
from app.screens.write import writable

KINDS = frozenset(
    ("string", "email", "phone", "url", "color", "integer", "decimal", "money", "boolean", "date", "datetime",
     "choice", "country", "relation")
)  # fmt: skip
"""What fits into a cell; the rest has its form."""
UNDO = "as_it_was"
UNDO_SECONDS = 15 * 60


class TooLate(DomainError):
    """What was changed cannot be taken back any more."""

    status = 409

    def default(self) -> str:
        return _("This was changed too long ago to be undone here.")


@dataclass(frozen=True)
class Before:
    """What stood in a field: attribute values. `after` is what the field and its company held when it was replaced."""

    values: Mapping[str, Any]
    after: str


def fits(f: Field) -> bool:
    """Whether a cell has room for it. What points to one of two tables is chosen together with which one."""
    return f.kind.name in KINDS and len(f.targets) <= 1


def fields(look: Look) -> list[Field]:
    """Fields this viewer may change in place."""
    if not look.may_edit():
        return []
    return [f for f in writable(look.screen, look.viewer) if fits(f)]


def columns(look: Look) -> tuple[str, ...]:
    """Columns of a list that may be changed in place; what leads to the record may be put together."""
    return tuple(f.name for f in fields(look) if f.name not in look.screen.name)


def only(sent: MultiDict[str, str], name: str) -> MultiDict[str, str]:
    """What was sent for one field; nothing else is changed by it."""
    return MultiDict([(key, value) for key, value in sent.items(multi=True) if key in (name, f"{name}-shown")])


def taken_along(look: Look, row: Any, f: Field, before: Mapping[str, Any]) -> str:
    """What takes a change of `row` back, as the page carries it; `before` are the attribute values it has replaced."""
    model = look.screen.model
    said = [*_place(look, row, f), kept(model, before), state(look, row, f)]
    return str(_signer().dumps(said))


def read(look: Look, row: Any, f: Field, token: str) -> Before:
    """What stood there before. Raises TooLate, and Forbidden for what was not signed for this person and place."""
    try:
        said = _signer().loads(token, max_age=UNDO_SECONDS)
    except SignatureExpired as expired:
        raise TooLate from expired
    except BadData as forged:
        raise Forbidden(_("Nothing that was changed here can be undone by this.")) from forged
    *place, before, after = said
    if place != _place(look, row, f):
        raise Forbidden(_("Nothing that was changed here can be undone by this."))
    return Before(restored(look.screen.model, before), after)


def state(look: Look, row: Any, f: Field) -> str:
    """What a field holds, and what hangs together with it as far as the viewer may read it, to be compared."""
    together = {f.name}.union(*(group for group in merge.belonging(look.screen) if f.name in group))
    known = [other for other in look.screen.fields.values() if other.name in together and look.reads(other.name)]
    told = [one for one in known if not (one.secret or one.internal or one.readonly)]
    values = {one.name: merge.plain(one, stored_value(row, one)) for one in told}
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _place(look: Look, row: Any, f: Field) -> list[Any]:
    return [look.viewer.user_id, look.screen.table, str(row.id), f.name]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt="before a quick edit")  # type: ignore[arg-type]  # it is set
