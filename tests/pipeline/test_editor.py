"""Pipelines and their stages: begun from a template, saved as a whole, deleted when they are empty."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.errors import Unprocessable
from app.pipeline.models import Pipeline, PipelineStage
from app.pipeline.rules import stages as rules
from tests.pipeline.editing import HOME, deals_in, save, sheet, stages
from tests.smallest import smallest

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
