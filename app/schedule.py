"""Every periodic job, one line each: when (cron, UTC) and what."""

from app.core.jobs import Periodic
from app.system import jobs as system

SCHEDULE = (Periodic("*/30 * * * *", system.forget_stale_logins),)
