"""What is asked of a list, and what every question depends on."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Row

from app.core.errors import NotFound
from app.core.scope import change_rule
from app.core.viewer import Viewer
from app.screens.filters import Active
from app.screens.locale import TEXTS
from app.screens.resolve import Resolved

COUNT_CAP = 10_000
FIND_CAP = 1_000
OFFSET_CAP = 100_000
CHANGEABLE = "whether it may be changed"

Screens = Mapping[str, Resolved]


@dataclass(frozen=True)
class Order:
    """Which field a list is ordered by."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Listing:
    """What is asked of a list. `page` starts at 1."""

    filters: tuple[Active, ...] = ()
    search: str = ""
    order: Order | None = None
    page: int = 1
    size: int = 25


def whose(viewer: Viewer) -> Hashable:
    """What a statement depends on besides its table: person, countries and rights, and the language of names."""
    return viewer.user_id, viewer.behind, viewer.countries, viewer.stamp, TEXTS.spoken().code


def named(row: Row[Any]) -> Mapping[str, Any]:
    """A row by column names."""
    return cast(Mapping[str, Any], row._mapping)


def may_be_changed(row: Mapping[str, Any]) -> bool:
    """Whether the viewer's countries let him change this row of a page or a record."""
    return bool(row.get(CHANGEABLE, True))


def with_changeable(screen: Resolved, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """The column that says so; none for whom no row is closed."""
    rule = change_rule(screen.model, viewer)
    return () if rule is None else (rule.label(CHANGEABLE),)


def key_of(screen: Resolved, given: str) -> Any:
    """The key as the database has it. Raises NotFound for what cannot be one."""
    if not hasattr(screen.model.id.type, "length"):  # a serial key
        if not given.isdecimal() or len(given) > 9:
            raise NotFound
        return int(given)
    if not given or len(given) > 100:
        raise NotFound
    return given
