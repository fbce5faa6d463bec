"""Applications to become a vendor, or to offer more."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from handlers.call import Call, Viewer
from handlers.fields import Id, Line, Name, Notes, Phone, Pincode, WireTime
from handlers.homeserve.roles import CUSTOMERS, ONBOARDERS, VENDORS
from handlers.media import media_url
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from handlers.uploads import UploadedFile
from server.domain.applications import (
    Application,
    ApplicationKind,
    ApplicationState,
    Document,
    DocumentKind,
)
from server.services.applications.applications import ApplicationFilter
from server.services.files.uploads import DOCUMENT_BYTES

Category = Annotated[Line, Field(max_length=60, examples=["Cleaning"])]
KINDS = {"new_vendor": ApplicationKind.NEW_PROVIDER, "new_service": ApplicationKind.NEW_SERVICE}
"""HomeServe's words for what is applied for."""

NAMES = {
    "primary_service_category": "category",
    "services": "service_ids",
    "pincode": "base_pincode",
    "service_area_pincodes": "area_pincodes",
    "bio": "about",
}
"""HomeServe's field -> the core's."""


class ApplicationQuery(PageQuery):
    status: ApplicationState | None = None
    application_type: Literal["new_vendor", "new_service"] | None = None
    primary_service_category: Category | None = None


class ApplicationBody(Body):
    """What an applicant tells; all of it may come later, before the application is submitted."""

    full_name: Name | None = None
    phone: Phone | None = None
    primary_service_category: Category | None = None
    services: Annotated[tuple[Id, ...], Field(max_length=50)] | None = None
    pincode: Pincode | None = None
    service_area_pincodes: Annotated[tuple[Pincode, ...], Field(max_length=200)] | None = None
    experience_years: Annotated[int, Field(ge=0, le=70)] | None = None
    bio: Notes | None = None

    def values(self) -> dict[str, Any]:
        """Give what was told under the core's names."""
        told = self.model_dump(exclude_none=True)
        return {NAMES.get(name, name): value for name, value in told.items()}


class NewDocument(Body):
    document_type: DocumentKind
    file: UploadedFile


class Review(Body):
    decision: Literal["approve", "reject"]
    notes: Notes = ""


class DocumentOut(BaseModel):
    id: str
    document_type: str
    file: str
    content_type: str
    size_bytes: int
    uploaded_at: WireTime


class ApplicationOut(BaseModel):
    """An application as its applicant and reviewers see it."""

    id: str
    applicant: int
    applicant_name: str
    application_type: str
    full_name: str
    phone: str | None
    primary_service_category: str
    services: list[int]
    pincode: str | None
    service_area_pincodes: list[str]
    experience_years: int
    bio: str
    status: str
    created_at: WireTime
    submitted_at: WireTime | None
    reviewed_at: WireTime | None
    reviewer_notes: str
    documents_count: int
    is_complete: bool
    documents: list[DocumentOut]


def application_out(viewer: Viewer, application: Application, is_complete: bool) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": application.id,
        "applicant": application.applicant_id,
        "applicant_name": application.applicant_name,
        "application_type": next(word for word, kind in KINDS.items() if kind is application.kind),
        "full_name": application.full_name,
        "phone": application.phone,
        "primary_service_category": application.category,
        "services": application.service_ids,
        "pincode": application.base_pincode,
        "service_area_pincodes": application.area_pincodes,
        "experience_years": application.experience_years,
        "bio": application.about,
        "status": application.state,
        "created_at": application.created_at,
        "submitted_at": application.submitted_at,
        "reviewed_at": application.reviewed_at,
        "reviewer_notes": application.notes,
        "documents_count": len(application.documents),
        "is_complete": is_complete,
        "documents": [document_out(viewer, document) for document in application.documents],
    }


def document_out(viewer: Viewer, document: Document) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": document.id,
        "document_type": document.kind,
        "file": media_url(viewer, document.key),
        "content_type": document.content_type,
        "size_bytes": document.size_bytes,
        "uploaded_at": document.uploaded_at,
    }


def _shown(call: Call, application: Application) -> dict[str, Any]:
    return application_out(call.viewer, application, call.market.applications.is_complete(application))


async def list_applications(call: Call) -> dict[str, Any]:
    """Give all applications to reviewers, and to others their own; newest first."""
    query: ApplicationQuery = call.query
    kind = KINDS[query.application_type] if query.application_type else None
    narrowed = ApplicationFilter(query.status, kind, query.primary_service_category)
    listed = await call.market.applications.list(call.caller, narrowed, query.paging())
    return page(call, listed.map(lambda one: _shown(call, one)))


async def create_application(call: Call) -> dict[str, Any]:
    """Begin an application."""
    body: ApplicationBody = call.body
    return _shown(call, await call.market.applications.create(call.caller, body.values()))


async def get_application(call: Call) -> dict[str, Any]:
    """Give one application."""
    return _shown(call, await call.market.applications.get(call.caller, call.path["id"]))


async def change_application(call: Call) -> dict[str, Any]:
    """Change an application before it is submitted."""
    body: ApplicationBody = call.body
    changed = await call.market.applications.change(call.caller, call.path["id"], body.values())
    return _shown(call, changed)


async def add_document(call: Call) -> dict[str, Any]:
    """Show a document: a PDF or an image."""
    body: NewDocument = call.body
    document = await call.market.applications.add_document(
        call.caller, call.path["id"], body.document_type, body.file.path
    )
    return document_out(call.viewer, document)


async def remove_document(call: Call) -> None:
    """Take a document back before the application is submitted."""
    await call.market.applications.remove_document(call.caller, call.path["id"], call.path["document_id"])


async def submit_application(call: Call) -> dict[str, Any]:
    """Hand an application in; what is missing is named."""
    return _shown(call, await call.market.applications.submit(call.caller, call.path["id"]))


async def review_application(call: Call) -> dict[str, Any]:
    """Decide on an application, once; approval makes its applicant a vendor."""
    body: Review = call.body
    reviewed = await call.market.applications.review(
        call.caller, call.path["id"], is_approved=body.decision == "approve", notes=body.notes
    )
    return _shown(call, reviewed)


APPLICANTS = CUSTOMERS | VENDORS
READERS = APPLICANTS | ONBOARDERS
ONE = "/api/vendor-applications/{id:uuid}/"

ROUTES = (
    Route(
        "GET",
        "/api/vendor-applications/",
        list_applications,
        roles=READERS,
        query=ApplicationQuery,
        reply=Page[ApplicationOut],
    ),
    Route(
        "POST",
        "/api/vendor-applications/",
        create_application,
        roles=APPLICANTS,
        body=ApplicationBody,
        reply=ApplicationOut,
        status=201,
    ),
    Route("GET", ONE, get_application, roles=READERS, reply=ApplicationOut),
    Route("PATCH", ONE, change_application, roles=APPLICANTS, body=ApplicationBody, reply=ApplicationOut),
    Route(
        "POST",
        f"{ONE}documents/",
        add_document,
        roles=APPLICANTS,
        body=NewDocument,
        uploads={"file": DOCUMENT_BYTES},
        reply=DocumentOut,
        status=201,
    ),
    Route("DELETE", f"{ONE}documents/{{document_id:uuid}}/", remove_document, roles=APPLICANTS, status=204),
    Route("POST", f"{ONE}submit/", submit_application, roles=APPLICANTS, reply=ApplicationOut),
    Route("POST", f"{ONE}review/", review_application, roles=ONBOARDERS, body=Review, reply=ApplicationOut),
)
