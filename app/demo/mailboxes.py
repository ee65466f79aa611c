"""Microsoft 365 connections, shared mailboxes, signatures, tags and routing rules. The tokens open nothing."""

from __future__ import annotations

from datetime import timedelta

from app.communication.models import (
    EmailRoutingRule,
    EmailSignature,
    EmailTag,
    UserMs365Connection,
    UserMs365SharedMailbox,
)
from app.demo.words import words
from app.demo.world import World, dice, row_id
from app.pipeline.models import PipelineStage
from app.system.models import Ms365PkceStore, SystemMs365Connection

CONNECTED = ("manager", "clerk.sk", "zuzana.kralova", "tereza.novotna", "jakub.dvorsky", "anna.schubert")
LOST = "anna.schubert"  # one connection that somebody has to renew
TAGS = (
    ("complaint", "#DC2626", "The customer is not satisfied."),
    ("cancellation", "#B45309", "Somebody wants to end a contract."),
    ("contract", "#2563EB", "About the wording or signing of a contract."),
    ("price", "#7C3AED", "Questions about prices and instalments."),
    ("consent", "#0D9488", "About messages that are wanted or not."),
    ("due date", "#16A34A", "A new expected date of birth."),
    ("thanks", "#65A30D", "Nice to read."),
)
RULES = (
    # key, name, description, priority, stop, match, conditions, actions, reads with AI, moves the deal
    (
        "complaint",
        "Complaints to the team leader",
        "Angry messages are answered within two hours.",
        10,
        False,
        "any",
        [
            {"field": "subject", "operator": "contains", "value": "neprišiel"},
            {"field": "subject", "operator": "contains", "value": "nepřišla"},
            {"field": "body", "operator": "contains", "value": "neprijateľné"},
        ],
        [{"type": "add_tag", "value": "complaint"}, {"type": "set_priority", "value": "urgent"}],
        True,
        None,
    ),
    (
        "cancel",
        "Cancellations",
        "A call within a day often keeps the family.",
        20,
        False,
        "any",
        [
            {"field": "subject", "operator": "contains", "value": "ukončen"},
            {"field": "subject", "operator": "contains", "value": "kündig"},
            {"field": "subject", "operator": "contains", "value": "felmond"},
        ],
        [{"type": "add_tag", "value": "cancellation"}, {"type": "set_priority", "value": "high"}],
        True,
        {"wants_to_cancel": {"action": "move_stage", "stage": "families-contacted"}},
    ),
    (
        "price",
        "Questions about the price",
        "Sales answers these.",
        30,
        True,
        "any",
        [{"field": "subject", "operator": "contains", "value": "cen"}],
        [{"type": "add_tag", "value": "price"}],
        False,
        None,
    ),
    (
        "consent",
        "Unsubscribed",
        "The back office records the withdrawal.",
        40,
        False,
        "any",
        [{"field": "subject", "operator": "contains", "value": "odhl"}],
        [{"type": "add_tag", "value": "consent"}],
        True,
        None,
    ),
    (
        "large",
        "Scans from hospitals",
        "Large attachments from partner hospitals.",
        50,
        False,
        "all",
        [
            {"field": "from", "operator": "ends_with", "value": "@hospital.example"},
            {"field": "has_attachments", "operator": "equals", "value": True},
        ],
        [{"type": "set_importance", "value": "high"}],
        False,
        None,
    ),
)


def shared_mailbox(country: str) -> str:
    return f"care.{country.lower()}@indexus.example"


def load(world: World) -> None:
    rng = dice("mailboxes")
    by_name = {one.username: one for one in world.colleagues}
    for username in CONNECTED:
        who = by_name[username]
        alive = username != LOST
        checked = world.now - timedelta(minutes=rng.randrange(3, 14)) if alive else world.ago(rng, 4, 9)
        connection = world.add(
            UserMs365Connection,
            username,
            user_id=who.id,
            access_token=f"demo-access-{username}",
            refresh_token=f"demo-refresh-{username}",
            token_expires_at=checked + timedelta(hours=1),
            account_id=row_id(UserMs365Connection, f"{username}-account"),
            email=who.email,
            display_name=who.name,
            is_connected=alive,
            last_sync_at=checked,
            created_at=who.joined + timedelta(days=2),
            updated_at=checked,
        )
        for turn, country in enumerate(who.countries[:3]):
            world.add(
                UserMs365SharedMailbox,
                f"{username}-{country}",
                connection_id=connection,
                user_id=who.id,
                email=shared_mailbox(country),
                display_name=f"INDEXUS {country}",
                is_default=turn == 0,
                created_at=who.joined + timedelta(days=3),
            )
        country = who.countries[0]
        said = words(world.markets[country].language, country)
        for mailbox in ("personal", shared_mailbox(country)):
            world.add(
                EmailSignature,
                f"{username}-{mailbox}",
                user_id=who.id,
                mailbox_email=mailbox,
                html_content=f"<p>{said['closing']}</p><p><strong>{who.name}</strong><br>{said['team']}<br>"
                f"{world.companies[country]['company_name']}<br>{who.phone}</p>",
                created_at=who.joined + timedelta(days=3),
            )
    for country in world.markets:
        world.add(
            SystemMs365Connection,
            country,
            country_code=country,
            access_token=f"demo-access-{country}",
            refresh_token=f"demo-refresh-{country}",
            token_expires_at=world.now + timedelta(minutes=40),
            account_id=row_id(SystemMs365Connection, f"{country}-account"),
            email=shared_mailbox(country),
            display_name=f"INDEXUS {country}",
            is_connected=country != "US",
            last_sync_at=world.now - timedelta(minutes=5) if country != "US" else world.ago(rng, 30, 40),
        )
    for turn, starter in enumerate(("manager", LOST, None)):
        began = world.now - timedelta(minutes=2 + 30 * turn)
        world.add(
            Ms365PkceStore,
            f"{turn}",
            state=f"{rng.getrandbits(128):032x}",
            code_verifier=f"demo-verifier-{rng.getrandbits(160):040x}",
            user_id=by_name[starter].id if starter else None,
            created_at=began,
            expires_at=began + timedelta(minutes=10),
        )
    _rules(world)
    world.flush()


def _rules(world: World) -> None:
    for name, color, description in TAGS:
        world.add(EmailTag, name, name=name, color=color, description=description)
    world.add(EmailTag, "fax", name="fax", description="No longer used.", is_active=False)
    for key, name, description, priority, stop, match, conditions, actions, reads, moves in RULES:
        if moves:
            step = moves["wants_to_cancel"]
            moves = {
                "wants_to_cancel": {
                    "action": step["action"],
                    "stage_id": row_id(PipelineStage, step["stage"]),
                }
            }
        world.add(
            EmailRoutingRule,
            key,
            name=name,
            description=description,
            priority=priority,
            stop_processing=stop,
            conditions=conditions,
            match_mode=match,
            actions=actions,
            mailbox_filter=[shared_mailbox(country) for country in ("SK", "CZ")] if key == "price" else [],
            enable_ai_analysis=reads,
            ai_pipeline_actions=moves,
            created_by=world.colleagues[1].id,
        )
