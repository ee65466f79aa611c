"""Parts of pages that are drawn once and used again, because they come out the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from app.screens.forms import KindField
from app.screens.locale import TEXTS, Spoken
from app.screens.page import Cell, Column, Row


@lru_cache(maxsize=8192)
def cell(draw: Callable[[Cell], Markup], shown: Cell) -> Markup:
    """A value that many rows have, such as a choice: everything that shows is in the cell itself."""
    return draw(shown)


_FEW = frozenset({"choice", "country", "boolean"})
_PLAIN = frozenset(
    {"string", "text", "relation", "datetime", "date", "partial_date", "money", "integer", "decimal", "key"}
)
_LABELLED = frozenset({"boolean", "date", "datetime", "partial_date", "integer", "decimal", "money", "relation"})
_TITLED = frozenset({"string", "text", "html", "json", "key", "relation"})
_LONGEST_TITLE = 300


def cells(draw: Callable[[Cell], Markup], columns: Sequence[Column], row: Row, quick: Collection[str]) -> Markup:
    """The cells of a row of a list after its first one; `quick` names the columns that can be edited in place.

    A list has hundreds. What a macro would find out for each is found out once for each kind of cell (`_opened`),
    what is plain is put together here, and what has few values is drawn once (`cell`).
    """
    made: list[str] = []
    for column, shown in zip(columns[1:], row.cells[1:], strict=True):
        kind, text, title = shown.kind, shown.text, shown.title
        blank = not text and not shown.parts and shown.truth is None
        made.append(_opened(column.label, column.number, kind, blank, column.name if column.name in quick else ""))
        if blank:
            made.append("></td>\n")
            continue
        told = escape(text)
        made.append(f' title="{_titled(kind, text, told)}">' if text and not title and kind in _TITLED else ">")
        if kind in _FEW or shown.initials:
            made.append(cell(draw, shown))
        elif kind in _PLAIN and not shown.tone:
            tip = f' title="{escape(title)}"' if title else ""
            href = shown.href
            made.append(f'<a href="{escape(href)}"{tip}>{told}</a>' if href else f"<span{tip}>{told}</span>")
        else:
            made.append(draw(shown))
        made.append("</td>\n")
    return Markup("".join(made))


@lru_cache(maxsize=8192)
def _opened(label: str, number: bool, kind: str, blank: bool, quick: str) -> Markup:
    """The beginning of a cell as far as it is the same for all cells of a column that are of one kind."""
    classes = f"{'is-number ' if number else ''}is-{kind}{' is-empty' if blank else ''}"
    classes += " is-labelled" if kind in _LABELLED else ""
    opened = Markup('<td class="{}" data-label="{}"').format(classes, label)
    return opened + Markup(' data-quick="{}"').format(quick) if quick else opened


def _titled(kind: str, text: str, told: Markup) -> Markup:
    """What a cell says in full where its column is too narrow."""
    if kind != "html" and len(text) <= _LONGEST_TITLE:
        return told
    whole = Markup(text).striptags()
    return escape(whole if len(whole) <= _LONGEST_TITLE else f"{whole[: _LONGEST_TITLE - 1]}…")


_MOST_EMPTY = 20_000
_empty: dict[tuple[Any, ...], Markup] = {}


def control(draw: Callable[[KindField], Markup], bound: KindField) -> Markup:
    """A field of a form. One without a value, and with nothing wrong, comes out the same for the same rights.

    What somebody typed or stored is never kept.
    """
    nothing = bound.data is None or bound.data in ("", False)
    if not nothing or bound.typed is not None or bound.errors or bound.warnings or bound.current:
        return draw(bound)
    key = (
        draw, bound.spec, bound.name, TEXTS.spoken(), bound.readonly, bound.flags.required, bound.when, bound.only,
        bound.currency, bound.options_href, bound.add_href, bound.add_name, bound.add_country, repr(bound.data),
    )  # fmt: skip
    kept = _empty.get(key)
    if kept is None:
        if len(_empty) >= _MOST_EMPTY:
            _empty.clear()
        kept = _empty[key] = draw(bound)
    return kept


def parts(environment: Environment) -> Callable[..., Markup]:
    """`part(template, *told)` for templates: draws another one that sees nothing but `told` and the language.

    So what was drawn for the same values in the same language is the same, whoever looks: nothing of a person,
    of a request or of a session may be drawn in it, except as a value that is told.
    """

    @lru_cache(maxsize=4096)
    def drawn(template: Template, spoken: Spoken, told: tuple[Any, ...]) -> Markup:
        return Markup(template.render(told=told))

    def part(name: str, *told: Any) -> Markup:
        return drawn(environment.get_template(name), TEXTS.spoken(), told)

    return part
