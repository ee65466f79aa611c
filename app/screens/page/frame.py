"""What stands around every page: the sidebar, and the directory of all tables."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class NavItem:
    """A line of the sidebar."""

    text: str
    href: str
    icon: str
    active: bool = False


@dataclass(frozen=True)
class NavGroup:
    """A group of the sidebar; open when it holds the current page."""

    text: str
    icon: str
    items: tuple[NavItem, ...]
    active: bool = False


@dataclass(frozen=True)
class DirectoryArea:
    """All tables of one heading, for the directory of all tables."""

    title: str
    items: tuple[NavItem, ...] = ()
    notes: tuple[str, ...] = field(default=())
