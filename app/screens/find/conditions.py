"""What a word means of one table, as SQL: what begins with it, by an index each, and what holds it as a word.

What was typed stands in parameters only; names of columns come from the screens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.db import LATER, find_expression
from app.core.folding import SEPARATORS, fold
from app.screens.find.doors import Doors
from app.screens.find.words import BLANKS, Word

LED = 500  # rows to which one word leads, to look in them for the others
_LEADERS = 2
_LAST = chr(0x10FFFF)


@dataclass
class Said:
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


def leaders(words: Sequence[Word]) -> list[Word]:
    """Those of several words by which one looks for records, the longest first."""
    return sorted(words, key=lambda word: -len(word.inner))[:_LEADERS]


def begun(way: Doors, word: Word, said: Said) -> Iterator[tuple[str, str]]:
    """The expression of each index, and what of it begins with this word."""
    for names in way.begins:
        column = folded(way, names)
        yield column, either(said.begins(column, start) for start in dict.fromkeys(fold(text) for text in word.texts))
    for name in way.dialled if word.dialled else ():
        column = f'(dial("{stored(way, name)}")) COLLATE "C"'
        yield column, either(said.begins(column, start) for start in word.dialled)


def further_on(way: Doors, word: Word, said: Said) -> Iterator[str]:
    """Fields of which the second or third word begins so, numbers that end so; each by its index."""
    for name in way.later if word.later else ():
        for nth in LATER:
            yield said.begins(f'(later("{stored(way, name)}", {nth})) COLLATE "C"', word.later)
    for name in way.ending if word.ending else ():
        yield said.begins(f'(ending("{stored(way, name)}")) COLLATE "C"', word.ending)


def holds(way: Doors, word: Word, said: Said) -> str:
    """Whether some word of the row begins with this one."""
    columns = ", ".join(f'"{stored(way, name)}"' for name in way.inside)
    hay = f"translate(fold(concat_ws(' ', {columns})), {said(SEPARATORS)}, {said(BLANKS)})"
    rules = [f"strpos(' ' || {hay}, {said(' ' + word.inner)}) > 0"]
    if word.dialled and way.dialled:
        numbers = ", ".join(f'dial("{stored(way, name)}")' for name in way.dialled)
        rules += [f"strpos(concat_ws(' ', '', {numbers}), {said(' ' + start)}) > 0" for start in word.dialled]
    return either(rules)


def stored(way: Doors, name: str) -> str:
    return str(way.screen.fields[name].column.name)


def folded(way: Doors, names: tuple[str, ...]) -> str:
    """The very expression of the index, so that the planner knows it again."""
    return f'({find_expression(tuple(stored(way, name) for name in names))}) COLLATE "C"'


def every(*rules: str) -> str:
    return " AND ".join(rule for rule in rules if rule) or "true"


def either(rules: Iterator[str] | Sequence[str]) -> str:
    found = list(rules)
    return f"({' OR '.join(found)})" if found else ""
