"""The default pipeline is never missing, whichever door is used."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.errors import InUse, Unprocessable
from app.pipeline.models import Pipeline
from tests.pipeline.editing import HOME, defaults, save, stages
from tests.smallest import smallest


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


@pytest.fixture
def beside(session: Session, families: Pipeline) -> Pipeline:
    """Another pipeline, without an open stage, and one with it."""
    smallest(session, "pipelines", name="Bare", created_at=datetime(2020, 1, 1, tzinfo=UTC))
    other: Pipeline = smallest(session, "pipelines", name="Upgrades", country_codes=["SK"])
    smallest(session, "pipeline_stages", pipeline_id=other.id, name="new")
    session.commit()
    return other


@pytest.mark.parametrize(
    "statement",
    ["UPDATE pipelines SET is_default = false", "UPDATE pipelines SET is_active = false WHERE name = 'Families'",
     "UPDATE pipelines SET is_active = false, is_default = NULL WHERE name = 'Families'",
     "DELETE FROM pipelines WHERE name = 'Families'"],
)  # fmt: skip
def test_raw_sql_leaves_one_default_as_well(session: Session, beside: Pipeline, statement: str) -> None:
    session.execute(text(statement))
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # as the commit does

    kept = "Families" if statement.endswith("is_default = false") else "Upgrades"
    assert defaults(session) == [kept]
    assert session.scalar(text("SELECT count(*) FROM pipelines WHERE is_default")) == 1


def test_a_pipeline_of_another_country_is_the_heir_too(session: Session, beside: Pipeline) -> None:
    session.execute(text("UPDATE pipelines SET country_codes = '{CZ}' WHERE name <> 'Families'"))
    session.execute(text("UPDATE pipelines SET country_codes = '{SK}' WHERE name = 'Families'"))
    session.execute(text("SET LOCAL ROLE indexus_app; SET LOCAL indexus.countries = 'SK'"))

    session.execute(text("UPDATE pipelines SET is_active = false WHERE name = 'Families'"))
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE"))

    assert defaults(session) == ["Upgrades"]


def test_a_default_that_moves_in_two_steps_is_where_it_was_put(session: Session, beside: Pipeline) -> None:
    session.execute(text("UPDATE pipelines SET is_default = false"))
    session.execute(text("UPDATE pipelines SET is_default = true WHERE name = 'Bare'"))
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    assert defaults(session) == ["Bare"]


def test_the_last_pipelines_may_all_go(session: Session, families: Pipeline) -> None:
    session.execute(text("DELETE FROM pipelines"))
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    assert defaults(session) == []
