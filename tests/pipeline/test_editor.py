"""Pipelines and their stages: saved as a whole, with the deals that stand in them, and a default that is never missing."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.errors import InUse, Unprocessable
from app.pipeline.models import Deal, DealStatus, DealStay, Pipeline, PipelineStage
from app.pipeline.rules import stages as rules
from app.pipeline.services import following
from tests.conftest import logged_in
from tests.smallest import smallest
from tests.tasks import make_role, person

HOME = "/pipeline/pipelines/"


@pytest.fixture
def families(session: Session) -> Pipeline:
    """The default pipeline: new, offer, won and lost."""
    pipeline: Pipeline = smallest(session, "pipelines", name="Families", is_default=True)
    for order, (name, more) in enumerate(
        {
            "new": {"probability": 10},
            "offer": {"probability": 50, "rotting_days": 14},
            "won": {"probability": 100, "is_won_stage": True},
            "lost": {"is_lost_stage": True},
        }.items()
    ):
        smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name, order=order, color="#3b82f6", **more)
    session.commit()
    return pipeline


def stages(session: Session, pipeline: Any) -> dict[str, PipelineStage]:
    session.expire_all()
    asked = select(PipelineStage).where(PipelineStage.pipeline_id == pipeline.id).order_by(PipelineStage.order)
    return {stage.name: stage for stage in session.scalars(asked)}


def sheet(client: FlaskClient, pipeline: Any) -> dict[str, Any]:
    """The form as a browser would send it without a change."""
    page = client.get(f"{HOME}{pipeline.id}").text
    found: dict[str, Any] = {}
    main = re.sub(r"<template.*?</template>", "", page[page.index("stages-form") :], flags=re.S)
    for tag in re.findall(r"<input[^>]*>", main[: main.index("</form>")]):
        name, value = (re.search(rf'\s{what}="([^"]*)"', tag) for what in ("name", "value"))
        ticked = "checkbox" not in tag or " checked" in tag
        if name and ticked and " disabled" not in tag:
            found.setdefault(unescape(name[1]), []).append(unescape(value[1]) if value else "")
    for name_of, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, flags=re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name_of] = [chosen[1] if chosen else ""]
    for area, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', main, flags=re.S):
        found[area] = [unescape(body.strip())]
    return found


def save(client: FlaskClient, pipeline: Any, **changes: Any) -> Any:
    """Post the form as it is but for `changes`; `__` stands for the colon of a field of a stage."""
    form = sheet(client, pipeline)
    form.update(changes.pop("fields", {}))
    form.update(changes)
    return client.post(f"{HOME}{pipeline.id}", data=form)


def deals_in(session: Session, stage: PipelineStage, count: int, **given: Any) -> list[Any]:
    found = [smallest(session, "deals", stage_id=stage.id, title=f"Deal {n}", **given) for n in range(count)]
    session.commit()
    return found


# The list and the beginning ----------------------------------------------------


def test_the_list_shows_stages_and_open_deals(client: FlaskClient, session: Session, families: Pipeline) -> None:
    deals_in(session, stages(session, families)["offer"], 3)

    page = client.get(HOME).text

    assert "Families" in page and "3 open deals" in page
    assert "background-color: #3b82f6" in page


def test_countries_without_an_active_pipeline_are_told(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    assert "No active pipeline is for" not in client.get(HOME).text
    families.country_codes = ["SK", "CZ", "HU", "RO", "IT", "DE"]
    session.commit()

    assert "No active pipeline is for US and CH" in client.get(HOME).text


@pytest.mark.parametrize("template", ["families", "returning", "upgrade", "hospital", "blank"])
def test_a_pipeline_begins_with_the_stages_of_a_template(client: FlaskClient, session: Session, template: str) -> None:
    answer = client.post(f"{HOME}new", data={"name": "Fresh", "source": template, "is_active": "1"})

    made = session.scalars(select(Pipeline).where(Pipeline.name == "Fresh")).one()
    assert answer.location == f"{HOME}{made.id}"
    found = list(stages(session, made).values())
    assert [stage.order for stage in found] == list(range(len(found)))
    assert {rules.kind_of(stage) for stage in found} == {rules.Kind.open, rules.Kind.won, rules.Kind.lost}
    assert made.is_default  # the first one


def test_a_copy_has_the_same_stages(client: FlaskClient, session: Session, families: Pipeline) -> None:
    stages(session, families)["offer"].required_fields = ["value"]
    session.commit()

    client.post(f"{HOME}new", data={"name": "Twin", "source": f"copy:{families.id}", "is_active": "1"})

    twin = session.scalars(select(Pipeline).where(Pipeline.name == "Twin")).one()
    found = stages(session, twin)
    assert list(found) == ["new", "offer", "won", "lost"]
    assert (found["offer"].probability, found["offer"].rotting_days, found["offer"].required_fields) == (
        50,
        14,
        ["value"],
    )
    assert not twin.is_default


@pytest.mark.parametrize(
    ("more", "said"),
    [({"name": ""}, "This field is required."), ({"source": "nonsense"}, "no such template"),
     ({"source": "copy:nobody"}, "does not exist"), ({"country_codes": "XX"}, "Choose from the list.")],
)  # fmt: skip
def test_nothing_begins_from_nonsense(client: FlaskClient, session: Session, more: dict[str, str], said: str) -> None:
    answer = client.post(f"{HOME}new", data={"name": "Odd", "source": "blank", "is_active": "1"} | more)

    assert answer.status_code in (400, 404, 422)
    assert said in unescape(answer.text)
    assert session.scalars(select(Pipeline)).all() == []


def test_sent_twice_a_pipeline_is_added_once(client: FlaskClient, session: Session) -> None:
    key = re.search(r'name="form_key" value="(\w+)"', client.get(f"{HOME}new").text)
    assert key
    form = {"name": "Once", "source": "blank", "is_active": "1", "form_key": key[1]}

    first, second = (client.post(f"{HOME}new", data=form) for _turn in (1, 2))

    assert first.location == second.location
    assert len(session.scalars(select(Pipeline).where(Pipeline.name == "Once")).all()) == 1


# Stages --------------------------------------------------------------------------


def test_everything_is_saved_together(client: FlaskClient, session: Session, families: Pipeline) -> None:
    was = stages(session, families)
    order = [was["offer"].id, "new-1", was["new"].id, was["won"].id, was["lost"].id]

    answer = save(
        client,
        families,
        fields={
            "name": "Parents", "description": "All of them", "country_codes": ["SK", "CZ"], "stage": order,
            f"{was['offer'].id}:name": "Proposal", f"{was['offer'].id}:color": "#ABCDEF",
            f"{was['offer'].id}:probability": "60", f"{was['offer'].id}:rotting_days": "",
            f"{was['offer'].id}:required": ["value", "customer_id"],
            "new-1:name": "Meeting", "new-1:kind": "open", "new-1:probability": "30", "new-1:color": "#16a34a",
        },
    )  # fmt: skip

    assert answer.status_code == 302, answer.text
    found = stages(session, families)
    assert list(found) == ["Proposal", "Meeting", "new", "won", "lost"]
    assert [stage.order for stage in found.values()] == [0, 1, 2, 3, 4]
    offer = found["Proposal"]
    assert (offer.color, offer.probability, offer.rotting_days) == ("#ABCDEF", 60, None)
    assert offer.required_fields == ["customer_id", "value"]
    assert (families.name, families.country_codes) == ("Parents", ["SK", "CZ"])


def test_saving_without_a_change_changes_nothing(client: FlaskClient, session: Session, families: Pipeline) -> None:
    before = [(stage.id, stage.row_version) for stage in stages(session, families).values()]

    assert save(client, families).status_code == 302

    assert [(stage.id, stage.row_version) for stage in stages(session, families).values()] == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required."),
        ("name", "WON", "Another stage has the same name."),
        ("name", "x" * 300, "At most 255 characters."),
        ("probability", "101", "A whole number from 0 to 100."),
        ("probability", "-1", "A whole number from 0 to 100."),
        ("probability", "9" * 90, "A whole number from 0 to 100."),
        ("rotting_days", "0", "A whole number from 1 to 3650."),
        ("rotting_days", "soon", "A whole number from 1 to 3650."),
        ("color", "red;background:url(//evil)", "A colour looks like"),
        ("kind", "both", "Choose one of the list."),
        ("required", "password", "Choose from the list."),
    ],
)
def test_a_value_that_makes_no_sense_is_told_at_its_stage(
    client: FlaskClient, session: Session, families: Pipeline, field: str, value: str, said: str
) -> None:
    stage = stages(session, families)["new"]
    before = stage.row_version

    answer = save(client, families, fields={f"{stage.id}:{field}": value, "name": "Other"})

    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert "Nothing is saved yet" in answer.text
    assert (stages(session, families)["new"].row_version, families.name) == (before, "Families")


def test_a_hostile_name_is_only_text(client: FlaskClient, session: Session, families: Pipeline) -> None:
    stage = stages(session, families)["new"]
    hostile = '"><script>alert(1)</script>'
    session.execute(
        text("UPDATE pipeline_stages SET color = :color WHERE id = :id"),
        {"color": "red;background:url(//evil.example)", "id": stage.id},
    )
    session.commit()

    save(client, families, fields={f"{stage.id}:name": hostile, f"{stage.id}:color": "#123456"})
    pages = client.get(HOME).text + client.get(f"{HOME}{families.id}").text

    assert hostile in stages(session, families)
    assert "<script>alert" not in pages and "evil.example" not in pages


@pytest.mark.parametrize("wrong", ["missing", "twice", "foreign", "unknown", "huge", "none"])
def test_a_damaged_order_is_refused(client: FlaskClient, session: Session, families: Pipeline, wrong: str) -> None:
    was = stages(session, families)
    other = smallest(session, "pipeline_stages", name="elsewhere")
    session.commit()
    keys = [stage.id for stage in was.values()]
    order = {
        "missing": keys[1:],
        "twice": [*keys, keys[0]],
        "foreign": [*keys, other.id],
        "unknown": [*keys, "nobody"],
        "huge": [*keys, *(f"new-{n}" for n in range(200))],
        "none": [],
    }[wrong]

    answer = save(
        client, families, fields={"stage": order, f"{other.id}:name": "Stolen", f"{was['new'].id}:name": "Mine"}
    )

    assert answer.status_code in (400, 422)
    assert list(stages(session, families)) == ["new", "offer", "won", "lost"]
    assert session.get(PipelineStage, other.id).name == "elsewhere"


def test_a_pipeline_keeps_an_open_stage(client: FlaskClient, session: Session, families: Pipeline) -> None:
    was = stages(session, families)

    answer = save(client, families, fields={f"{was[name].id}:kind": "won" for name in ("new", "offer")})

    assert "A pipeline needs an open stage" in answer.text
    assert list(stages(session, families)) == ["new", "offer", "won", "lost"]


def test_what_a_pipeline_lacks_is_told(client: FlaskClient, session: Session, families: Pipeline) -> None:
    was = stages(session, families)

    assert save(client, families, fields={f"{was['lost'].id}:gone": "1"}).status_code == 302

    assert "There is no lost stage" in client.get(f"{HOME}{families.id}").text
    assert "There is no lost stage" in client.get(HOME).text


def test_the_slower_of_two_is_told_and_keeps_what_he_typed(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    was = {name: stage.id for name, stage in stages(session, families).items()}
    mine = sheet(client, families) | {f"{was['offer']}:name": "My offer", "description": "Mine"}
    save(client, families, fields={f"{was['offer']}:name": "Their offer", f"{was['lost']}:gone": "1"})

    answer = client.post(f"{HOME}{families.id}", data=mine)

    assert answer.status_code == 409
    said = unescape(answer.text)
    assert "Admin has changed this pipeline since you opened it" in said
    assert "“Their offer”: Name is “Their offer” now." in said
    assert "“lost” was removed. It is added again when you save." in said
    assert 'value="My offer"' in said
    assert "Their offer" in stages(session, families)

    version = re.search(r'name="version" value="(\w+)"', answer.text[answer.text.index("stages-form") :])
    assert version
    again = mine | {
        "version": version[1],
        "stage": [*(key for name, key in was.items() if name != "lost"), f"new-{was['lost']}"],
    }
    again |= {
        f"new-{was['lost']}:{name}": value
        for name, value in {"name": "lost", "kind": "lost", "color": "#dc2626"}.items()
    }
    assert client.post(f"{HOME}{families.id}", data=again).status_code == 302
    assert list(stages(session, families)) == ["new", "My offer", "won", "lost"]


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
        text("SELECT entity_id, details::jsonb FROM activity_logs WHERE entity_type = 'deals' AND action = 'update'")
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


def test_more_deals_than_can_move_together_stay(
    client: FlaskClient, session: Session, families: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = stages(session, families)
    deals = deals_in(session, was["new"], 3)
    new = was["new"].id
    monkeypatch.setattr(following, "MOST_DEALS", 2)

    answer = save(client, families, fields={f"{new}:gone": "1", f"{new}:target": was["offer"].id})

    assert answer.status_code == 409
    assert "3 deals stand in this stage. At most 2 can change together" in answer.text
    assert {deal.stage_id for deal in deals} == {new}


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


# The default ----------------------------------------------------------------------------


def defaults(session: Session) -> list[str]:
    asked = select(Pipeline.name).where(Pipeline.is_default.is_(True), Pipeline.is_active.is_(True))
    return list(session.scalars(asked))


@pytest.fixture
def audited(session: Session) -> Session:
    """The session as a door has it: what is set through it is no longer what the test starts from."""
    session.commit()
    session.info["unaudited"] = False
    return session


def test_the_default_is_handed_on_by_making_another_one_the_default(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    client.post(f"{HOME}new", data={"name": "Next", "source": "blank", "is_active": "1", "is_default": "1"})
    assert defaults(session) == ["Next"]

    save(client, families, fields={"is_default": "1"})

    assert defaults(session) == ["Families"]


@pytest.mark.parametrize("door", ["unset", "deactivate", "delete"])
def test_the_default_does_not_go_without_another_one(audited: Session, families: Pipeline, door: str) -> None:
    with pytest.raises((Unprocessable, InUse), match="“Families” is the default pipeline"):
        if door == "unset":
            families.is_default = False
        elif door == "deactivate":
            families.is_active = False
        else:
            audited.delete(families)
        audited.flush()
    audited.rollback()

    assert defaults(audited) == ["Families"]


def test_every_generated_door_keeps_the_default(client: FlaskClient, session: Session, families: Pipeline) -> None:
    key = families.id
    deleted = client.post(f"/pipelines/delete/{key}", follow_redirects=True)
    edited = client.post(
        f"/pipelines/edit/{key}",
        data={"name": "Families", "version": families.row_version, "is_default-shown": "1", "is_active-shown": "1",
              "is_active": "1"},
    )  # fmt: skip

    for answer in (deleted, edited):
        assert "“Families” is the default pipeline. Make another one the default first." in unescape(answer.text)
    assert defaults(session) == ["Families"]


def test_an_inactive_pipeline_and_one_without_an_open_stage_are_no_default(
    audited: Session, families: Pipeline
) -> None:
    audited.add(Pipeline(name="Resting", is_active=False, is_default=True))
    with pytest.raises(Unprocessable, match="inactive"):
        audited.flush()
    audited.rollback()
    audited.add(Pipeline(name="Empty", is_default=True))
    with pytest.raises(Unprocessable, match="open stage"):
        audited.flush()
    audited.rollback()

    assert defaults(audited) == ["Families"]


def test_the_default_keeps_an_open_stage(audited: Session, families: Pipeline) -> None:
    was = stages(audited, families)
    audited.delete(was["new"])
    audited.flush()

    with pytest.raises(Unprocessable, match="default pipeline"):
        was["offer"].is_won_stage = True
        audited.flush()
    audited.rollback()


def test_the_first_pipeline_is_the_default(audited: Session) -> None:
    audited.add(Pipeline(name="First"))
    audited.flush()
    audited.add(Pipeline(name="Second"))
    audited.flush()

    assert defaults(audited) == ["First"]


# Countries and rights ----------------------------------------------------------------------

PIPELINES = {"pipelines": "vae", "deals": "vae", "automation_rules": "vae"}


def test_a_pipeline_of_all_countries_is_not_changed_by_who_has_one(
    app: Flask, session: Session, families: Pipeline, without_csrf: None
) -> None:
    ours = smallest(session, "pipelines", name="Ours", country_codes=["SK"])
    smallest(session, "pipeline_stages", pipeline_id=ours.id, name="start")
    theirs = smallest(session, "pipelines", name="Theirs", country_codes=["HU"])
    clerk = logged_in(app, person(session, "clerk", "SK", role=make_role(session, "Sales", PIPELINES)))

    page = unescape(clerk.get(f"{HOME}{families.id}").text)
    assert "This pipeline is for all countries. Only somebody who works in all of them may change it." in page
    assert 'type="submit"><svg' not in page.partition("stages-form")[2]
    answer = clerk.post(f"{HOME}{families.id}", data={"name": "Mine now"})
    assert answer.status_code == 403 and "all countries" in answer.text
    assert clerk.get(f"{HOME}{theirs.id}").status_code == 404
    assert "Theirs" not in clerk.get(HOME).text
    assert save(clerk, ours, fields={"name": "Still ours"}).status_code == 302
    taken = save(clerk, ours, fields={"is_default": "1"})
    assert "only somebody of all can replace it" in unescape(taken.text)

    session.expire_all()
    assert (families.name, ours.name, defaults(session)) == ("Families", "Still ours", ["Families"])


def test_deals_of_another_country_keep_their_stage(app: Flask, session: Session) -> None:
    ours = smallest(session, "pipelines", name="Ours", country_codes=["SK"])
    start, end = (
        smallest(session, "pipeline_stages", pipeline_id=ours.id, name=n, order=o)
        for o, n in enumerate(("start", "end"))
    )
    abroad = smallest(session, "customers", country="CZ")
    deals_in(session, start, 1, country_code="SK")
    hidden = deals_in(session, start, 1, customer_id=abroad.id)[0]
    clerk = logged_in(
        app, person(session, "clerk", "SK", role=make_role(session, "Sales", PIPELINES | {"customers": "v"}))
    )

    moved = save(clerk, ours, fields={f"{start.id}:gone": "1", f"{start.id}:target": end.id})
    won = save(clerk, ours, fields={f"{start.id}:kind": "won"})

    for answer in (moved, won):
        assert answer.status_code == 403
        assert "Deals that are not yours stand in this stage." in answer.text
    session.expire_all()
    assert (hidden.stage_id, hidden.status) == (start.id, DealStatus.open)


def test_a_pipeline_keeps_the_countries_of_its_deals(client: FlaskClient, session: Session, families: Pipeline) -> None:
    deals_in(session, stages(session, families)["new"], 2, country_code="HU")

    answer = save(client, families, fields={"country_codes": ["SK"]})

    assert "2 deals of other countries stand in this pipeline. Move them first." in answer.text
    assert not stages(session, families)["new"].pipeline.country_codes


def test_who_only_reads_sees_and_changes_nothing(
    app: Flask, session: Session, families: Pipeline, without_csrf: None
) -> None:
    everywhere = ("SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")
    reader = logged_in(
        app, person(session, "reader", *everywhere, role=make_role(session, "Reader", {"pipelines": "v"}))
    )
    nobody = logged_in(app, person(session, "nobody", *everywhere, role=make_role(session, "Nobody", {"deals": "vae"})))

    page = reader.get(f"{HOME}{families.id}").text
    assert "You may look at this pipeline, but not change it." in page
    assert "open deal" not in reader.get(HOME).text
    assert reader.post(f"{HOME}{families.id}", data={"name": "x"}).status_code == 403
    assert reader.post(f"{HOME}{families.id}/delete").status_code == 403
    assert reader.get(f"{HOME}new").status_code == 403
    for path in ("", families.id, "new"):
        assert nobody.get(f"{HOME}{path}").status_code == 403


def test_rights_of_fields_are_obeyed(app: Flask, session: Session, families: Pipeline) -> None:
    role = make_role(session, "Careful", PIPELINES)
    for key, right in {"is_default": "readonly", "description": "hidden", "pipeline_stages.probability": "readonly",
                       "pipeline_stages.order": "readonly", "pipeline_stages.color": "hidden"}.items():  # fmt: skip
        smallest(
            session, "role_field_permissions", role_id=role.id, module_key="pipelines", field_key=key, permission=right
        )
    everywhere = ("SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")
    careful = logged_in(app, person(session, "careful", *everywhere, role=role))
    was = stages(session, families)
    new, order = was["new"].id, [stage.id for stage in was.values()]

    page = careful.get(f"{HOME}{families.id}").text
    assert 'name="description"' not in page and f"{new}:color" not in page and "data-grip" not in page
    saved = save(
        careful, families,
        fields={f"{new}:probability": "99", f"{new}:color": "#000000", f"{new}:name": "fresh", "description": "x"},
    )  # fmt: skip
    assert saved.status_code == 302
    turned = save(careful, families, fields={"stage": order[::-1]})

    assert turned.status_code == 403 and "You may not change the order of the stages." in turned.text
    stage = stages(session, families)["fresh"]
    assert (stage.probability, stage.color, stage.order, families.description) == (10, "#3b82f6", 0, None)


def test_hidden_names_stand_nowhere(app: Flask, session: Session, families: Pipeline) -> None:
    role = make_role(session, "Blindfolded", PIPELINES)
    for key in ("name", "description", "pipeline_stages.name", "pipeline_stages.color"):
        smallest(
            session,
            "role_field_permissions",
            role_id=role.id,
            module_key="pipelines",
            field_key=key,
            permission="hidden",
        )
    everywhere = ("SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")
    blind = logged_in(app, person(session, "blind", *everywhere, role=role))
    families.name, families.description = "Secret way", "Secret words"
    for stage in stages(session, families).values():
        stage.name, stage.color = f"Secret {stage.name}", "#abc123"
    session.commit()

    pages = [blind.get(f"{HOME}{path}").text for path in ("", "new", families.id)]
    saved = save(blind, families, fields={"is_active": "1"})

    assert saved.status_code == 302
    assert not [page for page in pages if "Secret" in page or "#abc123" in page]


def test_who_may_not_change_deals_does_not_move_them(app: Flask, session: Session, families: Pipeline) -> None:
    everywhere = ("SK", "CZ", "HU", "RO", "IT", "DE", "US", "CH")
    role = make_role(session, "Architect", {"pipelines": "vae"})
    architect = logged_in(app, person(session, "architect", *everywhere, role=role))
    was = stages(session, families)
    deal = deals_in(session, was["new"], 1)[0]
    new, offer = was["new"].id, was["offer"].id

    moved = save(architect, families, fields={f"{new}:gone": "1", f"{new}:target": offer})
    won = save(architect, families, fields={f"{new}:kind": "won"})

    assert "you may not move deals" in moved.text
    assert "you may not change deals" in won.text
    session.expire_all()
    assert (deal.stage_id, deal.status) == (new, DealStatus.open)


# The whole pipeline ----------------------------------------------------------------------------


def test_only_an_empty_pipeline_is_deleted(client: FlaskClient, session: Session, families: Pipeline) -> None:
    other = smallest(session, "pipelines", name="Other")
    stage = smallest(session, "pipeline_stages", pipeline_id=other.id, name="start")
    deal = deals_in(session, stage, 1)[0]
    version = sheet(client, other)["version"][0]

    full = client.post(f"{HOME}{other.id}/delete", data={"version": version})
    stale = client.post(f"{HOME}{other.id}/delete", data={"version": "x"})
    session.delete(deal)
    session.commit()
    done = client.post(f"{HOME}{other.id}/delete", data={"version": version})

    assert full.status_code == stale.status_code == 409
    assert "holds deals, so it cannot be deleted" in full.text
    assert done.location == HOME
    assert session.get(Pipeline, other.id, populate_existing=True) is None


def test_an_inactive_pipeline_takes_no_new_deal_but_keeps_its_own(
    client: FlaskClient, session: Session, families: Pipeline
) -> None:
    other = smallest(session, "pipelines", name="Other")
    first, second = (smallest(session, "pipeline_stages", pipeline_id=other.id, name=n) for n in ("a", "b"))
    deal = deals_in(session, first, 1)[0]

    assert save(client, other, fields={"is_active": ""}).status_code == 302
    session.expire_all()

    assert "1 open deal stays here" in client.get(f"{HOME}{other.id}").text
    deal.stage_id = second.id
    session.flush()
    with pytest.raises(Unprocessable, match="takes no new deals"):
        smallest(session, "deals", stage_id=first.id)


def test_colours_to_choose_from_are_seen_by_day_and_by_night() -> None:
    def brightness(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for color in rules.PALETTE:
        for ground in ("#ffffff", "#faf8f7", "#161315", "#201c1f"):
            light, dark = sorted((brightness(color), brightness(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3, (color, ground)


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

    answer = save(client, families, fields={f"{was['new']}:gone": "1", f"{was['new']}:target": was["offer"]})

    assert answer.status_code == 302
    counted = "SELECT count(*), count(DISTINCT board_position), min(probability) FROM deals WHERE stage_id = :stage"
    assert session.execute(text(counted), {"stage": was["offer"]}).one() == (10_000, 10_000, 50)
