"""What is stored: mothers and families: identity, pregnancies, consents, notes, lead score."""

from app.customers.models.cases import (
    CustomerPotentialCase,
    CustomerPotentialCaseCaseStatus,
    CustomerPotentialCaseSalesChannel,
)
from app.customers.models.consents import (
    CustomerConsent,
    CustomerConsentConsentType,
    CustomerConsentLegalBasis,
    CustomerConsentSource,
)
from app.customers.models.customers import (
    Customer,
    CustomerClientStatus,
    CustomerLeadStatus,
    CustomerNote,
    CustomerServiceType,
    CustomerStatus,
)
from app.customers.models.scoring import (
    LeadScoringCriterion,
    LeadScoringCriterionCategory,
    LeadScoringCriterionCondition,
)

__all__ = [
    "Customer",
    "CustomerClientStatus",
    "CustomerConsent",
    "CustomerConsentConsentType",
    "CustomerConsentLegalBasis",
    "CustomerConsentSource",
    "CustomerLeadStatus",
    "CustomerNote",
    "CustomerPotentialCase",
    "CustomerPotentialCaseCaseStatus",
    "CustomerPotentialCaseSalesChannel",
    "CustomerServiceType",
    "CustomerStatus",
    "LeadScoringCriterion",
    "LeadScoringCriterionCategory",
    "LeadScoringCriterionCondition",
]
