"""From a column to a field: its kind, label, help and limits. Pure; reads the mapping only."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ARRAY, Boolean, Column, Date, Integer, Numeric, String, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import class_mapper

from app.core.types import Choice, ChoiceList, Country, JsonText, Secret, Timestamp
from app.screens import kinds
from app.screens.checks import birth
from app.screens.checks.rules import rule_of
from app.screens.spec import words

MANAGED = ("created_at", "updated_at")
_DAYS = {"date_of_birth", "from_date", "to_date", "due_date", "start_date", "end_date", "snapshot_date"}
_LONG = {
    "address_note", "ai_analysis_note", "ai_pipeline_action_reason", "body_preview", "cancellation_reason",
    "change_description", "compute_expression", "content", "conversion_error", "description", "error_message",
    "extracted_text", "internal_notes", "legal_text", "message", "note", "notes", "payment_instructions", "purpose",
    "remark", "remark_detail", "resolution", "revoke_reason", "script", "signature_data", "transcription",
}  # fmt: skip
_RATE = re.compile(r"rate|percent|percentage|conversion|probability")


@dataclass(frozen=True, eq=False)
class Field:
    """One thing a person reads or fills in: usually a column, for a partial date three of them."""

    name: str
    columns: tuple[Column[Any], ...]
    attributes: tuple[str, ...]
    kind: kinds.Kind
    label: str
    help: str = ""
    required: bool = False
    nullable: bool = True
    default: Any = None
    choices: type[enum.StrEnum] | None = None
    targets: tuple[str, ...] = ()
    length: int | None = None
    digits: tuple[int, int] | None = None
    currency: str = ""
    timestamp: bool = False
    json_text: bool = False
    number_key: bool = False
    readonly: bool = False
    internal: bool = False
    rule: str = ""

    @property
    def column(self) -> Column[Any]:
        return self.columns[0]

    @property
    def attribute(self) -> str:
        return self.attributes[0]

    @property
    def beside(self) -> str:
        """The field that is judged anew when this one is another; "" for none."""
        return birth.DAY_OF.get(self.name) or birth.NUMBER_OF.get(self.name, "")

    @property
    def secret(self) -> bool:
        return self.kind.name == "secret"

    @property
    def wide(self) -> bool:
        return self.kind.name in ("text", "html", "json")

    def picks(self) -> list[tuple[str, str]]:
        """(stored value, label in English) of each choice."""
        return [] if self.choices is None else [(m.value, choice_label(self.choices, m.value)) for m in self.choices]


def choice_label(choices: type[enum.StrEnum], value: str) -> str:
    """The label of a choice in English; countries and codes stay as they are."""
    if choices is Country:
        return value
    labels: dict[str, str] = getattr(choices, "__labels__", {})
    return labels.get(value) or (value if not value.islower() else words(value))


def fields_of(model: type[Any]) -> dict[str, Field]:
    """All fields of a mapped class by name, in the order of its columns."""
    mapper = class_mapper(model)
    table = cast(Table, mapper.local_table)
    dates: dict[str, str] = table.info.get("dates", {})
    prefixes = [
        c.name.removesuffix("_day") for c in table.columns if c.name.endswith("_day") and c.info.get("part", True)
    ]
    triples = {p for p in prefixes if all(f"{p}_{part}" in table.c for part in ("day", "month", "year"))}
    found: dict[str, Field] = {}
    for column in table.columns:
        if column.system:
            continue
        prefix, _, part = column.name.rpartition("_")
        if prefix in triples and part in ("day", "month", "year"):
            if part == "day":
                parts = tuple(table.c[f"{prefix}_{piece}"] for piece in ("day", "month", "year"))
                found[prefix] = Field(
                    prefix,
                    parts,
                    tuple(mapper.get_property_by_column(piece).key for piece in parts),
                    kinds.PartialDate(),
                    dates.get(prefix) or words(prefix),
                    str(column.comment or "") if prefix not in dates else "",
                )
            continue
        found[column.name] = _field(mapper, column)
    return found


def _field(mapper: Any, column: Column[Any]) -> Field:
    kind, extra = kind_of(column)
    default = _default(column)
    given = column.default is not None or column.server_default is not None
    return Field(
        name=column.name,
        columns=(column,),
        attributes=(mapper.get_property_by_column(column).key,),
        kind=kind,
        label=column.info.get("label") or words(column.name),
        help=str(column.comment or ""),
        required=not column.nullable and not given and not column.primary_key and kind.name != "boolean",
        nullable=bool(column.nullable),
        default=default,
        targets=_targets(column),
        readonly=column.primary_key or column.name in MANAGED,
        internal=bool(column.info.get("internal")),
        rule=rule_of(column, kind.name),
        **extra,
    )


def _default(column: Column[Any]) -> Any:
    """What a form starts with: the plain value, or the list that a callable makes."""
    given: Any = column.default
    if given is None:
        return None
    if given.is_scalar:
        return given.arg
    return given.arg(None) if isinstance(column.type, ARRAY | ChoiceList) else None


def _targets(column: Column[Any]) -> tuple[str, ...]:
    """The tables a column points to: one for a foreign key, two where `instance_type` decides."""
    if "polymorphic" in column.info:
        return ("market_product_instances", "market_product_services")
    return tuple(key.column.table.name for key in column.foreign_keys)


def kind_of(column: Column[Any]) -> tuple[kinds.Kind, dict[str, Any]]:
    """The kind of a column, by its type first and by its name second, and what the kind needs to know."""
    name, kind = column.name, column.type
    if isinstance(kind, Secret):
        return kinds.Sealed(), {}
    if column.foreign_keys or "polymorphic" in column.info:
        return kinds.Reference(), {"number_key": isinstance(kind, Integer)}
    if column.primary_key:
        return (kinds.Integer() if isinstance(kind, Integer) else kinds.Kind()), {}
    if isinstance(kind, Choice):
        return (kinds.CountryCode() if kind.choices is Country else kinds.OneOf()), {"choices": kind.choices}
    if isinstance(kind, ChoiceList):
        return kinds.ManyOf(), {"choices": kind.choices}
    if isinstance(kind, ARRAY):
        return (kinds.Numbers() if isinstance(kind.item_type, Integer) else kinds.Many()), {}
    if isinstance(kind, JSONB):
        return kinds.Json(), {}
    if isinstance(kind, JsonText):
        return kinds.Json(), {"json_text": True}
    if isinstance(kind, Boolean):
        return kinds.Boolean(), {}
    if isinstance(kind, Timestamp):
        whole = name in _DAYS and not column.info.get("moment")
        return (kinds.Day() if whole else kinds.Moment()), {"timestamp": True}
    if isinstance(kind, Date):
        return kinds.Day(), {}
    if isinstance(kind, Integer):
        return kinds.Integer(), {}
    if isinstance(kind, Numeric):
        digits = (int(kind.precision or 12), int(kind.scale or 0))
        if digits[1] != 2 or _RATE.search(name):
            return kinds.Number(), {"digits": digits}
        return kinds.Money(), {
            "digits": digits,
            "currency": "currency" if "currency" in column.table.c else "",
        }
    if isinstance(kind, String):
        return _text_kind(name), {"length": kind.length}
    raise TypeError(f"No kind for {column.table.name}.{name} of type {kind!r}.")


def _text_kind(name: str) -> kinds.Kind:
    if re.search(r"(^|_)email(_2|_address)?$", name):
        return kinds.Email()
    if re.search(r"(^|_)(phone|mobile)(_2|_number)?$", name):
        return kinds.Phone()
    if name == "website" or name.endswith("_url"):
        return kinds.Url()
    if name == "color" or name.endswith("_color"):
        return kinds.Color()
    if name.endswith("_html") or name == "html_content":
        return kinds.Html()
    if name in _LONG:
        return kinds.LongText()
    return kinds.Kind()
