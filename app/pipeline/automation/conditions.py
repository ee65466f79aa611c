"""Conditions of a rule: fields of the deal, of its customer and its products, and how each may be compared.

Pure: what a field holds comes in as `Facts`. An empty value fulfils no comparison but "is empty" and "is not".
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from app.core.types import Country
from app.customers.models.customers import CustomerClientStatus, CustomerLeadStatus
from app.pipeline.models import DealStatus

MOST_VALUES = 50
LONGEST = 200  # characters of a text or a key
_LARGEST = Decimal("9999999999999.99")
_FARTHEST = 3650  # days


class Op(enum.StrEnum):
    """How a field is compared; the stored word is the name."""

    eq = "eq"
    ne = "ne"
    is_in = "in"
    ge = "ge"
    le = "le"
    contains = "contains"
    empty = "empty"
    filled = "filled"


WITHOUT_VALUE = (Op.empty, Op.filled)


class Kind(enum.StrEnum):
    """What a field holds: an amount, a whole number, days from today, a text, a code of a choice, a key, keys."""

    money = "money"
    number = "number"
    days = "days"
    text = "text"
    choice = "choice"
    key = "key"
    keys = "keys"


_COMPARED = (Op.eq, Op.ne, Op.ge, Op.le, Op.empty, Op.filled)
_NAMED = (Op.eq, Op.ne, Op.is_in, Op.empty, Op.filled)
OPS: Mapping[Kind, tuple[Op, ...]] = {
    Kind.money: _COMPARED,
    Kind.number: _COMPARED,
    Kind.days: (Op.ge, Op.le, Op.empty, Op.filled),
    Kind.text: (Op.eq, Op.ne, Op.is_in, Op.contains, Op.empty, Op.filled),
    Kind.choice: _NAMED,
    Kind.key: _NAMED,
    Kind.keys: (Op.eq, Op.ne, Op.is_in, Op.empty, Op.filled),
}


@dataclass(frozen=True)
class Field:
    """What can be asked for. `table` and `column` say whose right one needs to see it; `target` is where keys lead."""

    kind: Kind
    table: str
    column: str
    choices: type[enum.StrEnum] | None = None
    target: str = ""


FIELDS: Mapping[str, Field] = {
    "value": Field(Kind.money, "deals", "value"),
    "currency": Field(Kind.text, "deals", "currency"),
    "probability": Field(Kind.number, "deals", "probability"),
    "expected_close_date": Field(Kind.days, "deals", "expected_close_date"),
    "status": Field(Kind.choice, "deals", "status", DealStatus),
    "stage_id": Field(Kind.key, "deals", "stage_id", target="pipeline_stages"),
    "assigned_user_id": Field(Kind.key, "deals", "assigned_user_id", target="users"),
    "campaign_id": Field(Kind.key, "deals", "campaign_id", target="campaigns"),
    "source": Field(Kind.text, "deals", "source"),
    "country_code": Field(Kind.choice, "deals", "country_code", Country),
    "product": Field(Kind.keys, "deal_products", "product_id", target="products"),
    "customer.client_status": Field(Kind.choice, "customers", "client_status", CustomerClientStatus),
    "customer.lead_status": Field(Kind.choice, "customers", "lead_status", CustomerLeadStatus),
    "customer.lead_score": Field(Kind.number, "customers", "lead_score"),
    "customer.country": Field(Kind.choice, "customers", "country", Country),
}

Value = Decimal | str | tuple[str, ...] | None
Facts = Mapping[str, Any]
"""Plain values by the names of FIELDS: Decimal for money and numbers, whole days from today for days (negative: past),
a code, key or text, a set of keys for `Kind.keys`; None for nothing."""


@dataclass(frozen=True)
class Condition:
    """`field` compared by `op` with `value`: a number, a text, several texts for `in`, nothing for empty and filled."""

    field: str
    op: Op
    value: Value = None

    def dump(self) -> dict[str, Any]:
        found: dict[str, Any] = {"field": self.field, "op": self.op.value}
        if self.op not in WITHOUT_VALUE:
            value = self.value
            found["value"] = list(value) if isinstance(value, tuple) else _plain(value)
        return found

    def holds(self, facts: Facts) -> bool:
        """Texts are compared without regard to capital letters."""
        known, wanted, kind = facts.get(self.field), self.value, FIELDS[self.field].kind
        nothing = known is None or known == "" or (kind is Kind.keys and not known)
        if self.op in WITHOUT_VALUE:
            return bool(nothing) is (self.op is Op.empty)
        if kind is Kind.keys:
            has = bool(set(known or ()) & set(wanted if isinstance(wanted, tuple) else (wanted,)))
            return not has if self.op is Op.ne else has
        if nothing:
            return self.op is Op.ne
        if kind is Kind.text:
            known = str(known).casefold()
            wanted = tuple(one.casefold() for one in wanted) if isinstance(wanted, tuple) else str(wanted).casefold()
        return _compared(self.op, known, wanted)


def unmet(asked: Iterable[Condition], facts: Facts) -> Condition | None:
    """The first condition that does not hold; None when all do. Whoever decides about a deal asks here."""
    return next((one for one in asked if not one.holds(facts)), None)


def _compared(op: Op, known: Any, wanted: Any) -> bool:
    if op is Op.eq:
        return bool(known == wanted)
    if op is Op.ne:
        return bool(known != wanted)
    if op is Op.is_in:
        return known in wanted
    if op is Op.contains:
        return wanted in known
    return bool(known >= wanted if op is Op.ge else known <= wanted)


class Wrong(Exception):
    """A value that a rule cannot have: `key` within the condition, and a sentence."""

    def __init__(self, sentence: str, key: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.key = sentence, key


def read(given: Any) -> Condition:
    """One condition from its JSON. Raises Wrong."""
    if not isinstance(given, dict):
        raise Wrong(_("A condition must be a JSON object."))
    name, op = given.get("field"), given.get("op")
    unknown = sorted(set(map(str, given)) - {"field", "op", "value"})
    if unknown:
        raise Wrong(_("There is no setting “%(key)s”. Known are: %(known)s.", key=unknown[0][:60],
                      known="field, op, value"))  # fmt: skip
    if not isinstance(name, str) or name not in FIELDS:
        raise Wrong(_("There is no field “%(name)s” to compare.", name=str(name)[:60]), "field")
    kind = FIELDS[name].kind
    if op not in {one.value for one in OPS[kind]}:
        known = ", ".join(one.value for one in OPS[kind])
        raise Wrong(_("This field cannot be compared by “%(op)s”. Choose one of these: %(known)s.",
                      op=str(op)[:60], known=known), "op")  # fmt: skip
    how = Op(op)
    if how in WITHOUT_VALUE:
        return Condition(name, how)
    try:
        return Condition(name, how, _value(FIELDS[name], how, given.get("value")))
    except Wrong as wrong:
        raise Wrong(wrong.sentence, "value") from None


def _value(field: Field, op: Op, value: Any) -> Value:
    if op is Op.is_in:
        items = value if isinstance(value, list | tuple) else [value]
        if not items or len(items) > MOST_VALUES:
            raise Wrong(_("Choose one to %(most)s values.", most=MOST_VALUES))
        return tuple(dict.fromkeys(str(_one(field, item)) for item in items))
    return _one(field, value)


def _one(field: Field, value: Any) -> Decimal | str:
    if field.kind is Kind.money:
        return amount(value)
    if field.kind in (Kind.number, Kind.days):
        return Decimal(whole(value, -_FARTHEST, _FARTHEST))
    if not isinstance(value, str) or not value.strip():
        raise Wrong(_("This field is required."))
    if len(value) > LONGEST:
        raise Wrong(_("At most %(most)s characters.", most=LONGEST))
    if field.choices is not None and value not in {one.value for one in field.choices}:
        raise Wrong(_("There is no value “%(code)s”.", code=value[:60]))
    return value.strip()


def amount(value: Any) -> Decimal:
    """A sum of money, not negative, two decimals at most. Raises Wrong."""
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or not 0 <= found <= _LARGEST or found != round(found, 2):
        raise Wrong(_("Enter an amount such as 1200 or 1200.50."))
    return found


def whole(value: Any, least: int, most: int) -> int:
    """A whole number within bounds. Raises Wrong."""
    text = str(value).strip()
    if isinstance(value, bool) or not text.lstrip("-").isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise Wrong(_("Enter a whole number from %(least)s to %(most)s.", least=least, most=most))
    return int(text)


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value
