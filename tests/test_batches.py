"""Many changes at once: all or nothing, once however often the job runs, and taken back as if it never was."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.batches import bulk, jobs, services
from app.batches.errors import CannotUndo, NotNow, RowRefused
from app.batches.models import Batch, BatchKind, BatchRow, BatchState, RowAction
from app.core import outbox
from app.core.db import transaction
from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.types import utc_now
from app.core.values import kept, restored
from app.screens.look import Look
from app.tables import MODELS
from tests.batches import batch_of, change_of, content, look_at, other_value, some
from tests.conftest import make_user
from tests.smallest import LOGS, smallest
from tests.statements import statements

ONE_WAY = {("roles", "is_system")}
"""Fields whose value forbids to change it again."""
EDITABLE = sorted(set(MODELS) - LOGS)


def now() -> Any:
    return utc_now()


def done(look: Look, batch: Batch) -> Batch:
    with transaction(by=look.viewer):
        services.do(look, batch, now=now())
        look.session.refresh(batch)
    return batch


@pytest.mark.parametrize("table", EDITABLE)
def test_a_field_of_three_records_is_set_and_taken_back_to_what_was_before(
    app: Flask, session: Session, admin: User, table: str
) -> None:
    look = look_at(session, table, admin)
    rows = some(session, table)
    tried = 0

    for f in bulk.fields(look):
        if (table, f.name) in ONE_WAY:
            continue
        value = other_value(session, f)
        session.commit()
        before = [content(session, row) for row in rows]
        batch = batch_of(look, rows, change_of(f, look.screen.model, value))
        try:
            done(look, batch)
        except RowRefused:
            assert [content(session, row) for row in rows] == before
            continue
        tried += 1
        if batch.counts.get("changed"):
            assert [content(session, row) for row in rows] != before
            with transaction(by=look.viewer):
                services.undo(look, batch, others=False, now=now())
        assert [content(session, row) for row in rows] == before
        if tried == 4:
            break

    assert tried


def test_a_value_older_than_its_rule_comes_back_as_it_was(app: Flask, session: Session, admin: User) -> None:
    look = look_at(session, "customers", admin)
    rows = some(session, "customers", bank_account="account of long ago")
    field = look.screen.fields["bank_account"]
    batch = done(look, batch_of(look, rows, change_of(field, look.screen.model, "SK3112000000198742637541")))
    assert {content(session, row)["bank_account"] for row in rows} == {"SK3112000000198742637541"}

    with transaction(by=look.viewer):
        services.undo(look, batch, others=False, now=now())

    assert {content(session, row)["bank_account"] for row in rows} == {"account of long ago"}


def test_one_refused_row_leaves_every_row_as_it_was_and_is_named(session: Session, admin: User) -> None:
    look = look_at(session, "hospitals", admin)
    rows = some(session, "hospitals")
    f = look.screen.fields["name"]
    planned = [
        services.Planned(RowAction.changed, row.id, row.row_version, kept(look.screen.model, {"name": name}))
        for row, name in zip(rows, ["One", "Two", None], strict=True)
    ]
    before = [content(session, row) for row in rows]
    with transaction(by=look.viewer) as own:
        batch = services.prepare(own, look, planned, kind=BatchKind.imported, todo={}, now=now())

    with pytest.raises(RowRefused) as refused:
        done(look, batch)

    assert refused.value.name == rows[2].name
    assert f.label in refused.value.why
    assert [content(session, row) for row in rows] == before


def test_rows_of_a_file_are_created_and_changed_in_one_batch_and_taken_back(session: Session, admin: User) -> None:
    look = look_at(session, "hospitals", admin)
    (there,) = some(session, "hospitals", 1)
    former, model = content(session, there), look.screen.model
    with transaction(by=look.viewer) as own:
        planned = [
            services.Planned(
                RowAction.created, own=kept(model, {"name": "New", "country_code": there.country_code}), number=2
            ),
            services.Planned(RowAction.changed, there.id, there.row_version, {"name": "Other"}, number=3),
        ]
        batch = services.prepare(own, look, planned, kind=BatchKind.imported, todo={}, now=now())

    done(look, batch)

    assert session.scalar(select(func.count()).where(model.name == "New")) == 1
    assert (batch.counts, content(session, there)["name"]) == ({"created": 1, "changed": 1}, "Other")
    with transaction(by=look.viewer):
        services.undo(look, batch, others=False, now=now())
    session.expire_all()
    assert session.scalar(select(func.count()).where(model.name == "New")) == 0
    assert content(session, there) == former


def asked(session: Session, look: Look, batch: Batch) -> str:
    """The batch waits for a worker: the key of its delivery."""
    with transaction(by=look.viewer) as own:
        services.ask(own, batch)
    found = select(OutboxDelivery.id).where(OutboxDelivery.listener == jobs.carry_out.name)
    key = session.scalars(found.order_by(OutboxDelivery.next_at.desc())).first()
    session.commit()
    return str(key)


def found_again(session: Session, batch: Batch) -> Batch:
    session.expire_all()
    found = session.get(Batch, inspect(batch).identity[0])
    assert found is not None
    return found


def edited(
    session: Session, admin: User, table: str = "hospitals", name: str = "city"
) -> tuple[Look, list[Any], Batch]:
    look = look_at(session, table, admin)
    rows = some(session, table)
    return look, rows, batch_of(look, rows, change_of(look.screen.fields[name], look.screen.model, "Elsewhere"))


def entries(session: Session, rows: list[Any]) -> int:
    of = "SELECT count(*) FROM activity_logs WHERE action = 'update' AND entity_id = ANY(:keys)"
    return session.execute(text(of), {"keys": [row.id for row in rows]}).scalar_one()


def test_a_job_that_comes_twice_changes_once(session: Session, admin: User) -> None:
    look, rows, batch = edited(session, admin)
    delivery = asked(session, look, batch)

    tries = [outbox.deliver(delivery), outbox.deliver(delivery)]
    session.execute(text("UPDATE outbox_deliveries SET done_at = NULL WHERE id = :key"), {"key": delivery})
    session.commit()
    tries.append(outbox.deliver(delivery))

    session.expire_all()
    found = found_again(session, batch)
    assert tries == [True, False, True]
    assert (found.state, found.counts, found.progress) == (BatchState.done, {"changed": 3}, 3)
    assert [content(session, row)["city"] for row in rows] == ["Elsewhere"] * 3
    assert entries(session, rows) == 3
    by = session.execute(text("SELECT DISTINCT user_id FROM activity_logs WHERE entity_id = :key"), {"key": rows[0].id})
    assert by.scalars().all() == [admin.id]
    told = session.execute(text("SELECT title, message FROM notifications WHERE user_id = :key"), {"key": admin.id})
    assert told.all() == [("Your changes of many records are done", "3 records. See “My batches”.")]


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_all(
    session: Session, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, rows, batch = edited(session, admin)
    before = [content(session, row) for row in rows]
    delivery = asked(session, look, batch)
    with monkeypatch.context() as broken:
        broken.setattr(services, "_end", lambda *given, **more: (_ for _ in ()).throw(RuntimeError("killed")))
        assert not outbox.deliver(delivery)

    session.expire_all()
    assert [content(session, row) for row in rows] == before
    session.execute(
        text("UPDATE outbox_deliveries SET next_at = now() - interval '1 hour' WHERE id = :key"), {"key": delivery}
    )
    session.commit()
    assert outbox.deliver(delivery)
    session.expire_all()
    assert found_again(session, batch).state is BatchState.done
    assert entries(session, rows) == 3


def test_a_record_that_somebody_changed_after_the_preview_stops_the_batch(session: Session, admin: User) -> None:
    look, rows, batch = edited(session, admin)
    rows[1].name = "Renamed meanwhile"
    session.commit()

    outbox.deliver(asked(session, look, batch))

    session.expire_all()
    found = found_again(session, batch)
    assert found.state is BatchState.failed
    assert "Renamed meanwhile" in found.error
    assert [content(session, row)["city"] for row in rows] == [None] * 3


@pytest.mark.parametrize("lost", ["edit", "module", "field", "active", "country"])
def test_a_job_has_the_rights_that_its_owner_has_when_it_runs(session: Session, admin: User, lost: str) -> None:
    role = smallest(session, "roles", name="Clerks")
    right = smallest(
        session, "role_module_permissions", role_id=role.id, module_key="hospitals", access="visible", can_edit=True
    )
    clerk = make_user(session, "clerk", role=role)
    session.commit()
    look, rows, batch = edited(session, clerk)
    delivery = asked(session, look, batch)
    if lost == "edit":
        right.can_edit = False
    elif lost == "module":
        right.access = "hidden"
    elif lost == "field":
        smallest(
            session,
            "role_field_permissions",
            role_id=role.id,
            module_key="hospitals",
            field_key="city",
            permission="readonly",
        )
    elif lost == "active":
        clerk.is_active = False
    else:
        clerk.assigned_countries = ["HU"]
    session.commit()

    outbox.deliver(delivery)

    session.expire_all()
    assert found_again(session, batch).state is BatchState.failed
    assert [content(session, row)["city"] for row in rows] == [None] * 3


def test_what_was_changed_later_is_not_taken_back_unless_only_the_others_are_wanted(
    session: Session, admin: User
) -> None:
    look, rows, batch = edited(session, admin)
    done(look, batch)
    session.refresh(rows[1])
    rows[1].city = "Later"
    session.commit()

    with pytest.raises(CannotUndo) as refused, transaction(by=look.viewer):
        services.undo(look, batch, others=False, now=now())

    assert [one.key for one in refused.value.blocked] == [rows[1].id]
    assert [content(session, row)["city"] for row in rows] == ["Elsewhere", "Later", "Elsewhere"]
    with transaction(by=look.viewer):
        services.undo(look, batch, others=True, now=now())
    assert [content(session, row)["city"] for row in rows] == [None, "Later", None]
    found = found_again(session, batch)
    assert (found.state, found.counts) == (BatchState.undone, {"changed": 3, "undone": 2, "kept": 1})


def test_what_others_point_to_now_is_not_taken_back(session: Session, admin: User) -> None:
    look = look_at(session, "hospitals", admin)
    own = kept(look.screen.model, {"name": "New", "country_code": "SK"})
    with transaction(by=look.viewer) as acting:
        batch = services.prepare(
            acting, look, [services.Planned(RowAction.created, own=own)], kind=BatchKind.imported, todo={}, now=now()
        )
    done(look, batch)
    key = session.scalars(select(look.screen.model.id).where(look.screen.model.name == "New")).one()
    using = next(
        (name, c.name)
        for name, model in sorted(MODELS.items())
        for c in model.__table__.columns
        for fk in c.foreign_keys
        if fk.column.table.name == "hospitals" and fk.ondelete is None
    )
    smallest(session, using[0], **{using[1]: key})
    session.commit()

    with pytest.raises(CannotUndo) as refused, transaction(by=look.viewer):
        services.undo(look, batch, others=False, now=now())

    assert "used" in refused.value.blocked[0].why


def test_after_a_day_nothing_is_left_of_what_was_before_and_nothing_can_be_taken_back(
    session: Session, admin: User
) -> None:
    look, _rows, batch = edited(session, admin)
    done(look, batch)
    late = now() + timedelta(hours=25)

    with pytest.raises(NotNow), transaction(by=look.viewer):
        services.undo(look, batch, others=False, now=late)

    jobs.forget_old(session, now=late)
    session.commit()
    session.expire_all()
    assert session.scalar(select(func.count()).where(BatchRow.batch_id == inspect(batch).identity[0])) == 0
    found = found_again(session, batch)
    assert (found.todo, found.counts, found.undo_until) == ({}, {"changed": 3}, None)


def test_only_what_waits_can_be_cancelled_and_then_nothing_happens(session: Session, admin: User) -> None:
    look, rows, batch = edited(session, admin)
    delivery = asked(session, look, batch)
    with transaction(by=look.viewer) as own:
        services.cancel(own, batch, now=now())

    assert outbox.deliver(delivery)

    session.expire_all()
    assert found_again(session, batch).state is BatchState.cancelled
    assert [content(session, row)["city"] for row in rows] == [None] * 3


def test_a_secret_is_never_kept_beside_its_column() -> None:
    with pytest.raises(ValueError, match="secret"):
        kept(MODELS["users"], {"password_hash": "x"})


@pytest.mark.parametrize("table", EDITABLE)
def test_values_come_back_from_json_as_they_were(session: Session, admin: User, table: str) -> None:
    look = look_at(session, table, admin)
    (row,) = some(session, table, 1)
    values = {a: getattr(row, a) for f in look.screen.fields.values() if not f.secret for a in f.attributes}

    assert restored(look.screen.model, json.loads(json.dumps(kept(look.screen.model, values)))) == values


@pytest.mark.parametrize("name", ["city", "assigned_user_id"])
def test_rows_cost_one_statement_each_and_a_few_for_all(session: Session, engine: Engine, name: str) -> None:
    """Also where the change of the column is told to others."""
    role = smallest(session, "roles", name="Clerks")
    smallest(
        session, "role_module_permissions", role_id=role.id, module_key="customers", access="visible", can_edit=True
    )
    clerk = make_user(session, "clerk", role=role, assigned_countries=["SK"])
    owner = make_user(session, "owner")
    look = look_at(session, "customers", clerk)
    rows = some(session, "customers", 60, country="SK")
    todo = change_of(look.screen.fields[name], look.screen.model, owner.id)
    session.commit()
    with statements(engine) as single:
        done(look, batch_of(look, rows[:1], todo))
    with statements(engine) as many:
        done(look, batch_of(look, rows[1:], todo))

    assert len(many) <= len(single) + 58 + 4


def imported(look: Look, planned: list[services.Planned], engine: Engine) -> list[str]:
    """Do what a file asks for; gives the statements that it took."""
    with transaction(by=look.viewer) as own, statements(engine) as seen:
        batch = services.prepare(own, look, planned, kind=BatchKind.imported, todo={}, now=utc_now())
        services.do(look, batch, now=utc_now())
    return seen


def test_what_many_rows_point_to_is_asked_for_once(session: Session, admin: User, engine: Engine) -> None:
    owners = [make_user(session, f"owner{number}") for number in range(20)]
    rows = some(session, "customers", 20, country="SK")
    look = look_at(session, "customers", admin)
    planned = [
        services.Planned(RowAction.changed, row.id, own={"assigned_user_id": owner.id})
        for row, owner in zip(rows, owners, strict=True)
    ]
    session.commit()

    seen = imported(look, planned, engine)

    assert len([one for one in seen if one.startswith("SELECT") and "FROM users" in one]) <= 2
    session.expire_all()
    assert [row.assigned_user_id for row in rows] == [owner.id for owner in owners]


def test_the_country_of_the_parents_of_many_rows_is_asked_for_once(
    session: Session, admin: User, engine: Engine
) -> None:
    families = [smallest(session, "customers", country=country) for country in ("SK", "CZ") * 10]
    cases = [smallest(session, "customer_potential_cases", customer_id=family.id) for family in families]
    look = look_at(session, "customer_potential_cases", admin)
    numbers = ["0905 123 456", "601 123 456"] * 10
    planned = [
        services.Planned(RowAction.changed, row.id, own={"father_phone": number})
        for row, number in zip(cases, numbers, strict=True)
    ]
    session.commit()

    seen = imported(look, planned, engine)

    assert len([one for one in seen if one.startswith("SELECT") and "FROM customers" in one]) <= 2
    session.expire_all()
    assert [row.father_phone for row in cases] == ["+421905123456", "+420601123456"] * 10


def test_what_follows_from_many_rows_does_not_hold_up_what_others_do(
    session: Session, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_AT_ONCE", 2)
    look = look_at(session, "customers", admin)
    rows = some(session, "customers", 5, country="SK")
    owner = make_user(session, "owner")
    session.commit()
    batch = batch_of(look, rows, change_of(look.screen.fields["assigned_user_id"], look.screen.model, owner.id))
    woken: list[str] = []
    former = outbox.woken_by(lambda told: woken.extend(key for key, _seconds in told))

    delivery = asked(session, look, batch)
    woken.clear()
    outbox.deliver(delivery)
    outbox.woken_by(former)

    session.expire_all()
    told = select(OutboxDelivery).where(OutboxDelivery.listener.like("%_changed")).order_by(OutboxDelivery.next_at)
    made = [one for one in session.scalars(told) if one.woken_at >= session.info["begun"]]
    events = select(OutboxEvent.by_user_id).where(OutboxEvent.id.in_([one.event_id for one in made])).distinct()
    # Two listen: who is to be told, and the rules of automation.
    assert (len(made), sorted(woken)) == (10, sorted(one.id for one in made[:2]))
    assert [one.next_at > one.woken_at for one in made] == [False] * 2 + [True] * 8
    assert session.scalars(events).all() == [admin.id]
