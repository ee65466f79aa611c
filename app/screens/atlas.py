"""The resolved screens of this process, for pages and jobs that know a record by its table and key alone."""

from __future__ import annotations

from collections.abc import Mapping

from app.screens.resolve import Resolved

_screens: dict[str, Resolved] = {}


def know(screens: Mapping[str, Resolved]) -> None:
    """Said once when a process starts."""
    _screens.update(screens)


def known() -> Mapping[str, Resolved]:
    return _screens


def table_called(word: str | None) -> str:
    """The table that an old row means by "customers", "customer" or "potential case"; "" for none."""
    wanted = (word or "").strip().lower().replace(" ", "_")
    if wanted in _screens:
        return wanted
    plain = (table for table, screen in _screens.items() if screen.one.lower().replace(" ", "_") == wanted)
    return next(plain, "") if wanted else ""
