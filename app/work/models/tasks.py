"""Tables: tasks, task comments, and beyond the document the reminders of tasks."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.paths import Own, Owner, Through
from app.core.types import Choice, Country, Created, Key, Timestamp, Updated

if TYPE_CHECKING:
    from app.access.models import User
    from app.customers.models.customers import Customer


class TaskPriority(enum.StrEnum):
    low = "low"
    medium = "medium"
    high = "high"
    urgent = "urgent"


class TaskStatus(enum.StrEnum):
    pending = "pending"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"


OPEN = (TaskStatus.pending, TaskStatus.in_progress)
_IS_OPEN = text("status IN ('pending', 'in_progress')")
BY_DUE = "coalesce(due_date, 'infinity'::timestamp)"
"""The order of open tasks in SQL, those without a due time last; the indexes are made of the same words."""


class Task(Base):
    """Something a colleague has to do, often for a customer, by a certain time."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "assigned_user_id"),
        Index(None, "created_by_user_id"),
        Index(None, "customer_id"),
        Index(None, "resolved_by_user_id"),
        Index(None, "created_at", "id"),
        Index(None, "country", "created_at", "id"),
        Index("ix_tasks_open", text(BY_DUE), "id", postgresql_where=_IS_OPEN),
        Index("ix_tasks_open_of", "assigned_user_id", text(BY_DUE), "id", postgresql_where=_IS_OPEN),
        Index("ix_tasks_of", "assigned_user_id", "created_at", "id"),
        Index("ix_tasks_about", "entity_type", "entity_id", postgresql_where=text("entity_id IS NOT NULL")),
        Index("ix_tasks_repeated", text(BY_DUE), postgresql_where=text("repeats IS NOT NULL")),
        UniqueConstraint("former_task_id"),
        {
            "comment": "Something a colleague has to do, often for a customer, by a certain time.",
            "info": {
                "country": Own(
                    "country", Through("customer_id", otherwise=Owner(("assigned_user_id", "created_by_user_id")))
                ),
                "one": "Task",
                "many": "Tasks",
                "icon": "checkbox",
                "later": ("title",),
                "find": (("title",),),
            },
        },
    )

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(Text, comment="What has to be done, in one line.")
    description: Mapped[str | None] = mapped_column(Text, comment="Details the owner needs to finish the task.")
    due_date: Mapped[datetime | None] = mapped_column(
        Timestamp,
        comment="When the task should be done at the latest, UTC.",
        info={"moment": True, "label": "Due by"},
    )
    priority: Mapped[TaskPriority] = mapped_column(
        Choice(TaskPriority),
        default=TaskPriority.medium,
        server_default="medium",
        comment="How urgent the task is.",
    )
    status: Mapped[TaskStatus] = mapped_column(
        Choice(TaskStatus),
        default=TaskStatus.pending,
        server_default="pending",
        comment="How far the task has got.",
    )
    assigned_user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague responsible for the task; notified when assigned.",
        info={"label": "Owner"},
    )
    created_by_user_id: Mapped[str] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who asked for the task.",
        info={"label": "Created by"},
    )
    customer_id: Mapped[str | None] = mapped_column(
        String, ForeignKey("customers.id"), comment="Customer the task concerns, if any."
    )
    country: Mapped[Country | None] = mapped_column(
        Choice(Country), comment="Country the task belongs to; decides who can see it."
    )
    resolution: Mapped[str | None] = mapped_column(Text, comment="What was done or agreed; write it when completing.")
    resolved_by_user_id: Mapped[str | None] = mapped_column(
        String,
        ForeignKey("users.id"),
        comment="Colleague who completed the task.",
        info={"label": "Resolved by"},
    )
    resolved_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When the task was completed, UTC.")
    entity_type: Mapped[str | None] = mapped_column(
        Text,
        comment="Kind of record the task is about, for example deal.",
        info={"label": "About", "names_table": True, "extension": "a task leads back to the record it came from"},
    )
    entity_id: Mapped[str | None] = mapped_column(
        String,
        comment="Internal number of the record the task is about.",
        info={"label": "Record reference", "extension": "a task leads back to the record it came from"},
    )
    repeats: Mapped[str | None] = mapped_column(
        Text,
        comment="How the task repeats, in the words of `app.work.repeats`.",
        info={"internal": True, "extension": "tasks come again daily, weekly, monthly or yearly"},
    )
    occurs_on: Mapped[date | None] = mapped_column(
        Date,
        comment="The day of the repetition this task stands for, also when its due time was moved.",
        info={"internal": True, "extension": "moving one task does not move the next"},
    )
    former_task_id: Mapped[str | None] = mapped_column(
        String,
        comment="The task this one repeats, also when that is gone; each is repeated once.",
        info={"internal": True, "extension": "each task is repeated exactly once"},
    )
    created_at: Mapped[Created] = mapped_column(comment="When the task was added, UTC.")
    updated_at: Mapped[Updated] = mapped_column(comment="Last change to the task, UTC.")

    assigned_user: Mapped[User] = relationship(foreign_keys=[assigned_user_id], back_populates="tasks_by_assigned_user")
    created_by_user: Mapped[User] = relationship(
        foreign_keys=[created_by_user_id], back_populates="tasks_by_created_by_user"
    )
    customer: Mapped[Customer | None] = relationship(foreign_keys=[customer_id], back_populates="tasks")
    resolved_by_user: Mapped[User | None] = relationship(
        foreign_keys=[resolved_by_user_id], back_populates="tasks_by_resolved_by_user"
    )
    task_comments: Mapped[list[TaskComment]] = relationship(
        foreign_keys="TaskComment.task_id", back_populates="task", passive_deletes="all"
    )

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class TaskComment(Base):
    """A remark that a colleague left on a task."""

    __tablename__ = "task_comments"
    __table_args__ = (
        Index(None, "task_id"),
        Index(None, "user_id"),
        Index(None, "created_at", "id"),
        {
            "comment": "A remark that a colleague left on a task.",
            "info": {"country": Through("task_id"), "one": "Task comment", "many": "Task comments", "icon": "message"},
        },
    )

    id: Mapped[Key]
    task_id: Mapped[str] = mapped_column(String, ForeignKey("tasks.id"), comment="Task the comment belongs to.")
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id"), comment="Colleague who wrote the comment.", info={"label": "Author"}
    )
    content: Mapped[str] = mapped_column(
        Text, comment="Text of the comment, visible to everyone on the task.", info={"label": "Comment"}
    )
    created_at: Mapped[Created] = mapped_column(comment="When the comment was written, UTC.")

    task: Mapped[Task] = relationship(foreign_keys=[task_id], back_populates="task_comments")
    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="task_comments")


class ReminderKind(enum.StrEnum):
    due = "due"  # the due time has come
    overdue = "overdue"  # and is a day past
    own = "own"  # somebody asked for it


class TaskReminder(Base):
    """What somebody is or was told about a task at a time: that it is due, overdue, or what he asked for.

    An extension: the document has due times, but no place for what was told of them. A row with `sent_at` keeps the
    same from being told twice; only those that people ask for wait here, the others come about when they are told.
    """

    __tablename__ = "task_reminders"
    __table_args__ = (
        UniqueConstraint("task_id", "kind", "user_id", "remind_at", name="uq_task_reminders_told"),
        Index("ix_task_reminders_waiting", "remind_at", postgresql_where=text("sent_at IS NULL")),
        Index(None, "user_id"),
        {
            "comment": "What somebody is or was told about a task at a time.",
            "info": {"country": Through("task_id"), "extension": "what was told of a task is told once"},
        },
    )

    id: Mapped[Key]
    task_id: Mapped[str] = mapped_column(
        String, ForeignKey("tasks.id", ondelete="CASCADE"), comment="Task the reminder is about."
    )
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Colleague who is told."
    )
    kind: Mapped[ReminderKind] = mapped_column(Choice(ReminderKind), comment="Due, overdue, or asked for.")
    remind_at: Mapped[datetime] = mapped_column(Timestamp, comment="The due time it is about, or when to remind (UTC).")
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it was told (UTC).")
    created_at: Mapped[Created] = mapped_column(comment="When it was asked for (UTC).")
