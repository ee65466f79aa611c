"""What a saved search holds, and how it is written down: a typed set of filters, by the names of columns."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

LONGEST_NAME = 80
LONGEST = 6_000  # characters of a search; its address has to fit into one
VERSION = 1
_IN_NO_ADDRESS = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Condition:
    """One filter: the values are texts as an address has them, so that "this week" stays this week."""

    column: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A list as somebody wants to find it again. `size` 0, "" and () leave it to whoever opens it."""

    conditions: tuple[Condition, ...] = ()
    search: str = ""
    order: str = ""
    columns: tuple[str, ...] = ()
    size: int = 0
    inactive: bool = False


def written(asked: Asked) -> str:
    """The JSON of `saved_searches.filters`: {"version", "filters": [{"column", "operator", "values"}], ...}."""
    whole: dict[str, Any] = {
        "version": VERSION,
        "filters": [{"column": c.column, "operator": c.operator, "values": list(c.values)} for c in asked.conditions],
    }
    more = {"search": asked.search, "order": asked.order, "columns": list(asked.columns), "page_size": asked.size,
            "inactive": asked.inactive}  # fmt: skip
    return json.dumps(whole | {name: value for name, value in more.items() if value}, ensure_ascii=False)


def read(text: str) -> Asked:
    """What was written down. Anybody may have written it: what does not fit is passed over.

    A plain {"column": value} is a set of filters, too.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return Asked()
    if not isinstance(given, dict):
        return Asked()
    if not isinstance(given.get("filters"), list):
        return Asked(tuple(_plain(name, value) for name, value in given.items()))
    conditions = [_condition(one) for one in given["filters"]]
    columns = given.get("columns")
    size = given.get("page_size")
    return Asked(
        tuple(one for one in conditions if one is not None),
        _text(given.get("search")),
        _text(given.get("order")),
        tuple(_text(name) for name in columns) if isinstance(columns, list) else (),
        size if isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 100 else 0,
        given.get("inactive") is True,
    )


def _condition(given: Any) -> Condition | None:
    if not isinstance(given, dict) or not given.get("column"):
        return None
    values = given.get("values")
    texts = tuple(_text(value) for value in (values if isinstance(values, list) else [values]))
    return Condition(_text(given["column"]), _text(given.get("operator")) or "eq", texts)


def _plain(name: str, value: Any) -> Condition:
    if isinstance(value, list):
        return Condition(name, "in", (",".join(_text(one) for one in value),))
    return Condition(name, "eq", (_text(value),))


def _text(value: Any) -> str:
    """A value as an address can have it: JSON may spell characters that no address holds."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return _IN_NO_ADDRESS.sub("", str(value)) if isinstance(value, str | int | float) else ""
