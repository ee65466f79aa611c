"""The country somebody works in, of the several that are his: chosen in the top bar, where lists start from it.

It is a default, never a right: it narrows what opens without a word, and only by putting an ordinary filter into the
address. So charts, files, changes of many rows and neighbours follow it as they follow any filter, a link that is
passed on shows everybody the same, and whatever says something of its own (a search, a tile, a bar of a chart) shows
exactly that. What has no filter left says `everywhere=1`, or it would be narrowed again.

Kept in a cookie of its own, which outlives the login and is good for its person alone.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, after_this_request, current_app, has_request_context, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.viewer import Viewer
from app.screens import address, wishes
from app.screens.beyond import country_field
from app.screens.cells import country_name
from app.screens.fields import Field
from app.screens.look import Look

EVERYWHERE = "everywhere"
_KEPT = timedelta(days=365)
_PAGES = ("list", "chart")


def offered(viewer: Viewer) -> tuple[tuple[str, str, bool], ...]:
    """(code, name, whether it is the chosen one) of the countries to choose from; nothing for whom has no choice."""
    if viewer.behind or len(viewer.countries or ()) < 2:
        return ()
    now = chosen(viewer)
    return tuple((code, country_name(code), code == now) for code in viewer.countries or ())


def chosen(viewer: Viewer) -> str:
    """The code of the chosen country; "" for all of them. One that is no longer the viewer's is forgotten."""
    if not has_request_context() or viewer.behind or _cookie() not in request.cookies:
        return ""
    try:
        owner, code = _signer().loads(request.cookies[_cookie()])
    except (BadSignature, ValueError, TypeError):
        return ""
    if owner != viewer.user_id:
        return ""
    mine = viewer.countries or ()
    if code in mine and len(mine) > 1:
        return str(code)
    after_this_request(_forget)
    return ""


def choose(viewer: Viewer, code: str, answer: Response) -> None:
    """Keep a choice; "" stands for all countries. Raises BadQuery for a country that is not the viewer's."""
    if code and code not in (viewer.countries or ()):
        raise BadQuery(_("One of these countries does not exist, or is not yours."))
    if not code:
        _forget(answer)
        return
    config = current_app.config
    answer.set_cookie(
        _cookie(), str(_signer().dumps([viewer.user_id, code])), max_age=_KEPT, httponly=True,
        secure=config["SESSION_COOKIE_SECURE"], samesite=config["SESSION_COOKIE_SAMESITE"],
    )  # fmt: skip


def opening(look: Look, arguments: MultiDict[str, str], page: str = "list/") -> str:
    """Where a list opens of which nothing is said: with the chosen country as its filter; "" to stay.

    That is the viewer's default search, narrowed to the country unless it has countries of its own, or the whole list.
    """
    home = wishes.home_of(look, arguments) if page == "list/" else ""
    if home:
        asked = MultiDict(parse_qsl(urlsplit(home).query, keep_blank_values=True))
    elif set(arguments) - {wishes.VIEW} or arguments.get(wishes.VIEW, wishes.ALL) != wishes.ALL:
        return ""
    else:
        asked = MultiDict(arguments)
    f = _narrowing(look)
    if f is None or _filters(asked, f):
        return home
    only = {f"_flt_eq_{f.name}": chosen(look.viewer)}
    return address.page_href(look.screen.table, page) + address.keeping(asked, **only)


def own_filter(look: Look) -> tuple[str, str]:
    """The filter that the choice puts into addresses of this list, by name and value; both "" for none."""
    f = _narrowing(look)
    return (f"_flt_eq_{f.name}", chosen(look.viewer)) if f is not None else ("", "")


def said(look: Look, arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """What an address asks for, said so that no link made of it comes to mean the chosen country."""
    f = _narrowing(look)
    if f is None or EVERYWHERE in arguments or _filters(arguments, f):
        return arguments
    told = MultiDict(arguments)
    told[EVERYWHERE] = "1"
    return told


def unfiltered(look: Look, query: str) -> str:
    """A query as it remains when a filter is taken away: where it says nothing any more, it says just that."""
    return query if query.strip("?") or _narrowing(look) is None else f"?{EVERYWHERE}=1"


def everything(look: Look, href: str) -> str:
    """A list or its charts without any filter, whatever is chosen."""
    return href if _narrowing(look) is None else f"{href}{'&' if '?' in href else '?'}{EVERYWHERE}=1"


def moved(look: Look | None, href: str, old: str, new: str) -> str:
    """The page one chose on, after the choice: the list follows where its filter was the choice before.

    A list that asks for other countries on its own stays with them. `look` is at the table of the page, if it has one.
    """
    parts = urlsplit(href)
    if look is None or (f := country_field(look.screen, look.viewer)) is None:
        return href
    mine = (f"_flt_eq_{f.name}", old)
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in (EVERYWHERE, "page")]
    pairs = [pair for pair in pairs if pair != mine]
    if new and not _filters(MultiDict(pairs), f):
        pairs.append((f"_flt_eq_{f.name}", new))
    return f"{parts.path}?{urlencode(pairs)}" if pairs else parts.path


_standing: dict[str, str] = {}


def stands_for(prefix: str, table: str) -> None:
    """Pages below `prefix` show the rows of `table` by the filters of its list; said once, when the house is built."""
    _standing[prefix] = table


def table_of(path: str) -> str:
    """The table whose list or charts, or another page of its rows, are at this path; "" for other pages."""
    if standing := next((table for prefix, table in _standing.items() if path.startswith(prefix)), ""):
        return standing
    names = path.strip("/").split("/")
    return names[0] if len(names) == 2 and names[1] in _PAGES else ""


def _narrowing(look: Look) -> Field | None:
    return country_field(look.screen, look.viewer) if chosen(look.viewer) else None


def _filters(arguments: MultiDict[str, str], f: Field) -> bool:
    return any(name.startswith("_flt_") and name.split("_", 3)[3:] == [f.name] for name in arguments)


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_country"


def _forget(answer: Response) -> Response:
    config = current_app.config
    answer.delete_cookie(
        _cookie(), secure=config["SESSION_COOKIE_SECURE"], httponly=True, samesite=config["SESSION_COOKIE_SAMESITE"]
    )
    return answer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt="country")  # type: ignore[arg-type]  # it is set
