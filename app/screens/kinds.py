"""Kinds of values: how each is read from a form or from JSON, and written back as text or JSON.

A kind is a meaning ("money", "partial_date"), found from the column by
`resolve`. Form, REST, filter and import all read through the same kind, so a
value is either good everywhere or refused everywhere, with the same sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from flask_babel import get_timezone
from flask_babel import gettext as _

from app.core.vault import Veiled
from app.screens.readers import (
    UNSTORABLE,
    Invalid,
    check_parts,
    parse_day,
    parse_json,
    parse_moment,
    parse_number,
    refuse_unstorable,
)

if TYPE_CHECKING:
    from app.screens.fields import Field

INTEGER_RANGE = (-(2**31), 2**31 - 1)


class Kind:
    """Text of one line, and what all kinds share."""

    name = "string"
    longest = 1_000  # characters in a line, where the column itself sets no limit
    sortable = True
    operators: tuple[str, ...] = ("ct", "nct", "sw", "ew", "eq", "neq", "none", "some")

    def parse(self, raw: Sequence[str], field: Field) -> Any:
        """The value behind what a form posted; None when nothing was given. Raises Invalid."""
        text = raw[-1].strip() if raw else ""
        return self.read(text, field) if text else None

    def read(self, text: str, field: Field) -> Any:
        """The value behind a text that is not empty. Raises Invalid."""
        if UNSTORABLE.search(text):
            raise Invalid(_("This text holds a character that cannot be stored."))
        most = field.length or self.longest
        if len(text) > most:
            raise Invalid(_("At most %(most)s characters; this has %(has)s.", most=most, has=len(text)))
        return text

    def load(self, value: Any, field: Field) -> Any:
        """The value behind JSON. Raises Invalid."""
        if not isinstance(value, str):
            raise Invalid(_("This must be a text."))
        return self.read(value, field) if value else value

    def dump(self, value: Any) -> Any:
        """The value as JSON has it."""
        return value

    def text(self, value: Any) -> str:
        """The value as a form control has it."""
        return "" if value is None else str(value)


class LongText(Kind):
    name = "text"
    longest = 1_000_000
    sortable = False

    def parse(self, raw: Sequence[str], field: Field) -> Any:
        text = raw[-1].replace("\r\n", "\n") if raw else ""
        return self.read(text, field) if text.strip() else None


class Html(LongText):
    name = "html"


class Email(Kind):
    name = "email"

    def read(self, text: str, field: Field) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
            raise Invalid(_("An e-mail address looks like name@example.com."))
        return str(super().read(text, field))


class Phone(Kind):
    name = "phone"


class Url(Kind):
    name = "url"


class Color(Kind):
    name = "color"

    def read(self, text: str, field: Field) -> str:
        if not re.fullmatch(r"#[0-9A-Fa-f]{3,8}|[a-z]+", text):
            raise Invalid(_("A colour looks like #6B2346."))
        return str(super().read(text, field))


class Integer(Kind):
    name = "integer"
    operators = ("eq", "neq", "ge", "le", "gt", "lt", "none", "some", "bt")

    def read(self, text: str, field: Field) -> int:
        compact = re.sub(r"[\s\u00a0\u202f]", "", text)
        if not re.fullmatch(r"[+-]?[0-9]{1,12}", compact):
            raise Invalid(_("This must be a whole number."))
        return self._fitting(int(compact))

    def load(self, value: Any, field: Field) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Invalid(_("This must be a whole number."))
        return self._fitting(value)

    def _fitting(self, number: int) -> int:
        if not INTEGER_RANGE[0] <= number <= INTEGER_RANGE[1]:
            raise Invalid(_("This number is too large."))
        return number


class Number(Kind):
    name = "decimal"
    operators = ("eq", "neq", "ge", "le", "gt", "lt", "none", "some", "bt")

    def read(self, text: str, field: Field) -> Decimal:
        return self._fitting(parse_number(text), field)

    def load(self, value: Any, field: Field) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise Invalid(_("This must be a number."))
        try:
            return self._fitting(Decimal(str(value)), field)
        except InvalidOperation as wrong:
            raise Invalid(_("This must be a number.")) from wrong

    def dump(self, value: Any) -> Any:
        return None if value is None else str(value)

    def text(self, value: Any) -> str:
        return "" if value is None else format(value, "f")

    def _fitting(self, number: Decimal, field: Field) -> Decimal:
        if not number.is_finite():
            raise Invalid(_("This must be a number."))
        digits, scale = field.digits or (12, 2)
        if number and number.adjusted() >= digits - scale:
            raise Invalid(_("This number is too large; there is room for %(count)s digits.", count=digits - scale))
        if -number.normalize().as_tuple().exponent > scale:  # type: ignore[operator]  # finite, so a number
            raise Invalid(_("At most %(count)s decimal places.", count=scale))
        return number


class Money(Number):
    name = "money"


class Boolean(Kind):
    name = "boolean"
    operators = ("eq", "none", "some")

    def read(self, text: str, field: Field) -> bool:
        return self._truth(text.lower())

    def load(self, value: Any, field: Field) -> bool:
        if not isinstance(value, bool):
            raise Invalid(_("This must be true or false."))
        return value

    def text(self, value: Any) -> str:
        return "" if value is None else "1" if value else "0"

    def _truth(self, text: str) -> bool:
        if text in ("1", "true", "yes", "y", "on"):
            return True
        if text in ("0", "false", "no", "n", "off"):
            return False
        raise Invalid(_("This must be yes or no."))


class Day(Kind):
    """A date. On a `timestamp` column it is midnight UTC of that day."""

    name = "date"
    operators = ("eq", "ge", "le", "none", "some", "bt", "rel")

    def read(self, text: str, field: Field) -> Any:
        return self._stored(parse_day(text), field)

    def dump(self, value: Any) -> Any:
        return None if value is None else self._day(value).isoformat()

    def text(self, value: Any) -> str:
        return "" if value is None else self._day(value).isoformat()

    def _stored(self, day: date, field: Field) -> Any:
        return datetime.combine(day, time(), UTC) if field.timestamp else day

    def _day(self, value: Any) -> date:
        return value.date() if isinstance(value, datetime) else value


class Moment(Kind):
    """A point in time, typed in the viewer's zone, kept in UTC."""

    name = "datetime"
    operators = ("ge", "le", "eq", "none", "some", "bt", "rel")

    def read(self, text: str, field: Field) -> datetime:
        return parse_moment(text, get_timezone() or UTC)

    def load(self, value: Any, field: Field) -> datetime:
        if not isinstance(value, str):
            raise Invalid(_("This must be a date and time such as 2026-03-31T14:30:00Z."))
        return parse_moment(value, UTC)

    def dump(self, value: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        local = value.astimezone(get_timezone() or UTC).replace(tzinfo=None)
        return str(local.isoformat(timespec="seconds" if local.second else "minutes"))


class OneOf(Kind):
    """One of a fixed list."""

    name = "choice"
    operators = ("in", "nin", "eq", "neq", "none", "some")

    def read(self, text: str, field: Field) -> Any:
        assert field.choices is not None
        try:
            return field.choices(text)
        except ValueError as unknown:
            raise Invalid(_("“%(value)s” is not one of the choices.", value=text[:60])) from unknown

    def dump(self, value: Any) -> Any:
        return None if value is None else str(value.value)

    def text(self, value: Any) -> str:
        return "" if value is None else str(value.value)


class CountryCode(OneOf):
    name = "country"


class Reference(Kind):
    """A foreign key: the id of another record."""

    name = "relation"
    operators = ("in", "nin", "eq", "neq", "none", "some")

    def read(self, text: str, field: Field) -> Any:
        if not field.number_key:
            return super().read(text, field)
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise Invalid(_("This record does not exist, or you have no access to it."))
        return int(text)

    def load(self, value: Any, field: Field) -> Any:
        if field.number_key and isinstance(value, int) and not isinstance(value, bool):
            return self.read(str(value), field)
        return super().load(value, field)


class Many(Kind):
    """Several texts, kept in an array."""

    name = "tags"
    sortable = False
    operators = ("has", "none", "some", "any", "lacks")

    def parse(self, raw: Sequence[str], field: Field) -> Any:
        items = [item.strip() for item in raw]
        return self._unique([self.one(item, field) for item in items if item])

    def read(self, text: str, field: Field) -> Any:
        return self._unique([self.one(item.strip(), field) for item in text.split(",") if item.strip()])

    def load(self, value: Any, field: Field) -> Any:
        if not isinstance(value, list):
            raise Invalid(_("This must be a list."))
        return self._unique([self.one(item if isinstance(item, str) else json.dumps(item), field) for item in value])

    def one(self, text: str, field: Field) -> Any:
        return Kind.read(self, text, field)

    def text(self, value: Any) -> str:
        return ", ".join(str(item) for item in value or ())

    def _unique(self, items: list[Any]) -> list[Any]:
        return list(dict.fromkeys(items))


class ManyOf(Many):
    """Several of a fixed list."""

    name = "multichoice"

    def one(self, text: str, field: Field) -> Any:
        assert field.choices is not None
        try:
            return field.choices(text).value
        except ValueError as unknown:
            raise Invalid(_("“%(value)s” is not one of the choices.", value=text[:60])) from unknown


class Numbers(Many):
    """Several whole numbers."""

    name = "tags"

    def one(self, text: str, field: Field) -> int:
        return Integer().read(text, field)


class Json(Kind):
    """Any JSON value; kept as jsonb, or as text where the contract says so."""

    name = "json"
    sortable = False
    operators = ("ct", "none", "some", "json")

    def parse(self, raw: Sequence[str], field: Field) -> Any:
        text = raw[-1].replace("\r\n", "\n").strip() if raw else ""
        return self.read(text, field) if text else None

    def read(self, text: str, field: Field) -> Any:
        value = parse_json(text)
        return json.dumps(value, ensure_ascii=False) if field.json_text else value

    def load(self, value: Any, field: Field) -> Any:
        if not field.json_text:
            refuse_unstorable(value)
            return value
        if isinstance(value, str):
            return self.read(value, field) if value else None
        refuse_unstorable(value)
        return json.dumps(value, ensure_ascii=False)

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class PartialDate(Kind):
    """Day, month and year in three columns; what is not known stays empty."""

    name = "partial_date"
    operators = ("ge", "le", "none", "some", "bt", "rel")

    def read(self, text: str, field: Field) -> Any:
        day = parse_day(text)
        return (day.day, day.month, day.year)

    def assemble(self, parts: Sequence[str]) -> tuple[int | None, int | None, int | None]:
        """(day, month, year) from three texts. Raises Invalid for a date that cannot be."""
        numbers: list[int | None] = []
        for part in parts:
            if part and not re.fullmatch(r"[0-9]{1,4}", part):
                raise Invalid(_("Day, month and year must be numbers."))
            numbers.append(int(part) if part else None)
        return check_parts(numbers[0], numbers[1], numbers[2])

    def text(self, value: Any) -> str:
        return "" if value is None else "-".join(str(part or "") for part in reversed(value))


class Sealed(Kind):
    """A credential: can be set, never read back."""

    name = "secret"
    sortable = False
    operators = ()

    def dump(self, value: Any) -> Any:
        return None

    def text(self, value: Any) -> str:
        return ""

    def is_set(self, value: Any) -> bool:
        return bool(value) if isinstance(value, Veiled | str) else False
