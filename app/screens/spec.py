"""How the screens of one table differ from what follows from its columns.

Everything is optional. Names are column names; the three columns of a partial
date go by their common prefix or by themselves. Every name is checked when the
application starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.core.db import Base
from app.core.viewer import Viewer


@dataclass(frozen=True)
class Chart:
    """One chart: rows counted, or one money column added up, by `by` (None: by month of `date`)."""

    what: Literal["count", "sum"]
    by: str | None = None
    of: str | None = None

    @classmethod
    def count(cls, by: str | None = None) -> Chart:
        return cls("count", by)

    @classmethod
    def total(cls, of: str, by: str | None = None) -> Chart:
        return cls("sum", by, of)


@dataclass(frozen=True)
class Leading:
    """A line in the "..." menu of a record, or a button above a list, that leads to a page of its own.

    `{id}` stands for the record's key. It is for those who may edit the records here; with a `module` for those who
    may add to that one instead. Where the page behind it is closed to some of them, or for some records, `asks` tells
    so by session, viewer and key: nobody is led to a page that refuses him.
    """

    text: str
    href: str
    icon: str = ""
    module: str = ""
    asks: Callable[[Session, Viewer, Any], bool] | None = None


@dataclass(frozen=True)
class Happening:
    """Rows of a table are happenings: they stand in the timeline of the records that they point to.

    `kind` is one of `timeline.kinds`, `who` the column of who did it, `text`
    what is told: with two columns the first is the title. `badges` are
    choices; without a wish the first ones of the list. `about` are the two
    columns that lead to a record of any table: its name and the key.
    """

    kind: str
    text: tuple[str, ...] = ()
    who: str = ""
    date: str = "created_at"
    badges: tuple[str, ...] = ()
    about: tuple[str, str] | tuple[()] = ()


@dataclass(frozen=True)
class Screen:
    """What differs for one table.

    `inside` names the table whose module and menu entry also cover this one.
    `name` are the columns that name a record elsewhere, `columns` the list,
    `sections` the order of record and form, `readonly` what only services
    change, `order` the order of the list ("-created_at" for newest first),
    `links` more lines in the menu of a record, `list_links` more buttons
    above the list, each for those who may follow it.
    `module` is the key of the rights where it is not the table's name. An
    `append_only` table is read here and written by services alone; `written`
    is the sentence that says so, where it is no log. `sealed`
    fields tell of other modules: only who may do everything reads them.
    `when` names fields that a form folds away unless another field has a value: `{"corr_city":
    ("use_correspondence_address", True)}`; several values are a tuple. What they hold stays.
    `happening` puts its rows into timelines. `talks` is the column of whose record the messages and calls stand in the
    timeline here, too: a deal is talked about with its customer.
    """

    model: type[Base]
    inside: str = ""
    name: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    readonly: tuple[str, ...] = ()
    order: str = ""
    charts: tuple[Chart, ...] = ()
    date: str = ""
    links: tuple[Leading, ...] = ()
    list_links: tuple[Leading, ...] = ()
    module: str = ""
    append_only: bool = False
    written: str = ""
    sealed: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    happening: Happening | None = None
    talks: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.model, type) or not issubclass(self.model, Base):
            raise TypeError(f"Screen needs a mapped class, not {self.model!r}.")

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)


def words(value: Any) -> str:
    """A stored name in words: "no_answer" is "No answer", "customer_id" is "Customer"."""
    name = str(value)
    if name in _WHOLE:
        return _WHOLE[name]
    name = name.removesuffix("_id").removesuffix("_at").removeprefix("is_")
    parts = [_SHORT.get(part, part) for part in name.replace("-", "_").split("_") if part]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


_WHOLE = {"created_at": "Created", "updated_at": "Changed", "id": "ID"}
_SHORT = {
    short: short.upper()
    for short in (
        "ai", "docx", "gps", "html", "iban", "id", "ip", "otp", "pdf", "qr", "sip", "sms", "swift", "url", "vat", "vip"
    )
}  # fmt: skip
