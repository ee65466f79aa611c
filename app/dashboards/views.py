"""The home page: numbers, charts and lists of the modules this viewer sees."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.core.db import current_session
from app.core.viewer import current_viewer
from app.screens import address, charts, listpage, query
from app.screens.cells import money_text
from app.screens.filters import active
from app.screens.look import Look
from app.screens.page import Chart as ChartView
from app.screens.query import Listing
from app.screens.spec import Chart

# (table, title, filters (operator, column, value), hint, tone)
TILES = (
    ("customers", "Customers", (), "all in the database", ""),
    ("deals", "Open deals", (("eq", "status", "open"),), "value", "blue"),
    (
        "contract_instances",
        "Waiting for a signature",
        (("eq", "status", "pending_signature"),),
        "contracts",
        "amber",
    ),
    ("invoices", "Overdue invoices", (("eq", "status", "overdue"),), "value", "red"),
    ("tasks", "Open tasks", (("in", "status", "pending,in_progress"),), "of everybody", "amber"),
    ("visit_events", "Planned visits", (("eq", "status", "scheduled"),), "of representatives", "blue"),
)
CHARTS = (
    ("customers", Chart.count()),
    ("deals", Chart.count("status")),
    ("contract_instances", Chart.count("status")),
    ("campaign_contacts", Chart.count("status")),
)
LISTS = (
    ("tasks", "Tasks to do", (("in", "status", "pending,in_progress"),), ("title", "priority", "due_date")),
    ("customers", "Newest customers", (), ("last_name", "first_name", "country", "client_status")),
)
_ROWS = 6


class HomeView(BaseView):
    """`/`"""

    route_base = ""
    default_view = "index"

    @expose("/")
    @login_required
    def index(self) -> str:
        screens, viewer = current_app.extensions["screens"], current_viewer()
        looks = {t: Look(screens, current_session(), viewer, s) for t, s in screens.items() if viewer.sees(s.module)}
        return render_template(
            "home.html",
            page_title=_("Good day, %(name)s", name=viewer.name),
            tiles=[_tile(looks[t[0]], *t[1:]) for t in TILES if t[0] in looks],
            charts=tuple(chart for table, wanted in CHARTS if table in looks for chart in _chart(looks[table], wanted)),
            lists=[_list(looks[t[0]], *t[1:]) for t in LISTS if t[0] in looks],
        )


def _tile(look: Look, title: str, filters: tuple[tuple[str, str, str], ...], hint: str, tone: str) -> dict[str, str]:
    listing = _listing(look, filters)
    total = query.count_of(look.session, look.screen, look.viewer, listing)
    hinted = _money(look, listing) if hint == "value" else _(hint)
    return {
        "label": _(title),
        "value": listpage.count_text(total),
        "hint": hinted,
        "href": address.filtered_href(look.screen.table, filters),
        "tone": tone if total else "",
    }


def _listing(look: Look, filters: tuple[tuple[str, str, str], ...]) -> Listing:
    fields = address.visible_fields(look.screen, look.viewer)
    return Listing(tuple(active(fields, column, operator, [value]) for operator, column, value in filters))


def _money(look: Look, listing: Listing) -> str:
    """The sum of the main amount in its most common currency; currencies are never added up."""
    model = look.screen.model
    amount = model.value if look.screen.table == "deals" else model.total_amount
    ids = query.narrowed(look.screen, look.viewer, listing).subquery()
    row = look.session.execute(
        select(model.currency, func.sum(amount), func.count().over())
        .join(ids, ids.c.id == model.id)
        .group_by(model.currency)
        .order_by(func.count().desc())
        .limit(1)
    ).first()
    if row is None or row[1] is None:
        return ""
    text = money_text(row[1], row[0] or "")
    return _("%(sum)s and other currencies", sum=text) if row[2] > 1 else text


def _chart(look: Look, wanted: Chart) -> list[ChartView]:
    page = charts.chart_page(look, MultiDict())
    numbers = [str(i) for i, chart in charts.allowed(look) if chart == wanted]
    return [chart for chart in page.charts if chart.key in numbers]


def _list(
    look: Look, title: str, filters: tuple[tuple[str, str, str], ...], columns: tuple[str, ...]
) -> dict[str, Any]:
    head, rows = listpage.short_list(look, _listing(look, filters), columns, _ROWS)
    return {
        "title": _(title),
        "href": address.filtered_href(look.screen.table, filters),
        "columns": head,
        "rows": rows,
    }
