"""The controls of the form of a rule: what each is called, what may be typed into it, and how that is read.

A control knows no rule. Which ones a trigger or an action has says `offer`, what stands in them says `form`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.screens.page import Choice
from app.screens.readers import UNSTORABLE, Invalid, parse_day, parse_number

MOST_CHOSEN = 50
_LARGEST = 10**9
LONGEST_KEY = 100


@dataclass(frozen=True)
class Control:
    """One field of the form. `key` is its name in the configuration of the rule, `name` the one in the form.

    Kinds: choice, choices, relation, relations, tags, string, text, integer, money, date, boolean.
    `texts` is what stands in it, `names` are those of the chosen records of `table`. `placeholders` may be inserted
    into a text.
    Where `when` is the key of a control beside it, this one is for some values of that.
    """

    name: str
    key: str
    label: str
    kind: str
    required: bool = False
    help: str = ""
    picks: tuple[Choice, ...] = ()
    empty: str = ""
    href: str = ""
    table: str = ""
    placeholders: tuple[Choice, ...] = ()
    longest: int = 0
    least: int = 0
    most: int = _LARGEST
    unit: str = ""
    wide: bool = False
    when: str = ""
    when_values: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    def filled(self, texts: Sequence[str], names: Mapping[str, str] | None = None) -> Control:
        return replace(self, texts=tuple(texts), names=names or self.names)


def typed(control: Control, form: MultiDict[str, str]) -> Control:
    """The control with what was typed into it."""
    return control.filled(form.getlist(control.name)[: MOST_CHOSEN + 1])


def value_of(control: Control) -> Any:
    """What stands in a control, as a rule keeps it: a text, a number, a truth, a list; None for nothing. Raises
    Invalid."""
    texts = [text.strip() for text in control.texts]
    if any(UNSTORABLE.search(text) for text in texts):
        raise Invalid(_("A text here holds a character that cannot be stored."))
    if control.kind == "boolean":
        return "1" in texts
    texts = [text for text in texts if text]
    if not texts:
        if control.required:
            raise Invalid(_("This field is required."))
        return None
    return _READERS[control.kind](control, texts)


def _choice(control: Control, texts: list[str]) -> str:
    if texts[0] not in {pick.value for pick in control.picks}:
        raise Invalid(_("Choose one of the list."))
    return texts[0]


def _choices(control: Control, texts: list[str]) -> list[str]:
    known = {pick.value for pick in control.picks}
    if len(texts) > MOST_CHOSEN or not set(texts) <= known:
        raise Invalid(_("Choose from the list."))
    return list(dict.fromkeys(texts))


def _key(control: Control, texts: list[str]) -> str:
    """Whether there is such a record is asked by whoever knows the table."""
    if len(texts[0]) > LONGEST_KEY:
        raise Invalid(_("Choose one of the list."))
    return texts[0]


def _keys(control: Control, texts: list[str]) -> list[str]:
    return list(dict.fromkeys(_key(control, [text]) for text in texts[:MOST_CHOSEN]))


def _tags(control: Control, texts: list[str]) -> list[str]:
    if len(texts) > MOST_CHOSEN:
        raise Invalid(_("Choose from the list."))
    return list(dict.fromkeys(_text(control, [text]) for text in texts))


def _text(control: Control, texts: list[str]) -> str:
    text = texts[0].replace("\r\n", "\n")
    if control.kind != "text":
        text = " ".join(text.split())
    if control.longest and len(text) > control.longest:
        raise Invalid(_("At most %(most)s characters.", most=control.longest))
    return text


def _integer(control: Control, texts: list[str]) -> int:
    number = parse_number(texts[0])
    if number != number.to_integral_value():
        raise Invalid(_("This must be a whole number."))
    if not control.least <= number <= control.most:
        raise Invalid(_("Enter a whole number from %(least)s to %(most)s.", least=control.least, most=control.most))
    return int(number)


def _money(control: Control, texts: list[str]) -> str:
    """As a text, so that no cent is lost on the way through JSON."""
    number = parse_number(texts[0])
    if not -(Decimal(10) ** 13) < number < Decimal(10) ** 13:
        raise Invalid(_("This number is too large."))
    return str(number)


def _day(control: Control, texts: list[str]) -> str:
    day: date = parse_day(texts[0])
    return day.isoformat()


_READERS = {
    "choice": _choice,
    "choices": _choices,
    "relation": _key,
    "relations": _keys,
    "tags": _tags,
    "string": _text,
    "text": _text,
    "integer": _integer,
    "money": _money,
    "date": _day,
}
