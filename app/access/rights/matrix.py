"""The permission matrix of one role, and two of them side by side, as values for their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.merging import ADMIN, Given, merged
from app.access.models import Role
from app.access.modules import Module, ModuleField
from app.access.rights.queries import Holder, Permission, given_by_rows, given_of, held_by, names_of_roles, rows_of
from app.access.rights.rules import Change, Effect, effects
from app.core.viewer import Right

RIGHTS = {Right.editable: "Can edit", Right.readonly: "Read-only", Right.hidden: "Hidden"}
_NAMED = 8


def right_word(right: Right) -> str:
    return _(RIGHTS[right])


@dataclass(frozen=True)
class Group:
    title: str
    modules: tuple[Module, ...]


def grouped(modules: Mapping[str, Module]) -> list[Group]:
    """Modules under their headings, texts translated."""
    found: dict[str, list[Module]] = {}
    for module in modules.values():
        found.setdefault(module.group, []).append(module)
    return [Group(_(title), tuple(members)) for title, members in found.items()]


def catalogue(modules: Mapping[str, Module]) -> dict[str, Any]:
    """Labels of modules and fields for the script: {module: {label, fields: [[key, label, table, fixed], ...]}}."""
    return {
        key: {
            "label": _(module.label),
            "fields": [[f.key, _(f.label), _(f.table) if f.table else "", f.fixed] for f in module.fields],
        }
        for key, module in modules.items()
    }


def state_of(session: Session, role: Role, modules: Mapping[str, Module], version: str) -> dict[str, Any]:
    """What a role gives, for the script; keys that nobody knows apart."""
    rows = rows_of(session, [role.id])[role.id]
    given = given_by_rows(rows)
    if role.legacy_role == ADMIN:
        shown: Any = {key: [True, True, True] for key in modules}
        return {"version": version, "modules": shown, "fields": {}, "unknown": unknown(rows, modules)}
    fields: dict[str, dict[str, str]] = {}
    for (module, name), right in given.fields.items():
        if right is not Right.editable and _known(modules, module, name):
            fields.setdefault(module, {})[name] = right.name
    shown = {
        key: [right.visible, right.can_add, right.can_edit] for key, right in given.modules.items() if key in modules
    }
    return {"version": version, "modules": shown, "fields": fields, "unknown": unknown(rows, modules)}


def unknown(rows: Sequence[Permission], modules: Mapping[str, Module]) -> list[dict[str, str]]:
    """Rows that name a module or field which does not exist: they give and take nothing."""
    return [
        {"module": module, "name": name, "says": _says(name, access, add, edit)}
        for module, name, access, add, edit in rows
        if not _known(modules, module, name)
    ]


def _says(name: str, access: str, add: bool, edit: bool) -> str:
    if name:
        return right_word(Right[access])
    if access != "visible":
        return _("Hidden")
    return ", ".join([_("Visible"), *([_("Add")] if add else []), *([_("Edit")] if edit else [])])


def _known(modules: Mapping[str, Module], module: str, name: str) -> bool:
    return module in modules and (not name or any(f.key == name for f in modules[module].fields))


# What a change means --------------------------------------------------------


def preview(
    session: Session, role: Role, changes: Sequence[Change], people: Sequence[Holder], modules: Mapping[str, Module]
) -> dict[str, Any]:
    """What would change for whom, as sentences for the page. Nothing is written."""
    held = {key for holder in people for key in holder.roles}
    others = given_of(session, held - {role.id})
    names = names_of_roles(session, held)
    given = given_of(session, [role.id])[role.id]
    found = effects(role.id, given, changes, [(p.name, p.roles) for p in people], others, names)
    return {
        "people": len(people),
        "gaining": len({name for effect in found for name in effect.gains}),
        "losing": len({name for effect in found for name in effect.loses}),
        "changes": [_told(effect, modules, role) for effect in found],
    }


def _told(effect: Effect, modules: Mapping[str, Module], role: Role) -> dict[str, Any]:
    lines = []
    if effect.gains:
        lines.append({"tone": "green", "text": _("Gain it: %(people)s", people=_people(effect.gains))})
    if effect.loses:
        lines.append({"tone": "red", "text": _("Lose it: %(people)s", people=_people(effect.loses))})
    for because, people in effect.same.items():
        if because:
            text = _("No difference, because %(roles)s decides it: %(people)s", roles=because, people=_people(people))
        elif not role.is_active:
            text = _("No difference while the role is inactive: %(people)s", people=_people(people))
        else:
            text = _("No difference: %(people)s", people=_people(people))
        lines.append({"tone": "grey", "text": text})
    return {"key": effect.change.key, "text": said(effect.change, modules), "lines": lines}


def _people(names: Sequence[str]) -> str:
    """The names, or the first ones and how many more."""
    named = ", ".join(sorted(names)[:_NAMED])
    if len(names) <= _NAMED:
        return named
    return _("%(names)s and %(number)s more", names=named, number=len(names) - _NAMED)


def said(change: Change, modules: Mapping[str, Module]) -> str:
    """A change in words: "Customers: edit on"."""
    module = _(modules[change.module].label) if change.module in modules else change.module
    if change.what == "remove":
        return _("%(what)s: unknown key removed", what=f"{module} · {change.name}" if change.name else module)
    if change.what == "field":
        label = next(_label(f) for f in modules[change.module].fields if f.key == change.name)
        return f"{module} · {label}: {right_word(change.to)}"
    words = {"visible": _("Visible"), "add": _("Add"), "edit": _("Edit")}
    return f"{module} · {words[change.what]}: {_('on') if change.to else _('off')}"


def _label(f: ModuleField) -> str:
    return f"{_(f.table)} · {_(f.label)}" if f.table else _(f.label)


# Side by side ---------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One line of a comparison: `a` and `b` are words, `same` when both are alike."""

    module: str
    name: str
    label: str
    a: str
    b: str
    same: bool


@dataclass(frozen=True)
class Compared:
    key: str
    label: str
    icon: str
    group: str
    lines: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        return all(line.same for line in self.lines)


def compared(a: Given, b: Given, modules: Mapping[str, Module]) -> list[Compared]:
    """Two roles, module by module; fields only where one of them restricts something."""
    one, two = merged([a]), merged([b])
    found = []
    for key, module in modules.items():
        words = (_module_word(one.module(key), module), _module_word(two.module(key), module))
        lines = [Difference(key, "", _("Module"), *words, same=words[0] == words[1])]
        if one.module(key).visible and two.module(key).visible:
            for f in module.fields:
                left, right = one.field(key, f.key), two.field(key, f.key)
                if left is not Right.editable or right is not Right.editable:
                    pair = (right_word(left), right_word(right))
                    lines.append(Difference(key, f.key, _label(f), *pair, same=left is right))
        else:
            shown = one if one.module(key).visible else two
            if shown.module(key).visible:
                for f in module.fields:
                    right = shown.field(key, f.key)
                    if right is not Right.editable:
                        pair = (right_word(right), "") if shown is one else ("", right_word(right))
                        lines.append(Difference(key, f.key, _label(f), *pair, same=False))
        found.append(Compared(key, _(module.label), module.icon, _(module.group), tuple(lines)))
    return found


def _module_word(right: Any, module: Module) -> str:
    if not right.visible:
        return _("Hidden")
    if module.reads_only:
        return _("Visible")
    if right.can_add and right.can_edit:
        return _("See, add, edit")
    if right.can_add:
        return _("See, add")
    return _("See, edit") if right.can_edit else _("See only")


# Of one person --------------------------------------------------------------


@dataclass(frozen=True)
class Effective:
    """One module as somebody sees it, with the roles that show it."""

    key: str
    label: str
    icon: str
    says: str
    fields: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]


def effective(session: Session, user_id: str, modules: Mapping[str, Module]) -> list[Effective]:
    """What somebody may do, all active roles together: only the modules he sees."""
    held = held_by(session, [user_id])[user_id]
    given = given_of(session, held)
    names = names_of_roles(session, held)
    rights = merged(given.values())
    found = []
    for key, module in modules.items():
        right = rights.module(key)
        if not right.visible:
            continue
        fields = tuple(
            (_label(f), right_word(rights.field(key, f.key)))
            for f in module.fields
            if rights.field(key, f.key) is not Right.editable
        )
        roles = tuple(
            (role_id, names[role_id]) for role_id in sorted(held, key=lambda r: names[r])
            if given[role_id].everything or key in given[role_id].modules
        )  # fmt: skip
        found.append(Effective(key, _(module.label), module.icon, _module_word(right, module), fields, roles))
    return found
