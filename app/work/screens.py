"""How the generated screens of this domain differ from the default."""

from app.core.viewer import AUDIT
from app.screens.spec import Happening, Leading, Screen
from app.work.models import (
    ActivityLog,
    ChatMessage,
    Notification,
    NotificationRule,
    SavedSearch,
    Task,
    TaskComment,
)

SCREENS = (
    Screen(
        Notification,
        name=("title",),
        columns=("title", "type", "user_id", "priority", "is_read", "dismissed", "created_at"),
        readonly=("user_id",),  # one's own alone
    ),
    Screen(
        NotificationRule,
        name=("name",),
        columns=(
            "name",
            "user_id",
            "trigger_type",
            "notification_type",
            "notification_priority",
            "is_active",
            "updated_at",
        ),
        readonly=("user_id",),
        links=(Leading("Open as a form", "/notifications/rules/{id}", "adjustments"),),
    ),
    Screen(
        Task,
        happening=Happening("task", ("title", "description"), "created_by_user_id", about=("entity_type", "entity_id")),
        name=("title",),
        columns=(
            "title",
            "status",
            "priority",
            "due_date",
            "assigned_user_id",
            "customer_id",
            "country",
            "created_at",
        ),
        sections=(
            ("Task", ("title", "description", "due_date", "priority", "status")),
            ("People", ("assigned_user_id", "created_by_user_id", "customer_id", "country")),
            ("Resolution", ("resolution", "resolved_by_user_id", "resolved_at")),
            ("About", ("entity_type", "entity_id")),
        ),
        readonly=(
            "status",
            "created_by_user_id",
            "resolution",
            "resolved_by_user_id",
            "resolved_at",
            "entity_type",
            "entity_id",
        ),
        links=(Leading("Work on it", "/work/tasks/{id}", "checklist"),),
    ),
    Screen(
        TaskComment,
        happening=Happening("comment", ("content",), "user_id"),
        inside="tasks",
        name=("user_id", "created_at"),
        columns=("task_id", "user_id", "content", "created_at"),
        readonly=("user_id",),
    ),
    Screen(
        ActivityLog,
        module=AUDIT,
        append_only=True,
        sealed=("entity_name", "details"),
        name=("created_at", "action", "entity_name"),
        columns=("created_at", "user_id", "action", "entity_type", "entity_name", "ip_address"),
    ),
    Screen(
        SavedSearch,
        name=("name",),
        columns=("name", "module", "user_id", "is_default", "created_at"),
    ),
    Screen(
        ChatMessage,
        append_only=True,
        written="Messages are written in the chat and stay as they were sent.",
        name=("sender_id", "receiver_id", "created_at"),
        columns=("sender_id", "receiver_id", "is_read", "created_at"),
    ),
)
