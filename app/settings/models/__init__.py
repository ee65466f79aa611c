"""What is stored: lookups, services, telephony and the switches of each market."""

from app.settings.models.lookups import (
    ComplaintType,
    CooperationType,
    Department,
    HealthInsuranceCompany,
    Laboratory,
    VipStatus,
)
from app.settings.models.markets import CountrySystemSettings
from app.settings.models.services import ServiceConfiguration, ServiceInstance
from app.settings.models.telephony import (
    CallLog,
    CallLogDirection,
    CallLogStatus,
    SipSettings,
    SipSettingsTransport,
)

__all__ = [
    "CallLog",
    "CallLogDirection",
    "CallLogStatus",
    "ComplaintType",
    "CooperationType",
    "CountrySystemSettings",
    "Department",
    "HealthInsuranceCompany",
    "Laboratory",
    "ServiceConfiguration",
    "ServiceInstance",
    "SipSettings",
    "SipSettingsTransport",
    "VipStatus",
]
