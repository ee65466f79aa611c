"""The work of the day: tasks and messages that wait for somebody."""

from app.dashboards.metrics.spec import ME, TODAY, WORK, Metric

_MINE = (("in", "status", "pending,in_progress"), ("eq", "assigned_user_id", ME))

METRICS = (
    Metric(
        "my_open_tasks", "tasks", "My open tasks",
        "Tasks assigned to you that are pending or in progress.",
        "number", WORK, 3, where=_MINE, good="", personal=True,
    ),
    Metric(
        "my_tasks_due", "tasks", "My tasks due",
        "Tasks assigned to you that are open and due today or earlier.",
        "list", WORK, 6, where=(*_MINE, ("le", "due_date", TODAY)),
        columns=("title", "priority", "due_date"), order="due_date", good="", personal=True,
    ),
    Metric(
        "unread_emails", "customer_email_notifications", "Unread emails of customers",
        "Incoming emails of customers that nobody has read yet.",
        "number", WORK, 3, where=(("eq", "direction", "inbound"), ("eq", "is_read", "0")), good="",
    ),
    Metric(
        "failed_messages", "communication_messages", "Messages that failed",
        "Messages to customers whose status is failed, entered in the period.",
        "number", WORK, 3, where=(("eq", "status", "failed"),), period="created_at", good="down",
    ),
    Metric(
        "messages_waiting", "communication_messages", "Messages waiting",
        "Messages to customers that are not sent yet.",
        "number", WORK, 3, where=(("eq", "direction", "outbound"), ("eq", "status", "pending")), good="",
    ),
)  # fmt: skip
