"""Who answers what happens, and every periodic job, one line each: when (cron, UTC) and what."""

from app.access import jobs as access
from app.core import outbox
from app.core.events import Listener
from app.core.jobs import Periodic
from app.system import jobs as system
from app.work import jobs as work

LISTENERS: tuple[Listener, ...] = (work.repeat_completed, work.repeat_cancelled)

SCHEDULE = (
    Periodic("*/30 * * * *", system.forget_stale_logins),
    Periodic("20 3 * * *", access.forget_old_sessions),
    Periodic("40 3 * * *", outbox.forget_old),
    Periodic("* * * * *", work.mind_tasks),
)
