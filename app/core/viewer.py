"""Who is looking: the rights of one person, and the only way to a table's rows.

A `Viewer` is made once per request from the documented role tables (see
`access.door`) and handed down; nothing below asks who is logged in. Module
and field rights are answered here, so every door asks the same object.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select


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
    """A person (or the system) with rights. `countries` is None for all countries."""

    user_id: str
    name: str
    email: str = ""
    role: str = ""
    countries: tuple[str, ...] | None = ()
    modules: Mapping[str, ModuleRight] = field(default_factory=dict)
    everything: bool = False

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
        return Right.editable


NOBODY = Viewer("", "")
SYSTEM = Viewer("", "system", countries=None, everything=True)


def visible(model: type[Any], viewer: Viewer) -> Select[Any]:
    """Rows of `model` this viewer may know of: the start of every query."""
    return select(model)


_find_viewer: Callable[[], Viewer] = lambda: NOBODY  # noqa: E731  # replaced once by `access.door`


def found_by(finder: Callable[[], Viewer]) -> None:
    """Say how the current viewer is found; called once by `create_app`."""
    global _find_viewer
    _find_viewer = finder


def current_viewer() -> Viewer:
    """The viewer of the running request; nobody outside of one."""
    return _find_viewer()
