"""One look at one table: who looks, through which session, at which screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from app.core.statements import prepared
from app.core.viewer import IMPORT, Viewer
from app.screens.query import Screens
from app.screens.resolve import Resolved
from app.screens.spec import Leading


@dataclass(frozen=True)
class Look:
    """One look at one table: who looks, through which session, at which screen."""

    screens: Screens
    session: Session
    viewer: Viewer
    screen: Resolved

    def at(self, table: str) -> Look:
        return Look(self.screens, self.session, self.viewer, self.screens[table])

    @cached_property
    def links(self) -> dict[str, str]:
        """Addresses of records this viewer may open, by table."""
        viewer = self.viewer

        def found() -> dict[str, str]:
            return {t: f"/{t}/show/" for t, s in self.screens.items() if viewer.sees(s.module)}

        return prepared(self.screens, (Look, viewer.stamp), found)

    def reads(self, name: str) -> bool:
        """Whether the viewer may know of this field of the screen."""
        return self.screen.reads(self.viewer, name)

    @property
    def tells_active(self) -> bool:
        """Whether rows are told apart by being active, for this viewer."""
        return self.screen.active and self.reads("is_active")

    def may_add(self) -> bool:
        return self.viewer.may_add(self.screen.module) and not self.screen.append_only

    def may_import(self) -> bool:
        """Whether records may come out of files: whoever may add one by hand, and may import at all."""
        return self.may_add() and self.viewer.sees(IMPORT)

    def may_follow(self, link: Leading, key: Any = None) -> bool:
        """Whether the viewer is led there, from the record with this key or from the list."""
        if not (self.viewer.may_add(link.module) if link.module else self.may_edit()):
            return False
        return link.asks is None or link.asks(self.session, self.viewer, key)

    def may_edit(self) -> bool:
        return self.viewer.may_edit(self.screen.module) and not self.screen.append_only
