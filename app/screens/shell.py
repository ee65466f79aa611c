"""The frame around every page: sidebar, breadcrumb, language and user, as this viewer may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from flask_babel import gettext as _

from app.core.statements import prepared
from app.core.viewer import Viewer
from app.screens import switch
from app.screens.address import list_href
from app.screens.locale import TEXTS, chosen_language, said
from app.screens.page import DirectoryArea, Link, NavGroup, NavItem
from app.screens.people import initials
from app.screens.resolve import Resolved


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar: a table's list, or any page with the module that opens it.

    `opens` says of a page that asks for more than its module whether it would open.
    """

    table: str = ""
    text: str = ""
    href: str = ""
    icon: str = ""
    module: str = ""
    opens: Callable[[Mapping[str, Resolved], Viewer], bool] | None = None


@dataclass(frozen=True)
class Group:
    """A group of the sidebar, by work."""

    text: str
    icon: str
    entries: tuple[Entry, ...]


def crumbs(*links: Link) -> None:
    """Say where the current page is; the last one is the page itself."""
    g.crumbs = links


class Shell:
    """Makes the frame of a page from the house's navigation and the resolved screens."""

    def __init__(self, groups: Sequence[Group], screens: Mapping[str, Resolved], areas: Mapping[str, str]) -> None:
        self._groups = groups
        self._screens = screens
        self._areas = areas
        self._hrefs = tuple(entry.href for group in groups for entry in group.entries if entry.href)

    def frame(self, viewer: Viewer) -> dict[str, Any]:
        """What `layout.html` reads as `shell`."""
        config = current_app.config
        return {
            "app_name": config["APP_NAME"],
            "mode": config.get("MODE", "development"),
            "nav": self.nav(viewer) if viewer.user_id else (),
            "home_href": "/",
            "directory_href": "/tables/",
            "api_href": "/swagger/v1",
            "crumbs": getattr(g, "crumbs", ()),
            "user": _person(viewer) if viewer.user_id else None,
            "languages": self.languages(),
            "countries": switch.offered(viewer),
            "logout_href": "/logout/",
            "profile_href": "/profile/",
            "password_href": "/password/",
        }

    def nav(self, viewer: Viewer) -> tuple[NavGroup, ...]:
        """The sidebar as this request has it: the same for all with the same rights, language and line to mark."""
        path = self._place()
        here = max((href for href in self._hrefs if path.startswith(href)), key=len, default=path.split("/")[1])
        return prepared(self, (Shell, viewer.stamp, TEXTS.spoken(), here), lambda: self._nav(viewer, path))

    def _place(self) -> str:
        """Where the current page belongs: its own address, or what it comes from where no line leads to it."""
        path = request.path
        if path.split("/")[1] in self._screens or path.startswith(self._hrefs):
            return path
        return next((link.href for link in getattr(g, "crumbs", ()) if link.href), path)

    def _nav(self, viewer: Viewer, path: str) -> tuple[NavGroup, ...]:
        groups = []
        for group in self._groups:
            items = tuple(item for entry in group.entries if (item := self._item(entry, viewer, path)) is not None)
            if items:
                groups.append(NavGroup(said(group.text), group.icon, items, any(item.active for item in items)))
        return tuple(groups)

    def _item(self, entry: Entry, viewer: Viewer, path: str) -> NavItem | None:
        screen = self._screens.get(entry.table)
        module = entry.module or (screen.module if screen else "")
        if not viewer.sees(module) or (entry.opens is not None and not entry.opens(self._screens, viewer)):
            return None
        text = entry.text or (screen.many if screen else "")
        href = entry.href or list_href(entry.table)
        return NavItem(said(text), href, entry.icon or (screen.icon if screen else ""), self._here(entry, screen, path))

    def _here(self, entry: Entry, screen: Resolved | None, path: str) -> bool:
        """Whether the current page belongs to this line; a table inside another belongs to that one's line."""
        if entry.href and path.startswith(entry.href):
            return not any(
                len(other.href) > len(entry.href) and path.startswith(other.href)
                for group in self._groups for other in group.entries
            )  # fmt: skip
        if screen is None:
            return False
        table = path.split("/")[1]
        there = self._screens.get(table)
        return table == screen.table or (there is not None and there.inside == screen.table)

    def directory(self, viewer: Viewer) -> tuple[DirectoryArea, ...]:
        """Every table this viewer may open, under the headings of the schema document."""
        areas: dict[str, list[NavItem]] = {}
        for table, screen in self._screens.items():
            if viewer.sees(screen.module):
                item = NavItem(_(screen.many), list_href(table), screen.icon)
                areas.setdefault(self._areas[table], []).append(item)
        return tuple(DirectoryArea(_(title), tuple(items)) for title, items in areas.items())

    def grouped(self) -> list[tuple[str, list[str]]]:
        """All tables as they stand in the sidebar, then the rest under the headings of the schema document."""
        groups = [(group.text, [entry.table for entry in group.entries if entry.table]) for group in self._groups]
        known = {table for _title, tables in groups for table in tables}
        areas: dict[str, list[str]] = {}
        for table in self._screens:
            if table not in known:
                areas.setdefault(self._areas[table], []).append(table)
        return [*groups, *areas.items()]

    def places(self, viewer: Viewer) -> list[dict[str, str]]:
        """All pages one can go to, for the "go to" box."""
        found = [
            {"text": item.text, "href": item.href, "group": group.text}
            for group in self.nav(viewer)
            for item in group.items
        ]
        known = {place["href"] for place in found}
        rest = [
            {"text": item.text, "href": item.href, "group": area.title}
            for area in self.directory(viewer) for item in area.items if item.href not in known
        ]  # fmt: skip
        return [*found, *rest]

    def languages(self) -> tuple[tuple[str, str, str, bool], ...]:
        now = chosen_language()
        languages: Mapping[str, Mapping[str, str]] = current_app.config["LANGUAGES"]
        return tuple((code, words["name"], f"/lang/{code}", code == now) for code, words in languages.items())


def _person(viewer: Viewer) -> dict[str, str]:
    return {
        "id": viewer.user_id,
        "name": viewer.name,
        "email": viewer.email,
        "initials": initials(viewer.name),
        "role": viewer.role,
    }


def entries(*tables: str | Entry) -> tuple[Entry, ...]:
    return tuple(Entry(table) if isinstance(table, str) else table for table in tables)


def missing(groups: Iterable[Group], screens: Mapping[str, Resolved]) -> list[str]:
    """Tables a sidebar names that do not exist; checked at start."""
    return [e.table for group in groups for e in group.entries if e.table and e.table not in screens]
