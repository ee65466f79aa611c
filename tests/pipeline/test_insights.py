"""Sales insights: each number against a count by hand, and against the list that it leads to."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.access.models import User
from app.dashboards.sales.insights import INSIGHTS, NUMBERS
from app.pipeline.models import Deal, DealActivity, DealStatus, DealStay
from tests.dashboards.seeded import browser_of, cells_of, rows_of, with_rights
from tests.pipeline.sold import sell
from tests.smallest import smallest
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("without_csrf")
HOME = ZoneInfo("Europe/Bratislava")
KEYS = (*NUMBERS, *(insight.key for insight in INSIGHTS))
RATES = {"EUR": Decimal(1), "CZK": Decimal(25), "HUF": Decimal(400)}
WAY = ("new", "offer", "contract", "won")


def today() -> date:
    return datetime.now(HOME).date()


def asked(client: FlaskClient, key: str, query: str = "period=year") -> dict[str, Any]:
    answer = client.get(f"/pipeline/insights/tile/{key}?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 200, (key, answer.text)
    found: dict[str, Any] = answer.json
    return found


def every(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Every number that leads somewhere, those of the table too."""
    more = [cell for line in figure["lines"] for cell in line["more"]]
    return [cell for cell in (*cells_of(figure), *more) if cell["href"]]


def deals(session: Session, keep: Callable[[Deal], bool] = lambda _deal: True) -> list[Deal]:
    session.expire_all()
    return [deal for deal in session.scalars(select(Deal)) if keep(deal)]


def local(moment: datetime) -> date:
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(HOME).date()


def since(days: int = 90) -> date:
    return today() - timedelta(days=days - 1)


def plain(text: str | None) -> str:
    return " ".join((text or "").split()).lower()


def worth(rows: Iterable[Deal], *, weigh: bool = False) -> float:
    """In EUR; what has no rate is left out."""
    total = Decimal(0)
    for deal in rows:
        if deal.currency in RATES:
            part = Decimal(deal.probability or 0) / 100 if weigh else 1
            total += (deal.value or Decimal(0)) / RATES[deal.currency] * part
    return float(round(total, 2))


@pytest.fixture
def stages(session: Session) -> dict[str, Any]:
    return sell(session, today=today(), deals=80)


def of(stages: dict[str, Any]) -> Callable[[Deal], bool]:
    return lambda deal: deal.pipeline_id == stages["new"].pipeline_id


def test_every_number_leads_to_a_list_of_as_many_rows(client: FlaskClient, stages: dict[str, Any]) -> None:
    for key in KEYS:
        figure = asked(client, key, f"period=90&pipeline={stages['new'].pipeline_id}")
        seen = {cell["href"]: cell["count"] for cell in every(figure)}

        assert any(seen.values()), key
        assert {href: rows_of(client, href) for href in seen} == seen, key


@pytest.mark.parametrize("key", KEYS)
def test_they_do_so_narrowed_to_everything_for_somebody_of_three_countries(
    app: Flask, session: Session, stages: dict[str, Any], key: str
) -> None:
    client = browser_of(app, with_rights(app, session, "three", countries=("SK", "CZ", "US")))
    owner = session.scalars(select(User.id).where(User.username == "seller50")).one()
    campaign = session.scalars(select(Deal.campaign_id).where(Deal.campaign_id.is_not(None)).limit(1)).one()

    for more in (f"owner={owner}", f"campaign={campaign}", "source=WEB form", "countries=SK&countries=US"):
        pipeline = (
            "&pipeline=all" if key not in ("funnel", "stage_conversion", "time_in_stage", "waiting_in_stage") else ""
        )
        figure = asked(client, key, f"period=custom&from=2025-01-01&to={today()}&{more}{pipeline}")
        seen = {cell["href"]: cell["count"] for cell in every(figure)}

        assert {href: rows_of(client, href) for href in seen} == seen, more


def test_the_funnel_counts_how_many_ever_reached_each_stage(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    cohort = deals(session, lambda deal: of(stages)(deal) and local(deal.created_at) >= since())  # type: ignore[arg-type]
    place = {stages[name].id: number for number, name in enumerate(WAY, 1)}
    furthest = [
        max(place.get(str(stay.stage_id), 0) for stay in session.scalars(select(DealStay).filter_by(deal_id=deal.id)))
        for deal in cohort
    ]
    expected = [len(cohort), *(sum(far >= number for far in furthest) for number in (1, 2, 3, 4))]

    funnel = asked(client, "funnel", "period=90")
    share = asked(client, "stage_conversion", "period=90")

    assert [line["label"] for line in funnel["lines"]] == ["Entered", "New", "Offer", "Contract", "Won"]
    assert [line["cells"][0]["value"] for line in funnel["lines"]] == expected
    rates = [[cell["value"] for cell in line["cells"]] for line in share["lines"]]
    assert rates == [
        pytest.approx([100 * following / before, 100 * expected[4] / before])
        for before, following in pairwise(expected)
    ]


@pytest.mark.parametrize("running", [False, True])
def test_time_in_stage_is_the_median_and_the_ninth_of_ten(
    client: FlaskClient, session: Session, stages: dict[str, Any], running: bool
) -> None:
    mine = {deal.id for deal in deals(session, of(stages))}
    days = defaultdict(list)
    for stay in session.scalars(select(DealStay)):
        ended = stay.left_at is not None and local(stay.left_at) >= since()
        if stay.deal_id in mine and (stay.left_at is None if running else ended):
            until = stay.left_at or datetime.now(UTC)
            days[str(stay.stage_id)].append((until - stay.entered_at).total_seconds() / 86400)

    figure = asked(client, "waiting_in_stage" if running else "time_in_stage", "period=90")

    assert [line["label"] for line in figure["lines"]] == ["New", "Offer", "Contract"]
    for line, name in zip(figure["lines"], WAY, strict=False):
        stood = sorted(days[stages[name].id])
        assert line["cells"][0]["value"] == pytest.approx(statistics.median(stood), abs=0.02)
        assert line["cells"][1]["value"] == pytest.approx(_ninth(stood), abs=0.02)


def _ninth(values: list[float]) -> float:
    place = 0.9 * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


@pytest.mark.parametrize(
    ("key", "by"),
    [
        ("won_by_source", lambda deal: plain(deal.source)),
        ("won_by_owner", lambda deal: deal.assigned_user_id),
        ("won_by_campaign", lambda deal: deal.campaign_id),
        ("won_by_country", lambda deal: deal.country_code),
    ],
)
def test_the_win_rate_is_won_among_closed_by_number_and_by_value(
    client: FlaskClient, session: Session, stages: dict[str, Any], key: str, by: Callable[[Deal], Any]
) -> None:
    closed = deals(session, lambda d: d.actual_close_date is not None and d.actual_close_date >= since(365))
    groups = defaultdict(list)
    for deal in closed:
        groups[by(deal)].append(deal)
    expected: list[tuple[float, ...]] = []
    for rows in groups.values():
        won, lost = ([d for d in rows if d.status is status] for status in (DealStatus.won, DealStatus.lost))
        whole = worth(rows)
        part = 100 * worth(won) / whole if whole else -1
        expected.append((len(won), len(lost), worth(won), worth(lost), 100 * len(won) / len(rows), part))

    figure = asked(client, key, f"pipeline=all&period=custom&from={since(365)}&to={today()}")

    found = []
    for line in figure["lines"]:
        share, part = (cell["value"] for cell in line["cells"])
        found.append((*(cell["value"] for cell in line["more"]), share, -1 if part is None else part))
    assert len(found) == len(expected)
    for one, other in zip(sorted(found), sorted(expected), strict=True):
        assert one == pytest.approx(other, abs=0.02)


def test_reasons_are_told_apart_without_case_and_blanks_and_the_rare_ones_are_others(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    for _turn in range(8):
        smallest(session, "deals", stage_id=stages["lost"].id, lost_reason="too EXPENSIVE", value=Decimal(9))
    session.commit()
    lost = deals(session, lambda d: d.status is DealStatus.lost and d.actual_close_date >= since(365))  # type: ignore[operator]
    groups = defaultdict(list)
    for deal in lost:
        groups[plain(deal.lost_reason)].append(deal)
    largest = sorted(groups, key=lambda text: (-len(groups[text]), text))

    figure = asked(client, "lost_reasons", f"pipeline=all&period=custom&from={since(365)}&to={today()}")

    told = [(plain(line["label"]), line["cells"][0]["count"], line["more"][0]["value"]) for line in figure["lines"]]
    assert len(largest) > 10
    assert told[:10] == [(text, len(groups[text]), worth(groups[text])) for text in largest[:10]]
    rest = [deal for text in largest[10:] for deal in groups[text]]
    assert told[10] == ("other reasons", len(rest), worth(rest))
    assert figure["lines"][0]["label"] == "too EXPENSIVE"  # as most people write it


@pytest.mark.parametrize("key", ["won_by_source", "lost_reasons"])
def test_texts_that_count_as_one_are_found_among_those_that_occur(
    app: Flask, client: FlaskClient, session: Session, engine: Engine, stages: dict[str, Any], key: str
) -> None:
    unpaid = browser_of(app, with_rights(app, session, "unpaid", hidden=[("deals", "value")]))
    query = f"pipeline=all&period=custom&from={since(365)}&to={today()}"

    with statements(engine) as seen:
        figure = asked(client, key, query)
    poorer = asked(unpaid, key, query)

    (told,) = [statement for statement in seen if "regexp_replace" in statement]
    assert "regexp_replace" not in told.partition("FROM (")[2], "not for each deal"
    counts = [
        [(line["label"], [cell["count"] for cell in line["cells"][:1]]) for line in f["lines"]]
        for f in (figure, poorer)
    ]
    assert counts[0] == counts[1] != []


def test_the_forecast_has_value_weight_and_what_was_won_by_month(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    known = deals(session)

    figure = asked(client, "deal_forecast", "pipeline=all")

    assert len(figure["lines"]) == 13
    month = today().replace(day=1)
    line = figure["lines"][4]  # earlier, three months back, this one
    expected = [d for d in known if d.status is DealStatus.open and _month(d.expected_close_date) == month]
    won = [d for d in known if d.status is DealStatus.won and _month(d.actual_close_date) == month]
    values = [cell["value"] for cell in line["cells"]]
    assert values == [worth(expected), pytest.approx(worth(expected, weigh=True), abs=0.01), worth(won)]
    undated = [d for d in known if d.status is DealStatus.open and d.expected_close_date is None]
    assert figure["lines"][-1]["cells"][0]["value"] == worth(undated)
    everything = sum(line["cells"][0]["count"] for line in figure["lines"])
    assert everything == len([d for d in known if d.status is DealStatus.open])


def _month(day: date | None) -> date | None:
    return day and day.replace(day=1)


def test_the_leaderboard_counts_activities_done_and_deals_won(
    client: FlaskClient, session: Session, stages: dict[str, Any]
) -> None:
    mine = {deal.id: deal for deal in deals(session, of(stages))}
    done = Counter()
    for activity in session.scalars(select(DealActivity).where(DealActivity.is_completed)):
        if activity.deal_id in mine and activity.completed_at and local(activity.completed_at) >= since():
            done[activity.user_id, activity.type.value] += 1
    won = defaultdict(list)
    for deal in mine.values():
        if deal.status is DealStatus.won and deal.actual_close_date and deal.actual_close_date >= since():
            won[deal.assigned_user_id].append(deal)
    names = {user.full_name: user.id for user in session.scalars(select(User))}

    figure = asked(client, "leaderboard", "period=90")

    kinds = [series["name"] for series in figure["series"]]
    assert kinds == ["Call", "E-mail", "Meeting", "Task", "Note"]
    for line in figure["lines"]:
        key = names.get(line["label"])
        assert [cell["value"] for cell in line["cells"]] == [
            done[key, kind] for kind in ("call", "email", "meeting", "task", "note")
        ]
        assert [cell["value"] for cell in line["more"]] == [len(won[key]), worth(won[key])]
    assert {names.get(line["label"]) for line in figure["lines"]} == {key for key, _kind in done} | set(won)


def test_nobody_counts_what_he_may_not_see(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    client = browser_of(app, with_rights(app, session, "swiss", countries=("CH",)))

    funnel = asked(client, "funnel", f"period=custom&from=2024-01-01&to={today()}")

    seen = rows_of(client, f"/deals/list/?_flt_eq_pipeline_id={stages['new'].pipeline_id}")
    assert 0 < funnel["lines"][0]["cells"][0]["count"] == seen < len(deals(session, of(stages)))


def test_a_hidden_value_leaves_numbers_of_deals_only(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    client = browser_of(app, with_rights(app, session, "poor", hidden=[("deals", "value")]))

    page = client.get("/pipeline/insights").text
    figures = {key: asked(client, key) for key in ("won_by_owner", "lost_reasons", "leaderboard")}

    assert 'data-tile="funnel"' in page and 'data-tile="deal_forecast"' not in page
    assert client.get("/pipeline/insights/tile/deal_forecast").status_code == 404
    assert client.get("/pipeline/insights/tile/won_deals").status_code == 404
    assert [series["name"] for series in figures["won_by_owner"]["series"]] == ["By number"]
    assert [figures[key]["more"] for key in figures] == [["Won", "Lost"], [], ["Won deals"]]


@pytest.mark.parametrize(
    ("field", "gone"),
    [
        ("lost_reason", {"lost_reasons"}),
        ("source", {"won_by_source"}),
        ("stage_id", {"funnel", "stage_conversion", "time_in_stage", "waiting_in_stage"}),
        ("assigned_user_id", {"won_by_owner", "leaderboard"}),
    ],
)
def test_a_hidden_column_takes_its_figures_and_its_sets_away(
    app: Flask, session: Session, stages: dict[str, Any], field: str, gone: set[str]
) -> None:
    client = browser_of(app, with_rights(app, session, "some", hidden=[("deals", field)]))

    page = client.get("/pipeline/insights").text

    assert {key for key in KEYS if f'data-tile="{key}"' not in page} == gone
    assert {key for key in KEYS if client.get(f"/pipeline/insights/tile/{key}").status_code == 404} == gone
    sets = {
        "lost_reason": "_flt_reason_id=too expensive", "source": "_flt_origin_id=web form",
        "stage_id": f"_flt_reached_id={stages['new'].id}",
    }  # fmt: skip
    if field in sets:
        assert client.get(f"/deals/list/?{sets[field]}").status_code == 400
    if field != "stage_id":
        query = "source=web form" if field == "source" else "owner=x"
        answers = {field: client.get(f"/pipeline/insights?{query}").status_code}
        assert answers == {field: 404 if field in ("source", "assigned_user_id") else 200}


def test_a_set_is_named_on_its_list_and_kept_by_its_file(client: FlaskClient, stages: dict[str, Any]) -> None:
    query = f"_flt_reached_id={stages['offer'].id}"

    page, file = client.get(f"/deals/list/?{query}").text, client.get(f"/deals/export.csv?{query}").text

    assert "Reached stage: Offer" in page
    assert len(list(csv.reader(io.StringIO(file)))) - 1 == rows_of(client, f"/deals/list/?{query}")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("pipeline=nothing", 404), ("period=never", 400), ("countries=XX", 400), ("period=custom&from=x&to=y", 400),
        ("owner=nobody", 200), ("campaign=%00", 400), ("source=" + "x" * 300, 200),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(client: FlaskClient, stages: dict[str, Any], query: str, status: int) -> None:
    assert client.get(f"/pipeline/insights?{query}").status_code == status
    assert client.get(f"/pipeline/insights/tile/won_by_source?{query}").status_code == status


@pytest.mark.parametrize("value", ["", "x", "x~y~z", "x~2026-01-01~9999-12-31", "~~", "a" * 300])
@pytest.mark.parametrize("name", ["left", "reached", "reason", "origin", "otherreasons"])
def test_a_set_that_cannot_be_read_is_no_fault_of_the_house(client: FlaskClient, name: str, value: str) -> None:
    assert client.get(f"/deals/list/?_flt_{name}_id={value}").status_code in (200, 400)


def test_stages_are_those_of_one_pipeline(client: FlaskClient, stages: dict[str, Any]) -> None:
    answer = client.get("/pipeline/insights/tile/funnel?pipeline=all", headers={"Accept": "application/json"})

    assert (answer.status_code, "Choose one pipeline" in answer.text) == (422, True)


def test_a_pipeline_of_another_country_does_not_exist(app: Flask, session: Session, stages: dict[str, Any]) -> None:
    other = smallest(session, "pipelines", name="Elsewhere", country_codes=["IT"])
    client = browser_of(app, with_rights(app, session, "swiss", countries=("CH",)))

    page = client.get("/pipeline/insights")

    assert other.id not in page.text
    assert client.get(f"/pipeline/insights?pipeline={other.id}").status_code == 404


@pytest.mark.parametrize("module", ["deals", "pipelines"])
def test_whoever_has_no_deals_or_pipelines_has_no_insights(app: Flask, session: Session, module: str) -> None:
    client = browser_of(app, with_rights(app, session, "other", without=[module]))

    assert client.get("/pipeline/insights").status_code == 403
    assert client.get("/pipeline/insights/tile/funnel").status_code == 403
    assert client.get("/pipeline/insights/tile/funnel.csv").status_code == 403


def test_a_file_has_the_columns_of_the_table(client: FlaskClient, stages: dict[str, Any]) -> None:
    rows = list(csv.reader(io.StringIO(client.get("/pipeline/insights/tile/won_by_owner.csv?period=year").text)))

    assert rows[0][1:] == ["By number", "By value", "Won", "Lost", "Won value", "Lost value", "closed deals"]
    assert all(int(row[-1]) == int(row[3]) + int(row[4]) for row in rows[1:-2])


def test_a_figure_costs_the_same_statements_however_many_deals_there_are(
    client: FlaskClient, session: Session, engine: Engine, stages: dict[str, Any]
) -> None:
    costs = {key: _cost(client, engine, key) for key in KEYS}
    sell(session, today=today(), deals=60, seed=9)

    assert {key: _cost(client, engine, key) for key in KEYS} == costs
    assert max(costs.values()) <= 14


def test_what_open_deals_are_worth_and_weigh_is_added_up_at_once(
    client: FlaskClient, engine: Engine, stages: dict[str, Any]
) -> None:
    with statements(engine) as seen:
        asked(client, "deal_forecast")

    assert len([told for told in seen if "sum(deals.value)" in told]) == 2, "open deals, and those won"
    assert len([told for told in seen if "deals.probability" in told]) == 1


def test_activities_of_a_pipeline_are_found_by_their_deals_and_not_looked_for_twice(
    client: FlaskClient, session: Session, engine: Engine, stages: dict[str, Any]
) -> None:
    pipeline = stages["new"].pipeline_id

    with statements(engine) as seen:
        figure = asked(client, "leaderboard", f"pipeline={pipeline}&period=year")

    (told,) = [statement for statement in seen if "AS rows" in statement and "FROM deal_activities" in statement]
    assert told.count("deal_activities AS") + told.count("FROM deal_activities") == 1
    cells = [cell for line in figure["lines"] for cell in line["cells"] if cell["count"]]
    assert cells
    assert rows_of(client, cells[0]["href"]) == cells[0]["count"]
    smallest(session, "deal_products", deal_id=session.scalars(select(Deal.id)).first())
    session.commit()
    others = [f"/{table}/list/?_flt_pipeline_id={pipeline}" for table in ("customers", "deal_products")]
    assert [rows_of(client, href) for href in others] == [0, 0], "it is a set of activities"


def _cost(client: FlaskClient, engine: Engine, key: str) -> int:
    with statements(engine) as seen:
        asked(client, key, "period=year")
    return len(seen)
