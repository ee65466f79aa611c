"""What somebody keeps for a list: columns, order, size of a page, and named sets of filters.

Where wishes live is the affair of another domain (`kept_by`, said once when the house is built); here they only decide
what an address means that leaves them open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from app.screens import address
from app.screens.fields import Field
from app.screens.locale import said
from app.screens.look import Look
from app.screens.page import ColumnChoice, Saved
from app.screens.query import Listing, Order

VIEW, ALL = "view", "all"  # which saved search an address is; `all` for none
MOST_COLUMNS = 40


@dataclass(frozen=True)
class Wish:
    """What somebody chose for one list; "" and 0 for nothing. Names may have died since.

    `found` is what the keeper has found along with it, for its own use.
    """

    columns: tuple[str, ...] = ()
    order: str = ""
    size: int = 0
    found: Any = None


@dataclass(frozen=True)
class Keeper:
    """How wishes are found: those for the list itself, its saved searches, and the address that it opens with."""

    wish: Callable[[Look], Wish] = lambda _look: Wish()
    saved: Callable[[Look, MultiDict[str, str], Wish], Saved] = lambda _look, _arguments, _wish: Saved()
    home: Callable[[Look], str] = lambda _look: ""


_keeper = [Keeper()]


def kept_by(keeper: Keeper) -> None:
    """Who keeps wishes; said once, when the house is built."""
    _keeper[0] = keeper


def wish_of(look: Look) -> Wish:
    return _keeper[0].wish(look)


def saved_of(look: Look, arguments: MultiDict[str, str], wish: Wish) -> Saved:
    return _keeper[0].saved(look, arguments, wish)


def home_of(look: Look, arguments: MultiDict[str, str]) -> str:
    """Where a list opens that is asked for without a word: the viewer's default search as an address; "" to stay."""
    return "" if arguments else _keeper[0].home(look)


def wished(look: Look, listing: Listing, arguments: MultiDict[str, str], wish: Wish) -> Listing:
    """The list that an address asks for; what it leaves open is as this person wants it."""
    size = wish.size if wish.size and not arguments.get("page_size") else listing.size
    return replace(listing, size=size, order=listing.order or order_of(look, wish.order))


def order_of(look: Look, given: str) -> Order | None:
    """A kept order, as long as its column is there and this viewer may read it."""
    name = given.removeprefix("-")
    known = name == "id" or any(f.name == name and f.kind.sortable for f in choosable(look))
    return Order(name, given.startswith("-")) if known else None


def columns_asked(look: Look, arguments: MultiDict[str, str], wish: Wish) -> list[Field]:
    """The chosen columns, of the address before the kept ones; none where nothing that is left was chosen.

    Names that are unknown or closed to this viewer are passed over, and nothing tells which of both they are.
    """
    known = {f.name: f for f in choosable(look)}
    for names in (arguments.get("columns", "").split(","), wish.columns):
        found = [known[name] for name in dict.fromkeys(n.strip() for n in names) if name in known]
        if found:
            return found[:MOST_COLUMNS]
    return []


def choosable(look: Look) -> list[Field]:
    """The fields that a list may show this viewer."""
    return address.visible_fields(look.screen, look.viewer)


def chooser(look: Look, shown: Sequence[Field]) -> tuple[ColumnChoice, ...]:
    """All columns to choose from: the shown ones in their order, then the others."""
    names = {f.name for f in shown}
    rest = [f for f in choosable(look) if f.name not in names]
    return tuple(ColumnChoice(f.name, str(said(f.label)), f.name in names) for f in (*shown, *rest))


def order_text(order: Order | None) -> str:
    """An order as an address has it."""
    return "" if order is None else f"{'-' if order.descending else ''}{order.name}"
