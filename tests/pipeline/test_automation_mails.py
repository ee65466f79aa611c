"""E-mails of rules: to whom they go, and who is left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.communication.models import BadAddress, CommunicationMessage
from app.core.types import utc_now
from app.customers.models import CustomerConsent
from tests.pipeline.automated import EMAIL, Sales
from tests.smallest import smallest


def consent(sales: Sales, kind: str, **values: Any) -> None:
    row = CustomerConsent(
        customer_id=sales.customer.id, consent_type=kind, legal_basis="consent", purpose="p", **values
    )
    sales.session.add(row)
    sales.session.commit()


def sent(sales: Sales, then: dict[str, Any]) -> str:
    """Why nothing was written, or to whom something was."""
    rule = sales.rule("stage_changed", None, "send_email", then)
    sales.move("offer")
    [run] = sales.runs(rule)
    if run.made_key:
        return str(sales.session.get(CommunicationMessage, run.made_key).recipient_email)
    assert run.outcome == "skipped"
    return str(run.reason)


def test_a_service_email_goes_to_the_customer(sales: Sales) -> None:
    assert sent(sales, EMAIL) == "maria@example.com"


def test_an_email_to_the_owner_goes_to_the_owner(sales: Sales) -> None:
    assert sent(sales, {**EMAIL, "to": "owner"}) == "olga@example.com"


@pytest.mark.parametrize("how", ["none", "refused", "revoked", "expired", "granted"])
def test_marketing_needs_a_consent_in_force(sales: Sales, how: str) -> None:
    now = utc_now()
    more: dict[str, Any] = {
        "refused": {"granted": False}, "revoked": {"granted": True, "revoked_at": now - timedelta(days=1)},
        "expired": {"granted": True, "expires_at": now - timedelta(days=1)}, "granted": {"granted": True},
    }.get(how, {})  # fmt: skip
    if how != "none":
        consent(sales, "marketing_email", **more)

    found = sent(sales, {**EMAIL, "purpose": "marketing"})

    assert found == ("maria@example.com" if how == "granted" else "The customer has not agreed to marketing e-mails.")


def test_whoever_withdrew_the_processing_of_his_data_is_not_written_to(sales: Sales) -> None:
    consent(sales, "data_processing", granted=True, revoked_at=utc_now() - timedelta(days=1))

    assert "withdrawn" in sent(sales, EMAIL)


def test_an_address_that_refused_mail_is_left_alone(sales: Sales) -> None:
    message = smallest(sales.session, "communication_messages", customer_id=sales.customer.id)
    sales.session.add(BadAddress(address="maria@example.com", reason="550 no", message_id=message.id, since=utc_now()))
    sales.session.commit()

    assert sent(sales, EMAIL) == "Earlier e-mail to this address was refused for good."


def test_an_address_that_is_none_is_not_written_to(sales: Sales) -> None:
    sales.customer.email = "phone-only-17@indexus.invalid"
    sales.session.commit()

    assert sent(sales, EMAIL) == "There is no e-mail address to write to."


def test_a_deal_without_customer_has_nobody_to_write_to(sales: Sales) -> None:
    sales.deal.customer_id = None
    sales.session.commit()

    assert sent(sales, EMAIL) == "The deal has no customer to write to."


def test_a_name_cannot_put_headers_or_placeholders_into_an_email(sales: Sales) -> None:
    sales.customer.first_name = "Eva\r\nBcc: all@example.com {owner_name}"
    sales.session.commit()
    rule = sales.rule("stage_changed", None, "send_email", EMAIL)

    sales.move("offer")

    [run] = sales.runs(rule)
    message = sales.session.get(CommunicationMessage, run.made_key)
    assert message.subject == "Welcome, Eva Bcc: all@example.com {owner_name}"
