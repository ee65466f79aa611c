"""Which records are meant, in one statement over all tables. Everything runs along an index.

Of a line with one word every door is asked by itself, the smallest first, so that an exact hit is never missed; then,
in one question more, what has the word in second or third place, or a number that ends with it. With several words a
table is asked three questions, each of which stops early:

- whole: something begins with the whole line ("faculty hospital b");
- met: every word is the beginning of something, by the bitmaps of the indexes alone ("kovac jan brat");
- led: one of the two longest words leads to at most LED rows by an index, and the others begin words inside of them.

Where several words find nothing at all, a second statement lets the same two lead from second and third places
("bystrica tothova"): asked always, it would make each search dearer by a quarter.

The statement is written as text, once for each shape of a line and kind of viewer: made of a hundred selects by
SQLAlchemy it took longer to make than to answer. What was typed stands in parameters only; names of columns come from
the screens; both walls between countries hold (`core.scope.wall` and row-level security).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from psycopg import errors as postgres
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.core.folding import fold
from app.core.scope import wall
from app.core.viewer import Viewer
from app.screens.find.conditions import LED, Said, begun, either, every, folded, further_on, holds, leaders
from app.screens.find.doors import Doors
from app.screens.find.words import Typed, Word

SECONDS = 2.0
_LIMITS = text(
    "SELECT set_config('statement_timeout', :time, true), set_config('enable_seqscan', 'off', true),"
    " set_config('jit', 'off', true)"
)


class TooLong(DomainError):
    """The database did not answer in time."""

    status = 503

    def default(self) -> str:
        return _("This search took too long. Type more of a name, or a whole number.")


Found = dict[str, list[str]]


def ask(session: Session, viewer: Viewer, doors: Sequence[Doors], typed: Typed, *, most: int) -> Found:
    """The ids of records by table, at most `most` for each question to a table; in one statement, or two for a miss.

    Raises TooLong. The limits hold for this statement alone: a savepoint takes them back.
    """
    sql, values = statement(viewer, doors, typed, most)
    if not sql:
        return {}
    savepoint = session.begin_nested()
    try:
        session.execute(_LIMITS, {"time": str(int(SECONDS * 1000))})
        known = {"viewer": viewer}
        rows = session.execute(text(sql), values, execution_options=known).all()
        if not rows:
            sql, values = statement(viewer, doors, typed, most, later=True)
            rows = session.execute(text(sql), values, execution_options=known).all() if sql else []
    except DBAPIError as failed:
        if isinstance(failed.orig, postgres.QueryCanceled):
            raise TooLong from failed
        raise
    finally:
        savepoint.rollback()
    return _merged(doors, [(number, turn, key) for number, turn, key in rows])


def _merged(doors: Sequence[Doors], rows: Sequence[tuple[int, int, str]]) -> Found:
    """Each key once; the first of every question before the second of any, so that none is crowded out."""
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    had: Counter[tuple[int, int]] = Counter()
    for number, turn, key in rows:
        places = found[doors[number].screen.table]
        place = (had[number, turn], turn)
        had[number, turn] += 1
        places[key] = min(place, places.get(key, place))
    return {table: sorted(places, key=lambda key: places[key]) for table, places in found.items()}


def statement(
    viewer: Viewer, doors: Sequence[Doors], typed: Typed, most: int, *, later: bool = False
) -> tuple[str, dict[str, Any]]:
    """The SQL of (number of the doors, turn, id as text) and its parameters; "" where there is nothing to ask.

    `later` asks for what several words lead to from later places alone.
    """
    said = Said()
    questions = _questions_later if later else _questions
    parts = [
        f"(SELECT {number} AS number, {turn} AS turn, {way.screen.table}.id::text AS key FROM {way.screen.table}"
        f" WHERE {asked} LIMIT {most})"
        for number, way in enumerate(doors)
        for turn, asked in enumerate(questions(viewer, way, typed, said))
    ]
    return " UNION ALL ".join(parts), said.values


def _questions(viewer: Viewer, way: Doors, typed: Typed, said: Said) -> Iterator[str]:
    """The conditions of each question, with the order where it matters."""
    inside = wall(way.screen.model, viewer)
    if way.small:
        yield every(inside, *(holds(way, word, said) for word in typed.words))
        return
    if len(typed.words) == 1:
        yield from (every(inside, rule) + f" ORDER BY {column}" for column, rule in begun(way, typed.words[0], said))
        if further := either(further_on(way, typed.words[0], said)):
            yield every(inside, further)
        return
    if way.begins:
        whole = fold(typed.text)
        yield every(inside, either(said.begins(folded(way, names), whole) for names in way.begins))
    met = {word: either(rule for _column, rule in begun(way, word, said)) for word in typed.words}
    if len(way.begins) + len(way.dialled) > 1 and all(met.values()):
        yield every(inside, *met.values())
    yield from _led(inside, way, typed, met, said)


def _questions_later(viewer: Viewer, way: Doors, typed: Typed, said: Said) -> Iterator[str]:
    """The conditions by which one of several words leads from the second or third place of a field."""
    if len(typed.words) > 1 and way.later:
        rules = {word: either(further_on(way, word, said)) for word in typed.words}
        yield from _led(wall(way.screen.model, viewer), way, typed, rules, said)


def _led(inside: str, way: Doors, typed: Typed, rules: Mapping[Word, str], said: Said) -> Iterator[str]:
    """One of the longest words that have a rule leads by it, to LED rows; in these the others begin some word."""
    table = way.screen.table
    for word in leaders([word for word, rule in rules.items() if rule]):
        led = f"SELECT {table}.id FROM {table} WHERE {every(inside, rules[word])} LIMIT {LED}"
        others = [holds(way, other, said) for other in typed.words if other is not word]
        yield every(f"{table}.id = ANY (ARRAY({led}))", *others)
