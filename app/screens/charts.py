"""Charts of a table: aggregated by PostgreSQL under the viewer's rights, each bar a way into the list."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_skeleton
from flask_babel import format_decimal, get_locale, get_timezone
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, literal_column, select
from werkzeug.datastructures import MultiDict

from app.core import audit
from app.core.errors import NotFound
from app.core.viewer import EXPORT
from app.screens import address, query, switch
from app.screens.cells import choices_of, money_text
from app.screens.chips import chips_of
from app.screens.export import small_file
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
    screen, arguments = look.screen, switch.said(look, arguments)
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
                f"{base}{i}.csv{kept}" if look.viewer.sees(EXPORT) else "",
            )
            for i, chart in allowed(look)
        ),
        chips=chips_of(look, listing.filters, arguments, base),
        clear_href=switch.everything(look, base),
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
    most = MONTHS if chart.by is None else GROUPS
    if chart.by is None:
        rows = rows.where(_day(look).is_not(None)).order_by(literal_column("g").desc())
    else:
        rows = rows.order_by(literal_column("v").desc(), literal_column("g"))
    found = list(look.session.execute(rows.limit(most + 1)))
    cut, found = len(found) > most, found[:most]
    if chart.by is None:
        found.reverse()
    labels = name([row.g for row in found])
    return {
        "title": title_of(look, chart),
        "unit": _unit(look, chart),
        "rows": [
            {
                "label": label,
                "value": float(row.v),
                "count": row.n,
                "text": _value_text(chart, row),
                "href": _href(look, chart, row.g, arguments),
                "tone": tone,
            }
            for row, (label, tone) in zip(found, labels, strict=True)
        ],
        "notes": [_cut(chart, most)] if cut else [],
    }


def _cut(chart: Chart, most: int) -> str:
    if chart.by is None:
        return _("Only the last %(most)s months that have rows.", most=most)
    return _("Only the %(most)s largest.", most=most)


def chart_csv(look: Look, number: int, arguments: MultiDict[str, str]) -> str:
    """The table beside a chart as a file; noted in the audit trail. Raises NotFound, BadQuery."""
    data = chart_data(look, number, arguments)
    totals = dict(allowed(look))[number].what == "sum"
    rows: list[list[object]] = [[data["title"], data["unit"], *([within(_(look.screen.many))] if totals else [])]]
    for row in data["rows"]:
        value = f"{row['value']:.2f}" if totals else row["count"]
        rows.append([row["label"], value, *([row["count"]] if totals else [])])
    asked = {name: arguments.getlist(name) for name in arguments}
    details = {"chart": data["title"], "rows": len(data["rows"]), "filter": asked, "format": "csv"}
    audit.note_apart("export", entity_type=look.screen.table, details=details, by=look.viewer)
    return small_file([*rows, *([note] for note in data["notes"])])


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


def _day(look: Look) -> ColumnElement[Any]:
    column: ColumnElement[Any] = getattr(look.screen.model, look.screen.fields[look.screen.date].attribute)
    return column


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


def _href(look: Look, chart: Chart, group: Any, arguments: MultiDict[str, str]) -> str:
    """The list behind one bar; inactive records are counted, so they are shown as well."""
    screen = look.screen
    more = {"all": "1"} if screen.active else {}
    if chart.by is None:
        more |= _month(screen.date, group, arguments)
    elif group is None or group == "":
        more[f"_flt_none_{chart.by}"] = "1"
    else:
        more[f"_flt_eq_{chart.by}"] = screen.fields[chart.by].kind.text(group)
    kept = address.keeping(arguments, **{"order": None, **dict.fromkeys(more)})
    return address.list_href(screen.table) + kept + ("&" if kept != "?" else "") + urlencode(more)


def _month(column: str, month: str, arguments: MultiDict[str, str]) -> dict[str, str]:
    """The days of a month as filters beside those of the same column that the chart itself has: both hold."""
    last = f"{month}-{calendar.monthrange(int(month[:4]), int(month[5:7]))[1]:02d}"
    for operators in (("ge", "le"), ("gte", "lte")):  # two names of the same comparison
        since, until = (f"_flt_{operator}_{column}" for operator in operators)
        if since not in arguments and until not in arguments:
            break
    return {since: f"{month}-01", until: last}
