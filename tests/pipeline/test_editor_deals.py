"""What happens to the deals of a stage that is removed, or becomes won, lost or open, in the editor."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.errors import InUse
from app.pipeline.models import Deal, DealStatus, DealStay, Pipeline, PipelineStage
from app.pipeline.services import following
from tests.pipeline.editing import HOME, deals_in, save, stages
from tests.smallest import smallest

# Deals of a stage that goes ---------------------------------------------------------


def test_a_stage_goes_when_its_deals_have_a_place_to_go(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["new"], 5)
    standing = deals_in(session, was["offer"], 1)
    new, offer = was["new"].id, was["offer"].id
    assert "5 deals stand in this stage. They go to" in client.get(f"{HOME}{families.id}").text

    asked = save(client, families, fields={f"{new}:gone": "1"})
    assert "Choose where its deals go." in asked.text
    assert list(stages(session, families)) == ["new", "offer", "won", "lost"]
    done = save(client, families, fields={f"{new}:gone": "1", f"{new}:target": offer})

    assert done.status_code == 302
    assert "5 deals were moved." in unescape(client.get(HOME).text)
    found = stages(session, families)
    assert [(stage.name, stage.order) for stage in found.values()] == [("offer", 0), ("won", 1), ("lost", 2)]
    asked_order = select(Deal.id).where(Deal.stage_id == offer).order_by(Deal.board_position.desc())
    assert list(session.scalars(asked_order)) == [*(deal.id for deal in reversed(deals)), standing[0].id]
    assert {(deal.probability, deal.status) for deal in deals} == {(50, DealStatus.open)}
    stays = session.scalars(select(DealStay).where(DealStay.deal_id == deals[0].id).order_by(DealStay.entered_at)).all()
    assert [(stay.stage_name, stay.stage_id) for stay in stays] == [("new", None), ("offer", offer)]
    assert session.get(User, stays[1].by_user_id).username == "admin"


def test_deals_that_move_together_are_told_one_by_one(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["offer"], 2)
    offer, won = was["offer"].id, was["won"].id

    save(client, families, fields={f"{offer}:gone": "1", f"{offer}:target": won})

    told = session.execute(
        text("SELECT payload FROM outbox_events WHERE name = 'RecordChanged' AND payload->>'table' = 'deals'")
    ).scalars()
    assert {(one["id"], *one["columns"], *one["after"]) for one in told} == {
        (deal.id, "stage_id", "status", won, "won") for deal in deals
    }
    logged = session.execute(
        text(
            "SELECT entity_id, details::jsonb FROM activity_logs"
            " WHERE entity_type = 'deals' AND action = 'update' AND strpos(details, :won) > 0"
        ),
        {"won": won},
    ).all()
    assert {row.entity_id for row in logged} == {deal.id for deal in deals}
    assert logged[0].details["changes"]["stage_id"] == {"old": offer, "new": won}


def test_deals_of_a_stage_that_goes_are_lost_for_one_reason(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["offer"], 3)
    known = deals_in(session, was["offer"], 1, lost_reason="Moved away")
    offer, lost = was["offer"].id, was["lost"].id

    asked = save(client, families, fields={f"{offer}:gone": "1", f"{offer}:target": lost, f"{offer}:reason": " "})
    assert "Say why these 3 deals are lost." in asked.text
    save(client, families, fields={f"{offer}:gone": "1", f"{offer}:target": lost, f"{offer}:reason": "We stopped"})

    session.expire_all()
    assert {(d.status, d.probability, d.lost_reason) for d in deals} == {(DealStatus.lost, 0, "We stopped")}
    assert known[0].lost_reason == "Moved away"
    assert isinstance(deals[0].actual_close_date, date)


def test_what_the_other_stage_needs_is_told_with_examples(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    was = stages(session, families)
    was["offer"].required_fields = ["customer_id", "value"]
    deals_in(session, was["new"], 4, value=None)
    new, offer = was["new"].id, was["offer"].id

    answer = save(client, families, fields={f"{new}:gone": "1", f"{new}:target": offer, "name": "Other"})

    said = unescape(answer.text)
    assert answer.status_code == 422
    assert "“offer” needs “Customer”, which 4 deals do not have. For example: Deal 0, Deal 1, Deal 2." in said
    assert "“offer” needs “Value”, which 4 deals do not have." in said
    assert list(stages(session, families)) == ["new", "offer", "won", "lost"]
    assert families.name == "Families"


def test_deals_go_to_a_stage_that_is_only_just_added(client: FlaskClient, session: Session, families: Pipeline) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["offer"], 2)
    keys, offer = [stage.id for stage in was.values()], was["offer"].id

    answer = save(
        client, families,
        fields={"stage": [*keys, "new-x"], "new-x:name": "Talks", "new-x:kind": "open", "new-x:probability": "40",
                f"{offer}:gone": "1", f"{offer}:target": "new-x"},
    )  # fmt: skip

    assert answer.status_code == 302, answer.text
    talks = stages(session, families)["Talks"].id
    assert {deal.stage_id for deal in deals} == {talks}


@pytest.mark.parametrize("target", ["itself", "foreign", "also gone", "nonsense"])
def test_deals_do_not_go_to_a_stage_that_is_none(
    client: FlaskClient, session: Session, families: Pipeline, target: str
) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["new"], 1)
    foreign = smallest(session, "pipeline_stages")
    session.commit()
    new = was["new"].id
    key = {"itself": new, "foreign": foreign.id, "also gone": was["won"].id, "nonsense": "x"}[target]

    fields = {f"{new}:gone": "1", f"{new}:target": key, f"{was['won'].id}:gone": "1" if target == "also gone" else ""}
    answer = save(client, families, fields=fields)

    assert "Choose where its deals go." in answer.text
    assert list(stages(session, families)) == ["new", "offer", "won", "lost"]
    assert deals[0].stage_id == new


def test_rules_that_name_a_stage_are_switched_off_or_keep_it(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    was = stages(session, families)
    offer = was["offer"].id
    note = {"action_type": "add_note", "action_config": {"text": "Seen"}, "is_active": True}
    rule = smallest(
        session, "automation_rules", pipeline_id=families.id, name="Follow up", trigger_type="stage_changed",
        trigger_config={"stage_id": offer}, **note,
    )  # fmt: skip
    other = smallest(
        session, "automation_rules", pipeline_id=families.id, name="Elsewhere", trigger_type="deal_created",
        trigger_config={}, is_active=True, action_type="move_stage", action_config={"stage_id": offer},
    )  # fmt: skip
    mail = smallest(session, "email_metadata", ai_pipeline_stage_id=offer)
    session.commit()
    page = unescape(client.get(f"{HOME}{families.id}").text)
    assert "2 automation rules name this stage:" in page and "1 e-mail was sorted into this stage" in page

    kept = save(client, families, fields={f"{offer}:gone": "1"})
    assert "Agree that these rules are switched off" in kept.text
    with pytest.raises(InUse, match="“Elsewhere”, “Follow up”"):
        session.delete(session.get(PipelineStage, offer))
        session.flush()
    session.rollback()
    assert save(client, families, fields={f"{offer}:gone": "1", f"{offer}:switch_off": "1"}).status_code == 302

    session.expire_all()
    assert (rule.is_active, other.is_active) == (False, False)
    assert rule.disabled_reason == "The stage “offer”, which the rule names, was removed."
    assert (mail.ai_pipeline_stage_id, mail.ai_pipeline_stage_name) == (None, "offer")


def test_more_deals_than_can_change_together_stay_as_they_are(
    client: FlaskClient, session: Session, families: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["offer"], 3)
    monkeypatch.setattr(following, "MOST_DEALS", 2)

    answer = save(client, families, fields={f"{was['offer'].id}:kind": "won"})

    assert answer.status_code == 409
    assert "3 deals stand in this stage. At most 2 can change together" in answer.text
    session.expire_all()
    assert {deal.status for deal in deals} == {DealStatus.open}


# What a stage says of its deals ------------------------------------------------------


def test_deals_become_what_their_stage_is_now(client: FlaskClient, session: Session, families: Pipeline) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["offer"], 2)
    offer = was["offer"].id

    save(client, families, fields={f"{offer}:kind": "won"})
    session.expire_all()
    assert {(d.status, d.probability) for d in deals} == {(DealStatus.won, 100)}
    assert all(deal.actual_close_date for deal in deals)
    asked = save(client, families, fields={f"{offer}:kind": "lost"})
    assert "Say why these 2 deals are lost." in asked.text
    save(client, families, fields={f"{offer}:kind": "lost", f"{offer}:reason": "All of them"})
    session.expire_all()
    assert {(d.status, d.probability, d.lost_reason) for d in deals} == {(DealStatus.lost, 0, "All of them")}
    save(client, families, fields={f"{offer}:kind": "open", f"{offer}:probability": "45"})
    session.expire_all()
    assert {(d.status, d.probability, d.lost_reason, d.actual_close_date) for d in deals} == {
        (DealStatus.open, 45, None, None)
    }


def test_the_generated_form_obeys_too(client: FlaskClient, session: Session, families: Pipeline) -> None:
    stage = stages(session, families)["offer"]
    deals = deals_in(session, stage, 2)

    def post(**more: str) -> Any:
        session.refresh(stage)
        form = {"name": "offer", "pipeline_id": families.id, "order": "1", "version": stage.row_version}
        return client.post(f"/pipeline_stages/edit/{stage.id}", data=form | more)

    shown = {"is_won_stage-shown": "1", "is_lost_stage-shown": "1"}
    refused = post(is_lost_stage="1", **shown)
    assert "2 deals in this stage would be lost. Say why in the editor of the pipeline." in refused.text
    assert post(is_won_stage="1", **shown).status_code == 302

    session.expire_all()
    assert {deal.status for deal in deals} == {DealStatus.won}


@pytest.mark.parametrize(("follow", "chances"), [("1", {35}), ("", {50})])
def test_open_deals_get_the_new_probability_when_that_is_asked(
    client: FlaskClient, session: Session, families: Pipeline, follow: str, chances: set[int]
) -> None:
    stage = stages(session, families)["offer"]
    deals = deals_in(session, stage, 2)

    save(client, families, fields={f"{stage.id}:probability": "35", f"{stage.id}:follow": follow})

    session.expire_all()
    assert {deal.probability for deal in deals} == chances
    assert stages(session, families)["offer"].probability == 35


def test_ten_thousand_deals_move_within_one_request(client: FlaskClient, session: Session, families: Pipeline) -> None:
    was = {name: stage.id for name, stage in stages(session, families).items()}
    session.execute(
        text(
            "INSERT INTO deals (title, pipeline_id, stage_id, country_code)"
            " SELECT 'Deal ' || n, :pipeline, :stage, 'SK' FROM generate_series(1, 10000) n"
        ),
        {"pipeline": families.id, "stage": was["new"]},
    )
    session.commit()
    session.execute(text("ANALYZE deals"))  # as the database does by itself, a little later

    answer = save(client, families, fields={f"{was['new']}:gone": "1", f"{was['new']}:target": was["offer"]})

    assert answer.status_code == 302
    counted = "SELECT count(*), count(DISTINCT board_position), min(probability) FROM deals WHERE stage_id = :stage"
    assert session.execute(text(counted), {"stage": was["offer"]}).one() == (10_000, 10_000, 50)
