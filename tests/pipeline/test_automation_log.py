"""The log of runs: what rules did, for whom it may be read, and page after page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.core.types import Country
from app.pipeline.models import AutomationRun, AutomationRunOutcome
from tests.conftest import logged_in
from tests.pipeline.test_automation_pages import ALL, EVERYWHERE, colleague, families, words
from tests.smallest import smallest

pytestmark = pytest.mark.usefixtures("without_csrf")
__all__ = ["families"]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def run_of(session: Session, rule: Any, deal: Any, number: int = 0, **more: Any) -> Any:
    values = {"outcome": AutomationRunOutcome.done, "event_key": f"event {number}", "chain": f"chain {number}", **more}
    found = AutomationRun(rule_id=rule.id, deal_id=deal.id, at=NOON + timedelta(minutes=number), **values)
    session.add(found)
    session.flush()
    return found


@pytest.fixture
def rule(session: Session, families: dict[str, Any]) -> Any:
    found = smallest(session, "automation_rules", pipeline_id=families["pipeline"].id, name="Note every lead")
    session.commit()
    return found


@pytest.fixture
def deal(session: Session, families: dict[str, Any]) -> Any:
    found = smallest(
        session, "deals", stage_id=families["New lead"].id, title="Family Novak", country_code=Country("SK")
    )
    session.commit()
    return found


def test_a_run_tells_what_it_made_and_what_set_it_off(
    client: FlaskClient, session: Session, families: dict[str, Any], rule: Any, deal: Any
) -> None:
    note = smallest(session, "deal_activities", deal_id=deal.id, subject="A rule was here")
    other = smallest(session, "automation_rules", pipeline_id=families["pipeline"].id, name="First of all")
    first = run_of(session, other, deal, 1, chain="one")
    run_of(session, rule, deal, 2, chain="one", depth=2, caused_by=first.id, made_table="deal_activities",
           made_key=note.id)  # fmt: skip
    run_of(session, rule, deal, 3, outcome=AutomationRunOutcome.failed, reason="This colleague is deactivated.")
    session.commit()

    answer = client.get("/automation/runs")

    page, told = answer.get_data(as_text=True), words(answer)
    assert f'href="/deals/show/{deal.id}"' in page and f'href="/deal_activities/show/{note.id}"' in page
    assert "Set off by “First of all”." in told
    assert "Failed" in told and "This colleague is deactivated." in told
    chain = words(client.get("/automation/runs?chain=one"))
    assert chain.count("Family Novak") == 2
    only = words(client.get(f"/automation/runs?rule={rule.id}&outcome=failed"))
    assert only.count("Family Novak") == 1 and "Runs of “Note every lead”" in only


def test_pages_go_on_by_key(client: FlaskClient, session: Session, rule: Any, deal: Any) -> None:
    for number in range(53):
        run_of(session, rule, deal, number)
    session.commit()

    first = client.get("/automation/runs").get_data(as_text=True)
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(older).get_data(as_text=True)

    assert (first.count("run-line"), second.count("run-line")) == (50, 3)
    assert 'rel="next"' not in second


def test_runs_about_deals_of_other_countries_are_not_there(
    app: Flask, session: Session, families: dict[str, Any], rule: Any, deal: Any
) -> None:
    foreign = smallest(
        session, "deals", stage_id=families["New lead"].id, title="Family Nagy", country_code=Country("HU")
    )
    run_of(session, rule, deal, 1)
    run_of(session, rule, foreign, 2)
    session.commit()
    clerk = logged_in(app, colleague(session, "clerk.sk", ALL, "SK"))

    told = words(clerk.get("/automation/runs"))

    assert "Family Novak" in told and "Nagy" not in told
    assert words(clerk.get("/automation/")).count("1 run") == 0  # what ran is counted for all; the deal is not named


def test_without_the_module_of_deals_their_names_are_not_told(
    app: Flask, session: Session, rule: Any, deal: Any
) -> None:
    note = smallest(session, "deal_activities", deal_id=deal.id, subject="Secret subject")
    run_of(session, rule, deal, 1, made_table="deal_activities", made_key=note.id)
    session.commit()
    reader = logged_in(app, colleague(session, "reader", {"automation_rules": "v", "pipelines": "v"}, "SK", "CZ"))

    answer = reader.get("/automation/runs")

    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert "Family Novak" not in page and "Secret subject" not in page and "/deals/show/" not in page


def test_a_condition_on_a_hidden_field_is_not_told(app: Flask, session: Session, rule: Any, deal: Any) -> None:
    reason = "A condition is not met: Value."
    run_of(session, rule, deal, 1, outcome=AutomationRunOutcome.skipped, reason=reason)
    session.commit()
    seeing = logged_in(app, colleague(session, "seeing", ALL, *EVERYWHERE))
    blind = logged_in(app, colleague(session, "blind", ALL, *EVERYWHERE, hidden=(("deals", "value"),)))

    assert reason in words(seeing.get("/automation/runs"))
    assert "Family Novak" in words(blind.get("/automation/runs"))
    assert "Value" not in words(blind.get("/automation/runs"))


@pytest.mark.parametrize(
    "asked",
    ["outcome=won", "after=x", "after=2026-01-01~", "after=2026-01-01T00:00:00~k", "after=~", "after=99999~x~y"],
)
def test_an_address_that_makes_no_sense_is_refused_with_a_sentence(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/automation/runs?{asked}")

    assert answer.status_code == 400


def test_a_rule_of_nobody_has_no_log(client: FlaskClient) -> None:
    assert client.get("/automation/runs?rule=nobody").status_code == 404


def test_the_log_of_a_rule_goes_with_it(client: FlaskClient, session: Session, rule: Any, deal: Any) -> None:
    run_of(session, rule, deal, 1)
    session.commit()
    version = client.get("/automation/").get_data(as_text=True).partition('data-version="')[2].partition('"')[0]

    answer = client.post(f"/automation/{rule.id}/delete", data={"version": version})

    assert answer.status_code == 302
    assert "No runs yet" in words(client.get("/automation/runs"))


def test_the_log_is_narrowed_to_one_deal(client: FlaskClient, session: Session, rule: Any, deal: Any) -> None:
    other = smallest(session, "deals", stage_id=deal.stage_id, title="Family Kral", country_code=Country("SK"))
    run_of(session, rule, deal, 1)
    run_of(session, rule, other, 2)
    session.commit()

    answer = client.get(f"/automation/runs?deal={deal.id}")

    page = answer.get_data(as_text=True)
    assert page.count("run-line") == 1 and "Family Kral" not in page
    assert f'<option value="{deal.id}" selected>Family Novak</option>' in page
    assert "Runs are kept for 400 days." in words(answer)
    found = client.get("/automation/deals.json?q=family+kr").get_json()["results"]
    assert [one["text"] for one in found] == ["Family Kral"]


def test_a_deal_that_one_may_not_read_has_no_name_in_the_filter(
    app: Flask, session: Session, families: dict[str, Any], rule: Any, deal: Any
) -> None:
    foreign = smallest(session, "deals", stage_id=deal.stage_id, title="Family Nagy", country_code=Country("HU"))
    run_of(session, rule, foreign, 1)
    run_of(session, rule, deal, 2)
    session.commit()
    slovak = logged_in(app, colleague(session, "clerk.sk", ALL, "SK"))
    without = logged_in(app, colleague(session, "reader", {"automation_rules": "v", "pipelines": "v"}, *EVERYWHERE))

    for key in (foreign.id, "nobody"):
        answer = slovak.get(f"/automation/runs?deal={key}")
        assert "(no access)" in words(answer) and "Nagy" not in words(answer)
        assert "No runs like this" in words(answer)
    answer = without.get(f"/automation/runs?deal={deal.id}")
    assert "Novak" not in words(answer)
    assert 'data-href="/automation/deals.json"' not in answer.get_data(as_text=True)


def test_the_number_of_runs_leads_to_as_many_and_the_last_outcome_to_its_like(
    client: FlaskClient, session: Session, rule: Any, deal: Any
) -> None:
    for number, outcome in enumerate(("done", "skipped", "done", "failed")):
        run_of(session, rule, deal, number, outcome=AutomationRunOutcome(outcome))
    rule.execution_count = 2
    session.commit()

    page = client.get("/automation/").get_data(as_text=True)

    assert f'<a href="/automation/runs?rule={rule.id}&amp;outcome=done">2 runs</a>' in page
    assert f'<a href="/automation/runs?rule={rule.id}&amp;outcome=failed">' in page
    assert client.get(f"/automation/runs?rule={rule.id}&outcome=done").get_data(as_text=True).count("run-line") == 2
