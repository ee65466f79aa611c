"""What a REST request says beside its address: its JSON body, and the version of the record it is about."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.core.errors import BadQuery, DomainError

MOST_NESTED = 64


class PreconditionRequired(DomainError):
    """A change over REST that does not say which version it is about."""

    status = 428

    def default(self) -> str:
        return _("Send If-Match with the ETag of the record as you read it, or * to overwrite whatever is there.")


def if_match(*, required: bool) -> str | None:
    """The version a REST change is about; None for "whatever is there"."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        if required:
            raise PreconditionRequired
        return None
    return None if given == "*" else given.removeprefix("W/").strip('"')


def body() -> Any:
    """The JSON body. Raises BadQuery for what is no JSON, holds a name twice or is nested too deeply."""
    if not request.is_json:
        raise BadQuery(_("The body must be JSON, with Content-Type application/json."))
    try:
        found = json.loads(request.get_data(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as broken:
        raise BadQuery(_("The body is not valid JSON.")) from broken
    if _depth(found) > MOST_NESTED:
        raise BadQuery(_("The body is nested too deeply."))
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested; walked without recursion."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, level = stack.pop()
        deepest = max(deepest, level)
        if isinstance(item, dict):
            stack.extend((v, level + 1) for v in item.values())
        elif isinstance(item, list):
            stack.extend((v, level + 1) for v in item)
    return deepest
