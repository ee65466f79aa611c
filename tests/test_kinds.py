"""Kinds of values: what is typed, what JSON brings, what is written back, and what is refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.core.types import Country
from app.core.vault import Veiled
from app.customers.models import Customer
from app.screens import kinds
from app.screens.fields import Field, fields_of
from app.screens.kinds import PartialDate, Sealed
from app.screens.readers import Invalid
from app.tables import MODELS
from tests.smallest import plain_value

UNSTORABLE = ["nul\x00", "half \ud800", "\udfff other half"]


@pytest.fixture
def speaking(app: Flask) -> Callable[[str], AbstractContextManager[Any]]:
    """A request in a language, whether there is a catalogue of it or not."""

    @contextmanager
    def request_in(language: str) -> Iterator[None]:
        with app.test_request_context(), force_locale(language):
            yield

    return request_in


@pytest.fixture(autouse=True)
def request_in_english(app: Flask) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def field(table: str, name: str) -> Field:
    return fields_of(MODELS[table])[name]


def one_of_each() -> dict[str, Field]:
    """A field of every kind there is, by "kind" or "kind as it is kept"."""
    found: dict[str, Field] = {}
    for table in sorted(MODELS):
        for f in fields_of(MODELS[table]).values():
            marks = [n for n in ("timestamp", "json_text", "number_key") if getattr(f, n)]
            found.setdefault(" ".join([f.kind.name, *marks, "limited" if f.length else ""]).strip(), f)
    return found


EACH = one_of_each()
every_kind = pytest.mark.parametrize("f", EACH.values(), ids=list(EACH))


def refusal(read: Callable[..., Any], *given: Any) -> str:
    with pytest.raises(Invalid) as refused:
        read(*given)
    return str(refused.value)


# All kinds ------------------------------------------------------------------


def test_the_schema_has_every_kind_of_value() -> None:
    kinds_in_use = {name.split()[0] for name in EACH}

    assert kinds_in_use == {
        "boolean", "choice", "color", "country", "date", "datetime", "decimal", "email", "html", "integer", "json",
        "money", "multichoice", "partial_date", "phone", "relation", "secret", "string", "tags", "text", "url",
    }  # fmt: skip


def value_of(f: Field) -> Any:
    """A value as the database gives it back."""
    special: dict[str, Any] = {
        "relation": 7 if f.number_key else "0c54",
        "multichoice": ["CZ", "SK"],
        "partial_date": (31, 12, 2026),
        "html": "<p>x</p>",
        "tags": [7, 14] if isinstance(f.kind, kinds.Numbers) else ["a", "b c"],
        "secret": "pa55word",
    }
    return special[f.kind.name] if f.kind.name in special else plain_value(f)


@every_kind
def test_what_a_form_shows_is_read_back_as_the_same_value(f: Field) -> None:
    if f.secret:
        return
    value = value_of(f)

    shown = f.kind.text(value)
    if isinstance(f.kind, PartialDate):
        back = f.kind.assemble(tuple(reversed(shown.split("-"))))
    else:
        back = f.kind.parse([str(item) for item in value] if isinstance(value, list) else [shown], f)

    assert (back == value) or (f.kind.name == "json" and json.loads(back) == json.loads(value))
    assert type(back) is type(value)


@every_kind
def test_what_json_shows_is_loaded_as_the_same_value(f: Field) -> None:
    if f.secret or isinstance(f.kind, PartialDate):
        return
    value = value_of(f)

    back = f.kind.load(json.loads(json.dumps(f.kind.dump(value))), f)

    assert (back == value) or (f.kind.name == "json" and json.loads(back) == json.loads(value))


@every_kind
def test_nothing_is_nothing_in_a_form_and_in_json(f: Field) -> None:
    empty: Any = [] if f.kind.name in ("tags", "multichoice") else None

    assert f.kind.text(None) == ""
    assert f.kind.dump(None) is None
    if not isinstance(f.kind, PartialDate):
        assert f.kind.parse([], f) == empty
        assert f.kind.parse(["", "  "], f) == empty


@every_kind
@pytest.mark.parametrize("text", UNSTORABLE, ids=["NUL", "high half", "low half"])
def test_no_kind_takes_a_character_that_cannot_be_stored(f: Field, text: str) -> None:
    read = f.kind.assemble if isinstance(f.kind, PartialDate) else f.kind.parse
    given = ((text, "1", "2026"),) if isinstance(f.kind, PartialDate) else ([text], f)

    assert refusal(read, *given)
    if f.kind.name != "json" or f.json_text:
        assert refusal(f.kind.load, text, f)
    else:
        assert refusal(f.kind.load, {"deep": [text]}, f)


@every_kind
@pytest.mark.parametrize("value", [{"a": 1}, [["x"]], 1.5, True], ids=repr)
def test_json_of_another_type_is_refused_with_a_sentence_or_taken_as_what_it_is(f: Field, value: Any) -> None:
    """Never a failure of ours: a value, or a sentence."""
    takes = {"boolean": bool, "decimal": float, "money": float, "json": object}
    if (
        f.kind.name in takes
        and isinstance(value, takes[f.kind.name])
        and not (value is True and takes[f.kind.name] is float)
    ):
        number = Decimal(str(value)) if isinstance(value, float) else None
        assert f.kind.load(value, f) in (value, number, json.dumps(value))
    elif f.kind.name in ("tags", "multichoice") and isinstance(value, list):
        assert f.kind.name == "tags" or refusal(f.kind.load, value, f)
    else:
        assert refusal(f.kind.load, value, f).endswith((".", "Z."))


# Text ------------------------------------------------------------------------


def test_a_text_is_trimmed_and_kept_within_its_length() -> None:
    f = field("deals", "title")

    assert f.kind.parse(["  Cord blood, family pack  "], f) == "Cord blood, family pack"
    assert f.kind.parse(["x" * 500], f) == "x" * 500
    assert refusal(f.kind.parse, ["x" * 501], f) == "At most 500 characters; this has 501."
    assert refusal(f.kind.load, "x" * 501, f) == "At most 500 characters; this has 501."


def test_the_last_of_several_values_counts() -> None:
    f = field("customers", "first_name")

    assert f.kind.parse(["first", "last"], f) == "last"


def test_a_long_text_keeps_its_lines_and_spaces() -> None:
    f = field("customers", "notes")

    assert f.kind.parse(["  one\r\n\r\n two \n"], f) == "  one\n\n two \n"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "email",
            ["a@b", "jana.kovacova+crm@e-mail.example"],
            ["jana", "@", "a@", "@b", "a b@c.example", "a@b@c"],
        ),
        ("color", ["#6B2346", "#fff", "red"], ["6B2346", "#12", "#GGGGGG", "RED!", "url(x)"]),
    ],
)
def test_addresses_and_colours_look_like_themselves(name: str, good: list[str], bad: list[str]) -> None:
    f = EACH[name]

    assert [f.kind.parse([text], f) for text in good] == good
    assert [bool(refusal(f.kind.parse, [text], f)) for text in bad] == [True] * len(bad)


# Numbers ---------------------------------------------------------------------

MONEY = field("instance_prices", "price")


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "1234.5", "1234.5"), ("en", "1,234.50", "1234.50"), ("en", "+7", "7"), ("en", "-0.01", "-0.01"),
        ("sk", "1 234,50", "1234.50"), ("sk", "1\u00a0234,50", "1234.50"), ("sk", "1234.5", "1234.5"),
        ("cs", "0,07", "0.07"), ("hu", "1\u202f234,5", "1234.5"),
        ("de", "1.234,50", "1234.50"), ("de", "1234,5", "1234.5"),
        ("it", "1.234.567,89", "1234567.89"), ("ro", "12.345,6", "12345.6"), ("en", "1'234.50", "1234.50"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_of_a_language_write_it(
    speaking: Any, language: str, typed: str, meant: str
) -> None:
    with speaking(language):
        assert MONEY.kind.parse([typed], MONEY) == Decimal(meant)


@pytest.mark.parametrize("language", ["en", "sk", "cs", "hu", "ro", "it", "de"])
@pytest.mark.parametrize("typed", ["abc", "1e5", "NaN", "Infinity", "-", ".", ",", "1,2,3,4.5.6", "12 EUR", "٣", "--1"])
def test_what_is_no_number_in_any_language_is_refused(speaking: Any, language: str, typed: str) -> None:
    with speaking(language):
        assert refusal(MONEY.kind.parse, [typed], MONEY)


def test_a_number_that_has_no_room_is_refused_with_the_room_there_is() -> None:
    read, load = MONEY.kind.parse, MONEY.kind.load

    assert read(["99999999.99"], MONEY) == Decimal("99999999.99")
    assert read(["-99999999.99"], MONEY) == Decimal("-99999999.99")
    assert refusal(read, ["100000000"], MONEY) == "This number is too large; there is room for 8 digits."
    assert refusal(read, ["9" * 30], MONEY) == "This number is too large; there is room for 8 digits."
    assert refusal(load, 1e300, MONEY) == "This number is too large; there is room for 8 digits."
    assert refusal(read, ["0.001"], MONEY) == "At most 2 decimal places."
    assert read(["1.1000"], MONEY) == Decimal("1.1")
    assert read(["0.00"], MONEY) == Decimal("0")
    for odd in (float("nan"), float("inf"), "NaN", "sNaN", "-Infinity", "1e999999", "", "x", None, True):
        assert refusal(load, odd, MONEY)


def test_money_in_json_is_a_text_that_loses_no_digit() -> None:
    assert MONEY.kind.dump(Decimal("0.10")) == "0.10"
    assert MONEY.kind.text(Decimal("1E+3")) == "1000"
    assert MONEY.kind.load("0.10", MONEY) == MONEY.kind.load(0.1, MONEY) == Decimal("0.1")


WHOLE = (
    field("tasks", "sort_order") if "sort_order" in fields_of(MODELS["tasks"]) else field("pipeline_stages", "order")
)


def test_a_whole_number_stays_within_what_the_database_keeps() -> None:
    read, load = WHOLE.kind.parse, WHOLE.kind.load

    assert [read([text], WHOLE) for text in ("-2147483648", "2147483647", "1 000", "+5")] == [
        -(2**31),
        2**31 - 1,
        1000,
        5,
    ]
    for text in ("2147483648", "-2147483649", "9" * 12):
        assert refusal(read, [text], WHOLE) == "This number is too large."
    for text in ("1.0", "1,5", "abc", "1e3", "9" * 13, "0x10"):
        assert refusal(read, [text], WHOLE) == "This must be a whole number."
    assert refusal(load, 2**31, WHOLE) == "This number is too large."
    for value in (1.0, "1", True, None, []):
        assert refusal(load, value, WHOLE) == "This must be a whole number."


def test_yes_and_no() -> None:
    f = field("customers", "newsletter")

    assert [f.kind.parse([text], f) for text in ("1", "on", "Yes", "TRUE", "0", "off", "no", "False")] == [True] * 4 + [
        False
    ] * 4
    assert refusal(f.kind.parse, ["maybe"], f) == "This must be yes or no."
    assert [refusal(f.kind.load, value, f) for value in (1, 0, "true", None)] == ["This must be true or false."] * 4


# Dates and times -----------------------------------------------------------------


def test_a_day_is_a_date_or_midnight_in_utc_as_its_column_has_it() -> None:
    plain, stamped = EACH["date"], EACH["date timestamp"]

    assert plain.kind.parse(["2026-03-31"], plain) == date(2026, 3, 31)
    assert stamped.kind.parse(["2026-03-31"], stamped) == datetime(2026, 3, 31, tzinfo=UTC)
    assert stamped.kind.dump(datetime.combine(date(2026, 3, 31), time(), UTC)) == "2026-03-31"
    for text in ("2026-02-29", "31.03.2026", "2026-13-01", "0999-12-31", "today", "2026", "99999-01-01"):
        assert refusal(plain.kind.parse, [text], plain)
    assert refusal(plain.kind.parse, ["2026-02-30"], plain) == "This must be a date such as 2026-03-31."
    for text in ("infinity", "-infinity", "now", "epoch"):
        assert refusal(plain.kind.parse, [text], plain) == "This must be a date such as 2026-03-31."
    for text in ("0000-01-01", "0001-01-01", "10000-01-01", "+12026-03-31", "-0044-03-15", "202603-03-01"):
        assert refusal(plain.kind.parse, [text], plain) == "This year is out of range.", text


MOMENT = field("visit_events", "start_time")


def test_a_time_of_an_odd_year_is_refused_for_its_year() -> None:
    for text in ("0000-01-01T10:00", "12026-03-31T14:30", "0001-01-02 10:00"):
        assert refusal(MOMENT.kind.parse, [text], MOMENT) == "This year is out of range.", text
    for text in ("infinity", "-infinity", "never"):
        assert "such as 2026-03-31 14:30" in refusal(MOMENT.kind.parse, [text], MOMENT)


def test_a_time_is_typed_in_the_zone_of_the_viewer_and_kept_in_utc() -> None:
    """Nobody is logged in here, so it is the zone of head office."""
    summer, winter = (
        MOMENT.kind.parse(["2026-07-01T12:00"], MOMENT),
        MOMENT.kind.parse(["2026-01-01 12:00"], MOMENT),
    )

    assert (summer, winter) == (datetime(2026, 7, 1, 10, tzinfo=UTC), datetime(2026, 1, 1, 11, tzinfo=UTC))
    assert summer.tzinfo is UTC
    assert (MOMENT.kind.text(summer), MOMENT.kind.text(summer.replace(second=7))) == (
        "2026-07-01T12:00",
        "2026-07-01T12:00:07",
    )


def test_a_time_in_json_says_its_zone_or_means_utc() -> None:
    load = MOMENT.kind.load

    for text in ("2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00", "2026-07-01T10:00"):
        assert load(text, MOMENT) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert MOMENT.kind.dump(load("2026-07-01T12:00:00+02:00", MOMENT)) == "2026-07-01T10:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-07-01T25:00",
        "2026-02-30 10:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59:59-12:00",
        "12:00",
    ],
)
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    assert refusal(MOMENT.kind.parse, [text], MOMENT)
    assert refusal(MOMENT.kind.load, text, MOMENT)


def test_an_hour_that_the_clock_leaves_out_is_still_a_time() -> None:
    """At the end of March clocks go from two to three: what is typed in between is taken, not refused."""
    assert MOMENT.kind.parse(["2026-03-29T02:30"], MOMENT) in (
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        (("31", "12", "2026"), (31, 12, 2026)), (("", "", "2026"), (None, None, 2026)), (("", "", ""), (None,) * 3),
        (("", "6", ""), (None, 6, None)), (("29", "2", ""), (29, 2, None)), (("29", "2", "2024"), (29, 2, 2024)),
    ],
)  # fmt: skip
def test_a_partial_date_may_be_the_beginning_of_one(parts: Any, kept: Any) -> None:
    assert PartialDate().assemble(parts) == kept


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("5", "", "2026"), "A day needs a month."),
        (("30", "2", ""), "There is no such day in that month."),
        (("29", "2", "2026"), "There is no such day in that month."),
        (("0", "1", "2026"), "There is no such day in that month."),
        (("", "13", ""), "The month must be between 1 and 12."),
        (("", "0", "2026"), "The month must be between 1 and 12."),
        (("", "", "26"), "The year must be between 1900 and 2200."),
        (("", "", "2201"), "The year must be between 1900 and 2200."),
        (("x", "1", "2026"), "Day, month and year must be numbers."),
        (("-1", "1", "2026"), "Day, month and year must be numbers."),
        (("1", "1", "20260"), "Day, month and year must be numbers."),
    ],
)
def test_a_partial_date_that_cannot_be_is_refused(parts: Any, sentence: str) -> None:
    assert refusal(PartialDate().assemble, parts) == sentence


# Choices, references, lists -----------------------------------------------------------


def test_a_choice_is_one_of_its_list() -> None:
    f = field("customers", "country")

    assert f.kind.parse(["SK"], f) is f.kind.load("SK", f) is Country.SK
    assert f.kind.dump(Country.SK) == "SK"
    assert refusal(f.kind.parse, ["sk"], f) == "“sk” is not one of the choices."
    assert len(refusal(f.kind.parse, ["x" * 5000], f)) < 100


def test_a_reference_is_a_key_of_the_kind_its_table_has() -> None:
    number, word = EACH["relation number_key"], EACH["relation"]

    assert (number.kind.parse(["7"], number), number.kind.load(7, number)) == (7, 7)
    assert (word.kind.parse(["7"], word), word.kind.load("a-b", word)) == ("7", "a-b")
    for text in ("x", "-1", "1.5", "9" * 10, "²"):
        assert refusal(number.kind.parse, [text], number).startswith("This record does not exist")
    for value in (True, 1.5, [7], {"id": 7}):
        assert refusal(number.kind.load, value, number)
    assert refusal(word.kind.load, 7, word)


def test_lists_are_trimmed_and_hold_each_item_once() -> None:
    tags, countries = next(f for f in map(EACH.get, ("tags",)) if f), field("customers", "id")
    days = next(f for f in fields_of(MODELS["campaign_schedules"]).values() if f.kind.name == "tags")
    countries = field("campaigns", "country_codes")

    assert days.kind.parse([" monday", "", "friday", "monday "], days) == ["monday", "friday"]
    assert countries.kind.parse(["SK", "CZ", "SK"], countries) == ["SK", "CZ"]
    assert refusal(countries.kind.load, ["SK", "PL"], countries) == "“PL” is not one of the choices."
    assert refusal(countries.kind.load, "SK", countries) == "This must be a list."
    assert tags.kind.load([], tags) == []


def test_a_list_of_numbers_holds_numbers() -> None:
    f = next(f for m in MODELS.values() for f in fields_of(m).values() if isinstance(f.kind, kinds.Numbers))

    assert f.kind.parse(["7", "14"], f) == f.kind.load([7, 14], f) == f.kind.read("7, 14", f) == [7, 14]
    assert refusal(f.kind.load, [7, 1.5], f) == "This must be a whole number."
    assert refusal(f.kind.parse, [str(2**31)], f) == "This number is too large."


# JSON ---------------------------------------------------------------------------------

AS_TEXT, AS_JSON = EACH["json json_text"], EACH["json"]


def test_json_is_kept_in_the_form_of_its_column() -> None:
    assert AS_JSON.kind.parse(['{"ľ": [1, null]}'], AS_JSON) == {"ľ": [1, None]}
    assert AS_TEXT.kind.parse(['{"ľ": [1,\r\n null]}'], AS_TEXT) == '{"ľ": [1, null]}'
    assert AS_TEXT.kind.load({"ľ": 1}, AS_TEXT) == '{"ľ": 1}'
    assert AS_TEXT.kind.load('{"ľ": 1}', AS_TEXT) == '{"ľ": 1}'
    assert AS_TEXT.kind.text('{"a":1}') == '{\n  "a": 1\n}'
    assert AS_TEXT.kind.text("of another system {") == "of another system {"


@pytest.mark.parametrize("f", [AS_TEXT, AS_JSON], ids=["text", "jsonb"])
def test_broken_json_is_refused_with_line_and_column(f: Field) -> None:
    assert refusal(f.kind.parse, ['{\r\n  "a": 1,\r\n}'], f) in (
        "Not valid JSON: line 3, column 1.", "Not valid JSON: line 2, column 9.",
    )  # fmt: skip
    assert refusal(f.kind.parse, ["{a: 1}"], f) == "Not valid JSON: line 1, column 2."
    assert refusal(f.kind.parse, ['{"a": NaN}'], f) == "Not valid JSON: NaN is not a value."
    assert refusal(f.kind.parse, ["-Infinity"], f) == "Not valid JSON: -Infinity is not a value."
    assert refusal(f.kind.parse, ["[" * 100_000 + "]" * 100_000], f) == "This JSON is nested too deeply."
    assert refusal(f.kind.parse, ['["\\u0000"]'], f) == "A text here holds a character that cannot be stored."
    assert refusal(f.kind.parse, ['{"\\ud800": 1}'], f) == "A text here holds a character that cannot be stored."


@pytest.mark.parametrize("f", [AS_TEXT, AS_JSON], ids=["text", "jsonb"])
def test_json_that_only_mentions_a_backslash_u_is_taken(f: Field) -> None:
    kept = f.kind.parse(['{"a": "C:\\\\u0000"}'], f)

    assert (json.loads(kept) if f.json_text else kept) == {"a": "C:\\u0000"}


@pytest.mark.parametrize("f", [AS_TEXT, AS_JSON], ids=["text", "jsonb"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}], ids=repr)
def test_numbers_that_json_does_not_have_are_refused_by_rest_too(f: Field, value: Any) -> None:
    assert refusal(f.kind.load, value, f)


@pytest.mark.parametrize("f", [AS_TEXT, AS_JSON], ids=["text", "jsonb"])
def test_a_number_of_thousands_of_digits_is_refused_and_not_a_failure(f: Field) -> None:
    assert refusal(f.kind.parse, ["9" * 5000], f)


# Secrets ---------------------------------------------------------------------------------


def test_a_secret_can_be_set_and_not_read_back() -> None:
    f = EACH["secret"]

    assert f.kind.parse(["pa55word"], f) == "pa55word"
    assert (f.kind.text(Veiled("pa55word")), f.kind.dump(Veiled("pa55word"))) == ("", None)
    assert f.kind.operators == ()
    assert [Sealed().is_set(value) for value in (Veiled("x"), Veiled(""), None)] == [True, False, False]


def test_what_every_kind_takes_the_database_takes_too(session: Session) -> None:
    """The longest text, the largest numbers and all of Unicode in one row."""
    row = Customer(first_name="𝔍ürgen 👶", last_name="Ľ" * 10_000, email="a@example.com", country="SK", lead_score=100)

    session.add(row)
    session.commit()
    session.expire_all()

    assert (row.first_name, len(row.last_name)) == ("𝔍ürgen 👶", 10_000)
