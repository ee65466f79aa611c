"""Values of columns as JSON keeps them, and back: what a record was before, and what it shall be."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Numeric, inspect

from app.core.types import Choice, Secret, Timestamp


def kept(model: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values as JSON. Raises ValueError for a secret: those are never kept beside their column."""
    columns = inspect(model).columns
    for name in values:
        if isinstance(columns[name].type, Secret):
            raise ValueError(f"{columns[name]} is a secret.")
    return {name: _plain(value) for name, value in values.items()}


def restored(model: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values from what `kept` made of them."""
    columns = inspect(model).columns
    return {name: _typed(columns[name].type, value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Choice):
        return kind.choices(value)
    if isinstance(kind, Timestamp):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Numeric) and kind.asdecimal:
        return Decimal(str(value))
    return value
