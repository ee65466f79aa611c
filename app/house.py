"""The house put together: the only place that knows every domain."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from flask import Flask, g, session
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access import screens as access
from app.access import viewing
from app.access.door import CrmSecurityManager, find_viewer
from app.access.queries import demo_logins
from app.access.rights.people import PeopleView
from app.access.rights.views import RightsView
from app.access.views import LanguageView
from app.batches import bulk
from app.batches import pages as batch_pages
from app.batches.views import BatchesView
from app.billing import screens as billing
from app.campaigns import screens as campaigns
from app.cli import add_commands
from app.collaborators import screens as collaborators
from app.communication import screens as communication
from app.communication.views import MailView
from app.contracts import screens as contracts
from app.core import assets, db, faults, guard, health, jobs, links, live, outbox, vault, viewer
from app.core.mail import port as mail
from app.customers import screens as customers
from app.dashboards.sales import sets as sales_sets
from app.dashboards.sales.forecast_views import ForecastView
from app.dashboards.sales.views import InsightsView
from app.dashboards.views import HomeView
from app.hospitals import screens as hospitals
from app.imports import views as imports
from app.mobile import screens as mobile
from app.navigation import GROUPS
from app.pipeline import screens as pipeline
from app.pipeline.automation.pages import rule_views, run_views, trial_views
from app.pipeline.automation.pages import views as rules_views
from app.pipeline.board import sets as deal_sets
from app.pipeline.board.views import BoardView
from app.pipeline.deal import activity_views, telling
from app.pipeline.deal import calendar as deal_calendar
from app.pipeline.deal import page as deal_page
from app.pipeline.deal import views as deal_views
from app.pipeline.editor.views import PipelinesView
from app.products import screens as products
from app.schedule import LISTENERS, SCHEDULE
from app.screens import atlas, drawing, filters, listpage, ownforms, recordpage, switch, timeline, wishes
from app.screens import build as views
from app.screens.find.views import FindView
from app.screens.locale import TEXTS, choose_locale, choose_zone, drawn_number_text, drawn_text
from app.screens.once import new_key
from app.screens.resolve import ScreenError, resolve_all
from app.screens.shell import Shell, missing
from app.screens.site import CountryView, DirectoryView, ReferenceView
from app.settings import screens as settings_domain
from app.system import screens as system
from app.system.views import JobsView
from app.tables import MODELS
from app.work import screens as work
from app.work.notifying.rule_views import NotificationRulesView
from app.work.notifying.views import NotificationsView
from app.work.views import badges, calendar, chat, kept, record, searches, task, tasks
from app.work.views.live import LiveView
from config import ROOT, Settings, SettingsError, flask_config

DOMAINS = {
    "User & authentication": access,
    "Customers": customers,
    "Collaborators": collaborators,
    "Hospitals & clinics": hospitals,
    "Products & services": products,
    "Billing & invoicing": billing,
    "Campaigns & marketing": campaigns,
    "Sales pipeline": pipeline,
    "Contracts": contracts,
    "Communication": communication,
    "Notifications & tasks": work,
    "Mobile app": mobile,
    "Configuration & settings": settings_domain,
    "System": system,
}
WORK_PAGES = (tasks.TasksView, calendar.TaskCalendarView, task.TaskWorkView)
SALES_PAGES = (
    BoardView,
    PipelinesView,
    deal_views.DealWorkView,
    activity_views.ActivityWorkView,
    deal_calendar.ActivityCalendarView,
    InsightsView,
    ForecastView,
    rules_views.AutomationView,
    rule_views.RuleFormView,
    run_views.RunsView,
    trial_views.TrialsView,
)
SCREENS = tuple(screen for domain in DOMAINS.values() for screen in domain.SCREENS)


log = logging.getLogger(__name__)


class House(AppBuilder):
    """Flask-AppBuilder without the pages we do not use: its menu, its history of addresses, its own API document."""

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.bm.locale_view = LanguageView()
        self.add_view_no_menu(self.bm.locale_view)
        self.sm.register_views()


def build(settings: Settings | None) -> Flask:
    settings = settings or Settings.from_env(os.environ).attached()
    app = Flask("app", static_folder="static", template_folder="templates")
    app.config.update(flask_config(settings), MODE=settings.mode, SETTINGS=settings)
    app.config["LANGUAGES"] = spoken(app.config["LANGUAGES"])
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]  # Flask's own advice
    vault.configure(settings.encryption_keys)
    mail.configure(settings)
    links.reached_at(settings.base_url)
    engine = db.connect(app.config["SQLALCHEMY_DATABASE_URI"], **app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    app.extensions["engine"] = engine
    live.connect(settings.redis_url)
    jobs.register(LISTENERS, SCHEDULE)
    outbox.woken_by(jobs.Waker(settings.redis_url) if settings.redis_url else None)
    guard.refuse_foreign_hosts(app, settings.trusted_hosts(), addresses=settings.trusts_addresses)
    CSRFProtect(app)
    guard.protect(app)
    faults.explain(app)
    health.add_probes(app, engine)
    _draw(app)
    imports.install(app)
    with app.app_context():
        _open(app)
    viewing.install(app)  # after the framework has said who is logged in
    badges.install(app)
    add_commands(app)
    if settings.is_production:
        _refuse_demo_logins()
    return app


def _refuse_demo_logins() -> None:
    """Production with people whose password was printed on a terminal does not start. Raises SettingsError."""
    try:
        with db.session_factory() as session:
            found = demo_logins(session)
    except DBAPIError as unready:
        # Not there or not migrated yet: `/readyz` says so, and nobody can log in meanwhile.
        log.warning("demo logins could not be looked for: %s", type(unready.orig).__name__)
        return
    if found:
        raise SettingsError([f"The database has demo logins ({', '.join(found)}): deactivate or delete them first."])


def spoken(languages: Mapping[str, Any]) -> dict[str, Any]:
    """English, and the languages that have a catalogue: nobody is offered one that changes nothing."""
    there = {path.parts[-3] for path in (ROOT / "translations").glob("*/LC_MESSAGES/messages.po")}
    return {code: words for code, words in languages.items() if code == "en" or code in there}


def _open(app: Flask) -> None:
    """Resolve the screens, check every name, and give each its views."""
    screens = resolve_all(MODELS, SCREENS)
    unknown = missing(GROUPS, screens)
    if unknown:
        raise ScreenError(f"The sidebar names unknown tables: {', '.join(unknown)}.")
    areas = {screen.table: area for area, domain in DOMAINS.items() for screen in domain.SCREENS}
    app.extensions["screens"] = screens
    atlas.know(screens)
    app.extensions["shell"] = Shell(GROUPS, screens, areas)
    viewer.found_by(find_viewer)
    house = House(security_manager_class=CrmSecurityManager, indexview=HomeView, update_perms=False)
    house.init_app(app, db.current_session)
    babel = app.extensions["babel"]
    babel.locale_selector, babel.timezone_selector = choose_locale, choose_zone
    babel.instance.domain_instance = TEXTS
    app.jinja_env.globals.update(_=drawn_text, ngettext=drawn_number_text, part=drawing.parts(app.jinja_env))
    pages = (
        BatchesView, CountryView, DirectoryView, FindView, ReferenceView, RightsView, PeopleView, JobsView, LiveView,
        MailView, NotificationsView, NotificationRulesView, chat.ChatView, imports.ImportsView, *WORK_PAGES,
        searches.ListWishesView, searches.SearchesView, *SALES_PAGES,
    )  # fmt: skip
    for view in pages:
        house.add_view_no_menu(view)
    recordpage.show_beside(record.beside)
    recordpage.show_on(deal_page.DEALS, deal_page.on_record)
    ownforms.written_at("automation_rules", ownforms.OwnForm("/automation/new", "/automation/"))
    for teller in telling.TELLERS:
        timeline.also_tell(deal_page.DEALS, teller)
    listpage.act_on_many(bulk.acts)
    filters.name_sets(batch_pages.sets() | deal_sets.sets() | sales_sets.sets())
    wishes.kept_by(kept.KEEPER)
    switch.stands_for("/pipeline/", "deals")
    views.register(house, screens)


def _draw(app: Flask) -> None:
    """What every template can use."""
    app.jinja_env.globals.update(
        assets.jinja_globals(),
        csp_nonce=guard.nonce,
        new_form_key=new_key,
        drawn_cells=drawing.cells,
        drawn_control=drawing.control,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def frame() -> dict[str, Any]:
        if getattr(g, "without_frame", False):
            return {}
        shell: Shell = app.extensions["shell"]
        return {"shell": shell.frame(viewer.current_viewer())}

    @app.teardown_appcontext
    def release(error: BaseException | None) -> None:
        db.current_session.remove()

    @app.before_request
    def remember() -> None:
        if not session.permanent:  # to say it again would be a change, and a cookie with every answer
            session.permanent = True
