"""What strangers put into addresses of lists and queries of programs: every answer is rows or a sentence."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import login_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.access.models import User
from app.core.errors import BadQuery
from app.core.viewer import current_viewer
from app.screens import address, query
from app.screens.chips import chips_of
from app.screens.fields import Field, fields_of
from app.screens.filters import operators_of
from app.screens.look import Look
from app.tables import MODELS
from tests.conftest import token_of
from tests.smallest import LOGS, smallest
from tests.test_all_tables import screen_of

every_table = pytest.mark.parametrize("table", sorted(MODELS))
AS_JSON = {"Accept": "application/json"}
HOSTILE = [
    "", " ", "\u200b", "\ufeff1", "\u202e\u2066abc", "\uffff", "🙂", "\n", "1\r\n",
    "' OR 1=1 --", "'; DROP TABLE users; --", "%", "_", "\\", "{{7*7}}", "<script>alert(1)</script>",
    "..", "...", "1..x", "x..2", "1..2..3", "9999-12-31..", "..0001-01-01", "٣..٤",
    "0000-00-00", "0001-01-01", "1000-01-01", "9998-12-31", "9999-12-31", "10000-01-01", "2026-02-30", "2026-W10-4",
    "20260331", "2026-03-31T25:00", "2026-03-31T10:00+99:99", "9999-12-31T23:59:59Z", "1000-01-01T00:00:00+14:00",
    "2026-03-29 02:30", "infinity", "-Infinity", "NaN", "sNaN", "1e5", "1e999999", "-1e999999", "0x10", "1_000", "١٢٣",
    "007", "0" * 40 + "1", "+1", "-0", "2147483648", "-2147483649", "9" * 20, "9" * 1_000, "0." + "0" * 29 + "1", "1,2,3",
    ",", ",".join(map(str, range(700))), "null", "TRUE", "{}", "[[]]", '{"a":', "[" * 1_500, "[" * 500 + "]" * 500,
    '{"a":1e999}', '{"a":NaN}', '"\\u0000"', '"\\ud800"', '{"$ne":1}', "this_decade", "last_0_days", "last_99999_days",
    "next_", "a" * 1_001,
]  # fmt: skip
SEVERAL = [["", ""], ["1", "2", "3"], ["x"] * 300, ["0000-00-00", "9999-12-31"], ["", "NaN"]]


def alike(f: Field, operator: str) -> tuple[Any, ...]:
    """Fields that read and compare a value in the same way."""
    return (f.kind.name, operator, f.timestamp, f.json_text, f.number_key)


def asked_of(app: Flask, table: str) -> Iterator[tuple[Field, str]]:
    for f in screen_of(app, table).filterable():
        for operator in operators_of(f):
            yield f, operator.name


@pytest.fixture
def bearer(app: Flask, admin: User) -> dict[str, str]:
    return token_of(app, admin)


def is_answered(answer: Any, about: object) -> None:
    assert answer.status_code in (200, 400), about
    if answer.status_code == 400:
        assert answer.json["message"], about


@every_table
def test_every_filter_stands_a_hostile_value(
    app: Flask, client: FlaskClient, bearer: dict[str, str], table: str
) -> None:
    """At every column and operator one value, another each time; none is taken for what it is not."""
    values = itertools.cycle([[value] for value in HOSTILE] + SEVERAL)
    for _ in range(len(table)):
        next(values)  # tables begin at different values
    for (f, operator), given in zip(asked_of(app, table), values, strict=False):
        one = {"col": f.name, "opr": operator, "value": given if len(given) > 1 else given[0]}
        asked = {"q": prison.dumps({"filters": [one], "columns": ["id"]})}
        is_answered(client.get(f"/api/v1/{table}/", query_string=asked, headers=bearer), one)


@pytest.mark.parametrize("kind", sorted({f.kind.name for model in MODELS.values() for f in fields_of(model).values()}))
def test_every_kind_of_filter_stands_every_hostile_value(app: Flask, session: Session, admin: User, kind: str) -> None:
    """At one of the columns that read and compare alike; what the list says of the filter is made as well."""
    seen = set()
    for table in sorted(MODELS):
        mine = [(f, o) for f, o in asked_of(app, table) if f.kind.name == kind and alike(f, o) not in seen]
        seen |= {alike(f, operator) for f, operator in mine}
        if not mine:
            continue
        with app.test_request_context(f"/{table}/list/"):
            login_user(admin)
            look = Look(app.extensions["screens"], session, current_viewer(), screen_of(app, table))
            for f, operator in mine:
                for values in [[value] for value in HOSTILE] + SEVERAL:
                    arguments = MultiDict([(f"_flt_{operator}_{f.name}", value) for value in values])
                    try:
                        listing = address.listing_of(look.screen, look.viewer, arguments)
                        query.count_of(session, look.screen, look.viewer, listing)
                        assert len(chips_of(look, listing.filters, arguments, "/")) == 1
                    except BadQuery as refused:
                        assert refused.sentence, (f.name, operator, values)
    assert seen or kind == "secret"


QUERIES = [
    "(search:' ')", "(search:!n)", "(search:'')", "(search:'%')", "(page_size:-1)", "(columns:!())",
    "(search:!(a))", "(search:(a:1))", "(columns:!((a:1)))", "(columns:!(!(a)))", "(columns:!(1))", "(columns:id)",
    "(filters:!((col:id,opr:eq,value:(a:1))))", "(filters:!((col:id,opr:eq,value:!((a:1)))))",
    "(filters:!((col:id,opr:eq,value:!())))", "(filters:!((col:id,opr:!(eq),value:1)))",
    "(filters:!((col:(a:1),opr:eq,value:1)))", "(filters:!((col:id,opr:" + "9" * 5_000 + ",value:1)))",
    "(filters:!(" + ",".join(["(col:id,opr:eq,value:x)"] * 200) + "))", "(filters:(col:id))", "(filters:!(!(a)))",
    "(order_column:!(id))", "(order_column:(a:1))", "(order_column:id,order_direction:sideways)",
    "(order_column:id,order_direction:!(desc))", "(page:1e5)", "(page:!t)", "(page:!n)", "(page:'1')", "(page_size:1.5)",
    "(page_size:-2)", "(page:" + "9" * 30 + ")", "(page:-" + "9" * 5_000 + ")", "(", "(a", "(a:", "(a:'b", "(a:'b!", "!",
    "!x", "((a:1):2)", "(!(a):2)", "-", "1e", "'", "\u202e", "(" * 7_000, "!(" * 3_000, "(a:" * 1_000,
]  # fmt: skip
TAKEN = 6  # of these queries, the first ones, make sense
EITHER = ("(filters:!((col:id,opr:eq,value:!())))",)  # no value at all: nothing is meant where ids are texts


@pytest.mark.parametrize("table", ["deals", "roles", "number_ranges"])
def test_a_query_of_a_program_is_answered_or_refused_with_a_sentence(
    client: FlaskClient, bearer: dict[str, str], table: str
) -> None:
    for number, asked in enumerate(QUERIES):
        answer = client.get(f"/api/v1/{table}/", query_string={"q": asked}, headers=bearer)
        is_answered(answer, asked)
        assert answer.status_code == (200 if number < TAKEN else 400) or asked in EITHER, asked


@every_table
def test_a_search_for_nothing_is_a_list_of_all(client: FlaskClient, bearer: dict[str, str], table: str) -> None:
    answers = [
        client.get(f"/api/v1/{table}/", query_string={"q": asked}, headers=bearer)
        for asked in ("(columns:!(id))", "(columns:!(id),search:' ')", "(columns:!(id),search:'\u3000')")
    ]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({str(answer.json["ids"]) for answer in answers}) == 1 or table in LOGS


@pytest.mark.parametrize("page", ["/deals/list/", "/deals/export.csv", "/deals/chart/", "/api/v1/deals/"])
@pytest.mark.parametrize("asked", ["q=%ff", "_flt_ct_title=%c3%28", "q=%ed%a0%80", "%ff=1", "page=%f8%88%80%80"])
def test_an_address_that_is_no_text_is_refused(
    client: FlaskClient, bearer: dict[str, str], page: str, asked: str
) -> None:
    answer = client.get(f"{page}?{asked}", headers={**AS_JSON, **bearer})

    assert (answer.status_code, answer.json["message"]) == (400, "The address holds bytes that are no text in UTF-8.")


def test_a_filter_by_thousands_of_records_says_the_first_and_how_many_more(
    client: FlaskClient, session: Session
) -> None:
    keys = [smallest(session, "customers", first_name=f"Person{n}", last_name="Long").id for n in range(30)]
    mine = smallest(session, "deals", customer_id=keys[25]).id
    session.commit()

    some = client.get("/deals/list/", query_string={"_flt_in_customer_id": ",".join(keys)}).text
    many = client.get("/deals/list/", query_string={"_flt_in_customer_id": "x," * 2_400 + keys[25]})

    sentence = html.unescape(re.findall(r"<button class=\"chip-text\"[^>]*>([^<]+)</button>", some)[0])
    assert sentence.startswith("Customer is any of Person0 Long, Person1 Long,")
    assert sentence.endswith("Person19 Long and 10 more")
    assert f"/deals/show/{mine}" in some
    assert many.status_code == 200 and f"/deals/show/{mine}" in many.text


def test_a_filter_that_is_said_twice_counts_twice(client: FlaskClient, session: Session) -> None:
    both = smallest(session, "deals", title="red and green").id
    one = smallest(session, "deals", title="green").id
    session.commit()

    shown = client.get("/deals/list/?_flt_ct_title=red&_flt_ct_title=green").text
    none = client.get("/deals/list/?_flt_eq_title=green&_flt_eq_title=red").text

    assert (both in shown, one in shown) == (True, False)
    assert both not in none and one not in none


def test_a_program_filters_by_the_country_of_a_parent_as_a_list_does(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    rows = {
        country: smallest(session, "invoices", customer_id=smallest(session, "customers", country=country).id).id
        for country in ("SK", "HU")
    }
    session.commit()
    asked = {"filters": [{"col": "customer_id__country", "opr": "in", "value": ["SK", "CZ"]}]}

    answer = client.get("/api/v1/invoices/", query_string={"q": prison.dumps(asked)}, headers=bearer)

    assert answer.json["ids"] == [rows["SK"]]
    assert "customer_id__country" in client.get("/api/v1/invoices/_info", headers=bearer).json["filters"]


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\x00b"])
def test_a_kept_search_with_what_no_address_holds_still_opens(
    client: FlaskClient, session: Session, admin: User, text: str
) -> None:
    held = {"filters": [{"column": "title", "operator": "ct", "values": [text]}], "search": text, "columns": [text]}
    smallest(session, "saved_searches", user_id=admin.id, module="deals", filters=json.dumps(held), is_default=True)
    session.commit()

    assert client.get("/deals/list/", follow_redirects=True).status_code == 200
