"""Forms of a screen: WTForms fields that read and show a value through its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field as WtField
from wtforms.form import BaseForm

from app.screens.cells import choices_of
from app.screens.fields import Field
from app.screens.locale import helped, said
from app.screens.page import Choice
from app.screens.readers import Invalid


class KindField(WtField):
    """One field of a form. Templates read its attributes (`kind`, `text`, `picks`, `parts`, ...)."""

    def __init__(self, spec: Field, *, readonly: bool = False, options_href: str = "", **kw: Any) -> None:
        super().__init__(said(spec.label), description=helped(spec.help), **kw)
        self.spec = spec
        self.kind = spec.kind.name
        self.readonly = readonly
        self.options_href = options_href
        self.maxlength = spec.length
        self.wide = spec.wide
        self.currency = ""
        self.only: tuple[str, ...] | None = None
        self.current: tuple[str, str] | None = None
        self.is_set = False
        self.given = False
        self.typed: tuple[str, ...] | None = None
        self.warnings: list[str] = []
        self.when: tuple[str, tuple[str, ...]] | None = None  # the field, and its values, that this one is for
        self.add_href = self.add_name = self.add_country = ""
        self.flags.required = spec.required

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Start from `data`; what was posted replaces it. A field that was not posted stays as it was."""
        self.process_errors = []
        self.object_data = self.data = data
        self.is_set = self.kind == "secret" and bool(data)
        if formdata is None or self.readonly:
            return
        raw = self._posted(formdata)
        if raw is None:
            return
        self.given = True
        self.typed = tuple(raw)
        try:
            self.data = self._read(raw)
        except Invalid as wrong:
            self.process_errors.append(str(wrong))

    def _posted(self, formdata: MultiDict[str, str]) -> list[str] | None:
        """What the browser sent for this field; None when the field was not on the page."""
        if self.kind == "partial_date":
            names = [f"{self.name}-{part}" for part in ("day", "month", "year")]
            return [formdata.get(n, "").strip() for n in names] if any(n in formdata for n in names) else None
        if self.kind == "boolean":
            if self.name not in formdata and f"{self.name}-shown" in formdata:
                # A box cannot show "not known yet": left alone, it stays so.
                return None if self.object_data is None and self.spec.nullable else ["0"]
        elif self.kind in ("tags", "multichoice") and self.name not in formdata and f"{self.name}-shown" in formdata:
            return []
        elif self.kind == "secret" and f"{self.name}-clear" in formdata:
            return [""]
        elif self.kind == "secret" and not formdata.get(self.name):
            return None  # an empty secret means: keep it
        return formdata.getlist(self.name) if self.name in formdata else None

    def _read(self, raw: list[str]) -> Any:
        if self.kind == "partial_date":
            parts = self.spec.kind.assemble(raw)  # type: ignore[attr-defined]  # PartialDate has it
            return parts if any(part is not None for part in parts) else None
        return self.spec.kind.parse(raw, self.spec)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        self.errors = list(self.process_errors)
        empty = self.data is None or self.data == ""
        if not self.errors and self.spec.required and empty and not self.readonly:
            self.errors.append(_("This field is required."))
        return not self.errors

    @property
    def text(self) -> str:
        """The value for the control: what was typed as long as it is wrong, else the value in plain form."""
        if self.typed is not None and self.process_errors:
            return self.typed[-1] if self.typed else ""
        return self.spec.kind.text(self.data)

    @property
    def checked(self) -> bool:
        return bool(self.data)

    @property
    def picks(self) -> tuple[Choice, ...]:
        known = choices_of(self.spec)
        if self.only is None:
            return known
        return tuple(choice for choice in known if choice.value in (*self.only, *self.values))

    @property
    def values(self) -> tuple[str, ...]:
        if self.typed is not None and self.process_errors:
            return self.typed
        if isinstance(self.data, list):
            return tuple(str(item) for item in self.data)
        return (self.text,) if self.text else ()

    @property
    def parts(self) -> tuple[str, str, str]:
        """Day, month and year as texts."""
        if self.typed is not None and self.process_errors:
            return self.typed[0], self.typed[1], self.typed[2]
        day, month, year = self.data or (None, None, None)
        return str(day or ""), str(month or ""), str(year or "")


class ScreenForm(BaseForm):
    """The form of one screen for one viewer. `values()` gives attribute values for what was posted and is allowed."""

    def __init__(self, fields: Sequence[Field], readonly: frozenset[str], options: Mapping[str, str]) -> None:
        self.specs = list(fields)
        self.row_name = ""  # of the record it changes, once it is known
        self._build = {"readonly": readonly, "options": options}
        super().__init__({})
        for spec in fields:
            bound = KindField(
                spec,
                readonly=spec.name in readonly,
                options_href=options.get(spec.name, ""),
                name=spec.name,
                _form=self,
                _prefix="",
            )
            self._fields[spec.name] = bound

    def fill(self, stored: Mapping[str, Any], formdata: MultiDict[str, str] | None = None) -> None:
        for name, bound in self._fields.items():
            bound.process(formdata, stored.get(name))

    def values(self) -> dict[str, Any]:
        """Attribute name -> value of every field that was posted and may be changed."""
        found: dict[str, Any] = {}
        for bound in self._fields.values():
            if bound.given and not bound.readonly:
                found.update(spread(bound.spec, bound.data))
        return found

    def problems(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((n, str(b.label.text), str(e)) for n, b in self._fields.items() for e in b.errors)


def spread(f: Field, value: Any) -> dict[str, Any]:
    """A field's value as attribute values: three of them for a partial date."""
    if f.kind.name == "partial_date":
        return dict(zip(f.attributes, value or (None, None, None), strict=True))
    if value is None and not f.nullable:
        # NOT NULL with a default: an emptied field goes back to what the column starts with.
        return {f.attribute: f.default} if f.default is not None else {}
    return {f.attribute: value}


def stored_value(row: Any, f: Field) -> Any:
    """The value of a field in a mapped row, as a form starts with it."""
    if f.kind.name == "partial_date":
        parts = tuple(getattr(row, attribute) for attribute in f.attributes)
        return parts if any(part is not None for part in parts) else None
    return getattr(row, f.attribute)
