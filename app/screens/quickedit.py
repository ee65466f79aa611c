"""Changing one field where it is read: which fields, and what is sent."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from app.screens.fields import Field
from app.screens.forms import stored_value
from app.screens.look import Look
from app.screens.write import writable

KINDS = frozenset(
    ("string", "email", "phone", "url", "color", "integer", "decimal", "money", "boolean", "date", "datetime",
     "choice", "country")
)  # fmt: skip
"""What fits into a cell; the rest has its form."""


def fields(look: Look) -> list[Field]:
    """Fields this viewer may change in place."""
    if not look.may_edit():
        return []
    return [f for f in writable(look.screen, look.viewer) if f.kind.name in KINDS]


def columns(look: Look) -> tuple[str, ...]:
    """Columns of the list that may be changed in place; the first leads to the record and may be put together."""
    may = {f.name for f in fields(look)}
    return tuple(name for name in look.screen.columns if name in may and name not in look.screen.name)


def only(sent: MultiDict[str, str], name: str) -> MultiDict[str, str]:
    """What was sent for one field; nothing else is changed by it."""
    return MultiDict([(key, value) for key, value in sent.items(multi=True) if key in (name, f"{name}-shown")])


def text_of(row: Any, f: Field) -> str:
    """The value of a field as a form would send it."""
    return f.kind.text(stored_value(row, f))
