"""What is stored: notifications, tasks, chat, activity log, saved searches."""

from app.work.models.activity import ActivityLog, ActivityLogAction, ChatMessage, SavedSearch
from app.work.models.notifications import (
    Notification,
    NotificationPriority,
    NotificationRule,
    NotificationType,
)
from app.work.models.tasks import Task, TaskComment, TaskPriority, TaskStatus

__all__ = [
    "ActivityLog",
    "ActivityLogAction",
    "ChatMessage",
    "Notification",
    "NotificationPriority",
    "NotificationRule",
    "NotificationType",
    "SavedSearch",
    "Task",
    "TaskComment",
    "TaskPriority",
    "TaskStatus",
]
