"""Notifications, tasks, chat, activity log, saved searches."""
