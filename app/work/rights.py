"""What somebody may do with tasks: module and field rights as the pages of tasks ask for them."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.errors import Forbidden
from app.core.viewer import Right, Viewer
from app.work.services.able import TASKS


@dataclass(frozen=True)
class May:
    """The rights of one viewer on the columns of tasks."""

    viewer: Viewer

    def reads(self, *columns: str) -> bool:
        return all(self.viewer.field(TASKS, column) is not Right.hidden for column in columns)

    def fills(self, column: str) -> bool:
        """Whether a new task may be given this."""
        return self.adds and self.viewer.field(TASKS, column) is Right.editable

    def writes(self, *columns: str) -> bool:
        return self.viewer.may_edit(TASKS) and all(
            self.viewer.field(TASKS, column) is Right.editable for column in columns
        )

    @property
    def adds(self) -> bool:
        return self.viewer.may_add(TASKS)

    # What each act needs. -------------------------------------------------------

    @property
    def creates(self) -> bool:
        return self.fills("title") and self.fills("assigned_user_id")

    @property
    def starts(self) -> bool:
        return self.writes("status")

    @property
    def completes(self) -> bool:
        return self.writes("status", "resolution")

    @property
    def assigns(self) -> bool:
        return self.writes("assigned_user_id")

    @property
    def moves(self) -> bool:
        return self.writes("due_date")

    @property
    def reads_comments(self) -> bool:
        return self.viewer.sees(TASKS) and self._comment() is not Right.hidden

    @property
    def comments(self) -> bool:
        """A comment is a row that is added, in the module of tasks."""
        return self.adds and self._comment() is Right.editable

    def _comment(self) -> Right:
        return self.viewer.field(TASKS, "task_comments.content")


def seeing_tasks(viewer: Viewer) -> May:
    """Raises Forbidden for who has no tasks at all."""
    if not viewer.sees(TASKS):
        raise Forbidden
    return May(viewer)
