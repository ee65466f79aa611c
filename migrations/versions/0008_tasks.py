"""Tasks: the record they are about, repetitions, reminders, and indexes for the pages of open tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = "status IN ('pending', 'in_progress')"
_BY_DUE = "coalesce(due_date, 'infinity'::timestamp)"


def upgrade() -> None:
    op.add_column(
        "tasks", sa.Column("entity_type", sa.Text(), comment="Kind of record the task is about, for example deal.")
    )
    op.add_column(
        "tasks", sa.Column("entity_id", sa.String(), comment="Internal number of the record the task is about.")
    )
    op.add_column(
        "tasks",
        sa.Column("repeats", sa.Text(), comment="How the task repeats, in the words of `app.work.repeats`."),
    )
    op.add_column(
        "tasks",
        sa.Column(
            "occurs_on",
            sa.Date(),
            comment="The day of the repetition this task stands for, also when its due time was moved.",
        ),
    )
    op.add_column(
        "tasks",
        sa.Column("former_task_id", sa.String(), comment="The task this one repeats, also when that is gone; each is repeated once."),
    )
    op.create_unique_constraint(op.f("uq_tasks_former_task_id"), "tasks", ["former_task_id"])
    op.create_index("ix_tasks_open", "tasks", [sa.text(_BY_DUE), "id"], postgresql_where=sa.text(_OPEN))
    op.create_index(
        "ix_tasks_open_of", "tasks", ["assigned_user_id", sa.text(_BY_DUE), "id"], postgresql_where=sa.text(_OPEN)
    )
    op.create_index("ix_tasks_of", "tasks", ["assigned_user_id", "created_at", "id"])
    op.create_index(
        "ix_tasks_about", "tasks", ["entity_type", "entity_id"], postgresql_where=sa.text("entity_id IS NOT NULL")
    )
    op.create_index(
        "ix_tasks_repeated", "tasks", [sa.text(_BY_DUE)], postgresql_where=sa.text("repeats IS NOT NULL")
    )
    op.create_table(
        "task_reminders",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("task_id", sa.String(), nullable=False, comment="Task the reminder is about."),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who is told."),
        sa.Column("kind", sa.Text(), nullable=False, comment="Due, overdue, or asked for."),
        sa.Column(
            "remind_at", sa.DateTime(), nullable=False, comment="The due time it is about, or when to remind (UTC)."
        ),
        sa.Column("sent_at", sa.DateTime(), nullable=True, comment="When it was told (UTC)."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was asked for (UTC).",
        ),
        sa.CheckConstraint("\"kind\" IN ('due', 'overdue', 'own')", name=op.f("ck_task_reminders_kind")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_reminders_task_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_task_reminders_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_reminders")),
        sa.UniqueConstraint("task_id", "kind", "user_id", "remind_at", name="uq_task_reminders_told"),
        comment="What somebody is or was told about a task at a time.",
    )
    op.create_index(
        "ix_task_reminders_waiting", "task_reminders", ["remind_at"], postgresql_where=sa.text("sent_at IS NULL")
    )
    op.create_index(op.f("ix_task_reminders_user_id"), "task_reminders", ["user_id"])


def downgrade() -> None:
    op.drop_table("task_reminders")
    for name in ("ix_tasks_repeated", "ix_tasks_about", "ix_tasks_of", "ix_tasks_open_of", "ix_tasks_open"):
        op.drop_index(name, table_name="tasks")
    op.drop_constraint(op.f("uq_tasks_former_task_id"), "tasks", type_="unique")
    for name in ("former_task_id", "occurs_on", "repeats", "entity_id", "entity_type"):
        op.drop_column("tasks", name)
