"""The core without a domain: rights of a viewer, words for people, and probes that tell the truth."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.access.door import viewer_of
from app.access.models import Role, RoleModulePermission, RoleModulePermissionAccess, UserRole
from app.core import health, migrate
from app.core.servers import Servers
from app.core.viewer import EVERYTHING, NOBODY, NOTHING, SYSTEM, ModuleRight, Right, Viewer, current_viewer, visible
from app.customers.models import Customer
from app.screens.fields import Field, fields_of
from app.screens.spec import words
from app.tables import ALL, MODELS
from tests.conftest import make_user
from tests.smallest import smallest

# Rights ---------------------------------------------------------------------

ALL_RIGHTS = [ModuleRight(*bits) for bits in itertools.product((False, True), repeat=3)]


def gives(right: ModuleRight) -> tuple[bool, bool, bool]:
    """(sees, may add, may edit) of somebody with this right alone."""
    viewer = Viewer("1", "somebody", modules={"deals": right})
    return viewer.sees("deals"), viewer.may_add("deals"), viewer.may_edit("deals")


@pytest.mark.parametrize("one", ALL_RIGHTS, ids=str)
@pytest.mark.parametrize("other", ALL_RIGHTS, ids=str)
def test_two_roles_together_give_what_either_gives_and_nothing_more(one: ModuleRight, other: ModuleRight) -> None:
    either = tuple(a or b for a, b in zip(gives(one), gives(other), strict=True))

    # As `viewer_of` does: only visible modules are given to the merge.
    merged = NOTHING
    for right in (one, other):
        merged = merged.merged(right)

    assert gives(merged) == either


@pytest.mark.parametrize("right", ALL_RIGHTS, ids=str)
def test_a_hidden_module_gives_nothing_whatever_else_is_ticked(right: ModuleRight) -> None:
    sees, adds, edits = gives(right)

    assert (sees, adds, edits) == (right.visible, right.visible and right.can_add, right.visible and right.can_edit)
    assert Viewer("1", "somebody", modules={"deals": right}).field("deals", "title") is (
        Right.editable if right.visible else Right.hidden
    )


def test_nobody_may_nothing_and_the_system_everything() -> None:
    assert [NOBODY.sees("deals"), NOBODY.may_add("deals"), NOBODY.may_edit("deals")] == [False] * 3
    assert NOBODY.countries == ()
    assert [SYSTEM.sees("deals"), SYSTEM.may_add("x"), SYSTEM.may_edit("x")] == [True] * 3
    assert SYSTEM.countries is None
    assert SYSTEM.module("anything") is EVERYTHING
    assert Viewer("1", "x", modules={"deals": EVERYTHING}).module("invoices") is NOTHING


def test_outside_of_a_request_the_viewer_is_nobody(app: Flask) -> None:
    outside = current_viewer()
    with app.test_request_context():
        inside = current_viewer()  # not logged in

    assert (outside, inside) == (NOBODY, NOBODY)


def test_a_viewer_has_the_rights_of_all_active_roles_and_of_the_first_one(session: Session) -> None:
    seller, clerk, former = (Role(name=name, is_active=name != "Former") for name in ("Seller", "Clerk", "Former"))
    user = make_user(session, "petra", role=seller, assigned_countries=["SK", "CZ"])
    session.add_all([clerk, former])
    session.flush()
    session.add_all(UserRole(user_id=user.id, role_id=role.id) for role in (clerk, former))
    session.add_all(
        RoleModulePermission(role_id=role.id, module_key=key, access=access, can_add=adds, can_edit=edits)
        for role, key, access, adds, edits in (
            (seller, "deals", "visible", True, False),
            (clerk, "deals", "visible", False, True),
            (clerk, "invoices", "hidden", True, True),
            (seller, "tasks", "hidden", True, True),
            (clerk, "tasks", "visible", False, False),
            (former, "campaigns", "visible", True, True),
        )
    )
    session.flush()

    viewer = viewer_of(session, user)

    rights = {key: (viewer.sees(key), viewer.may_add(key), viewer.may_edit(key))
              for key in ("deals", "invoices", "tasks", "campaigns", "customers")}  # fmt: skip
    assert rights == {
        "deals": (True, True, True),
        "invoices": (False, False, False),
        "tasks": (True, False, False),
        "campaigns": (False, False, False),
        "customers": (False, False, False),
    }
    assert (viewer.role, viewer.countries, viewer.everything) == ("Clerk, Seller", ("SK", "CZ"), False)


def test_the_rights_of_a_role_say_whether_a_module_is_visible() -> None:
    assert [access.value for access in RoleModulePermissionAccess] == ["visible", "hidden"]


def test_a_question_starts_with_the_rows_one_may_know_of(session: Session) -> None:
    row = smallest(session, "customers")

    found = session.scalars(visible(Customer, SYSTEM)).all()

    assert found == session.scalars(select(Customer)).all() == [row]


# Words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_answer", "No answer"), ("customer_id", "Customer"), ("created_at", "Created"), ("updated_at", "Changed"),
        ("id", "ID"), ("is_active", "Active"), ("sip_enabled", "SIP enabled"), ("vat_rate", "VAT rate"),
        ("last_used_at", "Last used"), ("html_content", "HTML content"), ("in-progress", "In progress"), ("", ""),
        ("__odd__", "Odd"), ("ai_pipeline_stage_id", "AI pipeline stage"), ("avatar_url", "Avatar URL"),
    ],
)  # fmt: skip
def test_a_stored_name_becomes_words(name: str, text: str) -> None:
    assert words(name) == text


# Here "ID" is the thing itself, as it is printed on cards and invoices, and no key of a row.
NUMBERS_OF_PEOPLE_AND_COMPANIES = {"National ID", "Personal ID", "VAT ID", "Seller VAT ID"}


def labels_of(table: str) -> dict[str, str]:
    """The label of each column; the three columns of a partial date share one."""
    return {c.name: f.label for f in fields_of(MODELS[table]).values() for c in f.columns}


def shown(table: str) -> list[Field]:
    return [f for f in fields_of(MODELS[table]).values() if not f.internal]


def test_every_column_has_a_label_and_only_hashes_and_codes_are_never_shown() -> None:
    columns = [c for table in MODELS for c in ALL[table].columns if not c.system]
    documented = [c for c in columns if "extension" not in c.info]
    hidden = [f"{table}.{f.name}" for table in MODELS for f in fields_of(MODELS[table]).values() if f.internal]

    assert len(documented) == 1385
    assert [c for c in documented if not labels_of(c.table.name).get(c.name)] == []
    assert sorted(hidden) == [
        "collaborators.mobile_password_hash",
        "contract_signature_requests.otp_code",
        "contract_signature_requests.otp_hash",
        "deals.board_position",
        "mobile_push_tokens.token_fingerprint",
        "notifications.details",
        "pipeline_stages.going",
        "saved_searches.shared",
        "tasks.former_task_id",
        "tasks.occurs_on",
        "tasks.repeats",
        "users.language",
        "users.must_change_password",
        "users.notification_digest",
        "users.password_hash",
    ]


@pytest.mark.parametrize("table", sorted(MODELS))
def test_labels_are_words_for_people(table: str) -> None:
    texts = {name: label for name, label in labels_of(table).items() if name != "id"}

    wrong = {
        name: label for name, label in texts.items()
        if "_" in label or label.endswith(" id") or label != label.strip() or label[:1] != label[:1].upper()
        or not label or (label.endswith(" ID") and label not in NUMBERS_OF_PEOPLE_AND_COMPANIES)
    }  # fmt: skip

    assert wrong == {}


@pytest.mark.parametrize("table", sorted(MODELS))
def test_no_two_fields_of_a_table_have_the_same_label(table: str) -> None:
    counted = Counter(f.label.casefold() for f in shown(table))

    assert [label for label, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("table", sorted(MODELS))
def test_choices_are_words_for_people_and_differ(table: str) -> None:
    for f in shown(table):
        labels = [label for _value, label in f.picks()]

        assert [label for label in labels if "_" in label or not label.strip()] == [], f.name
        assert len(set(labels)) == len(labels), f.name


def test_every_table_has_a_name_for_one_and_for_many_and_no_two_the_same() -> None:
    infos = {name: table.info for name, table in ALL.items() if name in MODELS}

    assert [name for name, info in infos.items() if not (info["one"] and info["many"] and info["icon"])] == []
    for kind in ("one", "many"):
        assert [text for text, n in Counter(info[kind] for info in infos.values()).items() if n > 1] == []
    assert [name for name, info in infos.items() if "_" in info["one"] + info["many"]] == []


# Probes ---------------------------------------------------------------------


def probed(database_url: str, redis_url: str) -> tuple[int, Any]:
    """Status and body of `/readyz` of a process with these servers."""
    app = Flask("probed")
    app.config["RATELIMIT_STORAGE_URI"] = redis_url
    engine = create_engine(migrate.psycopg_url(database_url), poolclass=NullPool, connect_args={"connect_timeout": 2})
    health.add_probes(app, engine)
    answer = app.test_client().get("/readyz")
    engine.dispose()
    return answer.status_code, answer.json


def elsewhere(url: str) -> str:
    """The same address at a port where nobody listens."""
    head, _, tail = url.rpartition(":")
    return f"{head}:1/{tail.partition('/')[2]}"


def test_a_process_with_all_its_servers_is_ready(servers: Servers) -> None:
    assert probed(servers.database_url, servers.redis_url) == (
        200, {"status": "ok", "database": "ok", "redis": "ok"},
    )  # fmt: skip
    assert probed(servers.database_url, "memory://")[0] == 200


def test_what_is_missing_is_named_and_nothing_else(servers: Servers, empty_database: str) -> None:
    database, redis = servers.database_url, servers.redis_url

    said = {
        "not migrated": probed(empty_database, redis),
        "no database": probed(elsewhere(database), redis),
        "no redis": probed(database, elsewhere(redis)),
        "wrong password": probed(database, redis.replace(":", ":wrong", 2).replace("redis:wrong", "redis:", 1)),
    }

    assert said == {
        "not migrated": (503, {"status": "not ready", "database": "not migrated", "redis": "ok"}),
        "no database": (503, {"status": "not ready", "database": "no answer", "redis": "ok"}),
        "no redis": (503, {"status": "not ready", "database": "ok", "redis": "no answer"}),
        "wrong password": (503, {"status": "not ready", "database": "ok", "redis": "no answer"}),
    }
