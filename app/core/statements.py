"""Statements that are asked again and again: made once, and what is found out of them is kept with them.

Making a select takes longer than most of them run. Only what is the same for everybody who asks with the same key
may be kept; who asks is said with `execution_options={"viewer": ...}`, and for what with parameters.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar, cast

from sqlalchemy import ScalarSelect, Select, Table
from sqlalchemy.orm import RelationshipProperty

S = TypeVar("S")
T = TypeVar("T")

_MOST_KEPT = 5_000
_MOST_PARTS = 20_000
_standing: dict[int, tuple[Any, frozenset[str] | None]] = {}
_prepared: dict[tuple[int, Hashable], tuple[Any, Any]] = {}
_derived: dict[tuple[int, Hashable], tuple[Any, Any]] = {}
_parts: dict[int, tuple[weakref.ref[ScalarSelect[Any]], frozenset[str]]] = {}


def standing(statement: S) -> S:
    """A statement that stays: which tables it is about is found out once (`core.scope` asks at every run)."""
    if len(_standing) >= _MOST_KEPT:
        _standing.clear()
    _standing[id(statement)] = statement, None
    return statement


def prepared(owner: object, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, made once for this `owner` and `key`: the key says everything that it depends on."""
    place = id(owner), key
    kept = _prepared.get(place)
    if kept is None or kept[0] is not owner:
        if len(_prepared) >= _MOST_KEPT:
            _prepared.clear()
        made = make()
        kept = _prepared[place] = owner, standing(made) if isinstance(made, Select) else made
    return cast(T, kept[1])


def derived(statement: S, key: Hashable, make: Callable[[], S]) -> S:
    """What `make` makes out of a statement, made once for one that stays: the key says what else it depends on.

    A statement with a wall below it is another one, and finding out anew what it is takes as long as running it.
    """
    if id(statement) not in _standing:
        return make()
    place = id(statement), key
    kept = _derived.get(place)
    if kept is None or kept[0] is not statement:
        if len(_derived) >= _MOST_KEPT:
            _derived.clear()
        kept = _derived[place] = statement, make()
    return cast(S, kept[1])


def tables_of(statement: Any, look_up: Callable[[], frozenset[str]]) -> frozenset[str]:
    """The tables of a statement, looked up each time, or once for one that stays."""
    kept = _standing.get(id(statement))
    if kept is None:
        return look_up()
    if kept[1] is not None:
        return kept[1]
    found = look_up()
    _standing[id(statement)] = statement, found
    return found


def tables_in(statement: Any) -> frozenset[str]:
    """Every table that stands in a statement, however deep; what was seen of a part that is used again is kept."""
    found: set[str] = set()
    waiting = [statement]
    while waiting:
        element = waiting.pop()
        if isinstance(element, Table):
            found.add(element.name)
        elif isinstance(element, ScalarSelect):
            found |= _of_part(element)
        else:
            found.update(_joined(element))
            waiting.extend(element.get_children())
    return frozenset(found)


def _of_part(element: ScalarSelect[Any]) -> frozenset[str]:
    kept = _parts.get(id(element))
    if kept is None or kept[0]() is not element:
        if len(_parts) >= _MOST_PARTS:
            _parts.clear()
        kept = _parts[id(element)] = weakref.ref(element), tables_in(element.element)
    return kept[1]


def _joined(element: Any) -> Iterator[str]:
    """Tables that a select joins by a relationship: they are no part of it until it is compiled."""
    for parts in getattr(element, "_setup_joins", ()):
        for part in parts[:2]:
            relation = getattr(part, "property", None)
            if isinstance(relation, RelationshipProperty):
                yield cast(Table, relation.mapper.local_table).name
                if relation.secondary is not None:
                    yield cast(Table, relation.secondary).name
