"""What is stored: companies that invoice, invoices and their numbers, layouts, rates."""

from app.billing.models.companies import BillingCompanyAccount, BillingDetails
from app.billing.models.company_links import (
    BillingCompanyAuditLog,
    BillingCompanyAuditLogChangeType,
    BillingCompanyCollaborator,
    BillingCompanyCourier,
    BillingCompanyLaboratory,
)
from app.billing.models.invoices import Invoice, InvoiceItem, InvoiceStatus
from app.billing.models.layouts import (
    InvoiceLayout,
    InvoiceLayoutOrientation,
    InvoiceTemplate,
    InvoiceTemplateTemplateType,
)
from app.billing.models.numbering import NumberRange, NumberRangeType
from app.billing.models.rates import ExchangeRate, InflationRate

__all__ = [
    "BillingCompanyAccount",
    "BillingCompanyAuditLog",
    "BillingCompanyAuditLogChangeType",
    "BillingCompanyCollaborator",
    "BillingCompanyCourier",
    "BillingCompanyLaboratory",
    "BillingDetails",
    "ExchangeRate",
    "InflationRate",
    "Invoice",
    "InvoiceItem",
    "InvoiceLayout",
    "InvoiceLayoutOrientation",
    "InvoiceStatus",
    "InvoiceTemplate",
    "InvoiceTemplateTemplateType",
    "NumberRange",
    "NumberRangeType",
]
