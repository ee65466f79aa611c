"""REST over screens: the same fields, filters and refusals as the pages, as JSON.

Answers follow Flask-AppBuilder: `count`, `ids`, `result`; `q` is a Rison value
with `filters`, `order_column`, `order_direction`, `page` (from 0), `page_size`
and `columns`. A record carries its version as ETag; a change names it in
If-Match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import prison
from flask_babel import gettext as _

from app.core.errors import BadQuery, Unprocessable
from app.screens import address, query
from app.screens.beyond import more_fields
from app.screens.cells import choices_of, value_in
from app.screens.fields import Field
from app.screens.filters import active, not_too_many, operators_of
from app.screens.forms import spread
from app.screens.locale import helped
from app.screens.look import Look
from app.screens.query import Listing, Order
from app.screens.readers import Invalid, check_parts
from app.screens.write import only_country, writable

MOST = 100
_LONGEST_QUERY = 16_000


def read_query(text: str | None) -> dict[str, Any]:
    """The Rison value of `q`. Raises BadQuery."""
    if not text:
        return {}
    if len(text) > _LONGEST_QUERY:
        raise BadQuery(_("The query is too long."))
    try:
        value = prison.loads(text)
    except (prison.decoder.ParserException, RecursionError, ValueError, IndexError, TypeError) as broken:
        # The parser looks beyond the end of what is cut off (IndexError, TypeError), and takes no object for a key.
        raise BadQuery(_("The query is not valid Rison.")) from broken
    if not isinstance(value, dict):
        raise BadQuery(_("The query must be a Rison object."))
    return value


def listing_from(look: Look, asked: Mapping[str, Any]) -> Listing:
    """What a REST query asks of a list. Raises BadQuery."""
    fields = [look.screen.fields["id"], *address.visible_fields(look.screen, look.viewer)]
    filterable = [*fields, *more_fields(look.screen, look.viewer)]
    page, size = asked.get("page", 0), asked.get("page_size", 25)
    if not _whole(page) or not _whole(size):
        raise BadQuery(_("`page` and `page_size` must be whole numbers."))
    size = MOST if size == -1 else min(size, MOST)
    if page < 0 or size < 1 or page * size > query.OFFSET_CAP:
        raise BadQuery(_("There is no page %(page)s. Narrow the list with a filter instead.", page=str(page)[:20]))
    filters = []
    given = asked.get("filters", [])
    if not isinstance(given, list):
        raise BadQuery(_("`filters` must be a list."))
    for one in given:
        if not isinstance(one, dict) or not {"col", "opr"} <= one.keys():
            raise BadQuery(_("A filter needs `col`, `opr` and `value`."))
        value = one.get("value")
        values = [_plain(v) for v in value] if isinstance(value, list) else [_plain(value)]
        filters.append(active(filterable, str(one["col"]), str(one["opr"]), values))
    order = None
    if name := asked.get("order_column"):
        if not any(f.name == name and f.kind.sortable for f in fields):
            raise BadQuery(_("There is no column “%(name)s” to sort by.", name=str(name)[:80]))
        way = asked.get("order_direction", "asc")
        if way not in ("asc", "desc"):
            raise BadQuery(_("`order_direction` must be asc or desc."))
        order = Order(str(name), way == "desc")
    search = _plain(asked.get("search")).strip()[: address.LONGEST_SEARCH]
    return Listing(not_too_many(filters), search, order, page + 1, size)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9


def _plain(value: Any) -> str:
    """A text, number or truth as an address has it. Raises BadQuery for what holds others."""
    if isinstance(value, list | dict):
        raise BadQuery(_("A value must be a text, a number, true, false or null."))
    return "" if value is None else ("1" if value else "0") if isinstance(value, bool) else str(value)


def columns_from(look: Look, asked: Mapping[str, Any]) -> list[Field]:
    """The fields an answer holds: all that may be read, or those asked for. Raises BadQuery."""
    fields = [look.screen.fields["id"], *address.visible_fields(look.screen, look.viewer)]
    wanted = asked.get("columns") or asked.get("select_columns")
    if not wanted:
        return fields
    if not isinstance(wanted, list):
        raise BadQuery(_("`columns` must be a list."))
    names = {part: f for f in fields for part in (f.name, *(c.name for c in f.columns))}
    unknown = [str(name) for name in wanted if not isinstance(name, str) or name not in names]
    if unknown:
        raise BadQuery(_("There is no column “%(name)s”.", name=unknown[0][:80]))
    return list(dict.fromkeys(names[name] for name in wanted))


def list_answer(look: Look, asked: Mapping[str, Any]) -> dict[str, Any]:
    listing, fields = listing_from(look, asked), columns_from(look, asked)
    found = query.page_of(look.session, look.screens, look.screen, look.viewer, listing, fields)
    rows = found[: listing.size]
    complete = len(found) <= listing.size and (found or listing.page == 1)
    count = (
        (listing.page - 1) * listing.size + len(found)
        if complete
        else query.count_of(look.session, look.screen, look.viewer, listing)
    )
    return {
        "count": min(count, query.COUNT_CAP),
        "count_is_capped": count > query.COUNT_CAP,
        "ids": [row["id"] for row in rows],
        "list_columns": [f.name for f in fields],
        "label_columns": {f.name: _(f.label) for f in fields},
        "result": [dumped(row, fields) for row in rows],
    }


def record_answer(look: Look, key: str, asked: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(answer, version). Raises NotFound, BadQuery."""
    fields = columns_from(look, asked)
    row = query.record_of(look.session, look.screens, look.screen, look.viewer, key, fields)
    answer = {
        "id": row["id"],
        "show_columns": [f.name for f in fields],
        "label_columns": {f.name: _(f.label) for f in fields},
        "result": dumped(row, fields),
    }
    return answer, row["row_version"]


def dumped(row: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """A row as JSON, by column names; what a foreign key points to is named as `<column>__name`."""
    found: dict[str, Any] = {}
    for f in fields:
        if f.kind.name == "partial_date":
            found.update({column.name: row[column.name] for column in f.columns})
            continue
        value = value_in(row, f)
        found[f.name] = f.kind.dump(value) if not f.json_text else value
        if f.targets:
            found[f"{f.name}__name"] = row[f"{f.name}__name"]
    return found


def info_answer(look: Look) -> dict[str, Any]:
    """What a client needs to build a form or a filter by itself."""
    screen, viewer = look.screen, look.viewer
    adds, edits = look.may_add(), look.may_edit()
    may = {f.name for f in writable(screen, viewer)}
    permissions = ["can_get", "can_info"]
    permissions += ["can_post"] if adds else []
    permissions += ["can_put", "can_delete"] if edits else []
    columns = [_info(f) for f in screen.editable() if f.name in may]
    return {
        "permissions": permissions,
        "title": _(screen.many),
        "add_columns": columns if adds else [],
        "edit_columns": columns if edits else [],
        "filters": {
            f.name: [{"operator": o.name, "name": o.label} for o in operators_of(f)]
            for f in [*address.visible_fields(screen, viewer), *more_fields(screen, viewer)]
            if f.kind.operators
        },
    }


def _info(f: Field) -> dict[str, Any]:
    return {
        "name": f.name,
        "columns": [column.name for column in f.columns],
        "type": f.kind.name,
        "label": _(f.label),
        "description": helped(f.help),
        "required": f.required,
        "unique": bool(f.column.unique),
        "choices": [{"value": c.value, "label": c.label} for c in choices_of(f)] if f.choices else None,
        "max_length": f.length,
        "targets": list(f.targets),
    }


def loaded(look: Look, body: Any, *, new: bool) -> dict[str, Any]:
    """Attribute values of a JSON body. Raises BadQuery, Unprocessable with all problems at once."""
    if not isinstance(body, dict):
        raise BadQuery(_("The body must be a JSON object."))
    screen, viewer = look.screen, look.viewer
    allowed = {f.name: f for f in writable(screen, viewer)}
    parts = {c.name: f for f in allowed.values() if f.kind.name == "partial_date" for c in f.columns}
    problems: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, given in body.items():
        if name in parts:
            continue
        f = allowed.get(name)
        if f is None or f.kind.name == "partial_date":
            problems[str(name)[:80]] = [_refused(look, str(name))]
            continue
        try:
            if given is None:
                if not f.nullable:
                    raise Invalid(_("This field is required."))
                values[f.attribute] = None
            else:
                values.update(spread(f, f.kind.load(given, f)))
        except Invalid as wrong:
            problems[f.name] = [str(wrong)]
    for f in dict.fromkeys(parts.values()):
        _load_parts(f, body, values, problems)
    if new:
        values = {**only_country(screen, viewer), **values}
    for f in allowed.values():
        empty = values.get(f.attribute) in (None, "")
        if f.required and f.name not in problems and ((new and empty) or (f.attribute in values and empty)):
            problems[f.name] = [_("This field is required.")]
    if problems:
        raise Unprocessable(problems)
    return values


def _refused(look: Look, name: str) -> str:
    f = look.screen.fields.get(name)
    if f is None or not look.reads(name):
        return _("There is no such field.")
    return _("This field cannot be changed here.")


def _load_parts(f: Field, body: Mapping[str, Any], values: dict[str, Any], problems: dict[str, list[str]]) -> None:
    given = [body[c.name] for c in f.columns if c.name in body]
    if not given:
        return
    try:
        if not all(part is None or _whole(part) for part in given):
            raise Invalid(_("Day, month and year must be numbers."))
        if len(given) == len(f.columns):
            check_parts(given[0], given[1], given[2])
    except Invalid as wrong:
        problems[f.name] = [str(wrong)]
        return
    values.update(
        {attribute: body[c.name] for attribute, c in zip(f.attributes, f.columns, strict=True) if c.name in body}
    )
