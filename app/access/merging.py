"""What several roles give together: the one place where rights are merged. No session, no request.

A module that no role shows gives nothing. Among the roles that show it the
most permissive counts, for the module and for each of its fields; a role that
does not name a field leaves it editable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.core.viewer import EVERYTHING, NOTHING, ModuleRight, Right

ADMIN = "admin"

FieldKey = tuple[str, str]
"""Module and field, as they stand in `role_field_permissions`."""


@dataclass(frozen=True)
class Given:
    """What one role gives. `modules` holds the shown ones only; `everything` is the role of administrators."""

    modules: Mapping[str, ModuleRight] = field(default_factory=dict)
    fields: Mapping[FieldKey, Right] = field(default_factory=dict)
    everything: bool = False


@dataclass(frozen=True)
class Rights:
    """What somebody may do: several roles merged. The same two questions as of a `Viewer`."""

    modules: Mapping[str, ModuleRight] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Right]] = field(default_factory=dict)
    everything: bool = False

    def module(self, key: str) -> ModuleRight:
        return EVERYTHING if self.everything else self.modules.get(key, NOTHING)

    def field(self, key: str, name: str) -> Right:
        if self.everything:
            return Right.editable
        if not self.module(key).visible:
            return Right.hidden
        return self.fields.get(key, {}).get(name, Right.editable)


def merged(roles: Iterable[Given]) -> Rights:
    """The rights of somebody who holds these roles, all of them active."""
    held = list(roles)
    return Rights(merged_modules(held), merged_fields(held), any(role.everything for role in held))


def merged_modules(roles: Iterable[Given]) -> dict[str, ModuleRight]:
    found: dict[str, ModuleRight] = {}
    for role in roles:
        for key, right in role.modules.items():
            found[key] = found.get(key, ModuleRight()).merged(right)
    return found


def merged_fields(roles: Iterable[Given]) -> dict[str, dict[str, Right]]:
    """What is taken away by every role that shows the module."""
    held = list(roles)
    found: dict[str, dict[str, Right]] = {}
    for module, name in {key for role in held for key in role.fields}:
        showing = [role for role in held if module in role.modules]
        right = max((role.fields.get((module, name), Right.editable) for role in showing), default=Right.hidden)
        if right is not Right.editable:
            found.setdefault(module, {})[name] = right
    return found
