"""Who may do what in the editor of pipelines: countries, modules and fields."""

from __future__ import annotations

from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.pipeline.models import DealStatus, Pipeline
from tests.conftest import logged_in
from tests.pipeline.editing import HOME, deals_in, defaults, save, stages
from tests.smallest import smallest
from tests.tasks import make_role, person

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
