"""Users, roles and rights. `system` acts for the machine, four logins are for trying, the others own records."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.access.models import Role, RoleFieldPermission, RoleModulePermission, User, UserRole
from app.access.passwords import hashed
from app.core.types import NO_PASSWORD
from app.core.viewer import SYSTEM_USER
from app.demo.cast import Colleague
from app.demo.identity import folded
from app.demo.markets import MARKETS
from app.demo.rights import FIELDS, GRANTS, MODULES, ROLES
from app.demo.world import World, dice, row_id

DOMAIN = "indexus.example"
ALL = tuple(MARKETS)
LOGINS = ("admin", "manager", "clerk.sk", "operator.cz")
PEOPLE = (
    # username, name, team, countries
    ("admin", "Katarína Urbanová", "admin", ALL),
    ("manager", "Tomáš Richter", "manager", ALL),
    ("clerk.sk", "Mária Kováčiková", "clerk", ("SK",)),
    ("operator.cz", "Jana Procházková", "operator", ("CZ",)),
    ("zuzana.kralova", "Zuzana Kráľová", "sales", ("SK",)),
    ("peter.sedlak", "Peter Sedlák", "sales", ("SK", "CZ")),
    ("lucia.benkova", "Lucia Benková", "operator", ("SK",)),
    ("tereza.novotna", "Tereza Novotná", "sales", ("CZ",)),
    ("jakub.dvorsky", "Jakub Dvorský", "clerk", ("CZ",)),
    ("eszter.molnar", "Molnár Eszter", "sales", ("HU",)),
    ("mate.toth", "Tóth Máté", "clerk", ("HU", "RO")),
    ("ioana.dumitru", "Ioana Dumitru", "sales", ("RO",)),
    ("giulia.ferri", "Giulia Ferri", "sales", ("IT",)),
    ("anna.schubert", "Anna Schubert", "sales", ("DE", "CH")),
    ("sophie.favre", "Sophie Favre", "clerk", ("CH", "DE", "IT")),
    ("emily.carter", "Emily Carter", "sales", ("US",)),
    ("andrea.valent", "Andrea Valent", "operator", ("HU", "RO", "IT", "DE", "US", "CH")),
)
SECOND_ROLES = {"peter.sedlak": "operator", "sophie.favre": "operator", "manager": "sales"}


def system_user_id() -> str:
    return SYSTEM_USER


def load(world: World) -> None:
    """Fill `world.colleagues`. The password is hashed once: each hash costs a tenth of a second on purpose."""
    rng = dice("access")
    admin = row_id(User, "admin")
    for key, (name, legacy, department, description) in ROLES.items():
        world.add(
            Role,
            key,
            name=name,
            description=description,
            department=department,
            legacy_role=legacy,
            is_system=key in ("admin", "manager"),
        )
    world.flush()  # roles and users point at each other: roles go first, who made them is told below
    password = hashed(world.password)
    for place, (username, name, team, countries) in enumerate(PEOPLE):
        joined = world.opened + timedelta(days=0 if username in LOGINS else rng.randrange(0, 60), hours=place % 8)
        calls = team in ("operator", "sales")
        market = MARKETS[countries[0]]
        prefix, _, number = world.people.number(rng, market, mobile=True).partition(" ")
        email = f"{folded(username)}@{DOMAIN}"
        world.colleagues.append(
            Colleague(row_id(User, username), username, name, email, team, countries, joined, f"{prefix} {number}")
        )
        world.add(
            User,
            username,
            username=username,
            email=email,
            full_name=name,
            password_hash=password if username in LOGINS else NO_PASSWORD,
            role=ROLES[team][1],
            role_id=row_id(Role, team),
            assigned_countries=list(countries),
            sip_enabled=calls,
            sip_extension=str(201 + place) if calls else "",
            sip_password=f"sip-{rng.getrandbits(48):012x}" if calls else "",
            sip_display_name=name if calls else "",
            jira_display_name=name if team in ("admin", "manager") else None,
            jira_account_id=f"5f{rng.getrandbits(88):022x}" if team in ("admin", "manager") else None,
            auth_method="local" if username in LOGINS else rng.choice(("local", "ms365")),
            nexus_enabled=team in ("admin", "manager"),
            show_email_queue=team != "operator",
            show_sip_phone=calls,
            phone_prefix=prefix,
            phone=number,
            created_at=joined,
        )
        teams = [team, *([SECOND_ROLES[username]] if username in SECOND_ROLES else [])]
        for role in teams:
            world.add(
                UserRole,
                f"{username}-{role}",
                user_id=row_id(User, username),
                role_id=row_id(Role, role),
                assigned_at=joined,
                assigned_by=None if username == "admin" else admin,
            )
    world.flush()
    for key in ROLES:
        if key not in ("admin", "manager"):
            made = update(Role).where(Role.id == row_id(Role, key))
            world.session.execute(made.values(created_by=admin, updated_at=world.opened))
    _permissions(world)
    world.flush()


def _permissions(world: World) -> None:
    for role, grants in GRANTS.items():
        for module in MODULES:
            add, edit = grants.get(module, (False, False))
            world.add(
                RoleModulePermission,
                f"{role}-{module}",
                role_id=row_id(Role, role),
                module_key=module,
                access="visible" if module in grants else "hidden",
                can_add=add,
                can_edit=edit,
            )
    for role, fields in FIELDS.items():
        for module, field, permission in fields:
            world.add(
                RoleFieldPermission,
                f"{role}-{module}-{field}",
                role_id=row_id(Role, role),
                module_key=module,
                field_key=field,
                permission=permission,
            )
