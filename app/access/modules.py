"""What rights can be given for: every module with its key and the keys of its fields.

A module is a table of the sidebar together with the tables inside of it
(`Screen(inside=...)`); its key is the name of the head table. A field of the
head table goes by its name, one of a table inside by `<table>.<name>`. What is
no table has its key in `EXTRA_MODULES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import current_app

from app.core.viewer import AUDIT, EXPORT, IMPORT, OPERATIONS
from app.screens.resolve import Resolved
from app.screens.shell import Shell


class Extra(NamedTuple):
    key: str
    label: str
    description: str
    icon: str
    edits: bool = False


GENERAL = "General"
EXTRA_MODULES = (
    Extra("dashboard", "Home", "Numbers and charts of the modules one sees.", "home"),
    Extra(EXPORT, "Export", "Take data out as files, from the modules one sees.", "file-export"),
    Extra(IMPORT, "Import", "Bring records in from files, into the modules where one may add.", "file-import"),
    Extra(AUDIT, "History", "Who changed what: the history of records and the activity log.", "history"),
    Extra(
        OPERATIONS,
        "System",
        "Pages for those who run the system; with “Edit” they start and discard jobs.",
        "server",
        edits=True,
    ),
)


@dataclass(frozen=True)
class ModuleField:
    """A field that can be restricted. `table` names the table it is in when that is not the module's own.

    `fixed` is one that no form changes: only reading it can be given or taken.
    """

    key: str
    label: str
    table: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Module:
    """One line of the permission matrix; texts in English. `edits` says that one without tables knows editing."""

    key: str
    label: str
    icon: str
    group: str
    description: str = ""
    tables: tuple[str, ...] = ()
    fields: tuple[ModuleField, ...] = ()
    edits: bool = False

    @property
    def aspects(self) -> tuple[str, ...]:
        """What of it can be given."""
        if self.tables:
            return "visible", "add", "edit"
        return ("visible", "edit") if self.edits else ("visible",)

    @property
    def reads_only(self) -> bool:
        """Nothing is added or edited in it: it is seen or not."""
        return self.aspects == ("visible",)


def modules_of(screens: Mapping[str, Resolved], groups: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Module]:
    """All modules by key: those without a table first, then in the order of `groups` (title, head tables)."""
    found = {
        extra.key: Module(extra.key, extra.label, extra.icon, GENERAL, extra.description, edits=extra.edits)
        for extra in EXTRA_MODULES
    }
    inside: dict[str, list[Resolved]] = {}
    for screen in screens.values():
        inside.setdefault(screen.module, []).append(screen)
    for title, tables in groups:
        for table in tables:
            if table in inside and table not in found:
                found[table] = _module(table, title, inside[table])
    return found


def _module(key: str, group: str, screens: Sequence[Resolved]) -> Module:
    head = next(screen for screen in screens if screen.table == key)
    ordered = [head, *(screen for screen in screens if screen is not head)]
    fields = tuple(
        ModuleField(
            f.name if screen is head else f"{screen.table}.{f.name}",
            f.label,
            "" if screen is head else screen.many,
            f.readonly or f.name in screen.readonly,
        )
        for screen in ordered
        for f in screen.shown()
    )
    return Module(key, head.many, head.icon, group, tables=tuple(s.table for s in ordered), fields=fields)


def described(known: Mapping[str, Module]) -> str:
    """All modules with their keys as a table in Markdown, for the documentation."""
    lines = ["| key | module | group | tables inside |", "|---|---|---|---|"]
    for module in known.values():
        inside = ", ".join(f"`{table}`" for table in module.tables[1:])
        lines.append(f"| `{module.key}` | {module.label} | {module.group} | {inside} |")
    return "\n".join(lines)


def modules() -> dict[str, Module]:
    """The modules of the running application."""
    shell: Shell = current_app.extensions["shell"]
    return modules_of(current_app.extensions["screens"], shell.grouped())


def screens() -> dict[str, Resolved]:
    """The screens of the running application."""
    found: dict[str, Resolved] = current_app.extensions["screens"]
    return found
