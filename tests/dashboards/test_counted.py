"""Numbers of records in words, as each language counts."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from app.dashboards.counted import forms


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", {"one": "{number} invoice", "other": "{number} invoices"}),
        ("de", {"one": "{number} Rechnung", "other": "{number} Rechnungen"}),
        ("sk", {"one": "{number} faktúra", "few": "{number} faktúry", "other": "{number} faktúr"}),
        ("cs", {"one": "{number} faktura", "few": "{number} faktury", "other": "{number} faktur"}),
        ("ro", {"one": "{number} factură", "few": "{number} facturi", "other": "{number} de facturi"}),
        ("hu", {"one": "{number} számla", "other": "{number} számla"}),
    ],
)
def test_records_are_counted_in_the_plurals_of_each_language(
    app: Flask, language: str, expected: dict[str, str]
) -> None:
    with app.test_request_context(), force_locale(language):
        assert forms("invoices") == expected


def test_what_has_no_word_of_its_own_is_a_record(app: Flask) -> None:
    with app.test_request_context(), force_locale("sk"):
        assert forms("laboratories")["few"] == "{number} záznamy"
