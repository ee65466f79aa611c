"""Every periodic job, one line each: when (cron, UTC) and what."""

from app.access import jobs as access
from app.core.jobs import Periodic
from app.system import jobs as system

SCHEDULE = (
    Periodic("*/30 * * * *", system.forget_stale_logins),
    Periodic("20 3 * * *", access.forget_old_sessions),
)
