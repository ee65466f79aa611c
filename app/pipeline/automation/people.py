"""Colleagues who can have a deal: active, with the module, and in its country."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import User
from app.core.viewer import SYSTEM_USER, visible
from app.pipeline.models import Deal, DealStatus

DEALS = "deals"


def why_not(session: Session, key: str, deal: Deal) -> str:
    """Why the person with this key cannot have the deal, as a sentence without a name; "" when he can."""
    user = session.get(User, key)
    if user is None or user.id == SYSTEM_USER:
        return _("This colleague does not exist, or is not yours to choose.")
    if not user.is_active:
        return _("This colleague is deactivated.")
    eyes = viewer_of(session, user)
    if not eyes.sees(DEALS):
        return _("This colleague has no access to deals.")
    asked = visible(Deal, eyes).with_only_columns(Deal.id).where(Deal.id == deal.id)
    if session.scalar(asked) is None:
        return _("This colleague does not work in the country of the deal.")
    return ""


def fewest_open(session: Session, keys: tuple[str, ...], deal: Deal) -> str:
    """Who of these has the fewest open deals and can have this one, the first of the list among equals; "" for nobody.

    The deal itself does not count.
    """
    able = [key for key in keys if not why_not(session, key, deal)]
    counted = select(Deal.assigned_user_id, func.count()).where(
        Deal.assigned_user_id.in_(able), Deal.status == DealStatus.open, Deal.id != deal.id
    )
    have = {row[0]: row[1] for row in session.execute(counted.group_by(Deal.assigned_user_id))}
    return min(able, key=lambda key: have.get(key, 0), default="")
