"""A new deal from the top of a column: a title, whom it is with, what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.numbers import get_territory_currencies
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.core.errors import Forbidden, Unprocessable
from app.core.viewer import visible
from app.customers.models import Customer
from app.pipeline.board.rights import May
from app.pipeline.models import Deal, PipelineStage
from app.screens import formpage, write

FIELDS = ("title", "customer_id", "value")


def add(
    session: Session, may: May, pipeline_id: str, stage: PipelineStage, typed: Mapping[str, str], *, now: datetime
) -> Deal:
    """The deal on top of its stage, with whoever adds it as its owner, in the country of its customer.

    Raises Forbidden, ForeignCountry, Unprocessable.
    """
    if not may.adds or stage.pipeline_id != pipeline_id:
        raise Forbidden
    look = may.look
    given = {name: typed.get(name, "") for name in FIELDS if may.writes(name)}
    form = formpage.form_of(look)
    form.fill({}, MultiDict({name: text for name, text in given.items() if text.strip()}))
    if not given.get("title", "").strip():
        raise Unprocessable({"title": [_("Give the deal a title.")]})
    wrong = {name: [str(e) for e in form._fields[name].process_errors] for name in given}
    if found := {name: errors for name, errors in wrong.items() if errors}:
        raise Unprocessable(found)
    values: dict[str, Any] = {**form.values(), "pipeline_id": pipeline_id, "stage_id": stage.id}
    if may.writes("assigned_user_id"):
        values["assigned_user_id"] = look.viewer.user_id
    country = _country(session, may, values)
    if country and may.writes("country_code"):
        values["country_code"] = country
    if country and may.writes("currency"):
        values["currency"] = get_territory_currencies(str(country), now.date())[0]
    deal: Deal = write.add(session, look.screens, look.screen, look.viewer, values)
    session.refresh(deal, ["stage_entered_at", "board_position"])
    return deal


def _country(session: Session, may: May, values: Mapping[str, Any]) -> Any:
    """The country of the customer, else the only one of whoever adds."""
    viewer = may.look.viewer
    if key := values.get("customer_id"):
        found = session.scalars(visible(Customer, viewer).where(Customer.id == key)).one_or_none()
        return found.country if found else None
    return write.only_country(may.look.screen, viewer).get("country_code")
