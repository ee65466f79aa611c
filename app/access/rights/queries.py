"""What can be asked about roles and who holds them. Rights themselves are read with the system's eyes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import String, Text, cast, false, func, literal, or_, select, union, union_all
from sqlalchemy.orm import Session

from app.access.merging import ADMIN, Given
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.core.errors import NotFound
from app.core.viewer import SYSTEM, SYSTEM_USER, ModuleRight, Right, Viewer, visible

_WHOLE = {"viewer": SYSTEM}

Permission = tuple[str, str, str, bool, bool]
"""A row of one of the permission tables: module, field or "", access or permission, may add, may edit."""


@dataclass(frozen=True)
class Holder:
    """Somebody active who holds a role, with all active roles he holds."""

    id: str
    name: str
    roles: frozenset[str]


def role_of(session: Session, key: str) -> Role:
    """Raises NotFound."""
    role = session.get(Role, key) if 0 < len(key) <= 100 else None
    if role is None:
        raise NotFound
    return role


def roles(session: Session) -> Sequence[Role]:
    return session.scalars(select(Role).order_by(func.lower(Role.name), Role.id)).all()


def given_by_rows(rows: Iterable[Permission], *, everything: bool = False) -> Given:
    """What a role with these rows gives."""
    modules: dict[str, ModuleRight] = {}
    fields: dict[tuple[str, str], Right] = {}
    for module, name, access, add, edit in rows:
        if name:
            fields[module, name] = Right[str(access)]
        elif access == "visible":
            modules[module] = ModuleRight(True, bool(add), bool(edit))
    return Given(modules, fields, everything)


def rows_of(session: Session, wanted: Collection[str]) -> dict[str, list[Permission]]:
    """The rows of the permission tables by role, as the database has them now."""
    module, field = RoleModulePermission, RoleFieldPermission
    plain = select(
        module.role_id, module.module_key, literal("", Text).label("name"), module.access.cast(Text).label("access"),
        module.can_add, module.can_edit,
    ).where(module.role_id.in_(wanted))  # fmt: skip
    narrowed = select(
        field.role_id, field.module_key, field.field_key, field.permission.cast(Text), false(), false()
    ).where(field.role_id.in_(wanted))
    found: dict[str, list[Permission]] = {key: [] for key in wanted}
    for role_id, *row in session.execute(union_all(plain, narrowed), execution_options=_WHOLE):
        found[role_id].append(tuple(row))
    return found


def given_of(session: Session, wanted: Collection[str]) -> dict[str, Given]:
    """What each of these roles gives (or would, where it is inactive)."""
    asked = select(Role.id).where(Role.id.in_(wanted), Role.legacy_role == ADMIN)
    admins = set(session.scalars(asked, execution_options=_WHOLE))
    rows = rows_of(session, wanted)
    return {key: given_by_rows(rows[key], everything=key in admins) for key in wanted}


def version_of(session: Session, role: Role) -> str:
    """Changes with every change of the role or of one of its permissions."""
    kinds = (RoleModulePermission, RoleFieldPermission)
    asked = union_all(
        select(Role.id, cast(Role.row_version, String)).where(Role.id == role.id),
        *(select(kind.id, cast(kind.row_version, String)).where(kind.role_id == role.id) for kind in kinds),
    )
    rows = sorted(f"{key} {version}" for key, version in session.execute(asked, execution_options=_WHOLE))
    return sha256("\n".join(rows).encode()).hexdigest()[:24]


def holders(session: Session, viewer: Viewer, role_id: str) -> list[Holder]:
    """Active people who hold a role, as far as the viewer may know them."""
    mine = select(UserRole.user_id).where(UserRole.role_id == role_id)
    asked = visible(User, viewer).where(
        User.is_active, User.id != SYSTEM_USER, or_(User.role_id == role_id, User.id.in_(mine))
    )
    people = session.scalars(asked.order_by(User.full_name, User.id)).all()
    held = held_by(session, [user.id for user in people])
    return [Holder(user.id, user.full_name, frozenset(held[user.id])) for user in people]


def held_by(session: Session, people: Collection[str]) -> dict[str, set[str]]:
    """The active roles of people."""
    asked = union(
        select(User.id, Role.id).join(Role, Role.id == User.role_id).where(User.id.in_(people), Role.is_active),
        select(UserRole.user_id, Role.id)
        .join(Role, Role.id == UserRole.role_id)
        .where(UserRole.user_id.in_(people), Role.is_active),
    )
    found: dict[str, set[str]] = {key: set() for key in people}
    for user_id, role_id in session.execute(asked, execution_options=_WHOLE):
        found[user_id].add(role_id)
    return found


def holder_counts(session: Session, viewer: Viewer) -> dict[str, int]:
    """How many active people hold each role, as far as the viewer may know them."""
    known = visible(User, viewer).with_only_columns(User.id, User.role_id).where(User.is_active).subquery()
    each = union(
        select(known.c.id, known.c.role_id).where(known.c.role_id.is_not(None)),
        select(UserRole.user_id, UserRole.role_id).join(known, known.c.id == UserRole.user_id),
    ).subquery()
    counted = select(each.c[1], func.count()).group_by(each.c[1])
    return {row[0]: row[1] for row in session.execute(counted)}


def names_of_roles(session: Session, wanted: Collection[str]) -> Mapping[str, str]:
    asked = select(Role.id, Role.name).where(Role.id.in_(wanted))
    return {row.id: row.name for row in session.execute(asked, execution_options=_WHOLE)}
