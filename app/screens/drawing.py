"""Parts of pages that are drawn once and used again, because they come out the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup

from app.screens.forms import KindField
from app.screens.locale import TEXTS, Spoken
from app.screens.page import Cell


@lru_cache(maxsize=8192)
def cell(draw: Callable[[Cell], Markup], shown: Cell) -> Markup:
    """A value that many rows have, such as a choice: everything that shows is in the cell itself."""
    return draw(shown)


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
