"""Filters of lists: ranges, periods of the calendar, arrays, JSON; what fits no column is refused with a sentence."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.screens import filters, spans
from app.screens.readers import Invalid
from app.tables import MODELS
from tests.smallest import smallest

every_table = pytest.mark.parametrize("table", sorted(MODELS))
THURSDAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-03-05", "2026-03-05"),
        ("yesterday", "2026-03-04", "2026-03-04"),
        ("tomorrow", "2026-03-06", "2026-03-06"),
        ("this_week", "2026-03-02", "2026-03-08"),
        ("last_week", "2026-02-23", "2026-03-01"),
        ("next_week", "2026-03-09", "2026-03-15"),
        ("this_month", "2026-03-01", "2026-03-31"),
        ("last_month", "2026-02-01", "2026-02-28"),
        ("next_month", "2026-04-01", "2026-04-30"),
        ("this_quarter", "2026-01-01", "2026-03-31"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("last_7_days", "2026-02-27", "2026-03-05"),
        ("last_30_days", "2026-02-04", "2026-03-05"),
        ("next_30_days", "2026-03-05", "2026-04-03"),
        ("past", None, "2026-03-04"),
        ("future", "2026-03-06", None),
    ],
)
def test_a_period_is_counted_from_today(name: str, first: str | None, last: str | None) -> None:
    assert [day and day.isoformat() for day in spans.days_of(name, THURSDAY)] == [first, last]


@pytest.mark.parametrize("name", sorted(spans.LABELS))
@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31), date(2024, 2, 29)])
def test_every_period_has_its_days_also_at_the_turn_of_the_year(name: str, day: date) -> None:
    first, last = spans.days_of(name, day)

    assert (first or last) and (first is None or last is None or first <= last)


def test_a_period_nobody_knows_is_refused(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(Invalid):
        spans.days_of("this_decade", THURSDAY)


def found(client: FlaskClient, table: str, **asked: str) -> set[str]:
    """Ids of the rows that a list shows under these filters."""
    page = client.get(f"/{table}/list/", query_string={f"_flt_{name}": value for name, value in asked.items()})
    assert page.status_code == 200, page.text
    return set(re.findall(rf'href="/{table}/show/([^"?]+)', page.text))


def chips(client: FlaskClient, table: str, **asked: str) -> list[str]:
    page = client.get(f"/{table}/list/", query_string={f"_flt_{name}": value for name, value in asked.items()})
    return re.findall(r"<button class=\"chip-text\"[^>]*>([^<]+)</button>", page.text)


def test_numbers_are_found_between_two_ends_that_count_or_beyond_one(client: FlaskClient, session: Session) -> None:
    rows = {value: smallest(session, "deals", value=Decimal(value)).id for value in (10, 20, 30)}
    session.commit()

    def amounts(asked: str) -> set[int]:
        there = found(client, "deals", bt_value=asked)
        return {value for value, key in rows.items() if key in there}

    assert amounts("10..20") == {10, 20}
    assert amounts("20..") == {20, 30}
    assert amounts("..10") == {10}
    assert amounts("20") == {20}
    assert amounts("30..10") == set()
    assert client.get("/deals/list/?_flt_bt_value=..").status_code == 400


def test_a_day_in_a_period_is_one_of_the_viewers_zone(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just before and just after midnight in Bratislava, which is an hour ahead of UTC in winter."""
    monkeypatch.setattr(filters, "utc_now", lambda: datetime(2026, 1, 14, 23, 30, tzinfo=UTC))
    midnight = datetime(2026, 1, 14, 23, 0, tzinfo=UTC)
    before = smallest(session, "deals", created_at=midnight - timedelta(minutes=1)).id
    after = smallest(session, "deals", created_at=midnight).id
    session.commit()

    assert found(client, "deals", rel_created_at="today") == {after}
    assert found(client, "deals", rel_created_at="yesterday") == {before}
    assert found(client, "deals", rel_created_at="this_month") == {before, after}
    assert found(client, "deals", rel_created_at="past") == {before}
    assert found(client, "deals", bt_created_at="2026-01-15..2026-01-15") == {after}


def test_incomplete_dates_are_found_by_range_and_period(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "utc_now", lambda: datetime(2026, 3, 5, 12, tzinfo=UTC))
    table, part = next(
        (table, f)
        for table, screen in app.extensions["screens"].items()
        for f in screen.fields.values() if f.kind.name == "partial_date"
    )  # fmt: skip
    day, month, year = part.attributes
    row = str(smallest(session, table, **{day: 4, month: 3, year: 2026}).id)
    session.commit()

    assert row in found(client, table, **{f"rel_{part.name}": "this_week"})
    assert row not in found(client, table, **{f"rel_{part.name}": "last_week"})
    assert row in found(client, table, **{f"bt_{part.name}": "2026-03-01..2026-03-31"})


@pytest.mark.parametrize(
    ("day", "month", "year", "counts"),
    [
        (4, 3, 2026, date(2026, 3, 4)),
        (None, 3, 2026, date(2026, 3, 1)),
        (None, None, 2026, date(2026, 1, 1)),
        (31, 12, 2025, date(2025, 12, 31)),
        (None, None, None, None),
    ],
)
def test_what_is_not_known_of_a_date_counts_as_the_first_of_it(
    client: FlaskClient, session: Session, day: int | None, month: int | None, year: int | None, counts: date | None,
) -> None:  # fmt: skip
    parts = {"expected_date_day": day, "expected_date_month": month, "expected_date_year": year}
    row = str(smallest(session, "customer_potential_cases", **parts).id)
    session.commit()
    days = [date(2025, 12, 30) + timedelta(days=n) for n in (0, 1, 2, 61, 64, 65, 400)]

    since = {str(d) for d in days if row in found(client, "customer_potential_cases", ge_expected_date=str(d))}
    until = {str(d) for d in days if row in found(client, "customer_potential_cases", le_expected_date=str(d))}

    assert since == {str(d) for d in days if counts is not None and counts >= d}
    assert until == {str(d) for d in days if counts is not None and counts <= d}
    for first, last in combinations(days, 2):
        both = row in found(client, "customer_potential_cases", bt_expected_date=f"{first}..{last}")
        assert both == (str(first) in since and str(last) in until), (first, last)


def test_lists_of_values_are_found_by_all_any_and_none(client: FlaskClient, session: Session) -> None:
    rows = {
        codes: smallest(session, "campaigns", country_codes=list(codes.split("+")) if codes else []).id
        for codes in ("SK", "SK+CZ", "HU")
    }
    session.commit()

    def codes(**asked: str) -> set[str]:
        there = found(client, "campaigns", **asked)
        return {name for name, key in rows.items() if key in there}

    assert codes(has_country_codes="SK,CZ") == {"SK+CZ"}
    assert codes(any_country_codes="SK,HU") == {"SK", "SK+CZ", "HU"}
    assert codes(lacks_country_codes="SK") == {"HU"}


def test_json_is_found_by_what_it_holds_also_where_it_is_kept_as_text(client: FlaskClient, session: Session) -> None:
    held = smallest(session, "saved_searches", filters='{"a": {"b": [1, 2]}, "c": "x"}').id
    other = smallest(session, "saved_searches", filters='{"a": {"b": [3]}}').id
    session.commit()

    assert found(client, "saved_searches", json_filters='{"a": {"b": [2]}}') == {held}
    assert found(client, "saved_searches", json_filters="{}") == {held, other}
    assert client.get("/saved_searches/list/?_flt_json_filters={oops").status_code == 400


def test_filters_read_as_sentences(client: FlaskClient, session: Session) -> None:
    smallest(session, "deals")
    session.commit()

    assert chips(client, "deals", bt_value="1000..2000") == ["Value is between 1,000 and 2,000"]
    assert chips(client, "deals", bt_value="1000..") == ["Value is at least 1,000"]
    assert chips(client, "deals", rel_created_at="last_7_days") == ["Created: the last 7 days"]
    assert chips(client, "deals", ge_created_at="2026-03-05") == ["Created is on or after 5 Mar 2026"]
    assert chips(client, "deals", in_status="won,lost") == ["Status is any of Won, Lost"]
