"""What is stored: contract templates, contracts, signing, variables."""

from app.contracts.models.instances import (
    ContractInstance,
    ContractInstanceInitiatedFrom,
    ContractInstanceProduct,
    ContractInstanceSignatureMode,
    ContractInstanceStatus,
)
from app.contracts.models.signing import (
    ContractAuditLog,
    ContractAuditLogAction,
    ContractAuditLogActorType,
    ContractParticipant,
    ContractParticipantParticipantType,
    ContractParticipantRole,
    ContractSignatureRequest,
    ContractSignatureRequestSignatureType,
    ContractSignatureRequestStatus,
    ContractSignatureRequestVerificationMethod,
)
from app.contracts.models.templates import (
    ContractCategory,
    ContractCategoryDefaultTemplate,
    ContractCategoryDefaultTemplateConversionStatus,
    ContractCategoryDefaultTemplateTemplateType,
    ContractTemplate,
    ContractTemplateStatus,
    ContractTemplateVersion,
)
from app.contracts.models.variables import Variable, VariableBlock, VariableDataType, VariableKeyword

__all__ = [
    "ContractAuditLog",
    "ContractAuditLogAction",
    "ContractAuditLogActorType",
    "ContractCategory",
    "ContractCategoryDefaultTemplate",
    "ContractCategoryDefaultTemplateConversionStatus",
    "ContractCategoryDefaultTemplateTemplateType",
    "ContractInstance",
    "ContractInstanceInitiatedFrom",
    "ContractInstanceProduct",
    "ContractInstanceSignatureMode",
    "ContractInstanceStatus",
    "ContractParticipant",
    "ContractParticipantParticipantType",
    "ContractParticipantRole",
    "ContractSignatureRequest",
    "ContractSignatureRequestSignatureType",
    "ContractSignatureRequestStatus",
    "ContractSignatureRequestVerificationMethod",
    "ContractTemplate",
    "ContractTemplateStatus",
    "ContractTemplateVersion",
    "Variable",
    "VariableBlock",
    "VariableDataType",
    "VariableKeyword",
]
