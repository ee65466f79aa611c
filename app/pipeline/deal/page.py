"""One deal as its page and its panel show it, filled from the database for one viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.scope import may_change
from app.core.types import utc_now
from app.pipeline.deal import bar, doings, lines, links
from app.pipeline.deal.forms import fills, part_of_form
from app.pipeline.models import Deal
from app.screens import address, query
from app.screens.cells import cell_of
from app.screens.forms import ScreenForm
from app.screens.locale import said
from app.screens.look import Look
from app.screens.page import Aside, Cell, Extra, ShownField

DEALS = "deals"
COMPOSED = ("type", "subject", "description", "due_at", "duration", "user_id", "priority", "reminder_at")
_FACTS = ("value", "probability", "expected_close_date", "assigned_user_id", "source", "lost_reason")


@dataclass(frozen=True)
class DealPage:
    """Everything that is drawn of one deal; a part that its viewer may not know of is None."""

    id: str
    title: str
    href: str
    edit_href: str
    currency: str
    badges: tuple[Cell, ...]
    facts: tuple[ShownField, ...]
    bar: bar.Bar | None
    lines: lines.Lines | None
    line_form: ScreenForm | None
    doings: doings.Doings | None
    composer: ScreenForm | None
    links: links.Linked
    tells: bool


def page_of(deals: Look, key: str, *, panel: bool = False) -> DealPage:
    """The deal for who may know of it; without `panel` not what its record says anyway. Raises NotFound."""
    deal: Deal = query.fetch(deals.session, deals.screen, deals.viewer, key)
    now, mine = utc_now(), may_change(deals.session, deals.viewer, Deal, deal.id)
    open_to_change = mine and deals.may_edit()
    own = doings.doings_of(deals, deal, may_change=mine, now=now)
    products = lines.lines_of(deals, deal, may_change=open_to_change)
    title, badges, facts = _head(deals, deal) if panel else ("", (), ())
    return DealPage(
        id=deal.id,
        title=title,
        href=address.show_href(DEALS, deal.id),
        edit_href=address.page_href(DEALS, "edit", deal.id) if panel and open_to_change else "",
        currency=str(deal.currency or "") if deals.reads("currency") else "",
        badges=badges,
        facts=facts,
        bar=bar.bar_of(deals, deal, may_change=open_to_change, now=now),
        lines=products,
        line_form=part_of_form(deals.at(lines.LINES), lines.FIELDS, {"quantity": 1})
        if products is not None and products.adds
        else None,
        doings=own,
        composer=_composer(deals) if own is not None and own.adds else None,
        links=links.links_of(deals, deal, may_change=open_to_change),
        tells=panel,
    )


def _composer(deals: Look) -> ScreenForm:
    look = deals.at(doings.ACTIVITIES)
    start: dict[str, Any] = {"type": "call", "priority": look.screen.fields["priority"].default}
    if fills(look, "user_id"):
        start["user_id"] = deals.viewer.user_id
    form = part_of_form(look, COMPOSED, start)
    kind = form._fields.get("type")
    if kind is not None:
        kind.process(MultiDict({"type": "call"}))
    return form


def _head(deals: Look, deal: Deal) -> tuple[str, tuple[Cell, ...], tuple[ShownField, ...]]:
    """Title, badges and facts of the panel. One statement."""
    fields = [deals.screen.fields[name] for name in ("status", "country_code", *_FACTS) if deals.reads(name)]
    row = query.record_of(deals.session, deals.screens, deals.screen, deals.viewer, deal.id, fields)
    shown = [ShownField(f.name, said(f.label), cell_of(row, f, short=True, links=deals.links)) for f in fields]
    badges = tuple(one.cell for one in shown if one.name in ("status", "country_code") and not one.empty)
    facts = tuple(one for one in shown if one.name in _FACTS and not one.empty)
    return row[query.OWN_NAME] or _("Deal"), badges, facts


def on_record(look: Look, key: Any) -> Extra:
    """What stands on the record page of a deal beside its fields."""
    values = {"deal": page_of(look, str(key))}
    return Extra(
        above=(Aside("pipeline/deal/_above.html", values),),
        asides=(Aside("pipeline/deal/_beside.html", values),),
        styles=("css/deal.css",),
        scripts=("js/deal_forms.js", "js/deal.js"),
    )
