"""The own rules of values: real and mistyped numbers of each country, and which column is held to which rule."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.core.types import Country
from app.demo import identity
from app.screens.checks.bank import LENGTHS
from app.screens.checks.rules import BY_COLUMN, CHECKS, FREE, country_column, rule_of
from app.screens.fields import fields_of
from app.tables import MODELS
from tests.smallest import smallest

GOOD, ODD, WRONG = "good", "odd", "wrong"


@pytest.fixture
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


# (rule, country, what is typed, what is said, what is kept)
CASES = [
    # accounts: examples of the register of IBANs
    ("iban", "SK", "SK31 1200 0000 1987 4263 7541", GOOD, "SK3112000000198742637541"),
    ("iban", "CZ", "cz65 0800 0000 1920 0014 5399", GOOD, "CZ6508000000192000145399"),
    ("iban", "HU", "HU42 1177 3016 1111 1018 0000 0000", GOOD, "HU42117730161111101800000000"),
    ("iban", "RO", "RO49 AAAA 1B31 0075 9384 0000", GOOD, "RO49AAAA1B31007593840000"),
    ("iban", "IT", "IT60 X054 2811 1010 0000 0123 456", GOOD, "IT60X0542811101000000123456"),
    ("iban", "DE", "DE89 3704 0044 0532 0130 00", GOOD, "DE89370400440532013000"),
    ("iban", "CH", "CH93 0076 2011 6238 5295 7", GOOD, "CH9300762011623852957"),
    ("iban", "SK", "AT611904300234573201", ODD, "AT611904300234573201"),
    ("iban", "US", "021000021 123456789", ODD, "021000021 123456789"),
    ("iban", "SK", "SK31 1200 0000 1987 4263 7542", WRONG, ""),
    ("iban", "SK", "SK31 1200 0000 1987 4263 754", WRONG, ""),
    ("iban", "DE", "DE89 3704 0044 0532 0310 00", WRONG, ""),
    ("iban", "CH", "CH93 0076 2011 6238 5295 8", WRONG, ""),
    ("iban", "SK", "19-2000145399/0800", WRONG, ""),
    ("iban", "SK", "ZZ31 1200 0000 1987 4263 7541", WRONG, ""),
    ("iban", "SK", "SK31 1200 0000 1987 4263 75é1", WRONG, ""),
    ("bic", "SK", "TATRSKBX", GOOD, "TATRSKBX"),
    ("bic", "CZ", "gibacz px", GOOD, "GIBACZPX"),
    ("bic", "DE", "DEUTDEFF500", GOOD, "DEUTDEFF500"),
    ("bic", "SK", "GIBACZPX", ODD, "GIBACZPX"),
    ("bic", "US", "021000021", ODD, "021000021"),
    ("bic", "SK", "TATRSKB", WRONG, ""),
    ("bic", "SK", "TATR5KBX", WRONG, ""),
    # phone numbers as people of the country write them
    ("phone", "SK", "0905 123 456", GOOD, "+421905123456"),
    ("phone", "SK", "00421 905 123 456", GOOD, "+421905123456"),
    ("phone", "SK", "02/5443 5443", GOOD, "+421254435443"),
    ("phone", "CZ", "601 123 456", GOOD, "+420601123456"),
    ("phone", "HU", "06 30 123 4567", GOOD, "+36301234567"),
    ("phone", "RO", "0712 034 567", GOOD, "+40712034567"),
    ("phone", "IT", "06 1234 5678", GOOD, "+390612345678"),
    ("phone", "DE", "030 123456", GOOD, "+4930123456"),
    ("phone", "CH", "044 668 18 00", GOOD, "+41446681800"),
    ("phone", "US", "(212) 555-2368", GOOD, "+12125552368"),
    ("phone", "", "+36 30 123 4567", GOOD, "+36301234567"),
    ("phone", "", "0905 123 456", ODD, "0905 123 456"),
    ("phone", "SK", "0905 123", ODD, "0905 123"),
    ("phone", "SK", "+999 123 456", ODD, "+999 123 456"),
    ("phone", "US", "212-555-2368 ext. 12", ODD, "212-555-2368 ext. 12"),
    ("phone", "SK", "mother", WRONG, ""),
    ("phone", "SK", "12", WRONG, ""),
    ("local_phone", "", "905 123 456", GOOD, "905 123 456"),
    ("local_phone", "", "+421 905 123 456", ODD, "+421 905 123 456"),
    ("local_phone", "", "none", WRONG, ""),
    ("phone_prefix", "", "00421", GOOD, "+421"),
    ("phone_prefix", "", "+1", GOOD, "+1"),
    ("phone_prefix", "", "999", ODD, "+999"),
    ("phone_prefix", "", "Slovakia", WRONG, ""),
    ("email", "SK", "Jana.Nova+x@Example.COM", GOOD, "Jana.Nova+x@example.com"),
    ("email", "DE", "jana@müller.de", GOOD, "jana@müller.de"),
    ("email", "SK", "jana@gmial.com", ODD, "jana@gmial.com"),
    ("email", "SK", "jana@example", WRONG, ""),
    ("email", "SK", "jana.example.com", WRONG, ""),
    ("email", "SK", "jana..nova@example.com", WRONG, ""),
    ("email", "SK", "jana@exa mple.com", WRONG, ""),
    ("email", "SK", "a@b.com, c@d.com", WRONG, ""),
    ("postal_code", "SK", "81101", GOOD, "811 01"),
    ("postal_code", "SK", "SK-811 01", GOOD, "811 01"),
    ("postal_code", "CZ", "11000", GOOD, "110 00"),
    ("postal_code", "HU", "1051", GOOD, "1051"),
    ("postal_code", "RO", "010011", GOOD, "010011"),
    ("postal_code", "IT", "00118", GOOD, "00118"),
    ("postal_code", "DE", "01067", GOOD, "01067"),
    ("postal_code", "CH", "CH-8001", GOOD, "8001"),
    ("postal_code", "US", "10001", GOOD, "10001"),
    ("postal_code", "US", "100011234", GOOD, "10001-1234"),
    ("postal_code", "", "SW1A 1AA", GOOD, "SW1A 1AA"),
    ("postal_code", "SK", "1051", ODD, "1051"),
    ("postal_code", "CH", "0001", ODD, "0001"),
    ("postal_code", "RO", "1001", ODD, "1001"),
    ("url", "", "www.example.com/a", GOOD, "https://www.example.com/a"),
    ("url", "", "https://example.com", GOOD, "https://example.com"),
    ("url", "", "/static/mark.svg", GOOD, "/static/mark.svg"),
    ("url", "", "javascript:alert(1)", WRONG, ""),
    ("url", "", "ftp://example.com", WRONG, ""),
    ("url", "", "//example.com", WRONG, ""),
    ("url", "", "nowhere", WRONG, ""),
    ("url", "", "https://[example.com", WRONG, ""),
    ("color", "", "6B2346", GOOD, "#6B2346"),
    ("color", "", "#fff", GOOD, "#fff"),
    ("color", "", "teal", GOOD, "teal"),
    ("color", "", "#12345", WRONG, ""),
    # people
    ("national_id", "SK", "735028/5163", WRONG, ""),
    ("national_id", "SK", "0653111234", WRONG, ""),
    ("national_id", "CZ", "7103192745", GOOD, "710319/2745"),
    ("national_id", "CZ", "541231123", WRONG, ""),
    ("national_id", "CZ", "531231123", GOOD, "531231/123"),
    ("national_id", "HU", "111 111 110", GOOD, "111 111 110"),
    ("national_id", "HU", "111 111 111", WRONG, ""),
    ("national_id", "HU", "8071592153", GOOD, "8071592153"),
    ("national_id", "HU", "8071592154", WRONG, ""),
    ("national_id", "RO", "1630615123457", GOOD, "1630615123457"),
    ("national_id", "RO", "1630615123458", WRONG, ""),
    ("national_id", "IT", "RCCMNL83S18D969H", GOOD, "RCCMNL83S18D969H"),
    ("national_id", "IT", "RCCMNL83S18D969", ODD, "RCCMNL83S18D969"),
    ("national_id", "IT", "RCCMNL83S18D969I", WRONG, ""),
    ("national_id", "DE", "36 574 261 809", GOOD, "36574261809"),
    ("national_id", "DE", "36574261890", WRONG, ""),
    ("national_id", "CH", "7569217076985", GOOD, "756.9217.0769.85"),
    ("national_id", "CH", "756.9217.0769.84", WRONG, ""),
    ("national_id", "US", "536904399", GOOD, "536-90-4399"),
    ("national_id", "US", "000-12-3456", WRONG, ""),
    ("national_id", "SK", "RCCMNL83S18D969H", ODD, "RCCMNL83S18D969H"),
    ("national_id", "DE", "AB-77", ODD, "AB-77"),
    ("national_id", "", "AB 77", GOOD, "AB 77"),
    ("national_id", "SK", "none", WRONG, ""),
    # companies
    ("company_id", "SK", "31333532", GOOD, "31333532"),
    ("company_id", "SK", "31333533", WRONG, ""),
    ("company_id", "CZ", "270 82 440", GOOD, "27082440"),
    ("company_id", "CZ", "27082441", WRONG, ""),
    ("company_id", "HU", "0109123456", GOOD, "01-09-123456"),
    ("company_id", "RO", "RO 18547290", GOOD, "RO18547290"),
    ("company_id", "RO", "18547291", WRONG, ""),
    ("company_id", "RO", "J40/1234/2015", GOOD, "J40/1234/2015"),
    ("company_id", "IT", "00743110157", GOOD, "00743110157"),
    ("company_id", "IT", "00743110158", WRONG, ""),
    ("company_id", "IT", "MI-1234567", GOOD, "MI-1234567"),
    ("company_id", "DE", "HRB 98765", GOOD, "HRB 98765"),
    ("company_id", "DE", "98765", ODD, "98765"),
    ("company_id", "CH", "CHE116281710", GOOD, "CHE-116.281.710"),
    ("company_id", "CH", "CHE-116.281.711", WRONG, ""),
    ("company_id", "US", "911144442", GOOD, "91-1144442"),
    ("company_id", "US", "07-1144442", ODD, "07-1144442"),
    ("company_id", "SK", "HRB 98765", ODD, "HRB 98765"),
    ("tax_id", "SK", "2022749619", GOOD, "2022749619"),
    ("tax_id", "SK", "2022749618", WRONG, ""),
    ("tax_id", "CZ", "25123891", GOOD, "CZ25123891"),
    ("tax_id", "CZ", "CZ25123890", WRONG, ""),
    ("tax_id", "HU", "10672101241", GOOD, "10672101-2-41"),
    ("tax_id", "HU", "10672102-2-41", WRONG, ""),
    ("tax_id", "RO", "18547290", GOOD, "18547290"),
    ("tax_id", "IT", "RCCMNL83S18D969H", GOOD, "RCCMNL83S18D969H"),
    ("tax_id", "DE", "181/815/08155", GOOD, "181/815/08155"),
    ("tax_id", "DE", "12", ODD, "12"),
    ("tax_id", "CH", "CHE-116.281.710", GOOD, "CHE-116.281.710"),
    ("tax_id", "CH", "CHE116281710mwst", GOOD, "CHE-116.281.710 MWST"),
    ("tax_id", "CH", "CHE-116.281.711 IVA", WRONG, ""),
    ("tax_id", "SK", "SK 2022749619", GOOD, "2022749619"),
    ("tax_id", "SK", "SK2022749618", WRONG, ""),
    ("tax_id", "SK", "SK77", ODD, ""),
    ("tax_id", "HU", "HU12892312", GOOD, "12892312"),
    ("tax_id", "IT", "it00743110157", GOOD, "00743110157"),
    ("tax_id", "US", "91-1144442", GOOD, "91-1144442"),
    ("vat_number", "SK", "SK 202 274 96 19", GOOD, "SK2022749619"),
    ("vat_number", "SK", "2022749619", GOOD, "SK2022749619"),
    ("vat_number", "CZ", "CZ25123891", GOOD, "CZ25123891"),
    ("vat_number", "HU", "HU10672101", GOOD, "HU10672101"),
    ("vat_number", "RO", "RO18547290", GOOD, "RO18547290"),
    ("vat_number", "IT", "IT00743110157", GOOD, "IT00743110157"),
    ("vat_number", "DE", "DE136695976", GOOD, "DE136695976"),
    ("vat_number", "CH", "CHE-116.281.710 TVA", GOOD, "CHE-116.281.710 TVA"),
    ("vat_number", "SK", "ATU13585627", ODD, "ATU13585627"),
    ("vat_number", "US", "12345", ODD, "12345"),
    ("vat_number", "SK", "SK2022749618", WRONG, ""),
    ("vat_number", "DE", "DE136695977", WRONG, ""),
    ("vat_number", "CH", "CHE-116.281.711 MWST", WRONG, ""),
    ("vat_number", "DE", "12", WRONG, ""),
]


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(("rule", "country", "typed", "said", "kept"), CASES)
def test_a_value_is_good_odd_or_wrong(rule: str, country: str, typed: str, said: str, kept: str) -> None:
    verdict = CHECKS[rule](typed, country)

    found = WRONG if verdict.error else ODD if verdict.warning else GOOD
    assert (found, verdict.value) == (said, kept or typed), verdict


def _women_and_men() -> Iterator[tuple[str, str]]:
    chance = random.Random(7)
    for country in ("SK", "CZ", "HU", "RO", "IT", "DE", "CH"):
        for number in range(40):
            born = date(1955 + number, 1 + number % 12, 1 + number % 28)
            made = identity.national_id(country, chance, "Jana", "Nova", born, number % 2 == 0, "H501")
            assert made is not None
            yield country, made


@pytest.mark.usefixtures("in_english")
def test_national_ids_of_women_and_men_of_every_age_are_good() -> None:
    wrong = [(c, n) for c, n in _women_and_men() if CHECKS["national_id"](n, c).error or
             CHECKS["national_id"](n, c).warning or CHECKS["national_id"](n, c).value != n]  # fmt: skip

    assert wrong == []


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("country", sorted(Country))
def test_numbers_of_companies_are_good(country: str) -> None:
    chance = random.Random(7)
    for _time in range(40):
        register, tax, vat = identity.company_numbers(country, chance)
        for rule, number in (("company_id", register), ("tax_id", tax), ("vat_number", vat)):
            if number:
                verdict = CHECKS[rule](number, country)
                assert not verdict.error, (rule, number)
                assert not verdict.warning or (country, rule) in {("DE", "tax_id"), ("US", rule)}, number


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_what_is_kept_is_kept_as_it_is_when_it_comes_again(rule: str) -> None:
    """Whatever the text and the country: checking twice is checking once."""
    chance = random.Random(rule)
    texts = [typed for known, _country, typed, _said, _kept in CASES if known == rule]
    signs = "0123456789 +-/.@ABCSKZHUx€é"
    texts += ["".join(chance.choice(signs) for _place in range(chance.randint(1, 24))) for _time in range(400)]
    texts += [_mutated(chance, text) for text in texts[:60] for _time in range(5)]

    for text in texts:
        for country in (*Country, ""):
            once = CHECKS[rule](text, str(country))
            again = CHECKS[rule](once.value, str(country))
            assert again.value == once.value, (text, country)
            assert not (once.error and once.warning)
            assert bool(again.error) == bool(once.error), (text, country)
            assert not once.error or once.value == text


def _mutated(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice("0123456789AX ") + text[place + 1 :]


@pytest.mark.usefixtures("in_english")
def test_one_wrong_digit_of_an_iban_never_passes() -> None:
    for iban in [kept for rule, _country, _typed, said, kept in CASES if rule == "iban" and said == GOOD]:
        for place in range(4, len(iban)):
            if iban[place].isdigit():
                for digit in set("0123456789") - {iban[place]}:
                    assert CHECKS["iban"](iban[:place] + digit + iban[place + 1 :], "").error


def test_the_lengths_of_ibans_are_those_of_the_register() -> None:
    from stdnum.iban import _ibandb  # the library's copy of the register, by country

    for country, length in LENGTHS.items():
        [(_code, known)] = _ibandb.info(country + "00")[:1]
        if known:
            parts = re.findall(r"(\d+)[!]?[a-z]", known["bban"])
            assert length == 4 + sum(int(part) for part in parts), country


# Which column has which rule ------------------------------------------------

SOUNDS = re.compile(
    r"iban|bic$|swift|phone|mobile|fax|email|postal|zip|(^|_)ico$|(^|_)dic$|ic_dph|(^|_)vat(_number|_id)?$|tax_id"
    r"|tax_number|birth_number|national_id|personal_id|ssn|company_id$|registration_number|url|website|color"
    r"|bank_account|bank_code|account_number|id_card"
)
TEXTS = ("string", "email", "phone", "url", "color")


def test_every_column_that_sounds_like_a_rule_has_one_or_a_reason() -> None:
    without = [
        (table, f.name)
        for table, model in MODELS.items()
        for f in fields_of(model).values()
        if f.kind.name in TEXTS and not f.targets and SOUNDS.search(f.name) and not f.rule
    ]

    exempt = {*FREE, *(column for column, rule in BY_COLUMN.items() if not rule)}
    assert set(without) == exempt


def test_every_rule_is_used_and_known() -> None:
    used = {f.rule for model in MODELS.values() for f in fields_of(model).values()} - {""}

    assert used == set(CHECKS)


def test_named_columns_and_countries_exist() -> None:
    for table, name in [*FREE, *BY_COLUMN]:
        assert name in fields_of(MODELS[table])
    customers = MODELS["customers"].__table__
    assert country_column(customers.c.corr_postal_code) == "corr_country"
    assert country_column(customers.c.postal_code) == "country"
    assert rule_of(customers.c.notes, "text") == ""


# At the doors ---------------------------------------------------------------

MISTYPED = "SK31 1200 0000 1987 4263 7542"
SENTENCE = "The check digits of this IBAN are wrong. Compare it with the original."


@pytest.fixture
def bearer(app: Flask, admin: object) -> dict[str, str]:
    from tests.conftest import token_of

    return token_of(app, admin)  # type: ignore[arg-type]


def _customer(session: Session, **given: object) -> object:
    row = smallest(session, "customers", country=Country.SK, **given)
    session.commit()
    session.refresh(row)
    return row


def test_form_and_rest_refuse_with_the_same_sentence_at_the_field(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    row = _customer(session)
    base = {"first_name": "Jana", "last_name": "Nova", "email": "jana@example.com", "country": "SK"}

    answers = {
        "add": client.post("/customers/add", data={**base, "bank_account": MISTYPED}),
        "edit": client.post(f"/customers/edit/{row.id}", data={"bank_account": MISTYPED, "version": row.row_version}),
        "POST": client.post("/api/v1/customers/", json={**base, "bank_account": MISTYPED}, headers=bearer),
        "PUT": client.put(
            f"/api/v1/customers/{row.id}", json={"bank_account": MISTYPED}, headers={**bearer, "If-Match": "*"}
        ),
    }

    for door, answer in answers.items():
        assert answer.status_code == 422, door
        assert SENTENCE in answer.text, door
    assert answers["PUT"].json["errors"] == {"bank_account": [SENTENCE]}


def test_what_is_odd_is_saved_and_said(client: FlaskClient, session: Session, bearer: dict[str, str]) -> None:
    row = _customer(session)
    odd = {"national_id": "AB-77", "phone": "0905 123 456"}

    page = client.post(f"/customers/edit/{row.id}", data={**odd, "version": row.row_version}, follow_redirects=True)
    answer = client.put(
        f"/api/v1/customers/{row.id}", json={"national_id": "AB-78"}, headers={**bearer, "If-Match": "*"}
    )

    session.expire_all()
    assert "This does not look like a national ID of SK." in page.text
    assert answer.status_code == 200
    assert list(answer.json["warnings"]) == ["national_id"]
    assert (row.national_id, row.phone) == ("AB-78", "+421905123456")


def test_what_a_record_has_already_is_no_error_and_stays_as_it_is(
    client: FlaskClient, session: Session, bearer: dict[str, str]
) -> None:
    row = _customer(session, bank_account=MISTYPED, phone="0905 / 123 456")

    shown = client.get(f"/customers/edit/{row.id}")
    saved = client.post(
        f"/customers/edit/{row.id}",
        data={"bank_account": MISTYPED, "phone": "0905 / 123 456", "city": "Nitra", "version": row.row_version},
    )
    put = client.put(
        f"/api/v1/customers/{row.id}", json={"bank_account": MISTYPED}, headers={**bearer, "If-Match": "*"}
    )

    session.expire_all()
    assert SENTENCE in shown.text
    assert 'aria-invalid="true"' not in shown.text
    assert (saved.status_code, put.status_code) == (302, 200)
    assert (row.bank_account, row.phone, row.city) == (MISTYPED, "0905 / 123 456", "Nitra")


def test_the_country_of_the_parent_counts_where_a_row_has_none(client: FlaskClient, session: Session) -> None:
    customer = smallest(session, "customers", country=Country.HU)
    case = smallest(session, "customer_potential_cases", customer_id=customer.id, father_country=None)
    session.commit()
    session.refresh(case)

    client.post(
        f"/customer_potential_cases/edit/{case.id}",
        data={"father_phone": "06 30 123 4567", "father_postal_code": "1051", "version": case.row_version},
    )

    session.expire_all()
    assert (case.father_phone, case.father_postal_code) == ("+36301234567", "1051")
