"""Which fields a file can fill for this viewer, and which of them a heading means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import UniqueConstraint

from app.imports.synonyms import SYNONYMS
from app.screens.fields import Field
from app.screens.look import Look
from app.screens.write import writable

KEY = "id"
_PARTS = ("day", "month", "year")


@dataclass(frozen=True)
class Target:
    """Where the cells of a column go: a field, or one part of a partial date. `only_key`: it finds records alone."""

    name: str
    field: Field
    part: str = ""
    only_key: bool = False

    @property
    def label(self) -> str:
        return f"{_(self.field.label)}: {part_label(self.part)}" if self.part else _(self.field.label)


def part_label(part: str) -> str:
    return {"day": _("day"), "month": _("month"), "year": _("year")}[part]


def targets_of(look: Look) -> dict[str, Target]:
    """By name. Credentials are left out: a file is no place for them, and neither is what it rests in."""
    found = {KEY: Target(KEY, look.screen.fields[KEY], only_key=True)}
    for f in writable(look.screen, look.viewer):
        if f.secret:
            continue
        found[f.name] = Target(f.name, f)
        if f.kind.name == "partial_date":
            found |= {column.name: Target(column.name, f, part) for part, column in zip(_PARTS, f.columns, strict=True)}
    return found


def barred(look: Look) -> list[Field]:
    """Required fields that no file of this viewer can fill: without them no record can be created."""
    fillable = {target.field.name for target in targets_of(look).values() if not target.only_key}
    return [f for f in look.screen.editable() if f.required and f.name not in fillable]


def matched(look: Look, headings: Sequence[str], targets: Mapping[str, Target]) -> list[str]:
    """The target of each column as far as its heading says it, else ""; none is taken twice.

    Exact words first: the language of the page, English, the column's name, other languages, then synonyms.
    """
    known: dict[str, list[str]] = {}
    for words, name in _ranked(targets):
        known.setdefault(bare(words), []).append(name)
    taken: set[str] = set()
    found = []
    for heading in headings:
        meant = [*known.get(bare(heading), ()), *SYNONYMS.get(bare(heading), ())]
        name = next((name for name in meant if name in targets and name not in taken), "")
        taken.add(name)
        found.append(name)
    return found


def _ranked(targets: Mapping[str, Target]) -> Iterable[tuple[str, str]]:
    for name, target in targets.items():
        yield target.label, name
    for name, target in targets.items():
        yield f"{target.field.label} {target.part}", name
    for name in targets:
        yield name, name
        yield name.removesuffix("_id"), name
    for code in current_app.config["LANGUAGES"]:
        with force_locale(code):
            labels = [(target.label, name) for name, target in targets.items()]
        yield from labels


def bare(text: str) -> str:
    """Letters and digits alone, without case and accents: "Dátum narodenia:" is "datumnarodenia"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", plain)


# Keys -------------------------------------------------------------------------

_TELLING = re.compile(
    r"(^|.*_)(internal_id|external_id|national_id|personal_id|birth_number|registration_number|registration_id|company_id"
    r"|tax_id|vat_id|vat_number|ico|iban|code|number|identifier|key|sku|barcode)|username|name|full_name|title"
)
_COMMON = re.compile(r"postal|zip|bank_code|country|currency|phone|floor|prefix|swift")  # many records share these
_ONE = ("string", "email", "phone", "integer")


def is_unique(f: Field) -> bool:
    """Whether the database keeps the field's values apart, in all rows and all alone."""
    column, table = f.column, f.column.table
    alone = [list(known.columns) for known in table.constraints if isinstance(known, UniqueConstraint)]
    alone += [
        list(index.columns) for index in table.indexes
        if index.unique and len(index.expressions) == 1 and index.dialect_options["postgresql"]["where"] is None
    ]  # fmt: skip
    return bool(column.unique or column.primary_key or [column] in alone)


def together(fields: Iterable[Field]) -> list[tuple[Field, ...]]:
    """Fields whose values the database keeps apart together, in all rows."""
    by_column = {f.column: f for f in fields if len(f.columns) == 1}
    found = []
    for known in next(iter(by_column)).table.constraints if by_column else ():
        if not isinstance(known, UniqueConstraint) or len(known.columns) < 2:
            continue
        if all(column in by_column for column in known.columns):
            found.append(tuple(by_column[column] for column in known.columns))
    return found


def keys_of(look: Look, targets: Mapping[str, Target]) -> list[str]:
    """Fields by which known records can be found again: only such as the viewer may read, the surest ones first."""
    found = []
    for name, target in targets.items():
        f = target.field
        if target.part or f.kind.name not in _ONE or not look.reads(f.name):
            continue
        sure = is_unique(f)
        telling = _TELLING.fullmatch(name) and not _COMMON.search(name)
        if sure or f.kind.name in ("email", "phone") or telling:
            vague = f.kind.name == "phone" or name.endswith(("name", "title"))
            found.append((0 if sure else 2 if vague else 1, name))
    return [name for _rank, name in sorted(found, key=lambda pair: pair[0])]
