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
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from psycopg import errors as postgres
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.db import LATER, find_expression
from app.core.errors import DomainError
from app.core.folding import SEPARATORS, fold
from app.core.scope import wall
from app.core.viewer import Viewer
from app.screens.find.doors import Doors
from app.screens.find.words import BLANKS, Typed, Word

LED = 500
SECONDS = 2.0
_LEADERS = 2
_LAST = chr(0x10FFFF)
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
    said = _Said()
    questions = _questions_later if later else _questions
    parts = [
        f"(SELECT {number} AS number, {turn} AS turn, {way.screen.table}.id::text AS key FROM {way.screen.table}"
        f" WHERE {asked} LIMIT {most})"
        for number, way in enumerate(doors)
        for turn, asked in enumerate(questions(viewer, way, typed, said))
    ]
    return " UNION ALL ".join(parts), said.values


@dataclass
class _Said:
    """What was typed, as parameters: each text once."""

    values: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def __call__(self, value: str) -> str:
        if value not in self._names:
            self._names[value] = f"p{len(self._names)}"
            self.values[self._names[value]] = value
        return f":{self._names[value]}"

    def begins(self, column: str, start: str) -> str:
        return f"({column} >= {self(start)} AND {column} < {self(start + _LAST)})"


def _questions(viewer: Viewer, way: Doors, typed: Typed, said: _Said) -> Iterator[str]:
    """The conditions of each question, with the order where it matters."""
    inside = wall(way.screen.model, viewer)
    if way.small:
        yield _all(inside, *(_within(way, word, said) for word in typed.words))
        return
    if len(typed.words) == 1:
        yield from (_all(inside, rule) + f" ORDER BY {column}" for column, rule in _doors(way, typed.words[0], said))
        if further := _any(_further(way, typed.words[0], said)):
            yield _all(inside, further)
        return
    if way.begins:
        whole = fold(typed.text)
        yield _all(inside, _any(said.begins(_folded(way, names), whole) for names in way.begins))
    met = {word: _any(rule for _column, rule in _doors(way, word, said)) for word in typed.words}
    if len(way.begins) + len(way.dialled) > 1 and all(met.values()):
        yield _all(inside, *met.values())
    yield from _led(inside, way, typed, met, said)


def _questions_later(viewer: Viewer, way: Doors, typed: Typed, said: _Said) -> Iterator[str]:
    """The conditions by which one of several words leads from the second or third place of a field."""
    if len(typed.words) > 1 and way.later:
        rules = {word: _any(_further(way, word, said)) for word in typed.words}
        yield from _led(wall(way.screen.model, viewer), way, typed, rules, said)


def _led(inside: str, way: Doors, typed: Typed, rules: Mapping[Word, str], said: _Said) -> Iterator[str]:
    """One of the longest words that have a rule leads by it, to LED rows; in these the others begin some word."""
    table = way.screen.table
    for word in [word for word in sorted(rules, key=lambda word: -len(word.inner)) if rules[word]][:_LEADERS]:
        led = f"SELECT {table}.id FROM {table} WHERE {_all(inside, rules[word])} LIMIT {LED}"
        others = [_within(way, other, said) for other in typed.words if other is not word]
        yield _all(f"{table}.id = ANY (ARRAY({led}))", *others)


def _doors(way: Doors, word: Word, said: _Said) -> Iterator[tuple[str, str]]:
    """The expression of each index, and what of it begins with this word."""
    for names in way.begins:
        column = _folded(way, names)
        yield column, _any(said.begins(column, start) for start in dict.fromkeys(fold(text) for text in word.texts))
    for name in way.dialled if word.dialled else ():
        column = f'(dial("{_stored(way, name)}")) COLLATE "C"'
        yield column, _any(said.begins(column, start) for start in word.dialled)


def _further(way: Doors, word: Word, said: _Said) -> Iterator[str]:
    """Fields of which the second or third word begins so, numbers that end so; each by its index."""
    for name in way.later if word.later else ():
        for nth in LATER:
            yield said.begins(f'(later("{_stored(way, name)}", {nth})) COLLATE "C"', word.later)
    for name in way.ending if word.ending else ():
        yield said.begins(f'(ending("{_stored(way, name)}")) COLLATE "C"', word.ending)


def _within(way: Doors, word: Word, said: _Said) -> str:
    """Whether some word of the row begins with this one."""
    columns = ", ".join(f'"{_stored(way, name)}"' for name in way.inside)
    hay = f"translate(fold(concat_ws(' ', {columns})), {said(SEPARATORS)}, {said(BLANKS)})"
    rules = [f"strpos(' ' || {hay}, {said(' ' + word.inner)}) > 0"]
    if word.dialled and way.dialled:
        numbers = ", ".join(f'dial("{_stored(way, name)}")' for name in way.dialled)
        rules += [f"strpos(concat_ws(' ', '', {numbers}), {said(' ' + start)}) > 0" for start in word.dialled]
    return _any(rules)


def _stored(way: Doors, name: str) -> str:
    return str(way.screen.fields[name].column.name)


def _folded(way: Doors, names: tuple[str, ...]) -> str:
    """The very expression of the index, so that the planner knows it again."""
    return f'({find_expression(tuple(_stored(way, name) for name in names))}) COLLATE "C"'


def _all(*rules: str) -> str:
    return " AND ".join(rule for rule in rules if rule) or "true"


def _any(rules: Iterator[str] | Sequence[str]) -> str:
    found = list(rules)
    return f"({' OR '.join(found)})" if found else ""
