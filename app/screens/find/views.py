"""Search over all records: `/find/` for the box of every page (JSON), `/find/all` as a page of its own."""

from __future__ import annotations

from typing import Any

from flask import current_app, jsonify, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from app.core.assets import STATIC_URL, vendor_paths
from app.core.db import current_session
from app.core.viewer import current_viewer
from app.screens import address
from app.screens.cells import country_name
from app.screens.find.adding import to_add
from app.screens.find.describing import Told
from app.screens.find.recent import recent
from app.screens.find.results import SHOWN_ON_PAGE, Group, Hit, Results, find
from app.screens.page import Link
from app.screens.query import Screens
from app.screens.resolve import Resolved
from app.screens.shell import crumbs


class FindView(BaseView):
    """Whoever is logged in may search; what is found is decided by his rights alone."""

    route_base = "/find"
    default_view = "list"

    @expose("/")
    @login_required
    def list(self) -> Any:
        """The best hits of each table; without a line what this person opened last."""
        screens, viewer = _screens(), current_viewer()
        line = request.args.get("q", "")
        if not line.strip():
            last = [_record(screens[told.table], told) for told in recent(current_session(), screens, viewer)]
            answer: dict[str, Any] = {"recent": last}
        else:
            answer = _answer(find(current_session(), screens, viewer, line))
        response = jsonify(answer)
        response.headers["Cache-Control"] = "no-store"
        return response

    @expose("/all")
    @login_required
    def all(self) -> str:
        """Everything that was found, as a page; at most SHOWN_ON_PAGE of each table."""
        line = request.args.get("q", "")
        results = find(current_session(), _screens(), current_viewer(), line, shown=SHOWN_ON_PAGE)
        crumbs(Link(_("Search")))
        return render_template("screens/found.html", page=_answer(results), asked=bool(results.typed.words))


def _screens() -> Screens:
    found: Screens = current_app.extensions["screens"]
    return found


def _answer(results: Results) -> dict[str, Any]:
    return {
        "q": results.typed.text,
        "words": [word.inner for word in results.typed.words],
        "said": _said(results),
        "groups": [_group(group) for group in results.groups],
        "add": [] if results.count or not results.typed.words else _people(results),
    }


def _people(results: Results) -> list[dict[str, str]]:
    forms = to_add(_screens(), current_viewer(), results.typed)
    return [{"text": link.text, "href": link.href or "", "icon": link.icon} for link in forms]


def _said(results: Results) -> str:
    if not results.count:
        return _("Nothing was found.")
    if results.more:
        return ngettext("%(num)s record is shown; there are more.", "%(num)s records are shown; there are more.",
                        results.count)  # fmt: skip
    return ngettext("%(num)s record was found.", "%(num)s records were found.", results.count)


def _group(group: Group) -> dict[str, Any]:
    screen = group.screen
    return {
        "table": screen.table,
        "title": _(screen.many),
        "icon": screen.icon,
        "more": group.more,
        "list": address.list_href(screen.table),
        "hits": [_found(screen, hit) for hit in group.hits],
    }


def _found(screen: Resolved, hit: Hit) -> dict[str, Any]:
    why = [{"label": _(screen.fields[name].label), "text": text[:120]} for name, text in hit.reasons]
    if not why and (beside := _beside(hit.told)):
        why = [{"label": "", "text": beside}]
    return _record(screen, hit.told) | {"why": why}


def _beside(told: Told) -> str:
    """What tells namesakes apart, where the name alone was the reason."""
    return " · ".join(told.values[name] for name in ("city", "email") if name in told.values)[:120]


def _record(screen: Resolved, told: Told) -> dict[str, Any]:
    flag = vendor_paths().get(f"flags/{told.country.lower()}.svg") if told.country else None
    return {
        "name": told.name,
        "href": address.show_href(told.table, told.key),
        "icon": screen.icon,
        "kind": _(screen.one),
        "about": told.about,
        "country": told.country,
        "country_name": country_name(told.country) if told.country else "",
        "flag": STATIC_URL + flag if flag else "",
        "active": told.active,
    }
