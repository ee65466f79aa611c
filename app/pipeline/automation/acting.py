"""What rules do: each action once, on one locked deal, through the services and guards that people's doors use too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import UnknownCurrencyError, format_currency
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication.rules import language_of
from app.core.errors import DomainError
from app.customers.models import Customer
from app.pipeline.automation import mailing, people, texts
from app.pipeline.automation.config import (
    KEPT_ALWAYS,
    Action,
    AddNote,
    AssignOwner,
    CreateActivity,
    CreateDeal,
    MoveStage,
    SendEmail,
    UpdateDeal,
)
from app.pipeline.automation.outcomes import NotNow
from app.pipeline.models import (
    Deal,
    DealActivity,
    DealActivityPriority,
    DealActivityType,
    DealProduct,
    Pipeline,
    PipelineStage,
)
from app.pipeline.rules import movement
from app.pipeline.services.moving import move_deal

_TITLE = 500  # characters of titles and subjects


@dataclass(frozen=True)
class Made:
    """The record that an action made or changed."""

    table: str
    key: str


@dataclass(frozen=True)
class Doing:
    """One action on one deal. `reference` is the same for the same run: an e-mail of it is written once."""

    session: Session
    deal: Deal
    reference: str
    rule_id: str
    now: datetime

    def text(self, text: str, *, most: int | None = None) -> str:
        found = texts.filled(text, values_of(self.session, self.deal, texts.used_in(text)))
        return found if most is None else " ".join(found.split())[:most]


def act(doing: Doing, action: Action) -> Made:
    """Do it and flush it. Raises NotNow where there is nothing to do or the deal stands against it, else what the
    services and guards refuse with (DomainError)."""
    made = _ACTIONS[type(action)](doing, action)
    doing.session.flush()
    return made


def _create_activity(doing: Doing, action: CreateActivity) -> Made:
    deal, now = doing.deal, doing.now
    if action.user_id:
        _demand_able(doing, action.user_id)
    due = now + timedelta(days=action.due_in_days)
    remind = None
    if action.remind_hours_before is not None:
        remind = max(now, due - timedelta(hours=action.remind_hours_before))
    return _added(
        doing,
        DealActivity(
            deal_id=deal.id,
            user_id=action.user_id or _active(doing.session, deal.assigned_user_id),
            type=DealActivityType(action.type),
            subject=doing.text(action.subject, most=_TITLE),
            description=doing.text(action.description) or None,
            due_at=due,
            reminder_at=remind,
            priority=DealActivityPriority(action.priority),
        ),
    )


def _add_note(doing: Doing, action: AddNote) -> Made:
    text = doing.text(action.text)
    subject, _line, rest = text.partition("\n")
    return _added(
        doing,
        DealActivity(
            deal_id=doing.deal.id,
            type=DealActivityType.note,
            subject=" ".join(subject.split())[:_TITLE],
            description=text if len(subject) > _TITLE else rest.strip() or None,
            is_completed=True,
            completed_at=doing.now,
        ),
    )


def _send_email(doing: Doing, action: SendEmail) -> Made:
    message = mailing.write(
        doing.session,
        doing.deal,
        action,
        subject=doing.text(action.subject, most=_TITLE),
        body=doing.text(action.body),
        reference=doing.reference,
        now=doing.now,
    )
    return Made("communication_messages", message.id)


def _assign_owner(doing: Doing, action: AssignOwner) -> Made:
    deal = doing.deal
    chosen = action.user_id
    if chosen:
        _demand_able(doing, chosen)
    else:
        # Two deals at once would both count what was before either.
        key = func.hashtextextended(f"fewest open: {doing.rule_id}", 0)
        doing.session.execute(select(func.pg_advisory_xact_lock(key)))
        chosen = people.fewest_open(doing.session, action.user_ids, deal)
        if not chosen:
            raise DomainError(_("None of the colleagues to choose from can have this deal."))
    if chosen == deal.assigned_user_id:
        raise NotNow(_("The deal has this owner already."))
    deal.assigned_user_id = chosen
    return Made("deals", deal.id)


def _update_deal(doing: Doing, action: UpdateDeal) -> Made:
    deal = doing.deal
    wanted: dict[str, Any] = {
        "probability": action.probability,
        "value": action.value,
        "source": action.source or None,
        "campaign_id": action.campaign_id or None,
    }
    if action.expected_close_in_days is not None:
        today = movement.day_of(deal, doing.now)
        wanted["expected_close_date"] = today + timedelta(days=action.expected_close_in_days)
    if action.add_to_notes:
        text = doing.text(action.add_to_notes)
        wanted["notes"] = f"{deal.notes.rstrip()}\n\n{text}" if deal.notes else text
    changes = {name: value for name, value in wanted.items() if value is not None and getattr(deal, name) != value}
    if not changes:
        raise NotNow(_("The deal has these values already."))
    for name, value in changes.items():
        setattr(deal, name, value)
    return Made("deals", deal.id)


def _move_stage(doing: Doing, action: MoveStage) -> Made:
    deal = doing.deal
    if deal.stage_id == action.stage_id:
        raise NotNow(_("The deal is in this stage already."))
    stage = doing.session.get_one(PipelineStage, action.stage_id)
    values = {"lost_reason": action.lost_reason} if action.lost_reason else {}
    move_deal(doing.session, deal, stage, values=values)
    return Made("deals", deal.id)


def _create_deal(doing: Doing, action: CreateDeal) -> Made:
    session, deal = doing.session, doing.deal
    stage_id = action.stage_id or first_stage(session, action.pipeline_id)
    if not stage_id:
        raise DomainError(_("The pipeline has no open stage for a new deal."))
    kept = {name: getattr(deal, name) for name in {*KEPT_ALWAYS, *action.keep} - {"products", "value"}}
    if "assigned_user_id" in kept:
        kept["assigned_user_id"] = _active(session, deal.assigned_user_id)
    new = Deal(
        title=doing.text(action.title, most=_TITLE),
        pipeline_id=action.pipeline_id,
        stage_id=stage_id,
        currency=deal.currency,
        value=deal.value if "value" in action.keep else Decimal(0),
        **kept,
    )
    made = _added(doing, new)
    if "products" in action.keep:
        lines = select(DealProduct).where(DealProduct.deal_id == deal.id).order_by(DealProduct.created_at)
        for line in session.scalars(lines).all():
            copied = {name: getattr(line, name) for name in ("product_id", "quantity", "price", "discount", "notes")}
            session.add(DealProduct(deal_id=new.id, **copied))
    return made


def first_stage(session: Session, pipeline_id: str) -> str | None:
    """The first open stage from the left."""
    stage = PipelineStage
    asked = select(stage.id).where(
        stage.pipeline_id == pipeline_id,
        stage.is_won_stage.is_not(True),
        stage.is_lost_stage.is_not(True),
        stage.going.is_(None),
    )
    return session.scalar(asked.order_by(stage.order, stage.id).limit(1))


def _added(doing: Doing, row: Deal | DealActivity) -> Made:
    doing.session.add(row)
    doing.session.flush()
    return Made(row.__tablename__, row.id)


def _demand_able(doing: Doing, key: str) -> None:
    """Raises DomainError."""
    if sentence := people.why_not(doing.session, key, doing.deal):
        raise DomainError(sentence)


def _active(session: Session, key: str | None) -> str | None:
    """The owner as long as he works here."""
    user = session.get(User, key) if key else None
    return user.id if user is not None and user.is_active else None


_ACTIONS: dict[type[Any], Callable[[Doing, Any], Made]] = {
    CreateActivity: _create_activity,
    SendEmail: _send_email,
    AssignOwner: _assign_owner,
    UpdateDeal: _update_deal,
    MoveStage: _move_stage,
    AddNote: _add_note,
    CreateDeal: _create_deal,
}


# Placeholders ---------------------------------------------------------------------


def values_of(session: Session, deal: Deal, names: set[str]) -> dict[str, str]:
    """What the placeholders stand for; amounts as they are written in the language of the customer."""
    found: dict[str, str] = {}
    customer = None
    if names & {"customer_name", "customer_first_name", "deal_value"} and deal.customer_id:
        customer = session.get(Customer, deal.customer_id)
    for name in names:
        found[name] = _VALUES[name](session, deal, customer)
    return found


def _money(deal: Deal, customer: Customer | None) -> str:
    country = str(deal.country_code or (customer.country if customer else "") or "")
    value, currency = Decimal(deal.value or 0), deal.currency or ""
    try:
        return str(format_currency(value, currency, locale=language_of(country)))
    except (UnknownCurrencyError, ValueError):
        return f"{value} {currency}".strip()


def _owner(session: Session, deal: Deal) -> str:
    user = session.get(User, deal.assigned_user_id) if deal.assigned_user_id else None
    return user.full_name if user else ""


def _name(session: Session, kind: type[Pipeline] | type[PipelineStage], key: str) -> str:
    row = session.get(kind, key)
    return row.name if row else ""


_VALUES: dict[str, Callable[[Session, Deal, Customer | None], str]] = {
    "customer_name": lambda session, deal, customer: (
        f"{customer.first_name} {customer.last_name}".strip() if customer else ""
    ),
    "customer_first_name": lambda session, deal, customer: customer.first_name if customer else "",
    "deal_title": lambda session, deal, customer: deal.title,
    "deal_value": lambda session, deal, customer: _money(deal, customer),
    "owner_name": lambda session, deal, customer: _owner(session, deal),
    "pipeline_name": lambda session, deal, customer: _name(session, Pipeline, deal.pipeline_id),
    "stage_name": lambda session, deal, customer: _name(session, PipelineStage, deal.stage_id),
}
