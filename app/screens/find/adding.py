"""Whom a search did not find can be added at once, with the telephone number or the address that was typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import Table
from sqlalchemy.orm import class_mapper

from app.core.viewer import Viewer
from app.screens import ownforms
from app.screens.find.words import Typed
from app.screens.page import Link
from app.screens.query import Screens
from app.screens.resolve import Resolved

_PERSON = {"first_name", "last_name"}
_LEAST_DIGITS = 6  # of a number that somebody can be called at


def to_add(screens: Screens, viewer: Viewer, typed: Typed) -> Iterator[Link]:
    """The forms for new people that this viewer may fill in."""
    for screen in screens.values():
        if set(screen.name) >= _PERSON and not screen.append_only and viewer.may_add(screen.module):
            given = _given(screen, viewer, typed)
            href = ownforms.add_href(screen.table) + (f"?{urlencode(given)}" if given else "")
            yield Link(f"{_('Add')}: {_(screen.one)}", href, screen.icon)


def _given(screen: Resolved, viewer: Viewer, typed: Typed) -> dict[str, str]:
    found: dict[str, str] = {}
    numbers = cast(Table, class_mapper(screen.model).local_table).info.get("dial", ())
    for word in typed.words:
        said = word.texts[0]
        if "@" in said and "email" in screen.fields:
            found["email"] = said
        elif numbers and word.dialled and sum(letter.isdecimal() for letter in said) >= _LEAST_DIGITS:
            found[numbers[0]] = said
    return {name: value for name, value in found.items() if screen.reads(viewer, name)}
