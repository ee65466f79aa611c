"""The forecast of a pipeline: months, sums, cards, and what it takes to move a deal to another month."""

from __future__ import annotations

import calendar
import html
import re
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from app.access.models import RoleFieldPermission
from app.dashboards.sales.months import column_at, columns_of, day_in
from app.pipeline.models import Deal, DealStatus
from tests.dashboards.seeded import browser_of, rows_of, with_rights
from tests.pipeline.sold import sell, stages_of
from tests.pipeline.test_insights import today, worth
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
COLUMN = re.compile(
    r'data-month="([^"]+)".*?<a class="forecast-count" href="([^"]+)"[^>]*>([\d,]+)</a>(.*?)</header>', re.S
)
DAY = "expected_close_date"


@pytest.fixture
def stages(session: Session) -> dict[str, Any]:
    return sell(session, today=today(), deals=90)


def base(stages: dict[str, Any]) -> str:
    return f"/pipeline/forecast/{stages['new'].pipeline_id}"


def shown(client: FlaskClient, href: str) -> dict[str, tuple[str, int, str]]:
    """Address of the list, number and the sums by column."""
    answer = client.get(href)
    assert answer.status_code == 200, answer.text
    return {
        key: (html.unescape(at), int(count.replace(",", "")), html.unescape(rest))
        for key, at, count, rest in COLUMN.findall(answer.text)
    }


def column_of(day: date | None) -> str:
    return column_at(day, columns_of(today())).key


def open_deals(session: Session, stages: dict[str, Any]) -> list[Deal]:
    session.expire_all()
    asked = select(Deal).filter_by(pipeline_id=stages["new"].pipeline_id, status=DealStatus.open)
    return list(session.scalars(asked))


def move(client: FlaskClient, stages: dict[str, Any], deal: Any, month: str, version: str | None = None) -> Any:
    body = {"deal": deal.id, "month": month, "version": deal.row_version if version is None else version}
    return client.post(f"{base(stages)}/move", json=body, headers={"Accept": "application/json"})


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2026, 2, 1), date(2027, 12, 15), date(2028, 2, 29)])
def test_the_columns_hold_every_day_once(day: date) -> None:
    columns = columns_of(day)

    assert [column.key for column in columns][0::8] == ["late", "none"] and len(columns) == 9
    for back in range(-400, 400):
        one = day + timedelta(days=back)
        assert sum(
            (c.first is None or one >= c.first) and (c.last is None or one <= c.last) for c in columns[:-1]
        ) == 1  # fmt: skip


@pytest.mark.parametrize(
    ("before", "month", "after"),
    [
        (date(2026, 1, 31), "2026-04", date(2026, 4, 30)), (date(2026, 5, 12), "2026-04", date(2026, 4, 12)),
        (None, "2026-04", date(2026, 4, 30)), (date(2026, 1, 5), "2026-03", date(2026, 3, 31)),
        (date(2026, 1, 25), "2026-03", date(2026, 3, 25)), (date(2026, 1, 25), "none", None),
    ],
)  # fmt: skip
def test_a_deal_keeps_its_day_of_the_month_unless_that_is_gone_or_past(
    before: date | None, month: str, after: date | None
) -> None:
    column = next(c for c in columns_of(date(2026, 3, 20)) if c.key == month)

    assert day_in(column, before) == after


def test_each_month_has_its_deals_sums_and_list(client: FlaskClient, session: Session, stages: dict[str, Any]) -> None:
    groups = defaultdict(list)
    for deal in open_deals(session, stages):
        groups[column_of(deal.expected_close_date)].append(deal)

    columns = shown(client, base(stages))

    assert {key: count for key, (_at, count, _sum) in columns.items()} == {
        column.key: len(groups[column.key]) for column in columns_of(today())
    }
    for key, (at, count, sums) in columns.items():
        assert rows_of(client, at) == count
        assert f"€{worth(groups[key]):,.2f}" in sums
        weighted = re.findall(r"€([\d,.]+)", sums)[1]
        assert float(weighted.replace(",", "")) == pytest.approx(worth(groups[key], weigh=True), abs=0.011)


def test_the_filters_of_the_list_narrow_the_forecast(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    query = (
        f"_flt_in_country_code=SK,CZ,HU,RO,IT&_flt_ge_{DAY}={today() - timedelta(days=40)}&_flt_eq_pipeline_id=another"
    )

    columns = shown(client, f"{base(stages)}?{query}")

    kept = [
        deal for deal in open_deals(session, stages)
        if deal.country_code in ("SK", "CZ", "HU", "RO", "IT") and deal.expected_close_date
        and deal.expected_close_date >= today() - timedelta(days=40)
    ]  # fmt: skip
    assert sum(count for _at, count, _sum in columns.values()) == len(kept) > 0
    for at, count, _sum in columns.values():
        assert rows_of(client, at) == count
    page = client.get(f"{base(stages)}?{query}").text
    assert f'href="/pipeline/{stages["new"].pipeline_id}?_flt_in_country_code=SK%2CCZ%2CHU%2CRO%2CIT&amp;' in page
    assert f"_flt_eq_pipeline_id={stages['new'].pipeline_id}" in page


def test_a_month_is_read_page_by_page(client: FlaskClient, session: Session) -> None:
    stages = stages_of(session, "Many")
    for number in range(70):
        day = today() if number % 2 else today() + timedelta(days=number // 40)
        smallest(session, "deals", stage_id=stages["new"].id, title=f"D{number}", expected_close_date=day)
    session.commit()
    key = column_of(today())
    there = shown(client, base(stages))[key][1]

    seen, page, after = [], client.get(base(stages)).text, "?"
    while after:
        seen += re.findall(r'data-deal="([^"]+)"', page)
        found = re.search(rf'data-more="({today().isoformat()}~[^"]+)"', page) or re.search(
            r'data-more="([^"]+)"', page
        )
        after = found[1] if found else ""
        page = client.get(f"{base(stages)}/more?month={key}&after={after}").text if after else ""

    assert len(set(seen)) == len(seen) >= there >= 50
    unfolded = client.get(f"{base(stages)}/columns?shown={key}:60").text
    assert len(re.findall("data-deal=", unfolded)) >= 60


def test_what_is_no_place_in_a_month_is_not_found(client: FlaskClient, stages: dict[str, Any]) -> None:
    for query in ("month=never&after=x", "month=none&after=2026-13-01~x", "month=&after=", "after=~x"):
        assert client.get(f"{base(stages)}/more?{query}").status_code == 404


def test_a_deal_is_moved_to_another_month(client: FlaskClient, session: Session, stages: dict[str, Any]) -> None:
    deal = smallest(session, "deals", stage_id=stages["new"].id, expected_close_date=date(2026, 1, 31))
    session.commit()
    target = columns_of(today())[3]

    answer = move(client, stages, deal, target.key)

    assert answer.status_code == 200 and target.label in answer.json["said"]
    session.expire_all()
    assert target.last is not None
    last = calendar.monthrange(target.last.year, target.last.month)[1]
    assert deal.expected_close_date == target.last.replace(day=min(31, last))
    assert deal.stage_id == stages["new"].id
    assert move(client, stages, deal, "none").status_code == 200
    session.expire_all()
    assert deal.expected_close_date is None
    trail = session.execute(
        text("SELECT count(*) FROM activity_logs WHERE entity_id = :d AND action = 'update'"), {"d": deal.id}
    )
    assert trail.scalar_one() == 2


def test_who_looked_at_an_older_forecast_changes_nothing(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    deal = smallest(session, "deals", stage_id=stages["new"].id, expected_close_date=today())
    session.commit()
    seen, (first, second) = deal.row_version, (column.key for column in columns_of(today())[3:5])
    assert move(client, stages, deal, first, seen).status_code == 200
    session.expire_all()
    kept = deal.expected_close_date

    answer = move(client, stages, deal, second, seen)

    assert answer.status_code == 409
    session.expire_all()
    assert deal.expected_close_date == kept


@pytest.mark.parametrize("month", ["late", "later", "1999-01", "x"])
def test_past_due_and_later_are_no_month_to_put_a_deal_into(
    client: FlaskClient, session: Session, stages: dict[str, Any], month: str
) -> None:
    deal = smallest(session, "deals", stage_id=stages["new"].id, expected_close_date=today())
    session.commit()

    assert move(client, stages, deal, month).status_code == 422
    session.expire_all()
    assert deal.expected_close_date == today()


def test_a_closed_deal_and_one_of_another_pipeline_are_not_moved(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    won = smallest(session, "deals", stage_id=stages["won"].id)
    other = smallest(session, "deals", stage_id=stages_of(session, "Other")["new"].id)
    session.commit()

    assert move(client, stages, won, "none").status_code == 422
    assert move(client, stages, other, "none").status_code == 404


@pytest.mark.parametrize("body", [None, [], {}, {"deal": 3, "month": "none", "version": "x"}, {"deal": "x"}, "x"])
def test_a_move_that_cannot_be_read_is_refused(client: FlaskClient, stages: dict[str, Any], body: Any) -> None:
    assert client.post(f"{base(stages)}/move", json=body).status_code == 400


def test_without_the_right_on_the_field_a_deal_stays(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    user = with_rights(app, session, "reader", hidden=[("deals", DAY)])
    session.execute(
        update(RoleFieldPermission).where(RoleFieldPermission.field_key == DAY).values(permission="readonly")
    )
    deal = smallest(session, "deals", stage_id=stages["new"].id, country_code="SK", expected_close_date=today())
    session.commit()
    client = browser_of(app, user)

    page, answer = client.get(base(stages)).text, move(client, stages, deal, "none")

    assert "data-move-to" not in page and "data-moves" not in page and "sortable" not in page.lower()
    assert answer.status_code == 403
    session.expire_all()
    assert deal.expected_close_date == today()


def test_nobody_sees_or_moves_deals_of_other_countries(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    deal = smallest(session, "deals", stage_id=stages["new"].id, country_code="SK", title="Slovak one")
    other = smallest(session, "pipelines", name="Elsewhere", country_codes=["SK"])
    client = browser_of(app, with_rights(app, session, "swiss", countries=("CH",)))

    page = client.get(base(stages)).text

    assert "Slovak one" not in page
    assert move(client, stages, deal, "none").status_code == 404
    assert client.get(f"/pipeline/forecast/{other.id}").status_code == 404
    assert client.get("/pipeline/forecast/nothing").status_code == 404


def test_a_hidden_value_has_no_sums(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    hidden = [("deals", "value"), ("deals", "customer_id")]
    client = browser_of(app, with_rights(app, session, "poor", hidden=hidden))

    page = client.get(base(stages)).text

    assert "forecast-card" in page and "€" not in page and "forecast-value" not in page


@pytest.mark.parametrize("hidden", [DAY, "status", "pipeline_id"])
def test_where_the_forecast_would_tell_what_is_hidden_there_is_none(
    app: Flask, session: Session, stages: dict[str, Any], hidden: str
) -> None:
    client = browser_of(app, with_rights(app, session, "some", hidden=[("deals", hidden)]))

    assert client.get(base(stages)).status_code == 403


def test_a_page_that_is_open_asks_again_and_is_told_when_nothing_changed(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    first = client.get(f"{base(stages)}/columns")
    again = client.get(f"{base(stages)}/columns", headers={"If-None-Match": first.headers["ETag"]})
    smallest(session, "deals", stage_id=stages["new"].id, expected_close_date=today())
    session.commit()
    changed = client.get(f"{base(stages)}/columns", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)


def test_the_page_costs_the_same_statements_however_many_deals_there_are(
    client: FlaskClient, session: Session, engine: Engine, stages: dict[str, Any]
) -> None:
    with statements(engine) as before:
        client.get(base(stages))
    for number in range(60):
        smallest(
            session, "deals", stage_id=stages["new"].id, expected_close_date=today() + timedelta(days=number * 4)
        )  # fmt: skip
    session.commit()

    with statements(engine) as after:
        client.get(base(stages))

    assert len(after) == len(before) <= 11
    assert len([told for told in after if "sum(deals.value" in told]) == 1


def test_each_month_is_read_along_its_index(session: Session, stages: dict[str, Any]) -> None:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    session.execute(text("SET LOCAL enable_sort = off"))  # of a few rows sorting is as cheap
    asked = (
        "EXPLAIN SELECT id FROM deals WHERE pipeline_id = 'x' AND status = 'open' AND expected_close_date >= '2026-01-01'"
        " ORDER BY expected_close_date, id LIMIT 31"
    )

    plan = "\n".join(session.execute(text(asked)).scalars())

    assert "ix_deals_forecast" in plan and "Sort" not in plan
