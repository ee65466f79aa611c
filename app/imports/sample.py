"""The template of a table: the headings that a file of this viewer may have, and one line of how values look."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _

from app.imports.columns import Target, targets_of
from app.screens.cells import choices_of
from app.screens.export import small_file
from app.screens.fields import Field
from app.screens.look import Look

_COMMA = ("en", "en_GB", "en_US")  # languages whose spreadsheets part cells by commas


def template_of(look: Look) -> str:
    """CSV as a spreadsheet of the page's language opens it, with a byte order mark."""
    fields = [t for t in targets_of(look).values() if not t.part and not t.only_key]
    rows = [target.label for target in fields], [example_of(look, target) for target in fields]
    return small_file(rows, delimiter="," if str(get_locale()) in _COMMA else ";")


def example_of(look: Look, target: Target) -> str:
    """How a value of this field looks in a file."""
    f = target.field
    if f.kind.name in ("choice", "country", "multichoice"):
        return str(next((choice.label.partition(" · ")[0] for choice in choices_of(f)), ""))
    if f.targets:
        return _("Name or ID: %(what)s", what=_(look.screens[f.targets[0]].one))
    return {
        "boolean": _("Yes"),
        "date": "2026-03-31",
        "datetime": "2026-03-31 14:30",
        "partial_date": "2026-03-31",
        "integer": "12",
        "decimal": "1.5",
        "money": "1234.50",
        "email": "name@example.com",
        "phone": "+421 900 000 000",
        "url": "https://example.com",
        "color": "#6B2346",
        "json": "{}",
        "tags": _("one, two"),
    }.get(f.kind.name, _sentence(f))


def _sentence(f: Field) -> str:
    return _("Text of at most %(count)s characters", count=f.length) if f.length and f.length < 100 else _("Text")
