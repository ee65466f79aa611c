"""Dry runs and back-tests from the form of a rule: told in words, within one's rights, and nothing is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.types import Country, utc_now
from app.pipeline.automation import lookback
from app.pipeline.models import AutomationRun, DealActivity
from tests.conftest import logged_in
from tests.pipeline.test_automation_pages import ALL, EVERYWHERE, colleague, families, typed, words
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
__all__ = ["families"]
LARGE = {"if.0.field": "value", "if.0.op": "ge", "if.0.value": "1,000"}


@pytest.fixture
def deal(session: Session, families: dict[str, Any]) -> Any:
    found = smallest(
        session, "deals", stage_id=families["New lead"].id, title="Family Novak", country_code=Country("SK"),
        value=2500, currency="EUR",
    )  # fmt: skip
    session.commit()
    return found


def rows(session: Session) -> tuple[int, ...]:
    return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (DealActivity, AutomationRun))


def test_a_dry_run_tells_condition_by_condition_and_writes_nothing(
    client: FlaskClient, session: Session, families: dict[str, Any], deal: Any
) -> None:
    before = rows(session)

    answer = client.post("/automation/dry-run", data=typed(families, deal_id=deal.id, **LARGE))

    told = words(answer)
    assert answer.status_code == 200
    assert "The rule would act." in told
    assert "Value is at least 1,000.00" in told and "The deal has: €2,500.00" in told
    assert "Would be done:" in told and "Add the activity “Call" in told
    session.expire_all()
    assert rows(session) == before


def test_a_dry_run_tells_what_is_not_met(client: FlaskClient, families: dict[str, Any], deal: Any) -> None:
    answer = client.post(
        "/automation/dry-run", data=typed(families, deal_id=deal.id, **{**LARGE, "if.0.value": "9000"})
    )

    told = words(answer)
    assert "The rule would not act. Not every condition is met." in told
    assert "does not hold" in answer.get_data(as_text=True)


def test_a_rule_that_is_not_complete_is_told_what_it_lacks(
    client: FlaskClient, families: dict[str, Any], deal: Any
) -> None:
    for address in ("/automation/dry-run", "/automation/back-test"):
        answer = client.post(address, data=typed(families, deal_id=deal.id, **{"then.create_activity.subject": ""}))

        assert answer.status_code == 200
        assert "The rule is not complete yet. Subject: This field is required." in words(answer)


def test_a_back_test_lists_the_deals_with_links(
    client: FlaskClient, families: dict[str, Any], session: Session, deal: Any
) -> None:
    smallest(session, "deals", stage_id=families["New lead"].id, title="Too small", value=5)
    session.commit()

    answer = client.post("/automation/back-test", data=typed(families, trigger="deal_created", **LARGE))

    told, page = words(answer), answer.get_data(as_text=True)
    assert "1 time on 1 deal in the last 90 days" in told
    assert f'href="/deals/show/{deal.id}">Family Novak' in page
    assert "Too small" not in page
    assert "Conditions are compared with what deals hold today." in told


def test_a_back_test_without_a_match_says_never(client: FlaskClient, families: dict[str, Any], deal: Any) -> None:
    answer = client.post("/automation/back-test", data=typed(families, trigger="deal_won"))

    assert "Never in the last 90 days" in words(answer)


def test_deals_of_other_countries_are_not_tried_and_not_counted(
    app: Flask, session: Session, families: dict[str, Any], deal: Any
) -> None:
    foreign = smallest(
        session, "deals", stage_id=families["New lead"].id, title="Family Nagy", country_code=Country("HU")
    )
    session.commit()
    clerk = logged_in(app, colleague(session, "clerk.sk", ALL, "SK"))

    counted = words(clerk.post("/automation/back-test", data=typed(families, trigger="deal_created")))

    assert "1 time on 1 deal" in counted and "Family Novak" in counted and "Nagy" not in counted
    assert clerk.post("/automation/dry-run", data=typed(families, deal_id=foreign.id)).status_code == 404
    assert clerk.post("/automation/dry-run", data=typed(families, deal_id="nobody")).status_code == 404


def test_hidden_fields_are_not_found_out_by_trying(
    app: Flask, session: Session, families: dict[str, Any], deal: Any
) -> None:
    blind = logged_in(app, colleague(session, "blind", ALL, *EVERYWHERE, hidden=(("deals", "value"),)))

    for address in ("/automation/dry-run", "/automation/back-test"):
        told = words(blind.post(address, data=typed(families, deal_id=deal.id, **LARGE)))

        assert "The rule is not complete yet." in told
        assert "2,500" not in told and "would act" not in told


def test_without_deals_nothing_is_tried(app: Flask, session: Session, families: dict[str, Any], deal: Any) -> None:
    reader = logged_in(app, colleague(session, "reader", {"automation_rules": "v", "pipelines": "v"}, *EVERYWHERE))

    for address in ("/automation/dry-run", "/automation/back-test"):
        assert reader.post(address, data=typed(families, deal_id=deal.id)).status_code == 403


def test_a_back_test_of_more_than_it_looks_at_says_how_far_it_looked(
    client: FlaskClient, session: Session, families: dict[str, Any], deal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        smallest(session, "deals", stage_id=families["New lead"].id, title="Small", value=5)
    deal.created_at = utc_now() - timedelta(days=3)
    session.commit()
    monkeypatch.setattr(lookback, "MOST", 2)

    several = words(client.post("/automation/back-test", data=typed(families, trigger="deal_created")))
    few = words(client.post("/automation/back-test", data=typed(families, trigger="deal_created", **LARGE)))

    assert "At least 2 times on 2 deals in the last 90 days" in several
    assert "0 times" in few and "Never" not in few
    for told in (several, few):
        assert "The newest 2 occasions were looked at, older ones were not." in told
