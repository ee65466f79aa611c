"""`/pipeline/deals/<id>/...`: one deal as a panel, and what can be done with it but for its activities."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required

from app.core.db import transaction
from app.core.errors import BadQuery, Forbidden, NotFound, demand
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.core.viewer import visible
from app.pipeline.board.moves import token_of
from app.pipeline.deal import asked, lines, page
from app.pipeline.deal.forms import fills, part_of_form, values_of, writes
from app.pipeline.deal.links import contract_href, starts
from app.pipeline.models import Deal, DealStatus, PipelineStage
from app.pipeline.rules.movement import missing_in, status_in
from app.pipeline.services import contracting
from app.pipeline.services.moving import move_deal
from app.screens import trail, write
from app.screens.look import Look
from app.screens.once import by_form

_REASON = "lost_reason"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_EARLIER = datetime.min.replace(tzinfo=UTC)


class DealWorkView(BaseView):
    """One deal. Each act is refused with a sentence when its state or its viewer's rights do not allow it."""

    route_base = "/pipeline/deals"
    default_view = "panel"

    @expose("/<deal_id>/panel", methods=["GET"])
    @login_required
    def panel(self, deal_id: str) -> str:
        """A fragment for beside the board."""
        deals = asked.look_at(page.DEALS)
        found = page.page_of(deals, deal_id, panel=True)
        drawn = render_template("pipeline/deal/panel.html", deal=found)
        trail.note_view(deals, found.id, found.title)
        return drawn

    # Stages -------------------------------------------------------------------------

    @expose("/<deal_id>/stage", methods=["GET"])
    @login_required
    def before_move(self, deal_id: str) -> str:
        """A form with what the stage in the address asks for before the deal comes there."""
        deals = asked.look_at(page.DEALS)
        deal = asked.deal_to_change(deals, deal_id)
        demand(writes(deals, "stage_id"))
        stage = _stage(deals, deal, request.args.get("stage_id", ""))
        names = _asks(deal, stage)
        form = part_of_form(deals, names, {name: getattr(deal, name) for name in names})
        for bound in form._fields.values():
            bound.flags.required = True
        seen = request.args.get("seen", "")[:60]
        return render_template("pipeline/deal/_move.html", deal=deal, stage=stage, form=form, seen=seen)

    @expose("/<deal_id>/stage", methods=["POST"])
    @login_required
    def move(self, deal_id: str) -> Any:
        """Put the deal into another stage: `stage_id`, `seen` (see `move_deal`), and what the stage asks for."""
        deals = asked.look_at(page.DEALS)
        with transaction(by=deals.viewer) as session:
            deal = asked.deal_to_change(deals, deal_id)
            demand(writes(deals, "stage_id"))
            stage = _stage(deals, deal, asked.text_sent("stage_id"))
            before = deal.stage_id
            seen, values = _seen(deal), _given(deals, deal, _asks(deal, stage))
            with write.refusing(deals.screens, deals.screen):
                move_deal(session, deal, stage, seen=seen, values=values)
            said, token = _said(stage), token_of(deal.id, deal.stage_entered_at)
        undo = {"stage_id": before, "seen": token}
        return asked.done(said, deal_id, undo=undo if before != stage.id else None)

    # Products -----------------------------------------------------------------------

    @expose("/<deal_id>/price.json", methods=["GET"])
    @login_required
    def price(self, deal_id: str) -> Response:
        """What a product costs in this deal: `price` as a form takes it, or `said` why there is none."""
        deals = asked.look_at(page.DEALS)
        deal = asked.deal_of(deals, deal_id)
        found = lines.price_of(deals, deal, request.args.get("product_id", "")[:100], now=utc_now())
        said = lines.in_other_currency(deal, found) if found.others else ""
        return jsonify(price="" if found.amount is None else format(found.amount, "f"), said=said)

    @expose("/<deal_id>/products", methods=["POST"])
    @login_required
    def add_line(self, deal_id: str) -> Any:
        deals = asked.look_at(page.DEALS)
        look = deals.at(lines.LINES)
        with transaction(by=deals.viewer) as session:

            def act() -> Answer:
                deal = asked.deal_to_change(deals, deal_id)
                demand(fills(look, "deal_id", "product_id"))
                given = values_of(part_of_form(look, lines.FIELDS, {}, request.form))
                values = lines.completed(deals, deal, given, now=utc_now())
                lines.demand_fitting(deal, asked.text_sent("currency"), values)
                row = write.add(session, look.screens, look.screen, look.viewer, {**values, "deal_id": deal.id})
                return Answer(302, body={"id": row.id})

            answer = once(session, by_form(deals.viewer), act, now=utc_now())
        return asked.done(_already(answer, _("The product is added.")), deal_id)

    @expose("/<deal_id>/products/<line_id>", methods=["GET"])
    @login_required
    def edit_line(self, deal_id: str, line_id: str) -> str:
        deals = asked.look_at(page.DEALS)
        look = deals.at(lines.LINES)
        deal = asked.deal_to_change(deals, deal_id)
        demand(writes(look))
        row = asked.line_of(look, deal, line_id)
        names = (*lines.FIELDS, "notes")
        form = part_of_form(look, names, {name: getattr(row, name) for name in names})
        return render_template("pipeline/deal/_line.html", deal=deal, line=row, form=form, version=row.row_version)

    @expose("/<deal_id>/products/<line_id>", methods=["POST"])
    @login_required
    def change_line(self, deal_id: str, line_id: str) -> Any:
        deals = asked.look_at(page.DEALS)
        look = deals.at(lines.LINES)
        with transaction(by=deals.viewer) as session:
            deal = asked.deal_to_change(deals, deal_id)
            row = asked.line_of(look, deal, line_id)
            before = {name: getattr(row, name) for name in (*lines.FIELDS, "notes")}
            given = values_of(part_of_form(look, before, before, request.form))
            known = before | given
            lines.demand_fitting(deal, asked.text_sent("currency"), known)
            version = request.form.get("version") or None
            write.change(session, look.screens, look.screen, look.viewer, row, given, version)
        return asked.done(_("The product is saved."), deal_id)

    @expose("/<deal_id>/products/<line_id>/remove", methods=["POST"])
    @login_required
    def remove_line(self, deal_id: str, line_id: str) -> Any:
        deals = asked.look_at(page.DEALS)
        look = deals.at(lines.LINES)
        with transaction(by=deals.viewer) as session:
            deal = asked.deal_to_change(deals, deal_id)
            row = asked.line_of(look, deal, line_id)
            write.erase(session, look.screen, look.viewer, row, None)
            write.flush(session, look.screens, look.screen)
        return asked.done(_("The product is removed."), deal_id)

    # The contract -------------------------------------------------------------------

    @expose("/<deal_id>/contract", methods=["GET"])
    @login_required
    def before_contract(self, deal_id: str) -> str:
        """A form with what must be chosen for a contract."""
        deals = asked.look_at(page.DEALS)
        deal = asked.deal_to_change(deals, deal_id)
        demand(starts(deals))
        ways = contracting.ways_of(deals.at(contracting.CONTRACTS), deal)
        return render_template("pipeline/deal/_contract.html", deal=deal, ways=ways)

    @expose("/<deal_id>/contract", methods=["POST"])
    @login_required
    def start_contract(self, deal_id: str) -> Any:
        """A draft of a contract; the one that is there already where the deal has one."""
        deals = asked.look_at(page.DEALS)
        with transaction(by=deals.viewer):
            deal = asked.deal_to_change(deals, deal_id)
            demand(starts(deals))
            contract, made = contracting.start(
                deals, deal, template_id=asked.text_sent("template_id"),
                company_id=asked.text_sent("billing_details_id"), now=utc_now(),
            )  # fmt: skip
            number = contract.contract_number if contract is not None else ""
            href = contract_href(contract.id) if contract is not None else ""
        if made:
            said = _("The contract %(number)s is started.", number=number)
        elif contract is not None:
            said = _("The deal has the contract %(number)s already.", number=number)
        else:
            said = _("The deal has a contract already.")
        return asked.done(said, deal_id, open=href)


def _stage(deals: Look, deal: Deal, key: str) -> PipelineStage:
    """Raises NotFound for a stage that this viewer may not know of."""
    if not key:
        raise BadQuery(_("Choose a stage."))
    asked_for = visible(PipelineStage, deals.viewer).where(PipelineStage.id == key[:100])
    found = deals.session.scalars(asked_for).one_or_none()
    if found is None:
        raise NotFound
    return found


def _asks(deal: Deal, stage: PipelineStage) -> list[str]:
    """What must be told before the deal comes into the stage."""
    lost = status_in(stage) is DealStatus.lost
    return [*([_REASON] if lost else []), *missing_in(deal, stage)]


def _seen(deal: Deal) -> datetime | None:
    """Since when the deal is where the page has shown it; a time before all others where it is not there any more.

    Raises BadQuery for what no page of ours has drawn.
    """
    given = asked.text_sent("seen")
    if not given:
        return None
    if not _TOKEN.fullmatch(given):
        raise BadQuery(_("The page is out of date. Reload it."))
    return deal.stage_entered_at if given == token_of(deal.id, deal.stage_entered_at) else _EARLIER


def _given(deals: Look, deal: Deal, names: list[str]) -> dict[str, Any]:
    """What was sent for these fields, held to their rules; the deal itself stays as it is until it is moved."""
    sent = [name for name in names if name in request.form]
    if not sent:
        return {}
    if not writes(deals, *sent):
        raise Forbidden
    values = values_of(part_of_form(deals, sent, {}, request.form))
    return dict(write.may_hold(deals.session, deals.screens, deals.screen, deals.viewer, deal, values))


def _said(stage: PipelineStage) -> str:
    return {
        DealStatus.won: _("The deal is won."),
        DealStatus.lost: _("The deal is lost."),
        DealStatus.open: _("The deal is in “%(stage)s” now.", stage=stage.name),
    }[status_in(stage)]


def _already(answer: Answer, said: str) -> str:
    return _("This was done already; nothing was made twice.") if answer.repeated else said
