"""All texts that are data and not source: names of tables, columns, choices, sections and menu entries, and help.

`extract` is a Babel extraction method (see `babel/babel.cfg`), so they stand in
the catalogues beside the texts of templates and code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from app.dashboards.metrics import CATALOGUE
from app.house import DOMAINS, SCREENS
from app.navigation import GROUPS
from app.screens.resolve import Resolved, resolve_all
from app.tables import MODELS

Message = tuple[int, None, str, list[str]]


def extract(file: BinaryIO, keywords: Any, comment_tags: Any, options: Mapping[str, Any]) -> Iterator[Message]:
    """(line, function, message, comments) of every text, each once; the comment says where it stands."""
    seen: set[str] = set()
    for text, where in _texts():
        if text and text not in seen:
            seen.add(text)
            yield 1, None, text, [where]


def _texts() -> Iterator[tuple[str, str]]:
    for area in DOMAINS:
        yield area, "heading in the directory of tables"
    for group in GROUPS:
        yield group.text, "group of the sidebar"
        for entry in group.entries:
            yield entry.text, "line of the sidebar"
    for metric in CATALOGUE.values():
        yield metric.title, "tile of the home page"
        yield metric.about, "what a tile of the home page shows"
    for screen in resolve_all(MODELS, SCREENS).values():
        yield from _screen(screen)


def _screen(screen: Resolved) -> Iterator[tuple[str, str]]:
    yield screen.one, f"one record of {screen.table}"
    yield screen.many, f"records of {screen.table}"
    yield screen.written, f"refusal to write {screen.table} in forms"
    for link in screen.links:
        yield link.text, f"menu of {screen.table}"
    for link in screen.list_links:
        yield link.text, f"button above the list of {screen.table}"
    for title, _names in screen.sections:
        yield title, f"section of {screen.table}"
    for f in screen.fields.values():
        if not f.internal and f.name != "id":
            yield f.label, f"field {screen.table}.{f.name}"
            yield f.help, f"help under {screen.table}.{f.name}"
            for value, label in f.picks():
                if label != value:
                    yield label, f"choice of {screen.table}.{f.name}"
