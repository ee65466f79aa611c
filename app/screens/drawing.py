"""Parts of pages that are drawn once and used again, because they come out the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup

from app.screens.locale import TEXTS, Spoken
from app.screens.page import Cell


@lru_cache(maxsize=8192)
def cell(draw: Callable[[Cell], Markup], shown: Cell) -> Markup:
    """A value that many rows have, such as a choice: everything that shows is in the cell itself."""
    return draw(shown)


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
