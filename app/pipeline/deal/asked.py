"""What requests about deals have in common: what they look at, and how they are answered."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, jsonify, redirect, request

from app.core.db import current_session
from app.core.errors import Forbidden, NotFound
from app.core.faults import wants_json
from app.core.scope import ForeignCountry, may_change
from app.core.viewer import current_viewer
from app.pipeline.models import Deal, DealActivity
from app.screens import query
from app.screens.look import Look
from app.screens.once import new_key


def look_at(table: str) -> Look:
    """One's look at the records of a table. Raises Forbidden for who has none of them."""
    screens, viewer = current_app.extensions["screens"], current_viewer()
    if not viewer.sees(screens[table].module):
        raise Forbidden
    return Look(screens, current_session(), viewer, screens[table])


def deal_of(deals: Look, key: str) -> Deal:
    """The deal. Raises NotFound."""
    found: Deal = query.fetch(deals.session, deals.screen, deals.viewer, key)
    return found


def deal_to_change(deals: Look, key: str) -> Deal:
    """Raises NotFound, and ForeignCountry where one may look only."""
    deal = deal_of(deals, key)
    if not may_change(deals.session, deals.viewer, Deal, deal.id):
        raise ForeignCountry
    return deal


def activity_to_change(look: Look, key: str) -> DealActivity:
    """Raises NotFound, ForeignCountry, and Forbidden for who may not know whose it is."""
    if not look.reads("deal_id"):
        raise Forbidden
    found: DealActivity = query.fetch(look.session, look.screen, look.viewer, key)
    if not may_change(look.session, look.viewer, DealActivity, found.id):
        raise ForeignCountry
    return found


def line_of(look: Look, deal: Deal, key: str) -> Any:
    """A product of this deal. Raises NotFound."""
    row = query.fetch(look.session, look.screen, look.viewer, key)
    if row.deal_id != deal.id:
        raise NotFound
    return row


def text_sent(name: str, most: int = 100) -> str:
    return request.form.get(name, "").strip()[:most]


def done(said: str, deal_id: str, **more: Any) -> Any:
    """What was done, as a sentence; pages without a script go back to the deal.

    `form_key` is for the next form that takes the place of the one that was sent.
    """
    if wants_json():
        return jsonify({"said": said, "form_key": new_key(), **more})
    flash(said, "success")
    return redirect(f"/deals/show/{deal_id}")
