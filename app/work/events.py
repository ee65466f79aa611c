"""What can happen to tasks, in the past tense. Keys only.

`by_user_id` is who did it; the system's own user for what the clock does.
Who is told of what, and how, is decided by those who listen.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class TaskAssigned(Event):
    """A task is new with this colleague, or was handed over; also when somebody takes it on."""

    task_id: str
    to_user_id: str
    by_user_id: str


@dataclass(frozen=True)
class TaskCompleted(Event):
    """A task was done, with what came of it."""

    task_id: str
    by_user_id: str


@dataclass(frozen=True)
class TaskCancelled(Event):
    """A task is not to be done any more, for a reason."""

    task_id: str
    by_user_id: str


@dataclass(frozen=True)
class TaskDue(Event):
    """The due time of an open task has come (`overdue` false), or is a day past (true); once for each due time.

    `user_id` is whose task it was then, `due` the due time as ISO 8601 in UTC: a task that was moved meanwhile is
    another matter.
    """

    task_id: str
    user_id: str
    due: str
    overdue: bool


@dataclass(frozen=True)
class TaskReminder(Event):
    """The time of a personal reminder of an open task has come."""

    task_id: str
    user_id: str
    reminder_id: str


@dataclass(frozen=True)
class Mentioned(Event):
    """Somebody was named in a text that he may see; once per text and person.

    `kind` is the table of the text ("task_comments"), `record_id` its key; `task_id` is the task of a comment.
    """

    kind: str
    record_id: str
    task_id: str
    user_id: str
    by_user_id: str
