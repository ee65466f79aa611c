"""What a request asks of tasks: filters of an address, moments as they are typed, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, jsonify, redirect, request
from flask_babel import get_timezone
from flask_babel import gettext as _

from app.core.errors import BadQuery
from app.core.faults import wants_json
from app.core.guard import same_site_referrer
from app.screens.locale import choose_zone
from app.screens.readers import Invalid, parse_day, parse_moment
from app.work import repeats
from app.work.errors import Missing
from app.work.models import TaskPriority, TaskStatus
from app.work.queries.tasks import Wanted
from app.work.rights import May

STATUSES = ("open", *(status.value for status in TaskStatus), "all")
SPANS = ("overdue", "today", "tomorrow", "week", "none")
HOME = "/work/tasks/"
MORNING = time(9)  # of a day that is given without a time
_FILTERS = {"owner": "assigned_user_id", "status": "status", "priority": "priority", "customer": "customer_id",
            "due": "due_date"}  # fmt: skip


def wanted(may: May, **fixed: str) -> Wanted:
    """The filters of the address; `fixed` are those of the page. Raises BadQuery."""
    given = {name: request.args.get(name, "").strip()[:100] for name in _FILTERS}
    given = {name: value for name, value in given.items() if value} | fixed
    allowed: dict[str, tuple[str, ...]] = {
        "status": STATUSES, "due": SPANS, "priority": tuple(one.value for one in TaskPriority)
    }  # fmt: skip
    for name, value in given.items():
        if not may.reads(_FILTERS[name]):
            raise BadQuery(_("There is no filter “%(name)s”.", name=name))
        if value not in allowed.get(name, (value,)):
            raise BadQuery(_("“%(value)s” is no choice of this filter.", value=value[:40]))
    return Wanted(**given)


def after() -> str:
    """The key after which the page begins. Raises BadQuery."""
    given = request.args.get("after", "")
    if not given:
        return ""
    moment, mark, key = given.partition("~")
    try:
        if not mark or not key or len(key) > 100:
            raise ValueError(given)
        if moment and datetime.fromisoformat(moment).tzinfo is None:
            raise ValueError(given)
    except ValueError as wrong:
        raise BadQuery(_("There is no such page. Begin at the first one.")) from wrong
    return given


def moment(text: str, field: str) -> datetime | None:
    """A date and time in the viewer's zone; a day alone is its morning. Raises Missing with the reason."""
    text = text.strip()
    if not text:
        return None
    try:
        if len(text) == 10:
            return at(parse_day(text), MORNING)
        return parse_moment(text, get_timezone() or UTC)
    except Invalid as wrong:
        raise Missing(field, str(wrong)) from wrong


def at(day: date, clock: time) -> datetime:
    """That time of that day in the viewer's zone, in UTC."""
    return datetime.combine(day, clock, ZoneInfo(choose_zone())).astimezone(UTC)


def local(value: datetime | None) -> str:
    """A moment as a control for date and time takes it."""
    if value is None:
        return ""
    return value.astimezone(ZoneInfo(choose_zone())).replace(tzinfo=None).isoformat(timespec="minutes")


def day_of(text: str, field: str) -> date | None:
    """Raises Missing."""
    if not text.strip():
        return None
    try:
        return parse_day(text.strip())
    except Invalid as wrong:
        raise Missing(field, str(wrong)) from wrong


def repetition(form: Any, due: datetime | None, zone: str) -> repeats.Repeat | None:
    """The rule that a form asks for; None for none. Raises Missing."""
    every = form.get("every", "")
    if not every:
        return None
    if every not in ("daily", "weekly", "monthly", "yearly"):
        raise Missing("every", _("“%(value)s” is no choice of this filter.", value=every[:40]))
    if due is None:
        raise Missing("due_date", _("A task that repeats needs a due time."))
    days = frozenset(int(day) for day in form.getlist("days") if day in ("1", "2", "3", "4", "5", "6", "7"))
    return repeats.starting(every, due, zone, days=days, until=day_of(form.get("until", ""), "until"))[0]


def done(said: str, href: str = "", **more: Any) -> Any:
    """The answer to what was done: where one was, with a word about it."""
    if wants_json():
        if not more:
            flash(said, "success")
        return jsonify({"said": said, "href": href, **more})
    flash(said, "success")
    return redirect(href or same_site_referrer() or HOME)


def form_of(names: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by name; `names` are the fields with what they start with."""
    return {name: request.form.get(name, start) for name, start in names.items()}
