"""What happened to a record: its history and its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.screens.page.parts import Cell


@dataclass(frozen=True)
class HistoryChange:
    """One field of an entry: what it was and what it became."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class HistoryEntry:
    """Who did what when; `action` is the stored word, for its icon. `folded` are several of a kind in one line."""

    what: str
    action: str
    who: str
    when: str
    changes: tuple[HistoryChange, ...] = ()
    folded: tuple[HistoryEntry, ...] = ()


@dataclass(frozen=True)
class HistoryPage:
    """`/<table>/show/<id>/history`"""

    entries: tuple[HistoryEntry, ...]
    older_href: str = ""
    newer_href: str = ""


@dataclass(frozen=True)
class Told:
    """One happening of a timeline: `what` it was, by whom, and what it says; `day` is that of the viewer's zone."""

    kind: str
    icon: str
    what: str
    when: str
    moment: str
    day: date
    title: str = ""
    text: str = ""
    who: str = ""
    href: str = ""
    badges: tuple[Cell, ...] = ()
    changes: tuple[HistoryChange, ...] = ()


@dataclass(frozen=True)
class Day:
    """The happenings of one day, newest first."""

    key: str
    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class TimelinePage:
    """`/<table>/show/<id>/timeline`; `kinds` holds (key, label, icon, address). `continues` a page before it."""

    days: tuple[Day, ...]
    kinds: tuple[tuple[str, str, str, str], ...]
    kind: str
    all_href: str
    older_href: str = ""
    continues: bool = False
