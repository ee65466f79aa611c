"""Which rule a column has: by its name, or by `info["rule"]` where the name says too little.

`info["rule"] = ""` exempts a column whose name sounds like a rule; the names of columns that are exempt without one
stand in `FREE` with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Column

from app.screens.checks import bank, companies, contact, people
from app.screens.checks.verdict import Verdict

Check = Callable[[str, str], Verdict]

CHECKS: dict[str, Check] = {
    "iban": bank.iban,
    "bic": bank.bic,
    "phone": contact.phone,
    "local_phone": contact.local_phone,
    "phone_prefix": contact.phone_prefix,
    "email": contact.email,
    "postal_code": contact.postal_code,
    "url": contact.url,
    "color": contact.color,
    "national_id": people.national_id,
    "company_id": companies.company_id,
    "tax_id": companies.tax_id,
    "vat_number": companies.vat_number,
}

# Where the column alone would be misread.
BY_COLUMN = {
    ("customers", "bank_account"): "iban",
    ("collaborators", "bank_account_iban"): "iban",
    ("users", "phone"): "local_phone",
    ("users", "phone_prefix"): "phone_prefix",
    ("billing_details", "postal_postal_code"): "postal_code",
    # The way to ring somebody back is kept as the exchange reports it.
    ("call_logs", "phone_number"): "",
    # A snapshot of what stood on the invoice, or of what a mail said, is written once and judged by nobody.
    ("invoices", "billing_tax_id"): "",
    ("invoices", "billing_bank_iban"): "",
    ("invoices", "billing_bank_swift"): "",
}
_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"(^|_)iban$", "iban"),
    (r"(^|_)(swift|swift_code|bic)$", "bic"),
    (r"(^|_)(phone|mobile|fax)(_2|_number)?$", "phone"),
    (r"(^|_)email(_2|_address)?$", "email"),
    (r"(^|_)(postal_code|zip|zip_code)$", "postal_code"),
    (r"^website$|_url$", "url"),
    (r"(^|_)color$", "color"),
    (r"^(birth_number|national_id|personal_id|ssn)$", "national_id"),
    (r"^(ico|company_id|registration_number)$", "company_id"),
    (r"^(dic|tax_id|tax_number)$", "tax_id"),
    (r"^(vat_number|vat_id|ic_dph)$", "vat_number"),
)
_TEXTS = ("string", "email", "phone", "url", "color")

FREE = {
    ("country_system_settings", "system_email_display_name"): "a name",
    ("country_system_settings", "system_email_user_id"): "an identifier of Microsoft",
    ("billing_details", "postal_name"): "a name",
    ("billing_details", "postal_street"): "a street",
    ("billing_details", "postal_city"): "a town",
    ("billing_details", "postal_area"): "a region",
    ("collaborators", "mobile_username"): "a name to log in with",
    ("visit_events", "mobile_device_info"): "what a phone says of itself",
    ("customers", "bank_code"): "each country has its own codes",
    ("customers", "id_card_number"): "each kind of document has its own form",
    ("billing_company_accounts", "account_number"): "domestic: each bank has its own form",
    ("billing_company_accounts", "account_bank_code"): "each country has its own codes",
}
"""Columns that sound like a rule and have none, each with the reason."""


def rule_of(column: Column[Any], kind: str) -> str:
    """The name of the rule of a column; "" for none."""
    if kind not in _TEXTS:
        return ""
    if "rule" in column.info:
        return str(column.info["rule"])
    given = BY_COLUMN.get((column.table.name, column.name))
    if given is not None:
        return given
    if (column.table.name, column.name) in FREE:
        return ""
    return next((rule for pattern, rule in _BY_NAME if re.search(pattern, column.name)), "")


@cache
def country_column(column: Column[Any]) -> str:
    """The column of the row that says in which country a value is at home; "" where only a parent knows."""
    names = column.table.c.keys()
    for part in ("corr", "father", "postal", "residency"):
        if column.name.startswith(f"{part}_") and f"{part}_country" in names:
            return f"{part}_country"
    return next((name for name in ("country", "country_code") if name in names), "")
