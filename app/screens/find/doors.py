"""Where a table can be entered by what its records begin with: an index each, for fields that the viewer may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import class_mapper

from app.core.viewer import Viewer
from app.screens.resolve import Resolved

_TEXTS = ("string", "email", "phone", "text", "url")
_BESIDE = ("city", "email", "phone", "mobile", "company_name")  # looked at beside a word that has an index


@dataclass(frozen=True)
class Doors:
    """The doors of one table for one viewer.

    `begins` are the columns (or pairs) with an index on their beginning, `dialled` those of telephone numbers, `later`
    those with an index on their second and third words, `ending` on the end of a number; `inside` are the columns in
    which further words may begin. A table that is `small` has no index and is read.
    """

    screen: Resolved
    begins: tuple[tuple[str, ...], ...]
    dialled: tuple[str, ...]
    inside: tuple[str, ...]
    later: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()

    @property
    def small(self) -> bool:
        return not self.begins and not self.dialled

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that can be the reason of a hit, each once."""
        begins = [name for names in self.begins for name in names]
        found = [*self.inside, *begins, *self.dialled, *self.later, *self.ending]
        return tuple(dict.fromkeys(found))


def doors_of(screens: Mapping[str, Resolved], viewer: Viewer) -> Iterator[Doors]:
    """The doors that are open to this viewer: of the modules he sees, by the fields he may read."""
    for screen in screens.values():
        if viewer.sees(screen.module) and not _silent(screen):
            found = way_into(screen, viewer)
            if found is not None:
                yield found


def _silent(screen: Resolved) -> bool:
    """Logs repeat what stands in the records themselves."""
    return screen.append_only


def way_into(screen: Resolved, viewer: Viewer) -> Doors | None:
    """The doors of one table by the fields that this viewer may read; None where there is none."""
    info: dict[str, Any] = cast(Table, class_mapper(screen.model).local_table).info
    given = [*screen.find, *((name,) for name in info.get("seek", ()))]
    begins = tuple(names for names in given if all(_reads(screen, viewer, name) for name in names))
    dialled = tuple(name for name in info.get("dial", ()) if _reads(screen, viewer, name))
    if given or dialled:
        if not begins and not dialled:
            return None
        named = [name for names in begins for name in names]
        beside = [name for name in _BESIDE if name in screen.fields and _reads(screen, viewer, name)]
        later, ending = (
            tuple(name for name in info.get(kind, ()) if _reads(screen, viewer, name)) for kind in ("later", "ending")
        )
        return Doors(screen, begins, dialled, tuple(dict.fromkeys([*named, *beside])), later, ending)
    texts = tuple(name for name in screen.name if _is_text(screen, name) and _reads(screen, viewer, name))
    if not screen.reference or not texts or not _is_text(screen, screen.name[0]):
        return None
    return Doors(screen, (), (), texts)


def _reads(screen: Resolved, viewer: Viewer, name: str) -> bool:
    f = screen.fields[name]
    return screen.reads(viewer, name) and not f.secret and not f.internal


def _is_text(screen: Resolved, name: str) -> bool:
    return screen.fields[name].kind.name in _TEXTS
