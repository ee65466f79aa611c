"""A stage with very many deals goes by a worker: it takes no deals meanwhile, all of them move or none, and it is told."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, event, func, select, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.batches import stages as jobs
from app.batches.models import Batch, BatchState
from app.core import db, outbox
from app.core.outbox import OutboxDelivery
from app.core.types import new_key
from app.core.viewer import system_scope
from app.pipeline.errors import NotLikeThis
from app.pipeline.events import StageRemovalAsked
from app.pipeline.models import AutomationRule, Deal, Pipeline, PipelineStage
from app.pipeline.services import following, removing
from app.work.models import Notification
from tests.pipeline.editing import HOME, deals_in, save, stages
from tests.smallest import smallest


@pytest.fixture
def many(session: Session, families: Pipeline, monkeypatch: pytest.MonkeyPatch) -> dict[str, PipelineStage]:
    """Seven deals in the stage "new", which is more than one request or one turn moves."""
    monkeypatch.setattr(removing, "MOST_DEALS", 4)
    monkeypatch.setattr(following, "_IN_TURN", 3)
    found = stages(session, families)
    deals_in(session, found["new"], 7)
    session.commit()
    return found


def remove(client: FlaskClient, pipeline: Pipeline, stage: PipelineStage, to: PipelineStage, **more: str) -> Any:
    fields = {f"{stage.id}:gone": "1", f"{stage.id}:target": to.id}
    return save(client, pipeline, fields=fields | {f"{stage.id}:{name}": value for name, value in more.items()})


def deliver(session: Session) -> None:
    """As the worker does, until nothing is left to do."""
    waiting = select(OutboxDelivery.id).where(OutboxDelivery.listener == jobs.remove_stage.name)
    for key in session.scalars(waiting).all():
        outbox.deliver(key)
    session.expire_all()


def counted(session: Session) -> dict[str, int]:
    asked = select(PipelineStage.name, func.count()).join(Deal, Deal.stage_id == PipelineStage.id)
    return {row[0]: row[1] for row in session.execute(asked.group_by(PipelineStage.name))}


def test_its_deals_go_in_their_order_and_whoever_asked_is_told(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage], admin: User
) -> None:
    order = select(Deal.title).order_by(Deal.board_position)
    before = session.scalars(order).all()

    answer = remove(client, families, many["new"], many["offer"])
    page = unescape(client.get(answer.location).text)
    waiting = counted(session)
    deliver(session)

    assert "“new” goes once its deals have moved; you are told then." in page
    assert "“new” is being removed: its deals go to “offer”, and no new ones come in." in page
    assert (waiting, counted(session)) == ({"new": 7}, {"offer": 7})
    assert "new" not in stages(session, families)
    assert session.scalars(order).all() == before
    batch = session.scalars(select(Batch)).one()
    assert (batch.state, batch.counts, batch.total, batch.progress) == (BatchState.done, {"changed": 7}, 7, 7)
    told = session.scalars(select(Notification).where(Notification.user_id == admin.id)).one()
    assert told.title == "Your changes of many records are done"
    shown = unescape(client.get(f"/batches/{batch.id}").text)
    assert "Removal of the stage “new”" in shown and "7 changed" in shown and "/undo" not in shown


def test_each_move_stands_in_the_trail_and_wakes_the_rules(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage], admin: User
) -> None:
    remove(client, families, many["new"], many["offer"])
    deliver(session)

    came = {"stage": many["offer"].id}
    trail = (
        "SELECT count(*), min(user_id) FROM activity_logs WHERE entity_type = 'deals' AND strpos(details, :stage) > 0"
    )
    assert tuple(session.execute(text(trail), came).one()) == (7, admin.id)
    told = "SELECT count(*) FROM outbox_events WHERE name LIKE '%RecordChanged' AND strpos(payload::text, :stage) > 0"
    assert session.scalar(text(told), came) == 7


def test_meanwhile_no_deal_comes_in(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage]
) -> None:
    there = deals_in(session, many["offer"], 1)[0]
    new = many["new"].id
    remove(client, families, many["new"], many["offer"])
    session.expire_all()

    moved = client.post(
        f"/pipeline/deals/{there.id}/stage", data={"stage_id": new}, headers={"Accept": "application/json"}
    )
    with pytest.raises(NotLikeThis, match="“new” is being removed and takes no deals"):
        smallest(session, "deals", stage_id=new)
    session.rollback()
    into = remove(client, families, many["offer"], many["new"])
    board = unescape(client.get(f"/pipeline/{families.id}").text)

    assert moved.status_code == 422 and "takes no deals" in moved.text
    assert into.status_code == 422 and "“new” is being removed and takes no deals." in unescape(into.text)
    assert board.count("data-quick-add aria") == 1  # the plus of the other open stage


def test_what_came_past_the_doors_goes_along(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage]
) -> None:
    remove(client, families, many["new"], many["offer"])
    late = "INSERT INTO deals (title, pipeline_id, stage_id) VALUES ('Late', :pipeline, :stage)"
    session.execute(text(late), {"pipeline": families.id, "stage": many["new"].id})
    session.commit()

    deliver(session)

    assert counted(session) == {"offer": 8}


def test_a_stage_that_is_kept_takes_deals_again(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage]
) -> None:
    new = many["new"].id
    remove(client, families, many["new"], many["offer"])

    client.post(f"{HOME}{families.id}/keep", data={"stage": new})
    deliver(session)

    assert counted(session) == {"new": 7}
    batch = session.scalars(select(Batch)).one()
    assert (batch.state, batch.error) == (BatchState.failed, "The stage was kept after all, so no deal was moved.")
    deals_in(session, stages(session, families)["new"], 1)


def test_all_are_moved_or_none(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage]
) -> None:
    rule = smallest(
        session, "automation_rules", pipeline_id=families.id, name="Follow up", trigger_type="stage_changed",
        trigger_config={}, is_active=True, action_type="move_stage", action_config={"stage_id": many["offer"].id},
    )  # fmt: skip
    rule_id = rule.id
    session.commit()
    remove(client, families, many["new"], many["offer"])
    turns: list[int] = []

    @event.listens_for(session.bind, "after_cursor_execute")
    def name_the_stage(*told: Any) -> None:
        """Somebody lets a rule name the stage while its deals are on their way."""
        if told[2].startswith("WITH placed") and not turns:
            turns.append(1)
            told[1].connection.cursor().execute("UPDATE automation_rules SET action_config = %s", (named,))

    named = f'{{"stage_id": "{many["new"].id}"}}'
    try:
        deliver(session)
    finally:
        event.remove(session.bind, "after_cursor_execute", name_the_stage)

    assert counted(session) == {"new": 7}
    assert session.scalars(select(Batch.state)).one() is BatchState.failed
    found = session.get(AutomationRule, rule_id)
    assert found is not None and found.is_active
    assert stages(session, families)["new"].going is None


def test_a_reason_is_asked_for_at_once_and_kept_for_the_worker(
    client: FlaskClient, session: Session, families: Pipeline, many: dict[str, PipelineStage]
) -> None:
    refused = remove(client, families, many["new"], many["lost"])
    remove(client, families, many["new"], many["lost"], reason="The offer ended")
    deliver(session)

    assert refused.status_code == 422 and "Say why these 7 deals are lost." in refused.text
    assert set(session.scalars(select(Deal.lost_reason))) == {"The offer ended"}


def test_how_many_deals_there_are_is_known_to_whoever_writes_the_batch_down(app: Flask, engine: Engine) -> None:
    with db.session_factory() as own, system_scope("tests"):
        own.info["unaudited"] = True
        pipeline, user = smallest(own, "pipelines", country_codes=["CZ"]), smallest(own, "users", is_active=True)
        stage = smallest(own, "pipeline_stages", pipeline_id=pipeline.id, name="Long ago")
        for _number in "abc":
            smallest(own, "deals", stage_id=stage.id, country_code="CZ")
        own.commit()
        asked = StageRemovalAsked(new_key(), stage.id, user.id)
        keys = pipeline.id, user.id

    try:
        with db.session_factory() as mine:
            jobs.write_down(mine, asked)
        with db.session_factory() as own, system_scope("tests"):
            batch = own.get_one(Batch, asked.batch_id)
            assert (batch.total, batch.todo) == (3, {"stage": "Long ago"})
    finally:
        with db.session_factory() as own, system_scope("tests"):
            own.execute(delete(Deal).where(Deal.pipeline_id == keys[0]))
            own.execute(delete(Pipeline).where(Pipeline.id == keys[0]))
            own.execute(delete(User).where(User.id == keys[1]))
            own.commit()
