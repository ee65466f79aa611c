"""How many records there are, in words: in the plural that each language has for the number."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale
from flask_babel import get_locale, ngettext

NUMBER = "{number}"  # where the number goes, written as the reader writes numbers
_SAMPLES = (1, 2, 5, 100)  # of every plural there is in our languages


def forms(table: str) -> Mapping[str, str]:
    """By the name of the plural (CLDR: one, few, many, other), such as {"one": "{number} deal", ...}."""
    plural_of = (get_locale() or Locale("en")).plural_form
    return {plural_of(number): _said(table, number) for number in _SAMPLES}


def _said(table: str, n: int) -> str:
    match table:
        case "customers":
            return ngettext("%(number)s customer", "%(number)s customers", n, number=NUMBER)
        case "customer_potential_cases":
            return ngettext("%(number)s potential case", "%(number)s potential cases", n, number=NUMBER)
        case "customer_email_notifications":
            return ngettext("%(number)s customer e-mail", "%(number)s customer e-mails", n, number=NUMBER)
        case "deals":
            return ngettext("%(number)s deal", "%(number)s deals", n, number=NUMBER)
        case "deal_activities":
            return ngettext("%(number)s activity", "%(number)s activities", n, number=NUMBER)
        case "contract_instances":
            return ngettext("%(number)s contract", "%(number)s contracts", n, number=NUMBER)
        case "invoices":
            return ngettext("%(number)s invoice", "%(number)s invoices", n, number=NUMBER)
        case "campaign_contacts":
            return ngettext("%(number)s campaign contact", "%(number)s campaign contacts", n, number=NUMBER)
        case "visit_events":
            return ngettext("%(number)s visit", "%(number)s visits", n, number=NUMBER)
        case "communication_messages":
            return ngettext("%(number)s message", "%(number)s messages", n, number=NUMBER)
        case "tasks":
            return ngettext("%(number)s task", "%(number)s tasks", n, number=NUMBER)
    return ngettext("%(number)s record", "%(number)s records", n, number=NUMBER)
