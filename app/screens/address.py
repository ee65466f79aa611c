"""The addresses of generated pages, and how an address keeps filters, order and page size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.statements import prepared
from app.core.viewer import Viewer
from app.screens.beyond import more_fields
from app.screens.fields import Field
from app.screens.filters import from_address
from app.screens.query import OFFSET_CAP, Listing, Order
from app.screens.resolve import Resolved

SIZES = (25, 50, 100)
LONGEST_SEARCH = 200
IN_LIST = "in"
LONGEST_LIST = 3_000  # characters of a query; an address as a whole has at most 8,000


def list_href(table: str) -> str:
    return f"/{table}/list/"


def show_href(table: str, key: object) -> str:
    return f"/{table}/show/{quote(str(key), safe='')}"


def page_href(table: str, page: str, key: object = "") -> str:
    return f"/{table}/{page}/{quote(str(key), safe='')}" if key != "" else f"/{table}/{page}"


def import_href(table: str) -> str:
    return f"/imports/{table}/"


def filtered_href(table: str, filters: Iterable[tuple[str, str, str]], page: str = "list/") -> str:
    """The list of a table with (operator, column, value) filters."""
    return f"/{table}/{page}?" + urlencode([(f"_flt_{o}_{c}", v) for o, c, v in filters])


def visible_fields(screen: Resolved, viewer: Viewer, *, secrets: bool = False) -> list[Field]:
    """The fields of a screen this viewer may read; secrets only where "set / not set" is shown."""

    def found() -> list[Field]:
        return [f for f in screen.shown() if screen.reads(viewer, f.name) and (secrets or not f.secret)]

    return list(prepared(screen, (visible_fields, viewer.stamp, secrets), found))


def listing_of(screen: Resolved, viewer: Viewer, arguments: MultiDict[str, str]) -> Listing:
    """What an address asks of a list. Raises BadQuery."""
    fields = [screen.fields["id"], *visible_fields(screen, viewer)]
    size = _number(arguments.get("page_size"), SIZES[0])
    if not 1 <= size <= SIZES[-1]:
        raise BadQuery(_("A page has between 1 and %(most)s rows.", most=SIZES[-1]))
    page = _number(arguments.get("page"), 1)
    if not 1 <= page <= OFFSET_CAP // size + 1:
        raise BadQuery(_("There is no page %(page)s. Narrow the list with a filter instead.", page=str(page)[:20]))
    order = None
    if asked := arguments.get("order", ""):
        name = asked.removeprefix("-")
        if not any(f.name == name and f.kind.sortable for f in fields):
            raise BadQuery(_("There is no column “%(name)s” to sort by.", name=name[:80]))
        order = Order(name, asked.startswith("-"))
    search = arguments.get("q", "").strip()[:LONGEST_SEARCH]
    fields += more_fields(screen, viewer)
    return Listing(from_address(fields, arguments), search, order, page, size)


def keeping(arguments: MultiDict[str, str], **changed: str | int | None) -> str:
    """A query string with some parameters changed (None: left out); going elsewhere starts at page 1."""
    pairs = [(k, v) for k, v in arguments.items(multi=True) if k not in changed and k != "page"]
    pairs += [(k, str(v)) for k, v in changed.items() if v is not None]
    return "?" + urlencode(pairs) if pairs else "?"


def without(arguments: MultiDict[str, str], parameter: str) -> str:
    """A query string without one parameter, whatever its values."""
    pairs = [(k, v) for k, v in arguments.items(multi=True) if k not in (parameter, "page")]
    return "?" + urlencode(pairs) if pairs else "?"


def in_list(arguments: MultiDict[str, str], **kept: str) -> str:
    """A list as the addresses of its records carry it (`?in=<query>`, see `position`); "" for one that is too long.

    `kept` is said where the query leaves it open.
    """
    pairs = [(k, v) for k, v in arguments.items(multi=True) if k != IN_LIST]
    pairs += [(k, v) for k, v in kept.items() if v and k not in arguments]
    text = urlencode(pairs)
    return "?" + urlencode({IN_LIST: text}) if len(text) <= LONGEST_LIST else ""


def _number(given: str | None, default: int) -> int:
    if not given:
        return default
    if not given.isdecimal() or len(given) > 12:
        raise BadQuery(_("“%(value)s” is not a page number.", value=given[:20]))
    return int(given)


def kept_pairs(arguments: Mapping[str, str] | MultiDict[str, str]) -> tuple[tuple[str, str], ...]:
    """What a search form has to carry along: everything but the search itself and the page."""
    assert isinstance(arguments, MultiDict)
    return tuple((k, v) for k, v in arguments.items(multi=True) if k not in ("q", "page"))
