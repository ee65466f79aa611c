"""What a check says of a value."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The value as it is kept, with what is wrong with it or what is odd about it: a sentence each, or ""."""

    value: str
    error: str = ""
    warning: str = ""


def squeezed(text: str) -> str:
    """A number without the signs that people put between its parts, in capital letters."""
    return re.sub(r"[\s\u00a0\u202f./\-]", "", text).upper()


def weighted(number: str, weights: tuple[int, ...]) -> int:
    """The sum of the digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
