"""Forms: new records and changed ones, refused and conflicting input."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One field of a conflicting edit: before, yours and theirs.

    It is chosen (`take` is "mine" or "theirs" to begin with), or, when `merged`, taken over without a question.
    `before` is None where the form does not tell.
    """

    name: str
    label: str
    before: str | None
    mine: str
    theirs: str
    take: str = "mine"
    merged: bool = False


@dataclass(frozen=True)
class FormSection:
    """Fields of a form that belong together (WTForms fields, see `forms.py`)."""

    title: str
    fields: tuple[object, ...]


@dataclass(frozen=True)
class FormPage:
    """`/<table>/add` and `/<table>/edit/<id>`; also shown again with errors.

    With `changes`, `faster` says who has changed the record meanwhile, and when.
    """

    table: str
    title: str
    one: str
    many: str
    action: str
    back_href: str
    list_href: str
    sections: tuple[FormSection, ...]
    verb: str
    version: str = ""
    form_key: str = ""
    errors: tuple[tuple[str, str, str], ...] = ()
    general: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    is_new: bool = True
    missing: tuple[str, ...] = ()
    check_href: str = ""
    base: str = ""
    faster: str = ""


@dataclass(frozen=True)
class ShortForm:
    """A form inside a tab: the most important fields of a new record that belongs to `owner` by `column`."""

    action: str
    column: str
    owner: str
    title: str
    verb: str
    form_key: str
    fields: tuple[object, ...]
    errors: tuple[tuple[str, str, str], ...]
    general: tuple[str, ...]
    missing: tuple[str, ...]
    full_href: str
