"""Rules about rights that hold for every flush of a person, whichever door the change came through.

Nobody widens his own rights, nobody gives more than he has, the last
administrator stays, system roles stay. The system (`SYSTEM`, commands, jobs)
is bound by none of it. The listeners work from the moment this module is
imported (`app.house` does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, event, inspect, or_, select, text
from sqlalchemy.orm import ORMExecuteState, Session, class_mapper

from app.access.merging import ADMIN, Given, Rights, merged
from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.access.modules import modules
from app.access.rights.queries import Permission, given_by_rows, given_of
from app.core.errors import Conflict, Forbidden, Unprocessable
from app.core.vault import Veiled
from app.core.viewer import NOTHING, SYSTEM, SYSTEM_USER, Viewer

_OWN = ("role_id", "assigned_countries", "is_active", "role")
_LOGIN = ("username", "email", "auth_method", "password_hash", "must_change_password")
_ACCESS = (*_OWN, *_LOGIN)
_BULK = {Role.__tablename__, RoleModulePermission.__tablename__, RoleFieldPermission.__tablename__,
         UserRole.__tablename__}  # fmt: skip
_GUARDED = (Role, RoleModulePermission, RoleFieldPermission, User, UserRole)
_ADMINS, _HOLDERS, _BEFORE = "administrators", "holders of their roles", "rights before"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('administrators'))")


class RefusedRight(Unprocessable):
    """A change of rights that this person may not make: sentences by field, and the permissions they are about.

    `about` holds (module, field or "") for changes of permissions.
    """

    status = 403

    def __init__(self, name: str, sentence: str, about: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__({name: [sentence]} if name else {}, [] if name else [sentence])
        self.about = tuple(about)
        self.args = (sentence,)


class _Change:
    """A row of this flush with what it was (None: it is new) and what it is."""

    def __init__(self, row: Any, before: Mapping[str, Any] | None, *, gone: bool = False) -> None:
        self.row, self.before, self.gone = row, before, gone

    @property
    def new(self) -> bool:
        return self.before is None

    def was(self, name: str) -> Any:
        """The value before; None for a new row."""
        return None if self.before is None else self.before[name]

    def changed(self, name: str) -> bool:
        return self.new or self.gone or bool(_plain(self.was(name)) != _plain(getattr(self.row, name)))


def _plain(value: Any) -> Any:
    if isinstance(value, Veiled):
        return value.reveal()
    return sorted(value) if isinstance(value, list) else value


@event.listens_for(Session, "before_flush")
def _remember(session: Session, context: object, instances: object) -> None:
    """What the rows were, read from the database: what the mapping remembers of a value it never read is nothing.

    And who administrates, one change at a time, so that two administrators cannot remove each other.
    """
    if _person(session) is None:
        return
    changing = [row for row in [*session.dirty, *session.deleted] if isinstance(row, _GUARDED)]
    if not changing and not any(isinstance(row, _GUARDED) for row in session.new):
        return
    if any(_identity(row) == (SYSTEM_USER,) and _touched(session, row) for row in changing):
        # The database refuses as well, but not with a sentence.
        raise RefusedRight("", _("This account belongs to the system itself and stays as it is."))
    with session.no_autoflush:
        session.connection().execute(_LOCK)
        session.info[_ADMINS], session.info[_HOLDERS] = administrators(session), _holders(session)
        session.info[_BEFORE] = {
            (type(row), key): _stored(session, row, key) for row in changing for key in _identity(row)
        }


def _touched(session: Session, row: Any) -> bool:
    return isinstance(row, User) and (row in session.deleted or session.is_modified(row))


def _identity(row: Any) -> tuple[Any, ...]:
    return tuple(inspect(row).identity or ())


def _stored(session: Session, row: Any, key: str) -> Mapping[str, Any]:
    """A row as the database has it, by attribute. Raises Conflict when somebody else deleted it."""
    table = inspect(row).mapper.local_table
    found = session.connection().execute(select(table).where(table.c.id == key)).mappings().one_or_none()
    if found is None:
        raise Conflict
    return dict(found)


@event.listens_for(Session, "after_flush")
def _hold_the_rules(session: Session, context: object) -> None:
    by = _person(session)
    if by is None:
        return
    stored: Mapping[Any, Mapping[str, Any]] = session.info.pop(_BEFORE, {})
    changes = [_Change(row, None) for row in session.new if isinstance(row, _GUARDED)]
    for row in [*session.dirty, *session.deleted]:
        if isinstance(row, _GUARDED):
            changes.append(_Change(row, stored[type(row), row.id], gone=row in session.deleted))
    with session.no_autoflush:
        for kind, rule in _RULES:
            found = [change for change in changes if isinstance(change.row, kind)]
            if found:
                rule(session, by, found)
        before = session.info.pop(_ADMINS, None)
        if before and not administrators(session):
            raise RefusedRight(
                "", _("Somebody must remain who can administrate: this is the last active administrator.")
            )


@event.listens_for(Session, "do_orm_execute")
def _row_by_row(state: ORMExecuteState) -> None:
    """A statement over many rows would pass all of the above."""
    if not (state.is_update or state.is_delete) or _person(state.session) is None:
        return
    if str(state.statement.table.name) in _BULK:  # type: ignore[attr-defined]
        raise Forbidden


def _person(session: Session) -> Viewer | None:
    by: Viewer | None = session.info.get("by")
    return by if by is not None and by.countries is not None and by.user_id else None


def administrators(session: Session) -> set[str]:
    """Active people with an active role of administrators."""
    found = _with(_administrates()).where(User.is_active, User.id != SYSTEM_USER)
    return set(session.scalars(found, execution_options={"viewer": SYSTEM}))


def _holders(session: Session) -> set[str]:
    """Whoever holds a role of administrators, even one that sleeps just now."""
    return set(session.scalars(_with(Role.legacy_role == ADMIN), execution_options={"viewer": SYSTEM}))


def _with(rule: ColumnElement[bool]) -> Select[str]:
    """People with a role for which this is true."""
    beside = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(rule)
    return select(User.id).where(or_(User.id.in_(beside), User.role_id.in_(select(Role.id).where(rule))))


def administers(session: Session, user: User) -> bool:
    """Whether somebody holds an active role of administrators, himself active or not."""
    beside = _beside(user.id)
    held = select(Role.id).where(_administrates(), or_(Role.id.in_(beside), Role.id == user.role_id)).limit(1)
    return session.scalar(held, execution_options={"viewer": SYSTEM}) is not None


def _administrates() -> ColumnElement[bool]:
    return (Role.legacy_role == ADMIN) & Role.is_active


# Roles ----------------------------------------------------------------------


def _roles(session: Session, by: Viewer, changes: list[_Change]) -> None:
    for change in changes:
        _demand_everywhere(by)
        role = change.row
        if change.was("is_system") and not change.new:
            if change.gone:
                raise RefusedRight("", _("“%(role)s” is a system role and cannot be deleted.", role=role.name))
            for name, sentence in (
                ("is_active", _("A system role cannot be deactivated.")),
                ("is_system", _("A system role stays one.")),
                ("legacy_role", _("The access level of a system role cannot be changed.")),
            ):
                if change.changed(name):
                    raise RefusedRight(name, sentence)
        if by.everything:
            continue
        if change.gone or change.new:
            held = False
        else:
            held = role.id in _held(session, by.user_id)
        if held and any(change.changed(name) for name in ("is_active", "legacy_role", "is_system")):
            raise RefusedRight("", _own_role())
        if not change.gone:
            if role.is_system and change.changed("is_system"):
                raise RefusedRight("is_system", _("Only an administrator makes system roles."))
            if role.legacy_role == ADMIN and change.changed("legacy_role"):
                raise RefusedRight("legacy_role", _only_administrators_grant())
            if role.is_active and change.changed("is_active") and not change.new:
                _demand_no_more(session, by, role.id, "is_active")


def _permissions(session: Session, by: Viewer, changes: list[_Change]) -> None:
    """Rows of `role_module_permissions` and `role_field_permissions`."""
    _demand_everywhere(by)
    if by.everything:
        return
    held = _held(session, by.user_id)
    roles = {change.row.role_id for change in changes} | {change.was("role_id") for change in changes} - {None}
    if roles & held:
        raise RefusedRight("role_id", _own_role(), _about(changes))
    after = given_of(session, roles)
    for role_id in roles:
        before = given_by_rows(_before(session, role_id, changes))
        gains = _gains(merged([before]), merged([after[role_id]]), by, [c for c in changes if role_id in _roles_of(c)])
        if gains:
            names = ", ".join(_label(module, name) for module, name in sorted(gains))
            raise RefusedRight(
                "module_key", _("You cannot give a right that you do not have yourself: %(names)s.", names=names), gains
            )


def _roles_of(change: _Change) -> set[str]:
    return {change.row.role_id, change.was("role_id")}


def _about(changes: Iterable[_Change]) -> list[tuple[str, str]]:
    return [(change.row.module_key, getattr(change.row, "field_key", "")) for change in changes]


def _before(session: Session, role_id: str, changes: list[_Change]) -> Iterator[Permission]:
    """What stood in the permission tables for a role before this flush."""
    for kind in (RoleModulePermission, RoleFieldPermission):
        table = class_mapper(kind).local_table
        # Columns, not objects: rows of this flush are not yet known to the session.
        now = session.connection().execute(select(table).where(table.c.role_id == role_id)).mappings()
        rows: dict[str, Mapping[str, Any] | None] = {str(row["id"]): dict(row) for row in now}
        rows |= {change.row.id: change.before for change in changes if isinstance(change.row, kind)}
        for row in rows.values():
            if row is None or row["role_id"] != role_id:
                continue  # new, or of another role before
            if kind is RoleModulePermission:
                yield (row["module_key"], "", row["access"], row["can_add"], row["can_edit"])
            else:
                yield (row["module_key"], row["field_key"], row["permission"], False, False)


def _gains(before: Rights, after: Rights, by: Viewer, changes: Iterable[_Change]) -> list[tuple[str, str]]:
    """What these changes give beyond what the giver has himself."""
    gains: list[tuple[str, str]] = []
    modules = {key for c in changes for key in (c.row.module_key, c.was("module_key")) if key}
    for key in modules:
        mine, old, new = by.module(key) if by.sees(key) else NOTHING, before.module(key), after.module(key)
        given = (new.visible and not old.visible, new.can_add and not old.can_add, new.can_edit and not old.can_edit)
        has = (mine.visible, mine.visible and mine.can_add, mine.visible and mine.can_edit)
        if any(gain and not own for gain, own in zip(given, has, strict=True)):
            gains.append((key, ""))
            continue
        for name in {*by.fields.get(key, {}), *before.fields.get(key, {}), *after.fields.get(key, {})}:
            now = after.field(key, name)
            if now > before.field(key, name) and now > by.field(key, name):
                gains.append((key, name))
    return gains


# People ---------------------------------------------------------------------


def _people(session: Session, by: Viewer, changes: list[_Change]) -> None:
    own = {"role_id": _("Nobody changes his own role."), "role": _("Nobody changes his own role."),
           "assigned_countries": _("Nobody changes his own countries."),
           "is_active": _("Nobody deactivates himself.")}  # fmt: skip
    for change in changes:
        user = change.row
        if user.id == by.user_id:
            if change.gone:
                raise RefusedRight("", _("Nobody deletes himself."))
            for name in _OWN:
                if change.changed(name):
                    raise RefusedRight(name, own[name])
            continue
        if not by.everything and user.id in session.info[_HOLDERS]:
            for name in _ACCESS:
                if change.changed(name):
                    sentence = _("Only an administrator changes the access of an administrator.")
                    raise RefusedRight("" if change.gone or name == "password_hash" else name, sentence)
        if change.gone:
            continue
        if not change.new and (name := next((name for name in _LOGIN if change.changed(name)), "")):
            demand_no_stronger(session, by, user, "" if name == "password_hash" else name)
        if change.changed("role_id") and user.role_id is not None:
            _demand_no_more(session, by, user.role_id, "role_id")
        if not by.everywhere and change.changed("assigned_countries"):
            more = (
                set(user.assigned_countries or ())
                - set(change.was("assigned_countries") or ())
                - set(by.countries or ())
            )
            if more:
                codes = ", ".join(sorted(more))
                raise RefusedRight(
                    "assigned_countries", _("You can give your own countries only, not %(codes)s.", codes=codes)
                )


def _grants(session: Session, by: Viewer, changes: list[_Change]) -> None:
    for change in changes:
        people = {change.row.user_id, change.was("user_id")}
        if by.user_id in people:
            raise RefusedRight("user_id", _("Nobody changes his own roles."))
        if SYSTEM_USER in people:
            raise RefusedRight("user_id", _("This account belongs to the system itself and stays as it is."))
        touched = any(change.changed(name) for name in ("role_id", "user_id"))
        if not by.everything and touched and people & session.info[_HOLDERS]:
            raise RefusedRight("role_id", _("Only an administrator changes the access of an administrator."))
        if touched and not change.gone:
            _demand_no_more(session, by, change.row.role_id, "role_id")


# Together -------------------------------------------------------------------


def _demand_everywhere(by: Viewer) -> None:
    if not by.everywhere:
        raise RefusedRight(
            "", _("Roles hold in all countries, so only somebody who works in all countries may change them.")
        )


def _demand_no_more(session: Session, by: Viewer, role_id: str, name: str) -> None:
    """Raises RefusedRight when the role gives more than `by` has himself."""
    if by.everything:
        return
    given = given_of(session, [role_id]).get(role_id, Given())
    if given.everything:
        raise RefusedRight(name, _only_administrators_grant())
    if what := _beyond(by, merged([given])):
        raise RefusedRight(
            name, _("This role gives more than you have yourself (%(what)s), so you cannot grant it.", what=what)
        )


def demand_no_stronger(session: Session, by: Viewer, user: User, name: str = "") -> None:
    """Raises RefusedRight when somebody may do more than `by`: whoever sets a login can use the rights behind it."""
    if by.everything or user.id == by.user_id:
        return
    rights = merged(given_of(session, _held(session, user.id)).values())
    if rights.everything:
        raise RefusedRight(name, _("Only an administrator changes the access of an administrator."))
    if what := _beyond(by, rights):
        raise RefusedRight(
            name, _("This person may do more than you (%(what)s), so you cannot change the login.", what=what)
        )


def _beyond(by: Viewer, rights: Rights) -> str:
    """The first of these rights that `by` does not have himself; "" when he has them all."""
    for key, right in rights.modules.items():
        mine = by.module(key)
        if not by.sees(key) or (right.can_add and not mine.can_add) or (right.can_edit and not mine.can_edit):
            return _label(key, "")
        for field, own in by.fields.get(key, {}).items():
            if rights.field(key, field) > own:
                return _label(key, field)
    return ""


def _label(module: str, name: str) -> str:
    """A permission as people read it."""
    known = modules().get(module)
    if known is None:
        return f"{module}.{name}" if name else module
    found = next((f for f in known.fields if f.key == name), None)
    return _(known.label) + (f" · {_(found.label) if found else name}" if name else "")


def _held(session: Session, user_id: str) -> set[str]:
    """The roles somebody holds, active or not."""
    primary = select(User.role_id).where(User.id == user_id, User.role_id.is_not(None))
    options = {"viewer": SYSTEM}
    return {
        *session.scalars(primary, execution_options=options).all(),
        *session.scalars(_beside(user_id), execution_options=options),
    }


def _beside(user_id: str) -> Any:
    return select(UserRole.role_id).where(UserRole.user_id == user_id)


def _own_role() -> str:
    return _("You hold this role yourself: somebody else must change it.")


def _only_administrators_grant() -> str:
    return _("Only an administrator makes somebody an administrator.")


_Rule = Callable[[Session, Viewer, list[_Change]], None]
_RULES: tuple[tuple[Any, _Rule], ...] = (
    (Role, _roles),
    (RoleModulePermission | RoleFieldPermission, _permissions),
    (User, _people),
    (UserRole, _grants),
)
