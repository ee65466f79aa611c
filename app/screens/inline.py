"""The short form in a tab of related records: what must be said, and what the list shows.

It is drawn and sent through `/<table>/add` like the full form: the same
rights, the same checks and the same key against sending twice. `short` in the
address or in the form names the column that leads to the record around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Response, jsonify, request
from flask_babel import gettext as _

from app.core.errors import BadQuery
from app.core.viewer import Right
from app.screens import address, ownforms
from app.screens.forms import KindField, ScreenForm
from app.screens.look import Look
from app.screens.page import FormPage, ShortForm
from app.screens.resolve import Child

FIELD = "short"
MOST_FIELDS = 6
_BACK = re.compile(r"/[a-z][a-z0-9_]*/show/[^/?#\s\\]{1,100}(#tab-[a-z0-9_.]{1,120})?")
_PEOPLE = "users"
_NEVER = ("html", "json", "secret")


def column() -> str:
    """The column of a short form that was asked for or sent; "" for the full form."""
    return request.values.get(FIELD, "")


def offered(look: Look, child: Child) -> bool:
    """Whether records can be added in this tab: by who may add, and may say what they belong to."""
    there = look.at(child.table)
    if not there.may_add() or child.column in there.screen.readonly or ownforms.has(child.table):
        return False
    f = there.screen.fields[child.column]
    return len(f.targets) == 1 and there.screen.right(look.viewer, child.column) is Right.editable


def form_of(form: ScreenForm, look: Look, page: FormPage) -> ShortForm:
    """The short form with what was typed and what is wrong with it. Raises BadQuery for a column that leads nowhere."""
    leading = form._fields.get(column())
    if leading is None or not leading.spec.targets or leading.readonly:
        raise BadQuery(_("This cannot be added here."))
    shown = _shown(form, look, leading)
    return ShortForm(
        action=page.action,
        column=leading.spec.name,
        owner=leading.text,
        title=page.title,
        verb=page.verb,
        form_key=page.form_key,
        fields=tuple(shown),
        errors=tuple(e for e in page.errors if not any(e[0] == b.spec.name for b in shown)),
        general=page.general,
        missing=page.missing,
        full_href=f"{page.action}?{leading.spec.name}={leading.text}",
    )


def _shown(form: ScreenForm, look: Look, leading: KindField) -> list[KindField]:
    """What must be filled, whatever it is, then what the list shows; in the order of the form."""
    may = {n: b for n, b in form._fields.items() if b is not leading and not b.readonly}
    must = [n for n, b in may.items() if b.spec.required]
    wish = [n for n, b in may.items() if b.kind == "text" and n not in must][:1]
    wish += [n for n in look.screen.columns if n in may and n not in (*must, *wish) and may[n].kind not in _NEVER]
    names = {*must, *wish[: max(0, MOST_FIELDS - len(must))]}
    for bound in (may[n] for n in must):
        if bound.spec.targets == (_PEOPLE,) and not bound.given and bound.data is None:
            bound.data, bound.current = look.viewer.user_id, (look.viewer.user_id, look.viewer.name)  # mostly oneself
    names |= {n for n, b in may.items() if b.errors or b.given}
    return [b for n, b in may.items() if n in names]


def made(look: Look, key: object, said: str) -> Response:
    """What the tab is told when the record is there."""
    answer = jsonify(id=str(key), href=address.show_href(look.screen.table, key), said=said)
    answer.status_code = 201
    return answer


def back(form: Mapping[str, str], otherwise: str) -> str:
    """Where to go after a record was removed from a tab: to a record's page of ours and nowhere else."""
    wish = form.get("back", "")
    return wish if _BACK.fullmatch(wish) else otherwise
