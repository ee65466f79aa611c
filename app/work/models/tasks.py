"""Tables: tasks, task comments."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text
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
        {
            "comment": "Something a colleague has to do, often for a customer, by a certain time.",
            "info": {
                "country": Own(
                    "country", Through("customer_id", otherwise=Owner(("assigned_user_id", "created_by_user_id")))
                ),
                "one": "Task",
                "many": "Tasks",
                "icon": "checkbox",
                "find": (("title",),),
            },
        },
    )

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(Text, comment="What has to be done, in one line.")
    description: Mapped[str | None] = mapped_column(Text, comment="Details the owner needs to finish the task.")
    due_date: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the task should be done at the latest, UTC."
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
