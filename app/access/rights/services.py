"""What can be done with rights: change a role's permissions, a person's roles, countries and account.

Rows are changed one by one through the mapping, so that the rules of
`access.guard_rights` and the audit trail see each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.guard_rights import RefusedRight
from app.access.merging import ADMIN, Given
from app.access.models import (
    Role,
    RoleFieldPermission,
    RoleFieldPermissionPermission,
    RoleModulePermission,
    RoleModulePermissionAccess,
    User,
    UserRole,
)
from app.access.rights.queries import version_of
from app.access.rights.rules import Change, changed
from app.core.errors import Conflict
from app.core.viewer import NOTHING, ModuleRight, Right


def change_permissions(session: Session, role: Role, changes: Iterable[Change], *, version: str) -> None:
    """Make these changes to what a role gives, all or none.

    Raises Conflict when somebody changed the role after `version`, RefusedRight.
    """
    if role.legacy_role == ADMIN:
        raise RefusedRight("", _("This role gives everything; there is nothing to set."))
    session.execute(select(Role.id).where(Role.id == role.id).with_for_update())
    if version_of(session, role) != version:
        raise Conflict
    wanted = list(changes)
    with session.no_autoflush:  # the rules look at all changes together
        _change_modules(session, role, wanted)
        _change_fields(session, role, wanted)
    session.flush()


def _change_modules(session: Session, role: Role, changes: Sequence[Change]) -> None:
    mine = [change for change in changes if change.what != "field" and not change.name]
    asked = select(RoleModulePermission).where(RoleModulePermission.role_id == role.id)
    rows = {row.module_key: row for row in session.scalars(asked, execution_options={"populate_existing": True})}
    shown = {key: row for key, row in rows.items() if row.access is RoleModulePermissionAccess.visible}
    now = Given({key: ModuleRight(True, row.can_add, row.can_edit) for key, row in shown.items()})
    after = changed(now, mine)
    for key in {change.module for change in mine}:
        row, right = rows.get(key), after.modules.get(key, NOTHING)
        if any(change.module == key and change.what == "remove" for change in mine):
            if row is not None:
                session.delete(row)
            continue
        if row is None:
            if not right.visible:
                continue  # no row: denied
            row = RoleModulePermission(role_id=role.id, module_key=key)
            session.add(row)
        row.access = RoleModulePermissionAccess.visible if right.visible else RoleModulePermissionAccess.hidden
        row.can_add, row.can_edit = right.visible and right.can_add, right.visible and right.can_edit


def _change_fields(session: Session, role: Role, changes: Sequence[Change]) -> None:
    asked = select(RoleFieldPermission).where(RoleFieldPermission.role_id == role.id)
    found = session.scalars(asked, execution_options={"populate_existing": True})
    rows = {(row.module_key, row.field_key): row for row in found}
    for change in changes:
        row = rows.get((change.module, change.name))
        if change.what == "field" and change.to is not Right.editable:
            if row is None:
                row = RoleFieldPermission(role_id=role.id, module_key=change.module, field_key=change.name)
                session.add(row)
            row.permission = RoleFieldPermissionPermission(change.to.name)
        elif row is not None and (change.what == "field" or (change.what == "remove" and change.name)):
            session.delete(row)  # no row: editable


def change_person(
    session: Session, user: User, *, primary: str | None, others: Collection[str], countries: Collection[str],
    active: bool, by: str, version: str,
) -> None:  # fmt: skip
    """Give somebody these roles and countries. `by` is the id of who does it. Raises Conflict, RefusedRight."""
    if user.row_version != version:
        raise Conflict
    if user.role_id != primary:
        user.role_id = primary
    if set(user.assigned_countries) != set(countries):
        user.assigned_countries = sorted(countries)
    if user.is_active != active:
        user.is_active = active
    with session.no_autoflush:
        _hold(session, user, others, primary, by)
    session.flush()


def _hold(session: Session, user: User, others: Collection[str], primary: str | None, by: str) -> None:
    """Hold exactly these roles beside the primary one."""
    held = {row.role_id: row for row in session.scalars(select(UserRole).where(UserRole.user_id == user.id))}
    wanted = {role_id for role_id in others if role_id != primary or role_id in held}
    for role_id in held.keys() - wanted:
        session.delete(held[role_id])
    for role_id in wanted - held.keys():
        session.add(UserRole(user_id=user.id, role_id=role_id, assigned_by=by))
