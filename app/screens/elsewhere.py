"""The search, the filters and the saved searches of a list, on another page of the same rows, such as a board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.screens import address, listpage, switch, wishes
from app.screens.chips import chips_of
from app.screens.look import Look
from app.screens.page import Chip, Saved, SavedTab
from app.screens.query import Listing


@dataclass(frozen=True)
class Bar:
    """What `screens/_find.html`, `_filters.html` and `_searches.html` read as `page`."""

    table: str
    query: str
    query_hint: str
    chips: tuple[Chip, ...]
    filterables: Markup
    keep: tuple[tuple[str, str], ...]
    clear_href: str
    saved: Saved


def opening(look: Look, arguments: MultiDict[str, str], base: str) -> str:
    """Where the page at `base` opens of which nothing is said: as the list of its rows does; "" to stay."""
    return _here(switch.opening(look, arguments), look, base)


def bar_of(look: Look, listing: Listing, arguments: MultiDict[str, str], base: str) -> Bar:
    """The bar of the page at `base`, whose rows are those of `listing`."""
    saved = _saved(look, arguments, base)
    return Bar(
        table=look.screen.table,
        query=listing.search,
        query_hint=listpage.hint(look.screen),
        chips=chips_of(look, listing.filters, arguments, base),
        filterables=listpage.filterables(look),
        keep=address.kept_pairs(arguments),
        clear_href=switch.everything(look, saved.all_href or base),
        saved=saved,
    )


def _saved(look: Look, arguments: MultiDict[str, str], base: str) -> Saved:
    """The saved searches of the list as tabs of the page at `base`."""
    found = wishes.saved_of(look, arguments, wishes.wish_of(look))

    def here(href: str) -> str:
        return _here(href, look, base)

    def tabs(given: Iterable[SavedTab]) -> tuple[SavedTab, ...]:
        return tuple(replace(tab, href=here(tab.href)) for tab in given)

    current = replace(found.current, href=here(found.current.href)) if found.current else None
    return replace(
        found, tabs=tabs(found.tabs), others=tabs(found.others), current=current, all_href=here(found.all_href)
    )


def _here(href: str, look: Look, base: str) -> str:
    """An address of the list as one of the page at `base`."""
    home = address.list_href(look.screen.table)
    return base + href.removeprefix(home) if href.startswith(home) else href
