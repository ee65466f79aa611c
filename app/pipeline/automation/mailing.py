"""E-mails of rules: written into the log of messages like any other, unless the person did not want them."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import queries
from app.communication.models import CommunicationMessage
from app.communication.rules import Draft, language_of
from app.communication.services import write_email
from app.customers.models import Customer, CustomerConsent, CustomerConsentConsentType
from app.pipeline.automation.config import CUSTOMER, MARKETING, SendEmail
from app.pipeline.automation.outcomes import NotNow
from app.pipeline.models import Deal

_NOBODY = (".invalid", "@localhost")  # ends of addresses that stand for none


def write(
    session: Session, deal: Deal, action: SendEmail, *, subject: str, body: str, reference: str, now: datetime
) -> CommunicationMessage:
    """Write the e-mail; a worker sends it after the commit, under the daily cap and the switch of the country.

    Raises NotNow when nobody is to get it: no customer or owner, no address, one that refused mail before, or no
    consent. Raises Unprocessable for what no e-mail can carry.
    """
    customer = session.get(Customer, deal.customer_id) if deal.customer_id else None
    country = str(deal.country_code or (customer.country if customer else "") or "")
    if action.to == CUSTOMER:
        if customer is None:
            raise NotNow(_("The deal has no customer to write to."))
        if sentence := unwanted(session, customer.id, action.purpose, now=now):
            raise NotNow(sentence)
        to, user = customer.email, None
    else:
        user = session.get(User, deal.assigned_user_id) if deal.assigned_user_id else None
        if user is None or not user.is_active:
            raise NotNow(_("The deal has no owner to write to."))
        to, customer, country = user.email, None, country
    if not to or to.lower().endswith(_NOBODY):
        raise NotNow(_("There is no e-mail address to write to."))
    if queries.refused(session, to) is not None:
        raise NotNow(_("Earlier e-mail to this address was refused for good."))
    draft = Draft(to, subject, body, language=language_of(country), automatic=True)
    return write_email(session, draft, customer=customer, user=user, reference=reference, now=now)


def unwanted(session: Session, customer_id: str, purpose: str, *, now: datetime) -> str:
    """Why this customer is not written to, as a sentence; "" when he is.

    The newest entry of each kind counts. Whoever withdrew the processing of his data gets nothing at all; marketing
    needs a consent in force, a service e-mail does not.
    """
    kinds = CustomerConsentConsentType
    asked = (
        select(CustomerConsent)
        .where(
            CustomerConsent.customer_id == customer_id,
            CustomerConsent.consent_type.in_((kinds.data_processing, kinds.marketing_email)),
        )
        .order_by(CustomerConsent.created_at, CustomerConsent.id)
    )
    newest = {row.consent_type: row for row in session.scalars(asked)}
    processing = newest.get(kinds.data_processing)
    if processing is not None and processing.revoked_at is not None and processing.revoked_at <= now:
        return _("The customer has withdrawn the consent to the processing of personal data.")
    if purpose == MARKETING and not _in_force(newest.get(kinds.marketing_email), now):
        return _("The customer has not agreed to marketing e-mails.")
    return ""


def _in_force(consent: CustomerConsent | None, now: datetime) -> bool:
    if consent is None or not consent.granted:
        return False
    revoked = consent.revoked_at is not None and consent.revoked_at <= now
    return not revoked and (consent.expires_at is None or consent.expires_at > now)
