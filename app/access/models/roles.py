"""Tables: roles, module permissions, field permissions, role assignments."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import GLOBAL, Through
from app.core.types import Choice, Created, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models.users import User


class RoleDepartment(enum.StrEnum):
    management = "management"
    sales = "sales"
    operations = "operations"
    finance = "finance"
    customer_service = "customer_service"
    it = "it"
    medical = "medical"
    __labels__ = {"it": "IT"}


class RoleModulePermissionAccess(enum.StrEnum):
    visible = "visible"
    hidden = "hidden"


class RoleFieldPermissionPermission(enum.StrEnum):
    editable = "editable"
    readonly = "readonly"
    hidden = "hidden"
    __labels__ = {"readonly": "Read-only"}


class Role(Base):
    """A named set of rights that decides what its holders may see and change."""

    __tablename__ = "roles"
    __table_args__ = (
        Index(None, "created_by"),
        Index(None, "created_at", "id"),
        {
            "comment": "A named set of rights that decides what its holders may see and change.",
            "info": {"reference": True, "country": GLOBAL, "one": "Role", "many": "Roles", "icon": "shield-lock"},
        },
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(
        Text, unique=True, comment="What administrators pick when granting rights; must be unique."
    )
    description: Mapped[str | None] = mapped_column(Text, comment="Who should hold this role and what it allows.")
    department: Mapped[RoleDepartment | None] = mapped_column(
        Choice(RoleDepartment), comment="Part of the company the role is meant for."
    )
    legacy_role: Mapped[str | None] = mapped_column(
        Text, comment="Older access level its holders receive: admin, manager or user."
    )
    is_active: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="An inactive role grants nothing to its holders.",
    )
    is_system: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        comment="Built in; cannot be deleted.",
        info={"label": "System role"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the record was entered (UTC).")
    created_by: Mapped[str | None] = mapped_column(String, ForeignKey("users.id"), comment="User who set up the role.")
    updated_at: Mapped[Updated] = mapped_column(comment="When the record was last saved (UTC).")

    created_by_user: Mapped[User | None] = relationship(foreign_keys=[created_by], back_populates="roles")
    users: Mapped[list[User]] = relationship(
        foreign_keys="User.role_id", back_populates="primary_role", passive_deletes="all"
    )
    role_module_permissions: Mapped[list[RoleModulePermission]] = relationship(
        foreign_keys="RoleModulePermission.role_id", back_populates="role", passive_deletes="all"
    )
    role_field_permissions: Mapped[list[RoleFieldPermission]] = relationship(
        foreign_keys="RoleFieldPermission.role_id", back_populates="role", passive_deletes="all"
    )
    user_roles: Mapped[list[UserRole]] = relationship(
        foreign_keys="UserRole.role_id", back_populates="role", passive_deletes="all"
    )


class RoleModulePermission(Base):
    """What holders of a role may do in one module."""

    __tablename__ = "role_module_permissions"
    __table_args__ = (
        UniqueConstraint("role_id", "module_key"),
        {
            "comment": "What holders of a role may do in one module.",
            "info": {
                "country": GLOBAL,
                "one": "Module permission",
                "many": "Module permissions",
                "icon": "layout-grid",
            },
        },
    )

    id: Mapped[Key]
    role_id: Mapped[str] = mapped_column(String, ForeignKey("roles.id"), comment="Role that receives this permission.")
    module_key: Mapped[str] = mapped_column(
        Text, comment="Part of the system the permission covers, e.g. customers.", info={"label": "Module"}
    )
    access: Mapped[RoleModulePermissionAccess] = mapped_column(
        Choice(RoleModulePermissionAccess),
        default=RoleModulePermissionAccess.visible,
        server_default="visible",
        comment="Hidden removes the module from menus, links and exports.",
    )
    can_add: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Holders may enter new records in the module.",
    )
    can_edit: Mapped[bool] = mapped_column(
        Boolean,
        default=True,
        server_default=text("true"),
        comment="Holders may change and deactivate records in the module.",
    )

    role: Mapped[Role] = relationship(foreign_keys=[role_id], back_populates="role_module_permissions")


class RoleFieldPermission(Base):
    """Whether holders of a role may see or change a single field of a module."""

    __tablename__ = "role_field_permissions"
    __table_args__ = (
        UniqueConstraint("role_id", "module_key", "field_key"),
        {
            "comment": "Whether holders of a role may see or change a single field of a module.",
            "info": {"country": GLOBAL, "one": "Field permission", "many": "Field permissions", "icon": "forms"},
        },
    )

    id: Mapped[Key]
    role_id: Mapped[str] = mapped_column(String, ForeignKey("roles.id"), comment="Role the restriction applies to.")
    module_key: Mapped[str] = mapped_column(
        Text, comment="Part of the system the field belongs to, e.g. customers.", info={"label": "Module"}
    )
    field_key: Mapped[str] = mapped_column(
        Text, comment="Field being opened or restricted, e.g. email.", info={"label": "Field"}
    )
    permission: Mapped[RoleFieldPermissionPermission] = mapped_column(
        Choice(RoleFieldPermissionPermission),
        default=RoleFieldPermissionPermission.editable,
        server_default="editable",
        comment="Hidden also removes the field from search, exports and history.",
    )

    role: Mapped[Role] = relationship(foreign_keys=[role_id], back_populates="role_field_permissions")


class UserRole(Base):
    """The grant of a role to a user."""

    __tablename__ = "user_roles"
    __table_args__ = (
        Index(None, "role_id"),
        Index(None, "assigned_by"),
        UniqueConstraint("user_id", "role_id"),
        {
            "comment": "The grant of a role to a user.",
            "info": {
                "country": Through("user_id"),
                "one": "Role assignment",
                "many": "Role assignments",
                "icon": "user-shield",
            },
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(String, ForeignKey("users.id"), comment="Person who receives the role.")
    role_id: Mapped[str] = mapped_column(
        String, ForeignKey("roles.id"), comment="With several roles, the most generous right counts."
    )
    assigned_at: Mapped[datetime] = mapped_column(
        Timestamp, server_default=func.now(), comment="When the role was granted (UTC)."
    )
    assigned_by: Mapped[str | None] = mapped_column(
        String, ForeignKey("users.id"), comment="User who granted the role."
    )

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="user_roles_by_user")
    role: Mapped[Role] = relationship(foreign_keys=[role_id], back_populates="user_roles")
    assigned_by_user: Mapped[User | None] = relationship(
        foreign_keys=[assigned_by], back_populates="user_roles_by_assigned_by_user"
    )
