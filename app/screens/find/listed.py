"""What the search of a list means: the keys of one table that a line leads to, as a part of the list's own statement.

The same doors as in the search over all records, and each part of the question stops early:

- whole: a door begins with the whole line, one index each;
- one word: a door begins with it, has it in second or third place, or a number ends with it, one index each;
- several words: each of the two longest leads so to at most LED rows, and the others begin words inside of these.

A list has no limits of its own, so nothing may tempt the planner to read the table: each part asks one index. Several
words that met in bitmaps took seconds, because a list, unlike that search, wants all rows and not the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.core.folding import fold
from app.core.scope import wall
from app.core.viewer import Viewer
from app.screens.find.conditions import LED, Said, begun, every, folded, further_on, holds, leaders
from app.screens.find.doors import Doors, way_into
from app.screens.find.words import Typed, Word, read
from app.screens.resolve import Resolved


def keys(screen: Resolved, viewer: Viewer, line: str, *, most: int) -> tuple[str, dict[str, Any]]:
    """The SQL of the ids, at most `most` for each part, and its parameters; "" where no door is open to this viewer.

    The text is the same for all lines of one shape.
    """
    way = way_into(screen, viewer)
    if way is None or way.small:
        return "", {}
    said, typed = Said(), read(line)
    inside = wall(screen.model, viewer)
    return " UNION ALL ".join(f"({part})" for part in _parts(way, typed, inside, said, most)), said.values


def _parts(way: Doors, typed: Typed, inside: str, said: Said, most: int) -> Iterator[str]:
    table, words = way.screen.table, typed.words
    rules: list[str] = []
    if len(words) != 1 or typed.text not in words[0].texts:
        rules += (said.begins(folded(way, names), fold(typed.text)) for names in way.begins)
    if len(words) == 1:
        rules += _places(way, words[0], said)
    for rule in rules:
        yield f"SELECT {table}.id FROM {table} WHERE {every(inside, rule)} LIMIT {most}"
    for word in leaders(words) if len(words) > 1 else ():
        doors = [
            f"(SELECT {table}.id FROM {table} WHERE {every(inside, rule)} LIMIT {LED})"
            for rule in _places(way, word, said)
        ]
        led = f"{table}.id = ANY (ARRAY(SELECT led.id FROM ({' UNION ALL '.join(doors)}) AS led LIMIT {LED}))"
        others = [holds(way, other, said) for other in words if other is not word]
        yield f"SELECT {table}.id FROM {table} WHERE {every(led, *others)}"


def _places(way: Doors, word: Word, said: Said) -> Iterator[str]:
    """By each index: what begins with the word, has it behind the first one, or ends with it."""
    yield from (rule for _column, rule in begun(way, word, said))
    yield from further_on(way, word, said)
