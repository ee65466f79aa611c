"""E-mail and SMS with the families, in their language, and what rules and AI found in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.communication.models import (
    CommunicationMessage,
    CustomerEmailNotification,
    EmailMetadata,
    EmailRoutingRule,
)
from app.demo.cast import Colleague, Family
from app.demo.mailboxes import shared_mailbox
from app.demo.world import World, dice, row_id
from app.pipeline.models import PipelineStage

SENT = {
    # story: e-mails that we wrote, in order
    "lead": ("welcome", "offer"),
    "offered": ("welcome", "offer", "contract"),
    "client": ("welcome", "offer", "contract", "kit", "invoice"),
    "ended": ("welcome", "contract", "invoice"),
    "lost": ("welcome", "offer"),
}
RECEIVED: dict[str, dict[str | None, int]] = {
    # story: what they write, and how often
    "lead": {"question": 60, "due": 20, "consent": 8, None: 60},
    "offered": {"question": 40, "refused": 20, "due": 20, None: 30},
    "client": {"thanks": 50, "question": 20, "due": 15, "complaint": 12, None: 60},
    "ended": {"cancel": 80, "complaint": 20},
    "lost": {"question": 20, "refused": 12, "consent": 15, None: 60},
}
READINGS = {
    # kind: (sentiment, alert level, flags, tag, rule, priority)
    "question": ("neutral", "none", (), "price", "price", "normal"),
    "thanks": ("positive", "none", (), "thanks", None, "low"),
    "due": ("neutral", "none", (), "due date", None, "normal"),
    "complaint": ("angry", "critical", ("has_angry_tone",), "complaint", "complaint", "urgent"),
    "cancel": ("negative", "warning", ("wants_to_cancel",), "cancellation", "cancel", "high"),
    "refused": ("negative", "warning", ("does_not_accept_contract",), "contract", None, "high"),
    "consent": ("neutral", "warning", ("wants_consent",), "consent", "consent", "normal"),
}
FLAGS = (
    "has_angry_tone",
    "has_rude_expressions",
    "wants_to_cancel",
    "wants_consent",
    "does_not_accept_contract",
)
SMS_SHARE = 0.55
FAILED = 0.03
ERRORS = ("Mailbox unavailable", "Number not in service")


def load(world: World) -> None:
    """Fill `world.mails` with the inbound ones, for notifications and alerts."""
    rng = dice("messages")
    for family in world.families:
        _written(world, rng, family)
        _answered(world, rng, family)
        if rng.random() < SMS_SHARE:
            _texted(world, rng, family)
    world.flush()


def _sent(world: World, rng: Random, moment: datetime) -> dict[str, Any]:
    """How the sending went; the latest are still on their way."""
    fresh = world.now - moment < timedelta(minutes=30)
    if fresh:
        return {"status": "pending", "delivery_status": None}
    if rng.random() < FAILED:
        return {"status": "failed", "delivery_status": "rejected", "sent_at": moment}
    delivered = min(moment + timedelta(seconds=rng.randrange(2, 90)), world.now)
    if rng.random() < 0.8:
        return {
            "status": "delivered",
            "delivery_status": "delivered",
            "sent_at": moment,
            "delivered_at": delivered,
        }
    return {"status": "sent", "delivery_status": "accepted", "sent_at": moment}


def _written(world: World, rng: Random, family: Family) -> None:
    said, who = family.person.words, family.person
    moment = family.since
    for kind in SENT[family.story]:
        moment = world.after(rng, moment, 0, 12)
        if kind == "contract" and family.contract and "sent" in family.contract["times"]:
            moment = max(moment, family.contract["times"]["sent"])
        elif kind == "contract":
            continue
        mail = said["mail_out"][kind]
        greeting = said["greeting"].format(last=who.last)
        text = f"{greeting}\n\n{mail['body']}\n\n{said['closing']}\n{family.owner.name}\n{said['team']}"
        going = _sent(world, rng, moment)
        reference = f"AAMk{rng.getrandbits(80):020x}"
        world.add(
            CommunicationMessage,
            f"{family.key}-{kind}",
            customer_id=family.id,
            user_id=family.owner.id if kind != "invoice" else None,
            type="email",
            subject=mail["subject"],
            content=text,
            recipient_email=who.email,
            external_id=reference,
            provider="sendgrid" if kind == "invoice" else "ms365",
            error_message=ERRORS[0] if going["status"] == "failed" else None,
            created_at=moment,
            **going,
        )
        if kind in ("offer", "contract") and going["status"] != "failed":
            _shown(world, rng, family, reference, mail["subject"], text, moment, family.owner, outbound=True)


def _answered(world: World, rng: Random, family: Family) -> None:
    chances = RECEIVED[family.story]
    kind = rng.choices(list(chances), list(chances.values()))[0]
    if kind is None:
        return
    who, mail = family.person, family.person.words["mail_in"][kind]
    old = (world.now - family.since).days
    moment = world.after(rng, family.since, 1, 40)
    if family.story in ("client", "lead", "offered") and rng.random() < 0.25:
        # Some letters are fresh, so that there is something to answer today.
        moment = max(moment, world.ago(rng, 0, min(6, old)))
    moment = max(family.since, moment)
    text = mail["body"].format(name=who.full)
    reference = f"AAMk{rng.getrandbits(80):020x}"
    read = min(moment + timedelta(minutes=2), world.now)
    sentiment, level, flags, tag, rule, priority = READINGS[kind]
    seen = {f"ai_{flag}": flag in flags for flag in FLAGS}
    message = world.add(
        CommunicationMessage,
        f"{family.key}-in",
        customer_id=family.id,
        user_id=family.owner.id,
        type="email",
        direction="inbound",
        subject=mail["subject"],
        content=text,
        recipient_email=shared_mailbox(family.country),
        status="delivered",
        external_id=reference,
        provider="ms365",
        sent_at=moment,
        delivered_at=moment,
        created_at=moment,
        ai_analyzed=True,
        ai_sentiment=sentiment,
        ai_alert_level=level,
        ai_analysis_note=mail["ai"],
        ai_analyzed_at=read,
        **seen,
    )
    moved = kind == "cancel" and family.deal is not None
    stage = next(stage for stage in world.stages["families"] if stage["key"] == "contacted")
    world.add(
        EmailMetadata,
        family.key,
        message_id=reference,
        mailbox_email=shared_mailbox(family.country),
        priority=priority,
        importance="high" if level == "critical" else "normal",
        tags=[tag],
        matched_rules=[row_id(EmailRoutingRule, rule)] if rule else [],
        customer_id=family.id,
        is_processed=True,
        processed_at=read,
        ai_analyzed=True,
        ai_sentiment=sentiment,
        ai_alert_level=level,
        ai_analysis_note=mail["ai"],
        ai_analyzed_at=read,
        **seen,
        ai_pipeline_action_taken=moved,
        ai_pipeline_stage_id=row_id(PipelineStage, "families-contacted") if moved else None,
        ai_pipeline_stage_name=stage["name"] if moved else None,
        ai_pipeline_action_reason=mail["ai"] if moved else None,
        created_at=moment,
        updated_at=read,
    )
    reader = world.colleague(family.country, int(family.key[-3:]), "clerk", "sales")
    _shown(world, rng, family, reference, mail["subject"], text, moment, reader, priority=priority)
    world.mails.append({"id": message, "family": family, "kind": kind, "at": moment, "subject": mail["subject"]})


def _shown(
    world: World,
    rng: Random,
    family: Family,
    reference: str,
    subject: str,
    text: str,
    moment: datetime,
    reader: Colleague,
    *,
    outbound: bool = False,
    priority: str = "normal",
) -> None:
    """The e-mail on the customer's page; what arrived in the last days may be unread."""
    who, ours = family.person, shared_mailbox(family.country)
    opened = moment if outbound else world.after(rng, moment, 0, 1.5)
    unread = not outbound and (world.now - moment).days < 4 and rng.random() < 0.6
    world.add(
        CustomerEmailNotification,
        f"{family.key}-{reference}",
        customer_id=family.id,
        message_id=reference,
        mailbox_email=ours,
        subject=subject,
        sender_email=ours if outbound else who.email,
        sender_name=reader.name if outbound else who.full,
        recipient_email=who.email if outbound else ours,
        direction="outbound" if outbound else "inbound",
        body_preview=text.replace("\n\n", " ")[:160],
        received_at=moment,
        priority=priority,
        is_read=not unread,
        read_at=None if unread else opened,
        read_by=None if unread else reader.id,
        created_at=moment,
    )


def _texted(world: World, rng: Random, family: Family) -> None:
    who, said = family.person, family.person.words
    kinds = ["welcome", "kit", "due"] if family.story == "client" else ["welcome", "call"]
    moment = family.since
    for kind in kinds[: rng.randrange(1, len(kinds) + 1)]:
        moment = world.after(rng, moment, 0, 14)
        going = _sent(world, rng, moment)
        world.add(
            CommunicationMessage,
            f"{family.key}-sms-{kind}",
            customer_id=family.id,
            user_id=None if kind == "welcome" else family.owner.id,
            type="sms",
            content=said["sms_out"][kind],
            recipient_phone=who.mobile,
            external_id=f"bg-{rng.getrandbits(48):012x}",
            provider="bulkgate",
            error_message=ERRORS[1] if going["status"] == "failed" else None,
            created_at=moment,
            **going,
        )
    if rng.random() < 0.3:
        reply = "ok" if family.story == "client" else rng.choice(("later", "later", "stop"))
        moment = world.after(rng, moment, 0, 1)
        stop = reply == "stop"
        world.add(
            CommunicationMessage,
            f"{family.key}-sms-in",
            customer_id=family.id,
            type="sms",
            direction="inbound",
            content=said["sms_in"][reply],
            sender_phone=who.mobile,
            status="delivered",
            external_id=f"bg-{rng.getrandbits(48):012x}",
            provider="bulkgate",
            delivered_at=moment,
            created_at=moment,
            ai_analyzed=True,
            ai_sentiment="negative" if stop else "positive" if reply == "ok" else "neutral",
            ai_alert_level="warning" if stop else "none",
            **{f"ai_{flag}": stop and flag == "wants_consent" for flag in FLAGS},
            ai_analysis_note=said["mail_in"]["consent"]["ai"] if stop else None,
            ai_analyzed_at=moment,
        )
