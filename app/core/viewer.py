"""Who is looking: the rights of one person, and the only way to a table's rows.

A `Viewer` is made once per request from the documented role tables (see
`access.door`) and handed down; nothing below asks who is logged in. Module
and field rights are answered here, so every door asks the same object. Which
rows of other countries stay unseen is said by each table and enforced by
`core.scope` below everything that reads or writes.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flask import has_request_context, request
from sqlalchemy import ColumnElement, Select, select

from app.core.types import Country

EVERYWHERE = tuple(country.value for country in Country)


class Right(enum.IntEnum):
    """What one may do with a field, in rising order."""

    hidden = 0
    readonly = 1
    editable = 2


@dataclass(frozen=True)
class ModuleRight:
    """What one may do with a module (`role_module_permissions`), several roles already merged."""

    visible: bool = False
    can_add: bool = False
    can_edit: bool = False

    def merged(self, other: ModuleRight) -> ModuleRight:
        """The most permissive of both; a hidden module gives nothing."""
        return ModuleRight(
            self.visible or other.visible,
            self.can_add or (other.visible and other.can_add),
            self.can_edit or (other.visible and other.can_edit),
        )


NOTHING = ModuleRight()
EVERYTHING = ModuleRight(True, True, True)


@dataclass(frozen=True)
class Viewer:
    """A person (or the system) with rights.

    `countries` are the ones whose records this viewer may know of; None stands for the system, which is in none
    and all. `fields` holds, by module, only the columns on which something is taken away. `behind` is the id of the
    administrator who looks through this person's eyes; else "".
    """

    user_id: str
    name: str
    email: str = ""
    role: str = ""
    countries: tuple[str, ...] | None = ()
    behind: str = ""
    modules: Mapping[str, ModuleRight] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Right]] = field(default_factory=dict)
    everything: bool = False

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What was found out from these rights, by whoever wants to find it out once."""
        return {}

    @cached_property
    def stamp(self) -> Hashable:
        """The same for viewers who have the same rights on modules and fields, whatever their countries."""
        if self.everything:
            return bool(self.user_id), True
        fields = ((module, frozenset(columns.items())) for module, columns in self.fields.items())
        return bool(self.user_id), frozenset(self.modules.items()), frozenset(fields)

    @property
    def everywhere(self) -> bool:
        """Whether no country is closed to this viewer: only then may what belongs to all countries be changed."""
        return self.countries is None or set(self.countries) >= set(EVERYWHERE)

    def module(self, key: str) -> ModuleRight:
        return EVERYTHING if self.everything else self.modules.get(key, NOTHING)

    def sees(self, key: str) -> bool:
        return self.module(key).visible

    def may_add(self, key: str) -> bool:
        return self.module(key).visible and self.module(key).can_add

    def may_edit(self, key: str) -> bool:
        return self.module(key).visible and self.module(key).can_edit

    def field(self, key: str, column: str) -> Right:
        """The right on one column of a module; every door asks here."""
        if not self.sees(key):
            return Right.hidden
        if self.everything:
            return Right.editable
        return self.fields.get(key, {}).get(column, Right.editable)


# Modules without a table: what they allow is asked beside the module of the records.
EXPORT, IMPORT, AUDIT, OPERATIONS = "export", "import", "audit", "system"
SYSTEM_USER = "system"
NOBODY = Viewer("", "")
SYSTEM = Viewer(SYSTEM_USER, "System", countries=None, everything=True)


Narrowing = Callable[[Viewer], ColumnElement[bool] | None]
_narrowings: dict[str, Narrowing] = {}


def narrow(table: str, rule: Narrowing) -> None:
    """Of this table a viewer knows no more rows than `rule` lets him; said once, when the application starts."""
    _narrowings[table] = rule


def visible(model: type[Any], viewer: Viewer) -> Select[Any]:
    """Rows of `model` this viewer may know of: the start of every query. `core.scope` adds the countries."""
    query = select(model).execution_options(viewer=viewer)
    rule = _narrowings.get(model.__tablename__)
    condition = rule(viewer) if rule is not None else None
    return query if condition is None else query.where(condition)


_find_viewer: Callable[[], Viewer] = lambda: NOBODY  # noqa: E731  # replaced once by `access.door`


def found_by(finder: Callable[[], Viewer]) -> None:
    """Say how the current viewer is found; called once by `create_app`."""
    global _find_viewer
    _find_viewer = finder


def current_viewer() -> Viewer:
    """The viewer of the running request; nobody outside of one."""
    return _find_viewer()


_acting: ContextVar[tuple[Viewer, int] | None] = ContextVar("acting", default=None)


def _here() -> int:
    """The running request; 0 outside of one. A block around a request does not reach into it."""
    return id(request._get_current_object()) if has_request_context() else 0  # type: ignore[attr-defined]


@contextmanager
def acting(viewer: Viewer) -> Iterator[Viewer]:
    """Within the block rows are read and written with the rights of `viewer`, whoever is logged in."""
    token = _acting.set((viewer, _here()))
    try:
        yield viewer
    finally:
        _acting.reset(token)


@contextmanager
def system_scope(reason: str) -> Iterator[Viewer]:
    """Within the block the system acts, in all countries. `reason` names the job or command in the audit trail."""
    with acting(replace(SYSTEM, role=reason)) as viewer:
        yield viewer


def who_acts() -> Viewer:
    """Whose rights hold here: those of the innermost `acting` block of this request or program, else of the request."""
    found = _acting.get()
    return found[0] if found is not None and found[1] == _here() else current_viewer()


def with_reason(viewer: Viewer) -> Viewer:
    """The system with the reason that `system_scope` around was told; anybody else as he is."""
    around = who_acts()
    return around if viewer.user_id == around.user_id == SYSTEM_USER and not viewer.role else viewer
