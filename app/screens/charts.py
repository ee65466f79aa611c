"""Charts of a table: aggregated by PostgreSQL under the viewer's rights, each bar a way into the list."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any
from urllib.parse import quote

from babel.dates import format_skeleton
from flask_babel import format_decimal, get_locale, get_timezone
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, literal_column, select
from werkzeug.datastructures import MultiDict

from app.core.errors import NotFound
from app.screens import address, query
from app.screens.cells import choices_of, money_text
from app.screens.chips import chips_of
from app.screens.fields import Field
from app.screens.locale import within
from app.screens.look import Look
from app.screens.page import Chart as ChartView
from app.screens.page import ChartPage
from app.screens.spec import Chart

MONTHS = 36
GROUPS = 30
PIN = "/home/pin"  # the home page takes charts


def chart_page(look: Look, arguments: MultiDict[str, str]) -> ChartPage:
    """`/<table>/chart/`. Raises BadQuery."""
    screen = look.screen
    listing = address.listing_of(screen, look.viewer, arguments)
    base = address.page_href(screen.table, "chart/")
    kept = address.keeping(arguments)
    return ChartPage(
        table=screen.table,
        title=_("%(many)s: charts", many=_(screen.many)),
        many=_(screen.many),
        list_href=address.list_href(screen.table) + kept,
        charts=tuple(
            ChartView(
                str(i),
                title_of(look, chart),
                shape_of(look, chart),
                f"{base}{i}.json{kept}",
                _unit(look, chart),
            )
            for i, chart in allowed(look)
        ),
        chips=chips_of(look, listing.filters, arguments, base),
        clear_href=base,
        pin_href=PIN if look.viewer.sees("dashboard") and not look.viewer.behind else "",
    )


def allowed(look: Look) -> list[tuple[int, Chart]]:
    """The charts whose columns this viewer may read, with their fixed numbers."""
    screen = look.screen
    return [
        (i, chart)
        for i, chart in enumerate(screen.charts)
        if all(look.reads(n) for n in (chart.by or screen.date, chart.of) if n)
    ]


def title_of(look: Look, chart: Chart) -> str:
    fields = look.screen.fields
    by = _("by %(what)s", what=within(_(fields[chart.by].label))) if chart.by else _("per month")
    what = _(look.screen.many) if chart.what == "count" else _(fields[str(chart.of)].label)
    return f"{what} {by}"


def shape_of(look: Look, chart: Chart) -> str:
    if chart.by is None:
        return "line" if chart.what == "count" else "bar"
    f = look.screen.fields[chart.by]
    few = f.kind.name == "boolean" or (f.choices is not None and len(f.choices) <= 4)
    return "donut" if few and chart.what == "count" else "bar"


def _unit(look: Look, chart: Chart) -> str:
    return within(_(look.screen.many)) if chart.what == "count" else _("amount")


def chart_data(look: Look, number: int, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """The numbers of one chart, see `page.Chart`. One statement. Raises NotFound, BadQuery."""
    chart = dict(allowed(look)).get(number)
    if chart is None:
        raise NotFound
    screen = look.screen
    listing = address.listing_of(screen, look.viewer, arguments)
    ids = query.narrowed(screen, look.viewer, listing).subquery()
    value: ColumnElement[Any] = func.count()
    if chart.of:
        value = func.coalesce(func.sum(getattr(screen.model, screen.fields[chart.of].attribute)), 0)
    group, name = _group(look, chart)
    columns = [group.label("g"), value.label("v"), func.count().label("n")]
    # One join is enough: the ids are already narrowed by filters and rights.
    rows = select(*columns).select_from(screen.model).join(ids, ids.c.id == screen.model.id).group_by("g")
    rows = (
        rows.order_by(literal_column("g").desc()).limit(MONTHS)
        if chart.by is None
        else rows.order_by(literal_column("v").desc()).limit(GROUPS)
    )
    found = list(look.session.execute(rows))
    if chart.by is None:
        found = [row for row in reversed(found) if row.g is not None]
    labels = name([row.g for row in found])
    base = address.list_href(screen.table) + address.keeping(arguments, order=None)
    return {
        "title": title_of(look, chart),
        "unit": _unit(look, chart),
        "rows": [
            {
                "label": label,
                "value": float(row.v),
                "count": row.n,
                "text": _value_text(chart, row),
                "href": _href(look, chart, row.g, base),
                "tone": tone,
            }
            for row, (label, tone) in zip(found, labels, strict=True)
        ],
    }


def _value_text(chart: Chart, row: Any) -> str:
    if chart.what == "count":
        return str(format_decimal(row.v))
    return money_text(row.v, str(row.g or "") if chart.by == "currency" else "")


def _group(look: Look, chart: Chart) -> tuple[ColumnElement[Any], Any]:
    """What to group by, and how groups are named: a list of (label, tone) for a list of groups."""
    screen = look.screen
    if chart.by is None:
        f = screen.fields[screen.date]
        return func.to_char(func.date_trunc("month", _local(screen.model, f)), "YYYY-MM"), _month_names
    f = screen.fields[chart.by]
    column = getattr(screen.model, f.attribute)
    if f.targets:
        return column, lambda keys: [
            (label or (_("(empty)") if key is None else _("No access")), "")
            for key, label in zip(
                keys,
                query.names_of(look.session, look.screens, look.viewer, [(f, key) for key in keys]),
                strict=True,
            )
        ]
    known = {choice.value: (choice.label, choice.tone) for choice in choices_of(f)}
    return column, lambda keys: [_named(f, key, known) for key in keys]


def _named(f: Field, key: Any, known: dict[str, tuple[str, str]]) -> tuple[str, str]:
    if key is None or key == "":
        return _("(empty)"), "grey"
    value = f.kind.text(key)
    return known.get(value, (value, ""))


def _local(model: Any, f: Field) -> ColumnElement[Any]:
    """The date column as the viewer's calendar has it."""
    column: ColumnElement[Any] = getattr(model, f.attribute)
    if f.kind.name != "datetime":
        return column
    return func.timezone(str(get_timezone() or "UTC"), func.timezone("UTC", column))


def _month_names(keys: list[str]) -> list[tuple[str, str]]:
    return [
        (format_skeleton("yMMM", date(int(key[:4]), int(key[5:7]), 1), locale=get_locale() or "en"), "") for key in keys
    ]


def _href(look: Look, chart: Chart, group: Any, base: str) -> str:
    """The list behind one bar; inactive records are counted, so they are shown as well."""
    screen = look.screen
    everything = [("all", "1")] if screen.active and "all=1" not in base else []
    if chart.by is None:
        year, month = int(group[:4]), int(group[5:7])
        last = calendar.monthrange(year, month)[1]
        pairs = [(f"_flt_ge_{screen.date}", f"{group}-01"), (f"_flt_le_{screen.date}", f"{group}-{last:02d}")]
    elif group is None or group == "":
        pairs = [(f"_flt_none_{chart.by}", "1")]
    else:
        f = screen.fields[chart.by]
        pairs = [(f"_flt_eq_{chart.by}", f.kind.text(group))]
    joined = "&".join(f"{k}={quote(v, safe='')}" for k, v in [*pairs, *everything])
    return f"{base}&{joined}" if not base.endswith("?") else base + joined
