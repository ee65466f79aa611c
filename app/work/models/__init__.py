"""What is stored: notifications, tasks, chat, activity log, saved searches."""

from app.work.models.activity import ActivityLog, ActivityLogAction, ChatMessage, SavedSearch
from app.work.models.lists import ListPreference
from app.work.models.notifications import (
    Notification,
    NotificationPriority,
    NotificationRule,
    NotificationType,
)
from app.work.models.tasks import OPEN, ReminderKind, Task, TaskComment, TaskPriority, TaskReminder, TaskStatus

__all__ = [
    "OPEN",
    "ActivityLog",
    "ActivityLogAction",
    "ChatMessage",
    "ListPreference",
    "Notification",
    "NotificationPriority",
    "NotificationRule",
    "NotificationType",
    "ReminderKind",
    "SavedSearch",
    "Task",
    "TaskComment",
    "TaskPriority",
    "TaskReminder",
    "TaskStatus",
]
