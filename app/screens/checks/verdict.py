"""What a check says of a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stdnum.exceptions import ValidationError


@dataclass(frozen=True)
class Verdict:
    """The value as it is kept, with what is wrong with it or what is odd about it: a sentence each, or ""."""

    value: str
    error: str = ""
    warning: str = ""


def taken_by(module: Any) -> Callable[[str], bool]:
    """Whether a module of python-stdnum finds nothing wrong."""

    def possible(number: str) -> bool:
        try:
            module.validate(number)
        except ValidationError:
            return False
        return True

    return possible


def squeezed(text: str) -> str:
    """A number without the signs that people put between its parts, in capital letters."""
    return re.sub(r"[\s\u00a0\u202f./\-]", "", text).upper()


def weighted(number: str, weights: tuple[int, ...]) -> int:
    """The sum of the digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
