"""Somebody's application to become a provider, or of a provider to offer more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.errors import InvalidMove


class ApplicationState(StrEnum):
    PENDING = "pending"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


UNDECIDED = frozenset({ApplicationState.PENDING, ApplicationState.SUBMITTED})

_MOVES = {
    (ApplicationState.PENDING, ApplicationState.SUBMITTED),
    (ApplicationState.SUBMITTED, ApplicationState.APPROVED),
    (ApplicationState.SUBMITTED, ApplicationState.REJECTED),
}


class ApplicationKind(StrEnum):
    NEW_PROVIDER = "new_provider"
    NEW_SERVICE = "new_service"


class DocumentKind(StrEnum):
    IDENTITY = "identity"
    ADDRESS = "address"
    CERTIFICATE = "certificate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that proves something."""

    id: str
    kind: DocumentKind
    key: str
    content_type: str
    size_bytes: int
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Application:
    """What an applicant offers, and where. `date` is the UTC day it was begun."""

    id: str
    applicant_id: int
    applicant_name: str
    kind: ApplicationKind
    full_name: str
    phone: str | None
    category: str
    service_ids: tuple[int, ...]
    base_pincode: str | None
    area_pincodes: tuple[str, ...]
    experience_years: int
    about: str
    state: ApplicationState
    created_at: datetime
    updated_at: datetime
    date: str
    documents: tuple[Document, ...] = ()
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: int | None = None
    notes: str = ""
    revision: int = 0

    def missing(self, required: Collection[DocumentKind]) -> list[str]:
        """Name what a complete application still lacks: fields, and kinds of documents."""
        fields = {
            "full_name": self.full_name,
            "phone": self.phone,
            "category": self.category,
            "service_ids": self.service_ids,
            "base_pincode": self.base_pincode,
        }
        shown = {document.kind for document in self.documents}
        return [
            *(name for name, value in fields.items() if not value),
            *(f"documents.{kind}" for kind in sorted(required) if kind not in shown),
        ]

    def check_move(self, state: ApplicationState) -> None:
        """Raise InvalidMove unless the application may go to `state`."""
        if (self.state, state) not in _MOVES:
            raise InvalidMove(f"An application that is {self.state} cannot be {state}.", state=self.state)
