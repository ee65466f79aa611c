"""Who answers what happens, and every periodic job, one line each: when (cron, UTC) and what."""

from app.access import jobs as access
from app.batches import jobs as batches
from app.batches import stages as batches_of_stages
from app.communication import jobs as communication
from app.core import idempotency, outbox
from app.core.events import Listener
from app.core.jobs import Periodic
from app.imports import jobs as imports
from app.pipeline import jobs as pipeline
from app.pipeline.automation import jobs as automation
from app.system import jobs as system
from app.work import jobs as work
from app.work.notifying import jobs as notifying

LISTENERS: tuple[Listener, ...] = (
    communication.send_message,
    work.repeat_completed,
    work.repeat_cancelled,
    *automation.LISTENERS,
    *notifying.LISTENERS,
    *batches.LISTENERS,
    *batches_of_stages.LISTENERS,
    *imports.LISTENERS,
)

SCHEDULE = (
    Periodic("*/30 * * * *", system.forget_stale_logins),
    Periodic("10 * * * *", idempotency.forget_old_keys),
    Periodic("25 * * * *", batches.forget_old),
    Periodic("*/15 * * * *", imports.forget_files),
    Periodic("20 3 * * *", access.forget_old_sessions),
    Periodic("40 3 * * *", outbox.forget_old),
    Periodic("50 3 * * *", notifying.forget_old),
    Periodic("*/15 * * * *", notifying.begin_digests),
    Periodic("* * * * *", work.mind_tasks),
    Periodic("*/10 * * * *", automation.find_rotten),
    Periodic("55 3 * * *", automation.forget_old),
    Periodic("* * * * *", pipeline.mind_activities),
)
