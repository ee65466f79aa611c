"""Column types that carry a meaning: choices, countries, times, JSON as text, secrets."""

from __future__ import annotations

import enum
import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Numeric,
    String,
    Text,
    cast,
    func,
    text,
    type_coerce,
)
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator, UserDefinedType

from app.core import vault


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_key() -> str:
    return str(uuid.uuid4())


def text_type(length: int | None, *, varchar: bool = False) -> Text | String:
    """`text`, `varchar` or `varchar(n)`, as the contract has them."""
    return String(length) if length or varchar else Text()


class Country(enum.StrEnum):
    """The eight markets."""

    SK = "SK"
    CZ = "CZ"
    HU = "HU"
    RO = "RO"
    IT = "IT"
    DE = "DE"
    US = "US"
    CH = "CH"


class Choice(TypeDecorator[enum.StrEnum]):
    """Text whose values are the members of an enum; `db` adds a CHECK named after the column."""

    impl = Text
    cache_ok = True

    def __init__(self, choices: type[enum.StrEnum], length: int | None = None) -> None:
        super().__init__()
        self.choices = choices
        self.length = length
        self.impl = text_type(length)  # type: ignore[assignment]  # the contract mixes text and varchar(n)

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        if value is None:
            return None
        return self.choices(value).value

    def process_result_value(self, value: Any, dialect: Any) -> enum.StrEnum | None:
        return None if value is None else self.choices(value)

    def condition(self, column: str) -> str:
        words = ", ".join(f"'{member.value}'" for member in self.choices)
        return f'"{column}" IN ({words})'


class ChoiceList(TypeDecorator[list[str]]):
    """A text array whose elements are members of an enum."""

    impl = ARRAY(Text)
    cache_ok = True

    def __init__(self, choices: type[enum.StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Any, dialect: Any) -> list[str] | None:
        return None if value is None else [self.choices(item).value for item in value]

    def condition(self, column: str) -> str:
        words = ", ".join(f"'{member.value}'" for member in self.choices)
        return f'"{column}" <@ ARRAY[{words}]::text[]'


class Timestamp(TypeDecorator[datetime]):
    """A point in time: `timestamp` without zone in the database, always UTC; aware in Python."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class JsonText(TypeDecorator[str]):
    """JSON kept in a text column: any JSON value, checked when written, stored as given."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        if value is not None:
            json.loads(value, parse_constant=_no_constant)
        return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON, though Python reads it.")


class Secret(TypeDecorator[vault.Veiled]):
    """A credential. Never listed, searched, exported, logged or sent by REST.

    `store` says how it rests: "sealed" (AES-GCM, see `vault`), "hashed" (the
    caller stores a one-way hash) or "never" (the column exists for the
    documented schema and stays empty). `purpose` is "<table>.<column>".
    Rows that were written by hand in clear text are read as they are and
    sealed at the next write.
    """

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str, store: str = "sealed", length: int | None = None) -> None:
        super().__init__()
        self.purpose = purpose
        self.store = store
        self.length = length
        self.impl = text_type(length)  # type: ignore[assignment]  # as for Choice

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        if value is None:
            return None
        plain = value.reveal() if isinstance(value, vault.Veiled) else str(value)
        if self.store == "never":
            raise ValueError(f"{self.purpose} is never stored.")
        if self.store == "hashed" or plain == "":
            return plain
        return vault.current().seal(plain, self.purpose)

    def process_result_value(self, value: Any, dialect: Any) -> vault.Veiled | None:
        if value is None:
            return None
        if self.store == "sealed" and value.startswith("v1:"):
            return vault.Sealed(value, self.purpose)
        return vault.Veiled(value)


class RowVersion(UserDefinedType[str]):
    """PostgreSQL's own row version (`xmin`), as text."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "xid"

    def bind_expression(self, bindvalue: Any) -> Any:
        return cast(type_coerce(bindvalue, Text()), self)

    def bind_processor(self, dialect: Any) -> Any:
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        return lambda value: None if value is None else str(value)


NO_PASSWORD = "!"
"""Stored where a password hash must stand but nobody may log in with one."""

Key = Annotated[
    str,
    mapped_column(
        String,
        primary_key=True,
        default=new_key,
        server_default=text("gen_random_uuid()"),
        comment="Identity of the record, a UUID.",
    ),
]
SerialKey = Annotated[
    int, mapped_column(primary_key=True, autoincrement=True, comment="Identity of the record, a number.")
]
Created = Annotated[datetime, mapped_column(Timestamp, server_default=func.now())]
Updated = Annotated[datetime, mapped_column(Timestamp, server_default=func.now(), onupdate=utc_now)]
Money = Annotated[Decimal, mapped_column(Numeric(12, 2))]
