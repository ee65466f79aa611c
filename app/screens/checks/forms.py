"""Numbers by their form: which signs they consist of, whether one can be such a number, how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from stdnum.it import codicefiscale

from app.screens.checks.verdict import taken_by

Form = tuple[str, Callable[[str], bool], Callable[[str], str]]
"""What a number of this kind consists of, whether it can be one, and how it is written."""

ITALIAN_CODE: Form = (r"[A-Z]{6}[0-9A-Z]{10}", taken_by(codicefiscale), str)  # of people, who may be companies


def read_as(forms: Iterable[Form], compact: str) -> tuple[str | None, bool]:
    """The number as the first form writes it that it can be of; without one, whether it looks like any of them."""
    fits = False
    for pattern, possible, written in forms:
        if re.fullmatch(pattern, compact):
            if possible(compact):
                return written(compact), True
            fits = True
    return None, fits
