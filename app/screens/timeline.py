"""What happened around one record: its history and the related records that are happenings, newest first.

Each source is one statement with a LIMIT that begins where the page before
ended, so that a page costs the same however much there is. A source is there
for who sees its table, the column that leads here and the time; of what it
tells, hidden fields are left out. Where a record is about somebody (`talks`),
what was said with him is told as well. The history is there for who may look into
the audit trail; who looked and who exported stays in its own tab.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask_babel import format_date, format_time
from flask_babel import gettext as _

from app.core.errors import BadQuery
from app.core.html import text_of
from app.core.types import utc_now
from app.core.viewer import AUDIT
from app.screens import address, history, query
from app.screens.cells import cell_of, local_day, moment_text
from app.screens.fields import Field
from app.screens.look import Look
from app.screens.page import Cell, Day, TimelinePage, Told
from app.screens.query import Before
from app.screens.resolve import Resolved
from app.screens.spec import Happening

SIZE = 20
SHORT = 6  # beside the record
HISTORY = "history"
_LONGEST = 400
_MOST_BADGES = 2
_TALK = ("message", "call")  # kinds


@dataclass(frozen=True)
class Source:
    """Related records of one table that are happenings; `columns` lead to the record, each by itself.

    `about` are the two that lead there together: the name of a table, and a key. `beside` lead to whom the record is
    about, as its own column `talks` does.
    """

    key: str
    screen: Resolved
    columns: tuple[str, ...]
    happening: Happening
    about: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Teller:
    """What a domain tells itself of the records of one table, beside their related records and their history.

    `tells` says whether this viewer may hear any of it; `lines` gives (moment, key, what is told), the newest first,
    at most so many of those that come after a place (None: from the newest on).
    """

    key: str
    kind: str
    tells: Callable[[Look], bool]
    lines: Callable[[Look, Any, Before | None, int], Iterable[tuple[datetime, Any, Told]]]


_tellers: dict[str, dict[str, Teller]] = {}


def also_tell(table: str, teller: Teller) -> None:
    """Said once, when the house is built."""
    _tellers.setdefault(table, {})[teller.key] = teller


def _tellers_of(look: Look) -> list[Teller]:
    return [teller for teller in _tellers.get(look.screen.table, {}).values() if teller.tells(look)]


@dataclass(frozen=True)
class _Line:
    """One happening with its place in the stream."""

    at: datetime
    source: str
    id: Any
    told: Told


def kinds() -> dict[str, tuple[str, str]]:
    """(label, icon) of every kind, in the order of the filter."""
    return {
        "note": (_("Notes"), "notes"), "message": (_("Messages"), "messages"), "call": (_("Calls"), "phone-call"),
        "activity": (_("Activities"), "calendar-event"), "task": (_("Tasks"), "checkbox"),
        "comment": (_("Comments"), "message"), "visit": (_("Visits"), "map-pin"),
        "document": (_("Documents"), "file-text"), "step": (_("Steps"), "flag"),
        HISTORY: (_("Changes"), "history"),
    }  # fmt: skip


def sources_of(look: Look) -> list[Source]:
    """The happenings that this viewer may know of, one source for each table."""
    columns: dict[str, list[str]] = {}
    for child in look.screen.children:
        columns.setdefault(child.table, []).append(child.column)
    talk = _talk(look)
    found = []
    for table, screen in sorted(look.screens.items()):
        happening = screen.happening
        if happening is None or not look.viewer.sees(screen.module):
            continue
        there = look.at(table)
        known = tuple(name for name in columns.get(table, ()) if there.reads(name))
        about = happening.about if all(there.reads(name) for name in happening.about) else ()
        if look.screen.append_only:
            about = ()  # nothing is asked for about an entry of a log
        beside = tuple(name for name in talk.get(table, ()) if there.reads(name) and name not in known)
        if (known or about or beside) and there.reads(happening.date):
            found.append(Source(table, screen, known, happening, about, beside))
    return found


def _talk(look: Look) -> dict[str, list[str]]:
    """By table the columns by which messages and calls point to whom this record is about, for who may know of him."""
    name = look.screen.talks
    if not name or not look.reads(name):
        return {}
    other = look.screens[look.screen.fields[name].targets[0]]
    found: dict[str, list[str]] = {}
    for child in other.children if look.viewer.sees(other.module) else ():
        happening = look.screens[child.table].happening
        if happening is not None and happening.kind in _TALK:
            found.setdefault(child.table, []).append(child.column)
    return found


def tells(look: Look) -> bool:
    """Whether there is anything that a timeline of this record could hold."""
    return bool(sources_of(look)) or bool(_tellers_of(look)) or _tells_history(look)


def _tells_history(look: Look) -> bool:
    return look.viewer.sees(AUDIT) and look.screen.module != AUDIT


def timeline_page(look: Look, key: Any, kind: str, before: str, *, size: int = SIZE) -> TimelinePage:
    """One page; the caller has seen that the viewer may see the record. Raises BadQuery for a place that is none."""
    sources = sources_of(look)
    tellers = _tellers_of(look)
    there = [s.happening.kind for s in sources] + [t.kind for t in tellers]
    there += [HISTORY] if _tells_history(look) else []
    named = {k: v for k, v in kinds().items() if k in there}
    if kind and kind not in named:
        raise BadQuery(_("There is no such part of the timeline."))
    place = _place(before, {s.key for s in sources} | {t.key for t in tellers} | {HISTORY})
    lines: list[_Line] = []
    for source in sources:
        if kind in ("", source.happening.kind):
            lines += _lines(look, source, key, place, size + 1)
    for teller in tellers:
        if kind in ("", teller.kind):
            found = teller.lines(look, key, _before(place, teller.key, None), size + 1)
            lines += [_Line(at, teller.key, own, told) for at, own, told in found]
    if _tells_history(look) and kind in ("", HISTORY):
        lines += _changes(look, key, place, size + 1)
    lines.sort(key=lambda line: line.source)  # within a source they are in order already
    lines.sort(key=lambda line: line.at, reverse=True)
    shown, more = lines[:size], len(lines) > size
    base = f"{address.show_href(look.screen.table, key)}/timeline"
    older = _older(shown[-1], kind) if more else ""
    return TimelinePage(
        days=tuple(_days(shown)),
        kinds=tuple((k, label, icon, f"{base}?{urlencode({'kind': k})}") for k, (label, icon) in named.items()),
        kind=kind,
        all_href=base,
        older_href=f"{base}?{older}" if older else "",
        continues=bool(before),
    )


def _place(given: str, sources: set[str]) -> tuple[datetime, str, str] | None:
    """Where the page before ended. Raises BadQuery."""
    if not given:
        return None
    at, _tilde, rest = given.partition("~")
    source, _tilde, key = rest.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as wrong:
        raise BadQuery(_("There is no such part of the timeline.")) from wrong
    if source not in sources or not key or len(key) > 100 or moment.tzinfo is None or "\x00" in key:
        raise BadQuery(_("There is no such part of the timeline."))
    return moment, source, key


def _older(last: _Line, kind: str) -> str:
    return urlencode({"before": f"{last.at.isoformat()}~{last.source}~{last.id}"} | ({"kind": kind} if kind else {}))


def _before(place: tuple[datetime, str, str] | None, source: str, screen: Resolved | None) -> Before | None:
    """What of a source comes after the place: of the same moment only what stands behind it."""
    if place is None:
        return None
    at, last, key = place
    if source == last:
        return Before(at, query.key_of(screen, key) if screen is not None else key)
    return Before(at, None, including=source > last)


# Related records ------------------------------------------------------------------


def _lines(look: Look, source: Source, key: Any, place: Any, most: int) -> Iterator[_Line]:
    there = look.at(source.screen.table)
    h = source.happening
    fields = _told_fields(there, source)
    rows = query.latest(
        look.session, look.screens, source.screen, look.viewer, source.columns, key, h.date, fields,
        before=_before(place, source.key, source.screen), most=most,
        about=dict(zip(source.about, (look.screen.table, str(key)), strict=False)),
        beside=(source.beside, look.screen, look.screen.talks) if source.beside else None,
    )  # fmt: skip
    links = look.links
    for row in rows:
        yield _Line(row[h.date], source.key, row["id"], _told(source, row, fields, links))


def _told_fields(there: Look, source: Source) -> list[Field]:
    screen, h = source.screen, source.happening
    choices = [n for n in screen.columns if screen.fields[n].kind.name == "choice"][:_MOST_BADGES]
    names = [n for n in dict.fromkeys([h.who, *h.text, *h.badges, *([] if h.badges else choices), h.date]) if n]
    return [screen.fields[n] for n in names if there.reads(n)]


def _told(source: Source, row: Mapping[str, Any], fields: Sequence[Field], links: Mapping[str, str]) -> Told:
    screen, h = source.screen, source.happening
    cells = {f.name: cell_of(row, f, short=False, links=links) for f in fields}
    badges = tuple(c for n, c in cells.items() if c.kind == "choice" and n not in h.text and c.text)
    texts = [_plain(cells[n]) for n in h.text if n in cells and cells[n].text]
    title, rest = (texts[0], " ".join(texts[1:])) if len(h.text) > 1 and texts else ("", " ".join(texts))
    return Told(
        kind=h.kind,
        icon=screen.icon,
        what=_(screen.one),
        title=_cut(title),
        text=_cut(rest),
        who=cells[h.who].text if h.who in cells else "",
        when=format_time(row[h.date], "short"),
        moment=moment_text(row[h.date]),
        day=local_day(row[h.date]),
        href=address.show_href(screen.table, row["id"]),
        badges=badges,
    )


def _plain(cell: Cell) -> str:
    return text_of(cell.text) if cell.kind == "html" else cell.text


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


# History --------------------------------------------------------------------------


def _changes(look: Look, key: Any, place: Any, most: int) -> Iterator[_Line]:
    icons = {"create": "plus", "update": "pencil", "delete": "trash", "denied": "ban"}
    found = history.changes_before(look, key, _before(place, HISTORY, None), most)
    for at, entry_id, action, entry in found:
        told = Told(
            kind=HISTORY, icon=icons.get(action, "history"), what=entry.what, who=entry.who,
            when=format_time(at, "short"), moment=moment_text(at), day=local_day(at), changes=entry.changes,
        )  # fmt: skip
        yield _Line(at, HISTORY, entry_id, told)


# Days -----------------------------------------------------------------------------


def _days(lines: Sequence[_Line]) -> Iterator[Day]:
    today = local_day(utc_now())
    for day, group in groupby(lines, key=lambda line: line.told.day):
        yield Day(day.isoformat(), _day_text(day, today), tuple(line.told for line in group))


def _day_text(day: date, today: date) -> str:
    if day == today:
        return str(_("Today"))
    if (today - day).days == 1:
        return str(_("Yesterday"))
    return str(format_date(day, "full"))
