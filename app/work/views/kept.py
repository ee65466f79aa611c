"""Saved searches and wishes as lists show them: the keeper that `app.screens.wishes` asks."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.statements import prepared
from app.screens import address, filters, switch, wishes
from app.screens.beyond import more_fields
from app.screens.look import Look
from app.screens.page import Saved, SavedTab
from app.screens.query import whose
from app.screens.spec import words
from app.screens.wishes import ALL, VIEW, Keeper, Wish
from app.work.queries import searches as queries
from app.work.rules import searches as rules
from app.work.rules.searches import Asked, Condition

_LONGEST_ADDRESS = 6_000
_OF_THE_PAGE = (VIEW, "page", address.IN_LIST, switch.EVERYWHERE)
Pairs = list[tuple[str, str]]


def wish_of(look: Look) -> Wish:
    """What this person keeps for this list, and along with it the searches that are above it; one or two statements."""
    found = queries.of_list(look.session, look.viewer, look.screen.table)
    wish = found.wish
    return Wish(tuple(wish.get("columns", ())), wish.get("sort", ""), wish.get("page_size") or 0, found)


def home_of(look: Look) -> str:
    """The address of the viewer's default search; "" for none."""
    if not look.viewer.sees(queries.SEARCHES):
        return ""
    found = queries.default(look.session, look.viewer, look.screen.table)
    return "" if found is None else href_of(look, found.id, rules.read(found.filters))


def saved_of(look: Look, arguments: MultiDict[str, str], wish: Wish) -> Saved:
    """The tabs above a list, out of what was found with the `wish`."""
    viewer, table = look.viewer, look.screen.table
    if not viewer.sees(queries.SEARCHES):
        return Saved()
    found: queries.Kept = wish.found
    mine, theirs = found.mine, found.theirs
    opened, asked = arguments.get(VIEW, ""), list(arguments.items(multi=True))
    # A search that was opened in the chosen country is not another one for that.
    country = switch.own_filter(look)
    now = (_meant(asked), _meant(pair for pair in asked if pair != country))
    tabs: list[SavedTab] = []
    left = ""
    for one in (*mine, *theirs):
        pairs, lost = pairs_of(look, rules.read(one.filters))
        current = one.key == opened
        left = said(lost) if current else left
        changed = current and _meant(pairs) not in now
        tabs.append(
            SavedTab(
                one.key, one.name, _href(table, one.key, pairs), current, one.default, one.shared, changed, one.who
            )
        )
    base = address.list_href(table)
    return Saved(
        tuple(tabs[: len(mine)]),
        tuple(tabs[len(mine) :]),
        next((tab for tab in tabs if tab.current), None),
        f"{base}?{VIEW}={ALL}" if any(one.default for one in mine) else base,
        viewer.may_add(queries.SEARCHES),
        viewer.may_edit(queries.SEARCHES),
        urlencode([(k, v) for k, v in arguments.items(multi=True) if k not in _OF_THE_PAGE]),
        left,
    )


KEEPER = Keeper(wish_of, saved_of, home_of)


def asked_of(look: Look, arguments: MultiDict[str, str]) -> Asked:
    """The list of an address as it is to be found again, with the wishes that hold for it now. Raises BadQuery."""
    wish = wish_of(look)
    listing = wishes.wished(look, address.listing_of(look.screen, look.viewer, arguments), arguments, wish)
    for active in listing.filters:
        filters.condition(look.screen, active)
    chosen = wishes.columns_asked(look, arguments, wish)
    return Asked(
        tuple(Condition(f.field.name, f.operator, f.values) for f in listing.filters),
        listing.search,
        wishes.order_text(listing.order),
        tuple(f.name for f in chosen),
        listing.size if wish.size or arguments.get("page_size") else 0,
        "all" in arguments,
    )


def pairs_of(look: Look, asked: Asked) -> tuple[Pairs, list[str]]:
    """(query of the list, what had to be left out): only what this viewer may ask for goes into an address.

    What is left out is named, except for what the viewer may not know of: that is "". It is found out once for a
    person with these rights in this language: every list asks it of each of its saved searches.
    """
    return prepared(look.screen, (pairs_of, whose(look.viewer), asked), lambda: _pairs_of(look, asked))


def _pairs_of(look: Look, asked: Asked) -> tuple[Pairs, list[str]]:
    known = [look.screen.fields["id"], *address.visible_fields(look.screen, look.viewer)]
    known += more_fields(look.screen, look.viewer)
    pairs: Pairs = []
    lost: list[str] = []
    for one in asked.conditions:
        try:
            active = filters.active(known, one.column, one.operator, one.values)
            filters.condition(look.screen, active)
        except BadQuery:
            lost.append(_name(look, one.column))
            continue
        if len({name for name, _value in pairs}) >= filters.MOST_FILTERS:
            lost.append(_name(look, one.column))
            continue
        pairs += [(f"_flt_{active.operator}_{active.field.name}", value) for value in active.values or ("",)]
    columns = [name for name in asked.columns if any(f.name == name for f in wishes.choosable(look))]
    order = wishes.order_text(wishes.order_of(look, asked.order))
    more = {"q": asked.search, "order": order, "columns": ",".join(columns),
            "page_size": str(asked.size or ""), "all": "1" if asked.inactive else ""}  # fmt: skip
    return [*pairs, *((name, value) for name, value in more.items() if value)], lost


def href_of(look: Look, key: str, asked: Asked) -> str:
    return _href(look.screen.table, key, pairs_of(look, asked)[0])


def said(lost: list[str]) -> str:
    """One sentence about the conditions that are left out; "" for none."""
    if not lost:
        return ""
    names = ", ".join(dict.fromkeys(name for name in lost if name))
    if not names:
        return str(ngettext("%(num)s condition is left out.", "%(num)s conditions are left out.", len(lost)))
    return str(
        ngettext(
            "%(num)s condition is left out: %(names)s.",
            "%(num)s conditions are left out: %(names)s.",
            len(lost),
            names=names,
        )
    )


def _name(look: Look, column: str) -> str:
    f = look.screen.fields.get(column)
    if f is None:
        return words(column)[:60] if not _is_part(look, column) else ""
    return str(_(f.label)) if look.reads(column) and not f.internal and not f.secret else ""


def _is_part(look: Look, column: str) -> bool:
    """Whether it is a column behind a field of another name, whose rights count."""
    return any(column in (c.name for c in f.columns) for f in look.screen.fields.values())


def _href(table: str, key: str, pairs: Pairs) -> str:
    href = f"{address.list_href(table)}?" + urlencode([*pairs, (VIEW, key)])
    return href if len(href) <= _LONGEST_ADDRESS else ""


def _meant(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a query says of the list itself, whatever the order it says it in."""
    return sorted((k, v) for k, v in pairs if k not in _OF_THE_PAGE)
