"""What follows from a change of a role's permissions. Values only: no session, no request.

A change names a permission and its new state: of a module (`what` is visible,
add or edit), of a field (`what` is "field", the state a `Right`), or it takes
a row away whose key nobody knows any more (`what` is "remove").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _

from app.access.merging import Given, Rights, merged
from app.access.modules import Module
from app.core.errors import BadQuery
from app.core.viewer import NOTHING, ModuleRight, Right

MOST_CHANGES = 2_000
ASPECTS = ("visible", "add", "edit")


@dataclass(frozen=True)
class Change:
    """One changed permission. `to` is True or False for a module, a `Right` for a field."""

    module: str
    what: str
    to: Any = None
    name: str = ""

    @property
    def key(self) -> str:
        """How the page calls it."""
        return f"{self.module}:{self.what}:{self.name}"


def read(given: Any, known: Mapping[str, Module]) -> list[Change]:
    """The changes a page sends. Raises BadQuery for what no page of ours would send."""
    if not isinstance(given, list) or len(given) > MOST_CHANGES:
        raise BadQuery
    changes = {change.key: change for item in given if (change := _read(item, known))}
    return list(changes.values())


def _read(item: Any, known: Mapping[str, Module]) -> Change:
    if not isinstance(item, dict):
        raise BadQuery
    module, what, name, to = (item.get(part) for part in ("module", "what", "name", "to"))
    if not isinstance(module, str) or not isinstance(name or "", str):
        raise BadQuery
    if what == "remove":
        return Change(module, "remove", None, name or "")
    found = known.get(module)
    if found is None:
        raise BadQuery(_("There is no module “%(key)s”.", key=module[:80]))
    if what in ASPECTS and isinstance(to, bool):
        if what not in found.aspects:
            raise BadQuery
        return Change(module, what, to)
    rights = {right.name: right for right in Right}
    if what == "field" and to in rights:
        if not any(f.key == name for f in found.fields):
            raise BadQuery(_("There is no field “%(key)s” in this module.", key=str(name)[:80]))
        return Change(module, what, rights[to], name or "")
    raise BadQuery


def changed(given: Given, changes: Iterable[Change]) -> Given:
    """What a role gives after these changes.

    What is not seen is neither added to nor edited; whoever may add or edit sees.
    """
    modules, fields = dict(given.modules), dict(given.fields)
    ordered = sorted(changes, key=lambda change: change.what != "visible")
    for change in ordered:
        now = modules.get(change.module, NOTHING)
        if change.what == "visible":
            modules[change.module] = ModuleRight(True, now.can_add, now.can_edit) if change.to else NOTHING
        elif change.what == "add":
            modules[change.module] = replace(now, can_add=change.to, visible=now.visible or change.to)
        elif change.what == "edit":
            modules[change.module] = replace(now, can_edit=change.to, visible=now.visible or change.to)
        elif change.what == "field" and change.to is not Right.editable:
            fields[change.module, change.name] = change.to
        elif change.what == "field" or change.name:
            fields.pop((change.module, change.name), None)
        else:
            modules.pop(change.module, None)
    return Given({key: right for key, right in modules.items() if right.visible}, fields, given.everything)


@dataclass
class Effect:
    """What one change means for the people who hold the role.

    `same` has the people for whom nothing changes, by the names of the other roles that give the same; "" where the
    change itself makes no difference to what they see.
    """

    change: Change
    gains: list[str] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)
    same: dict[str, list[str]] = field(default_factory=dict)


def effects(
    role: str, given: Given, changes: Iterable[Change], people: Iterable[tuple[str, frozenset[str]]],
    others: Mapping[str, Given], names: Mapping[str, str],
) -> list[Effect]:  # fmt: skip
    """For each change who gains, who loses and for whom nothing changes, all changes made together.

    `people` are (name, active roles); `others` is what these roles give; an inactive role gives nothing to anybody.
    """
    wanted = list(changes)
    after_given = changed(given, wanted)
    found = [Effect(change) for change in wanted]
    for person, held in people:
        rest = [others[key] for key in held if key != role]
        acts = role in held
        before, after = merged([*rest, given] if acts else rest), merged([*rest, after_given] if acts else rest)
        for effect in found:
            old, new = _state(before, effect.change), _state(after, effect.change)
            if new > old:
                effect.gains.append(person)
            elif new < old:
                effect.loses.append(person)
            else:
                effect.same.setdefault(_because(role, held, effect.change, others, names), []).append(person)
    return found


def _because(
    role: str, held: frozenset[str], change: Change, others: Mapping[str, Given], names: Mapping[str, str]
) -> str:
    """The other roles of somebody that decide the same permission."""
    if role not in held:
        return ""
    best = {key: _state(merged([others[key]]), change) for key in held if key != role and key in others}
    top = max(best.values(), default=0)
    return ", ".join(sorted(names[key] for key, state in best.items() if state == top and top > 0))


def _state(rights: Rights, change: Change) -> int:
    if change.what == "field":
        return int(rights.field(change.module, change.name))
    if change.what == "remove":
        return 0  # nobody asks for what nobody knows
    right = rights.module(change.module)
    return int({"visible": right.visible, "add": right.can_add, "edit": right.can_edit}[change.what])
