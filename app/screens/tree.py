"""A JSON value as a tree that a page can fold; flat and bounded, so that no value can exhaust a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_LEVELS = 12
MOST_NODES = 1_000


@dataclass(frozen=True)
class Node:
    """One value: `kind` is object, list, text, number, boolean or null; `text` is "" for what has `children`."""

    name: str
    kind: str
    text: str = ""
    children: tuple[Node, ...] = ()


def tree_of(value: Any) -> Node | None:
    """The tree of an object or a list; None for what has no parts, or too many levels or parts to be folded."""
    if not isinstance(value, dict | list) or not value:
        return None
    left = [MOST_NODES]
    return _node("", value, 1, left)


def _node(name: str, value: Any, level: int, left: list[int]) -> Node | None:
    left[0] -= 1
    if left[0] < 0 or level > MOST_LEVELS:
        return None
    if isinstance(value, dict | list) and value:
        pairs: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        children = []
        for key, part in pairs:
            child = _node(str(key), part, level + 1, left)
            if child is None:
                return None
            children.append(child)
        return Node(name, "object" if isinstance(value, dict) else "list", children=tuple(children))
    if isinstance(value, str):
        return Node(name, "text", value)
    kind = "boolean" if isinstance(value, bool) else "null" if value is None else "number"
    return Node(name, kind if not isinstance(value, dict | list) else "null", json.dumps(value))
