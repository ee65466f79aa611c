"""What every generated record shows of tasks: the way to a new one, and the open ones about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _

from app.core.types import utc_now
from app.screens.look import Look
from app.screens.page import Aside, Link
from app.work.queries import tasks as queries
from app.work.rights import May
from app.work.services.able import TASKS
from app.work.views.drawing import shared


def beside(look: Look, key: Any) -> tuple[tuple[Link, ...], tuple[Aside, ...]]:
    """For who sees tasks; one statement more on the record's page."""
    if not look.viewer.sees(TASKS) or look.screen.append_only:
        return (), ()
    may, table = May(look.viewer), look.screen.table
    links: tuple[Link, ...] = ()
    if may.creates:
        href = "/work/tasks/new?" + urlencode({"table": table, "record": key})
        links = (Link(_("Create task"), href, "checkbox"),)
    lines, total = queries.open_of_record(look.session, look.screens, may, table, str(key))
    if not lines:
        return links, ()
    values = {"lines": lines, "total": total, "customer_id": key if table == "customers" else "",
              **shared(may, utc_now())}  # fmt: skip
    return links, (Aside("work/tasks/_of_record.html", values),)
