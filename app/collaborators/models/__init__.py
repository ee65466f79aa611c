"""What is stored: doctors, nurses and other partners who bring us clients."""

from app.collaborators.models.agreements import CollaboratorAgreement, CollaboratorOtherData
from app.collaborators.models.collaborators import (
    Collaborator,
    CollaboratorAddresse,
    CollaboratorAddresseAddressType,
    CollaboratorMaritalStatus,
    CollaboratorType,
)

__all__ = [
    "Collaborator",
    "CollaboratorAddresse",
    "CollaboratorAddresseAddressType",
    "CollaboratorAgreement",
    "CollaboratorMaritalStatus",
    "CollaboratorOtherData",
    "CollaboratorType",
]
