"""Tables whose records are written on a page of their own: every way to the generated form leads there instead."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from app.screens import address


@dataclass(frozen=True)
class OwnForm:
    """Where a new record is written, and where one is changed, before its id."""

    new: str
    change: str


_own: dict[str, OwnForm] = {}


def written_at(table: str, own: OwnForm) -> None:
    """Records of `table` are written there; said once, when the house is built."""
    _own[table] = own


def has(table: str) -> bool:
    return table in _own


def add_href(table: str) -> str:
    own = _own.get(table)
    return own.new if own is not None else address.page_href(table, "add")


def edit_href(table: str, key: object) -> str:
    own = _own.get(table)
    return own.change + quote(str(key), safe="") if own is not None else address.page_href(table, "edit", key)
