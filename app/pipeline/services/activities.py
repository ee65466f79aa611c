"""What can be done with an activity of a deal.

Everything is written as a form would write it, so that the rights on fields,
the countries and the rules of values hold; when it was done is the guard's
matter (`guard_activities`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.core.errors import NotFound, Unprocessable
from app.pipeline.errors import DoneAlready, StillOpen
from app.pipeline.models import Deal, DealActivity
from app.screens import write
from app.screens.look import Look


def add(look: Look, deal: Deal, values: Mapping[str, Any], *, done: bool = False) -> DealActivity:
    """A new activity of the deal, planned or `done`; a note is always done.

    Raises Forbidden, ForeignCountry, Unprocessable.
    """
    _demand_order(values)
    given = {**values, "deal_id": deal.id} | ({"is_completed": True} if done else {})
    found: DealActivity = write.add(look.session, look.screens, look.screen, look.viewer, given)
    return found


def change(look: Look, activity: DealActivity, values: Mapping[str, Any], version: str | None) -> None:
    """Raises Conflict when somebody else was faster; Forbidden, ForeignCountry, Unprocessable."""
    _demand_order({"due_at": activity.due_at, "reminder_at": activity.reminder_at, **values})
    write.change(look.session, look.screens, look.screen, look.viewer, activity, values, version)


def complete(look: Look, activity: DealActivity, outcome: str | None) -> None:
    """Done, with what came of it, which may be nothing to speak of. Raises DoneAlready, Forbidden, ForeignCountry."""
    lock(look, activity)
    if activity.is_completed:
        raise DoneAlready
    values: dict[str, Any] = {"is_completed": True} | ({"outcome": outcome} if outcome else {})
    write.change(look.session, look.screens, look.screen, look.viewer, activity, values, None)


def reopen(look: Look, activity: DealActivity) -> None:
    """To be done after all; what came of it stays. Raises StillOpen, Forbidden, ForeignCountry."""
    lock(look, activity)
    if not activity.is_completed:
        raise StillOpen
    write.change(look.session, look.screens, look.screen, look.viewer, activity, {"is_completed": False}, None)


def put_off(look: Look, activity: DealActivity, due: datetime) -> None:
    """Another time for what is still to be done; the reminder goes along. Raises DoneAlready, Forbidden."""
    lock(look, activity)
    if activity.is_completed:
        raise DoneAlready
    values: dict[str, Any] = {"due_at": due}
    if activity.due_at is not None and activity.reminder_at is not None and not activity.reminder_sent:
        values["reminder_at"] = activity.reminder_at + (due - activity.due_at)
    write.change(look.session, look.screens, look.screen, look.viewer, activity, values, None)


def remove(look: Look, activity: DealActivity) -> None:
    """Raises Forbidden, ForeignCountry."""
    write.erase(look.session, look.screen, look.viewer, activity, None)
    write.flush(look.session, look.screens, look.screen)


def lock(look: Look, activity: DealActivity) -> None:
    """Nobody else changes the activity until the end of the transaction; it is read anew. Raises NotFound."""
    key = activity.id
    found = look.session.get(DealActivity, key, with_for_update={"of": DealActivity}, populate_existing=True)
    if found is None:
        raise NotFound


def _demand_order(values: Mapping[str, Any]) -> None:
    """Nobody is reminded of what is over. Raises Unprocessable."""
    due, reminder = values.get("due_at"), values.get("reminder_at")
    if due is not None and reminder is not None and reminder > due:
        raise Unprocessable({"reminder_at": [_("The reminder comes after the due time. Choose an earlier one.")]})
