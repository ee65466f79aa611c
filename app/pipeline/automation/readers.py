"""How one value of a rule is read from JSON; each raises `Wrong` with a sentence for what it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from app.core.guard import UNSTORABLE
from app.pipeline.automation import conditions, texts
from app.pipeline.automation.conditions import LONGEST, Wrong

Reader = Callable[[Any], Any]


def key(value: Any) -> str:
    """The key of a record."""
    if not isinstance(value, str) or len(value) > LONGEST or UNSTORABLE.search(value):
        raise Wrong(_("This must be the key of a record."))
    return value.strip()


def keys(most: int) -> Reader:
    def read(value: Any) -> tuple[str, ...]:
        items = value if isinstance(value, list | tuple) else [value]
        if len(items) > most:
            raise Wrong(_("Choose one to %(most)s values.", most=most))
        return tuple(dict.fromkeys(key(item) for item in items))

    return read


def whole(least: int, most: int) -> Reader:
    return lambda value: conditions.whole(value, least, most)


def one_of(codes: Sequence[str]) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in codes:
            known = ", ".join(codes)
            raise Wrong(_("There is no “%(value)s”. Choose one of these: %(known)s.", value=str(value)[:60],
                          known=known))  # fmt: skip
        return value

    return read


def some_of(codes: Sequence[str]) -> Reader:
    one = one_of(codes)

    def read(value: Any) -> tuple[str, ...]:
        items = value if isinstance(value, list | tuple) else [value]
        chosen = {one(item) for item in items}
        return tuple(code for code in codes if code in chosen)

    return read


def text(most: int, *, placeholders: bool = True) -> Reader:
    """Several lines."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong(_("This must be a text."))
        found = value.replace("\r\n", "\n").strip()
        if not found:
            raise Wrong(_("This field is required."))
        if len(found) > most:
            raise Wrong(_("At most %(most)s characters.", most=most))
        if UNSTORABLE.search(found):
            raise Wrong(_("This text holds a character that cannot be stored."))
        if placeholders and (unknown := texts.unknown_in(found)):
            known = ", ".join(f"{{{name}}}" for name in texts.PLACEHOLDERS)
            raise Wrong(_("There is no placeholder “%(name)s”. Known are: %(known)s.", name=unknown[0][:60],
                          known=known))  # fmt: skip
        return found

    return read


def line(most: int, *, placeholders: bool = True) -> Reader:
    """One line: line breaks and blanks that stand together become one blank."""
    several = text(most, placeholders=placeholders)
    return lambda value: " ".join(str(several(value)).split())
