"""The day somebody was born: it has been, and it is the one that the number of the person tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from flask_babel import format_date
from flask_babel import gettext as _
from stdnum.cz import rc
from stdnum.exceptions import ValidationError
from stdnum.it import codicefiscale
from stdnum.ro import cnp

from app.screens.checks.people import hungarian_day
from app.screens.checks.verdict import squeezed

DAY_OF = {"national_id": "date_of_birth", "birth_number": "birth"}
"""The field that holds the day, by the column of the number that tells it."""
NUMBER_OF = {day: number for number, day in DAY_OF.items()}
_YOUNGEST, _OLDEST = 14, 100  # of those who are customers or work with us
_HUNGARIAN_DAYS = date(1867, 1, 1)  # from which Hungarian tax numbers count


def day_of(parts: Sequence[object]) -> date | None:
    """A whole day, from a moment (midnight UTC) or from day, month and year; None for less."""
    if len(parts) == 1:
        return parts[0].date() if isinstance(parts[0], datetime) else None
    try:
        day, month, year = (int(str(part)) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None


def wrong_day(parts: Sequence[object], today: date) -> str:
    """Why nobody can have been born on this day, or in this year; "" where somebody can."""
    born, year = day_of(parts), parts[-1]
    future = born > today if born else isinstance(year, int) and year > today.year
    return _("This day is in the future.") if future else ""


def odd_day(born: date, today: date) -> str:
    """What is odd about this day by itself; "" for nothing."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return _("This makes an age of %(age)s. Check the year.", age=age) if not _YOUNGEST <= age <= _OLDEST else ""


def disagreement(born: date, number: str, country: str, *, at_day: bool) -> str:
    """What is odd about the day, or about the number, beside the other one; "" where they agree or nothing is told."""
    told = told_by(number, country, born)
    if told is None or told == born:
        return ""
    if at_day:
        return _("The national ID tells another day: %(day)s.", day=format_date(told, "medium"))
    return _(
        "This number is of somebody born on %(day)s; the date of birth here is %(born)s.",
        day=format_date(told, "medium"),
        born=format_date(born, "medium"),
    )


def told_by(number: str, country: str, near: date) -> date | None:
    """The day in a number of this country; where it has no century, the day nearest to `near`. None where it has none,
    or is no such number."""
    compact = squeezed(number)
    for pattern, read in _TELLING.get(country, ()):
        if re.fullmatch(pattern, compact):
            try:
                return read(compact, near)
            except (ValidationError, ValueError, OverflowError):
                return None
    return None


def _czechoslovak(number: str, _near: date) -> date:
    found: date = rc.get_birth_date(number)
    return found


def _romanian(number: str, _near: date) -> date:
    found: date = cnp.get_birth_date(number)
    return found


def _italian(number: str, near: date) -> date:
    found: date = codicefiscale.get_birth_date(number, minyear=near.year - 50)
    return found


def _hungarian(number: str, _near: date) -> date:
    return hungarian_day(number)


def _hungarian_tax(number: str, _near: date) -> date:
    return _HUNGARIAN_DAYS + timedelta(int(number[1:6]))


_TELLING: dict[str, tuple[tuple[str, Callable[[str, date], date]], ...]] = {
    "SK": ((r"[0-9]{9,10}", _czechoslovak),),
    "CZ": ((r"[0-9]{9,10}", _czechoslovak),),
    "HU": ((r"8[0-9]{9}", _hungarian_tax), (r"[1-8][0-9]{10}", _hungarian)),
    "RO": ((r"[1-6][0-9]{12}", _romanian),),  # those of residents, 7 to 9, do not tell the century
    "IT": ((r"[A-Z]{6}[0-9A-Z]{10}", _italian),),
}
