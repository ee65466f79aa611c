"""Row-level security: what the database itself lets whom read and write, by table.

The policies look at the setting that `core.scope` makes before the first statement which needs it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table

from app.core.paths import Own, Owns, Through, path_of, targets

SETTING = "indexus.countries"
_MINE = f"(SELECT string_to_array(current_setting('{SETTING}', true), ','))::text[]"


def policies(tables: Mapping[str, Table]) -> dict[str, tuple[str, str]]:
    """SQL of what may be read and what may be written, by table.

    Tables that carry a country themselves, and the direct children of customers. Not `users`: logging in comes
    before one has countries.
    """
    found: dict[str, tuple[str, str]] = {}
    for name, table in tables.items():
        path = path_of(table)
        if isinstance(path, Own):
            column = f'"{path.column}"'
            inside = f"{column}::text = ANY ({_MINE})"
            empty = f" OR {column} IS NULL" if table.c[path.column].nullable else ""
            found[name] = (inside + empty, inside + (empty if path.otherwise else ""))
        elif isinstance(path, Owns):
            column = f'"{path.column}"'
            reads = f"{column} && {_MINE}"
            writes = f"{column} <@ {_MINE} AND cardinality({column}) > 0"
            if path.seat:
                reads += f' OR "{path.seat}"::text = ANY ({_MINE})'
                writes = f'{column} <@ {_MINE} AND "{path.seat}"::text = ANY ({_MINE})'
            else:
                reads += f" OR coalesce(cardinality({column}), 0) = 0"
            found[name] = (reads, writes)
        elif isinstance(path, Through) and [t.name for t, _kind in targets(table, path.column)] == ["customers"]:
            column = f'"{path.column}"'
            there = f"EXISTS (SELECT FROM customers c WHERE c.id = {name}.{column}"
            empty = f" OR {column} IS NULL" if table.c[path.column].nullable else ""
            found[name] = (f"{there}){empty}", f"{there} AND c.country::text = ANY ({_MINE})){empty}")
    return found
