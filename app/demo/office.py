"""Notifications and their rules, chat, saved searches and the history of what was done."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.demo.access import system_user_id
from app.demo.cast import Colleague
from app.demo.world import World, dice
from app.work.models import ActivityLog, ChatMessage, Notification, NotificationRule, SavedSearch
from app.work.rules.searches import Asked, Condition, written

RULES: tuple[tuple[str, str, str, dict[str, object], str, str], ...] = (
    # name, description, trigger, config, kind, priority
    (
        "Angry e-mails",
        "At once, wherever I am.",
        "sentiment_alert",
        {"level": "critical"},
        "sentiment_alert",
        "urgent",
    ),
    ("New customers", "So that nobody waits for a call.", "new_customer", {}, "new_customer", "normal"),
    ("New e-mails", "From my customers only.", "new_email", {"customer": "me"}, "new_email", "normal"),
    ("My tasks that are due", "So that none is forgotten.", "task_due", {"owner": "me"}, "task_due", "high"),
)
SEARCHES: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...], bool, bool], ...] = (
    # username, name, module, filters as (column, operator, value), default, shared
    (
        "clerk.sk",
        "Aktívne klientky SK",
        "customers",
        (("client_status", "eq", "acquired"), ("country", "eq", "SK")),
        True,
        True,
    ),
    (
        "clerk.sk",
        "Zmluvy čakajúce na podpis",
        "contract_instances",
        (("status", "in", "sent,pending_signature"),),
        True,
        False,
    ),
    (
        "operator.cz",
        "Horké kontakty CZ",
        "customers",
        (("country", "eq", "CZ"), ("lead_status", "eq", "hot")),
        True,
        False,
    ),
    ("manager", "Overdue invoices", "invoices", (("status", "eq", "overdue"),), True, True),
    ("manager", "Open deals above 2,000", "deals", (("status", "eq", "open"), ("value", "bt", "2000..")), True, True),
    ("manager", "New in the last 30 days", "customers", (("created_at", "rel", "last_30_days"),), False, True),
    ("zuzana.kralova", "Moje otvorené obchody", "deals", (("status", "eq", "open"),), True, False),
    (
        "tereza.novotna",
        "Nabídky bez odpovědi",
        "deals",
        (("status", "eq", "open"), ("expected_close_date", "rel", "past")),
        False,
        True,
    ),
)
CHATS = {
    ("clerk.sk", "zuzana.kralova"): (
        "Ahoj, máš prosím podpísanú dohodu z Nitry?",
        "Áno, nahrám ju ešte dnes.",
        "Super, ďakujem. Potrebujem ju k fakturácii.",
        "Hotovo, je v zložke spolupracovníka.",
    ),
    ("operator.cz", "tereza.novotna"): (
        "Ahoj, klientka z Brna chce volat až po páté.",
        "Díky, přehodím si ji na večer.",
        "Jasně, dala jsem ti to do kampaně jako zpětné volání.",
    ),
    ("manager", "admin"): (
        "Can you check why the mailbox of Germany stopped?",
        "The connection has to be renewed, Anna must sign in again.",
        "Thanks, I will tell her.",
    ),
    ("manager", "clerk.sk"): (
        "Koľko zmlúv čaká na podpis?",
        "Dnes sedem, dve z nich vypršia zajtra.",
        "Prosím, zavolajte im ešte dnes.",
    ),
    ("lucia.benkova", "clerk.sk"): (
        "Klientka sa pýta na faktúru, vieš sa pozrieť?",
        "Pozriem, o chvíľu sa ozvem.",
        "Faktúra odišla v pondelok, poslala som ju znova.",
    ),
    ("manager", "operator.cz"): (
        "Jak jde kampaň k blížícím se porodům?",
        "Dobře, dnes mám domluvené čtyři schůzky.",
    ),
    ("admin", "peter.sedlak"): (
        "Pridal som ti rolu pre call centrum, skús sa prihlásiť znova.",
        "Funguje, ďakujem!",
    ),
}
CHAT_ROUNDS = 5
HISTORY = 620
ADDRESSES = "192.0.2.{}"


def load(world: World) -> None:
    rng = dice("office")
    by_name = {one.username: one for one in world.colleagues}
    _notifications(world, rng)
    for turn, username in enumerate(("manager", "clerk.sk", "zuzana.kralova", "operator.cz", "tereza.novotna")):
        for name, description, trigger, config, kind, priority in RULES[: 4 - turn % 3]:
            world.add(
                NotificationRule,
                f"{username}-{name}",
                user_id=by_name[username].id,
                name=name,
                description=description,
                trigger_type=trigger,
                trigger_config=json.dumps(config) if config else None,
                notification_type=kind,
                notification_priority=priority,
                is_active=turn != 4,
                created_at=world.ago(rng, 30, 500),
            )
    for username, name, module, filters, default, shared in SEARCHES:
        asked = Asked(tuple(Condition(column, operator, (value,)) for column, operator, value in filters))
        world.add(
            SavedSearch,
            f"{username}-{name}",
            user_id=by_name[username].id,
            name=name,
            module=module,
            filters=written(asked),
            is_default=default,
            shared=shared,
            created_at=world.ago(rng, 5, 400),
        )
    _chats(world, rng, by_name)
    _history(world, rng)
    world.flush()


def _notifications(world: World, rng: Random) -> None:
    """New customers and incoming e-mails of the last months; older ones have been read."""
    for family in world.families[-130:]:
        about = ("customers", family.id, "New customer", "Customer")
        told = {"trigger": "new_customer", "customer": family.id}
        _notify(world, rng, family.owner, f"new-{family.key}", family.since, "new_customer", about, told, "normal")
    for mail in world.mails[-170:]:
        family, kind = mail["family"], mail["kind"]
        alarming = kind in ("complaint", "cancel", "refused")
        level = {"complaint": "critical", "cancel": "warning", "refused": "warning"}.get(kind, "")
        priority = {"critical": "urgent", "warning": "high"}.get(level, "normal")
        at = min(mail["at"] + timedelta(minutes=2), world.now)
        title = "A message needs attention" if alarming else "New email"
        about = ("communication_messages", mail["id"], title, "Message")
        trigger = "sentiment_alert" if alarming else "new_email"
        told = {"trigger": trigger, "customer": family.id} | ({"level": level} if level else {})
        _notify(world, rng, family.owner, f"mail-{family.key}", at, trigger, about, told, priority)
        if kind == "complaint":
            manager = world.colleagues[1]
            _notify(world, rng, manager, f"boss-{family.key}", at, trigger, about, told, priority)
    for task in world.tasks:
        if task["open"] and task["asked"] is not task["owner"]:
            about = ("tasks", task["id"], "Task assigned", "Task")
            told = {"trigger": "task_assigned", "to": task["owner"].id, "by": task["asked"].id}
            _notify(world, rng, task["owner"], f"task-{task['id']}", task["at"], "task_assigned", about, told, "normal")
    for turn, who in enumerate(world.colleagues):
        at = world.ago(rng, 0, 3)
        about = (None, None, "Exchange rates are up to date", "The rates of the last working day were loaded.")
        _notify(world, rng, who, f"system-{turn}", at, "system", about, None, "low")


def _notify(
    world: World,
    rng: Random,
    who: Colleague,
    key: str,
    at: datetime,
    kind: str,
    about: tuple[str | None, str | None, str, str],
    told: dict[str, str] | None,
    priority: str,
) -> None:
    """`about` is the record with title and message, which name nobody; `told` is what happened, in keys and codes.

    Only what is old was put away, so that everybody finds something.
    """
    old = (world.now - at).days > 4
    read = old or rng.random() < 0.35
    table, record, title, message = about
    world.add(
        Notification,
        key,
        user_id=who.id,
        type=kind,
        title=title,
        message=message,
        priority=priority,
        entity_type=table,
        entity_id=record,
        is_read=read,
        dismissed=old and rng.random() < 0.4,
        created_at=at,
        details=json.dumps(told) if told else None,
    )


def _chats(world: World, rng: Random, by_name: dict[str, Colleague]) -> None:
    """The same pairs talk now and then; in the last talk the last line is still unread."""
    for pair, lines in CHATS.items():
        for talk in range(CHAT_ROUNDS if len(lines) > 2 else 1):
            at = world.ago(rng, 0.2, 3) if talk == 0 else world.ago(rng, 10 + 40 * talk, 45 + 40 * talk)
            for turn, line in enumerate(lines if talk == 0 else lines[:2]):
                sender, receiver = pair if turn % 2 == 0 else pair[::-1]
                world.add(
                    ChatMessage,
                    f"{'-'.join(pair)}-{talk}-{turn}",
                    sender_id=by_name[sender].id,
                    receiver_id=by_name[receiver].id,
                    content=line,
                    is_read=talk > 0 or turn < len(lines) - 1,
                    created_at=min(at + timedelta(minutes=4 * turn), world.now),
                )


def _history(world: World, rng: Random) -> None:
    """Customers that were entered, contracts that were signed, and who signed in, looked and exported."""
    for family in world.families:
        _logged(
            world,
            f"create-{family.key}",
            family.owner.id,
            "create",
            family.since,
            "customers",
            family.id,
            family.person.full,
            {},
            rng,
        )
        if family.contract and "signed" in family.contract["times"]:
            at = family.contract["times"]["signed"]
            change = {"changes": {"client_status": {"old": "potential", "new": "acquired"}}}
            _logged(
                world,
                f"acquired-{family.key}",
                system_user_id(),
                "update",
                at,
                "customers",
                family.id,
                family.person.full,
                change,
                rng,
            )
    for turn in range(HISTORY):
        who = rng.choice(world.colleagues)
        at = max(world.growing(rng) if turn % 3 else world.ago(rng, 0, 20), who.joined)
        action = rng.choice(("login", "login", "logout", "view", "update", "export"))
        family = rng.choice([one for one in world.families if one.country in who.countries] or world.families)
        if action in ("login", "logout"):
            _logged(world, f"{turn}", who.id, action, at, "users", who.id, who.name, {}, rng)
        elif action == "export":
            rows = rng.randrange(20, 360)
            _logged(
                world,
                f"{turn}",
                who.id,
                action,
                at,
                "customers",
                None,
                None,
                {"rows": rows, "filter": {"_flt_eq_country": [family.country]}, "format": "csv"},
                rng,
            )
        else:
            at = max(at, world.after(rng, family.since, 0, 9))
            written = {"old": None, "new": rng.choice(family.person.words["comments"])}
            details = {"changes": {"notes": written}} if action == "update" else {}
            _logged(world, f"{turn}", who.id, action, at, "customers", family.id, family.person.full, details, rng)


def _logged(
    world: World,
    key: str,
    user: str,
    action: str,
    at: datetime,
    entity: str,
    entity_id: str | None,
    name: str | None,
    details: dict[str, Any],
    rng: Random,
) -> None:
    world.add(
        ActivityLog,
        key,
        user_id=user,
        action=action,
        entity_type=entity,
        entity_id=entity_id,
        entity_name=name,
        details=json.dumps(details, ensure_ascii=False) if details else None,
        ip_address=None if user == system_user_id() else ADDRESSES.format(rng.randrange(2, 60)),
        created_at=at,
    )
