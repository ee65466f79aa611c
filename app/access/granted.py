"""What the active roles of a person give, as the database has it: the question, and what its rows come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, BindParameter, ScalarSelect, Select, Text, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.access.merging import ADMIN, Given, Rights, merged
from app.access.models import (
    Role,
    RoleFieldPermission,
    RoleModulePermission,
    RoleModulePermissionAccess,
    User,
    UserRole,
)
from app.core.statements import standing
from app.core.viewer import SYSTEM, ModuleRight, Right

Rows = tuple[tuple[Any, ...], ...]


def of_person(session: Session, person: str) -> Rows:
    """The rows for one person; one statement."""
    found = session.scalar(_ASKED, {"person": person}, execution_options={"viewer": SYSTEM})
    return rows_of(found)


def rows_of(told: Sequence[Sequence[Any]] | None) -> Rows:
    """The rows as `told()` gives them; nothing for who holds no active role."""
    return tuple(tuple(row) for row in told or ())


def told() -> ScalarSelect[Any]:
    """All rows for the parameter `person` in one value, so that they come along with the row of the person."""
    both = _granted().subquery()
    return select(func.json_agg(func.json_build_array(*both.c), type_=JSON)).select_from(both).scalar_subquery()


@lru_cache(maxsize=256)
def merged_of(granted: Rows) -> tuple[str, Rights]:
    """The names of the roles and what they give: the same for all who hold the same.

    A field that a role does not name is editable for it, as long as the role shows the module.
    """
    roles: dict[str, tuple[str, str | None]] = {}
    modules: dict[str, dict[str, ModuleRight]] = defaultdict(dict)
    fields: dict[str, dict[tuple[str, str], Right]] = defaultdict(dict)
    for key, name, legacy, module, column, access, can_add, can_edit in granted:
        roles[key] = (name, legacy)
        if column is not None:
            fields[key][module, column] = Right[access]
        elif access == RoleModulePermissionAccess.visible:
            modules[key][module] = ModuleRight(True, can_add, can_edit)
    rights = merged(Given(modules[key], fields[key], legacy == ADMIN) for key, (_name, legacy) in roles.items())
    return ", ".join(sorted({name for name, _legacy in roles.values()})), rights


def _granted() -> Any:
    """Active roles of a person with what each says of modules and of fields."""
    person: BindParameter[str] = bindparam("person")
    mine = select(UserRole.role_id).where(UserRole.user_id == person)
    first = select(User.role_id).where(User.id == person).scalar_subquery()
    held = Role.is_active & or_(Role.id.in_(mine), Role.id == first)
    module, field = RoleModulePermission, RoleFieldPermission
    plain = select(
        Role.id, Role.name, Role.legacy_role, module.module_key, literal(None, Text).label("field_key"),
        module.access.cast(Text).label("access"), module.can_add, module.can_edit,
    ).outerjoin(module, module.role_id == Role.id).where(held)  # fmt: skip
    narrowed = select(
        Role.id, Role.name, Role.legacy_role, field.module_key, field.field_key,
        field.permission.cast(Text), literal(False), literal(False),
    ).join(field, field.role_id == Role.id).where(held)  # fmt: skip
    return union_all(plain, narrowed)


_ASKED: Select[Any] = standing(select(told()))
