"""Becoming a provider: apply, show documents, submit, be reviewed. Approval makes the provider."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from server import clock
from server.domain.applications import (
    Application,
    ApplicationKind,
    ApplicationState,
    Document,
    DocumentKind,
)
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.errors import Conflict, Forbidden, Invalid, InvalidMove, NotFound
from server.places.table import Places
from server.services.applications.onboarding import Onboarding
from server.services.audit import Audit
from server.services.files.uploads import Uploads
from server.services.shop.catalogue import Catalogue
from server.services.talk.notifications import Notifications
from server.store.applications import Applications as ApplicationStore
from server.store.database import Database
from server.store.users import Users

MOST_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """What a list is narrowed by; None means any."""

    state: ApplicationState | None = None
    kind: ApplicationKind | None = None
    category: str | None = None

    def query(self) -> dict[str, object]:
        given = {"state": self.state, "kind": self.kind, "category": self.category}
        return {name: value for name, value in given.items() if value is not None}


class Applications:
    """An applicant sees their own; only the marketplace's reviewers see all and decide."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: ApplicationStore,
        users: Users,
        catalogue: Catalogue,
        places: Places,
        uploads: Uploads,
        onboarding: Onboarding,
        notifications: Notifications,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._users = meaning, database, store, users
        self._catalogue, self._places, self._uploads = catalogue, places, uploads
        self._onboarding, self._notifications, self._audit = onboarding, notifications, audit

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Application:
        """Begin an application; customers apply to be providers, providers to offer more.

        raises : Conflict while another one is undecided, Invalid, UnknownPincode, NotFound (service)
        """
        await self._check(values)
        is_provider = caller.party is Party.PROVIDER
        kind = ApplicationKind.NEW_SERVICE if is_provider else ApplicationKind.NEW_PROVIDER
        user = await self._users.get(caller.user_id)
        if user is None:
            raise NotFound("User not found")
        now = clock.now()
        usual = {
            "full_name": user.name,
            "phone": user.phone,
            "category": "",
            "service_ids": (),
            "base_pincode": user.pincode,
            "area_pincodes": (),
            "experience_years": 0,
            "about": "",
        }
        application = Application(
            id=str(uuid4()),
            applicant_id=user.id,
            applicant_name=user.name,
            kind=kind,
            state=ApplicationState.PENDING,
            created_at=now,
            updated_at=now,
            date=now.date().isoformat(),
            **{**usual, **values},
        )

        async def write() -> Application:
            if await self._store.undecided_of(user.id) is not None:
                raise Conflict("You have an application that is not decided yet.")
            await self._store.insert(application)
            # Two at once meet in the applicant's row, so that the second starts over and sees the first.
            await self._users.change(user.id, {"applied_at": now})
            await self._audit.record(caller, None, application)
            return application

        return await self._database.together(write)

    async def change(self, caller: Caller, application_id: str, values: Mapping[str, Any]) -> Application:
        """Change an application that was not submitted; raises as `create` does, and InvalidMove."""
        await self._check(values)

        async def write() -> Application:
            kept = await self._own_pending(caller, application_id)
            return await self._write(caller, kept, replace(kept, **values))

        return await self._database.together(write)

    async def list(self, caller: Caller, narrowed: ApplicationFilter, paging: Paging) -> Listed[Application]:
        """Give one page: all for reviewers, the caller's own otherwise; newest first."""
        where = narrowed.query()
        if caller.role not in self._meaning.reviewers:
            where["applicant_id"] = caller.user_id
        return await self._store.listed(where, paging)

    async def get(self, caller: Caller, application_id: str) -> Application:
        """Give an application that is the caller's, or any for reviewers; raises NotFound."""
        kept = await self._store.get(application_id)
        if kept is None or not self.may_see(caller, kept):
            raise NotFound("Application not found")
        return kept

    def is_complete(self, application: Application) -> bool:
        return not application.missing(self._meaning.application_documents)

    async def add_document(
        self, caller: Caller, application_id: str, kind: DocumentKind, file: Path
    ) -> Document:
        """Keep a document of an application that was not submitted.

        raises : NotFound, InvalidMove, Conflict when there are too many, Invalid, Busy
        """
        await self._own_pending(caller, application_id)
        stored = await self._uploads.document(caller, "applications", file)
        document = Document(
            str(uuid4()), kind, stored.key, stored.content_type, stored.size_bytes, clock.now()
        )

        async def write() -> None:
            kept = await self._own_pending(caller, application_id)
            if len(kept.documents) >= MOST_DOCUMENTS:
                raise Conflict(f"An application has at most {MOST_DOCUMENTS} documents.")
            await self._write(caller, kept, replace(kept, documents=(*kept.documents, document)))

        await self._database.together(write)
        return document

    async def remove_document(self, caller: Caller, application_id: str, document_id: str) -> None:
        """Remove a document from an application that was not submitted; raises NotFound, InvalidMove."""

        async def write() -> None:
            kept = await self._own_pending(caller, application_id)
            gone = next((one for one in kept.documents if one.id == document_id), None)
            if gone is None:
                raise NotFound("Document not found")
            rest = tuple(one for one in kept.documents if one is not gone)
            await self._write(caller, kept, replace(kept, documents=rest))
            await self._uploads.forget(gone.key)

        await self._database.together(write)

    async def submit(self, caller: Caller, application_id: str) -> Application:
        """Hand an application in; raises NotFound, InvalidMove, Invalid naming what is missing."""

        async def write() -> Application:
            kept = await self._own(caller, application_id)
            kept.check_move(ApplicationState.SUBMITTED)
            missing = kept.missing(self._meaning.application_documents)
            if missing:
                raise Invalid({name: ["This is required before submission."] for name in missing})
            after = replace(kept, state=ApplicationState.SUBMITTED, submitted_at=clock.now())
            after = await self._write(caller, kept, after)
            reviewers = await self._users.with_roles(sorted(self._meaning.reviewers))
            message = f"{kept.full_name} applied"
            about = {"application_id": kept.id}
            ids = [reviewer.id for reviewer in reviewers]
            await self._notifications.notify(ids, "application_submitted", message, about)
            return after

        return await self._database.together(write)

    async def review(
        self, caller: Caller, application_id: str, *, is_approved: bool, notes: str
    ) -> Application:
        """Decide, once; approval makes the applicant a provider in the same transaction.

        raises : NotFound, InvalidMove unless it is submitted, Forbidden for one's own
        """

        async def write() -> Application:
            kept = await self.get(caller, application_id)
            if kept.applicant_id == caller.user_id:
                raise Forbidden()
            state = ApplicationState.APPROVED if is_approved else ApplicationState.REJECTED
            kept.check_move(state)
            now = clock.now()
            after = replace(kept, state=state, reviewed_at=now, reviewed_by=caller.user_id, notes=notes)
            after = await self._write(caller, kept, after)
            if is_approved:
                await self._onboarding.admit(caller, after)
            message = f"Your application was {state}"
            about = {"application_id": kept.id, "decision": str(state)}
            await self._notifications.notify([kept.applicant_id], "application_reviewed", message, about)
            return after

        return await self._database.together(write)

    def may_see(self, caller: Caller, application: Application) -> bool:
        """Say whether an application and its documents are the caller's to see."""
        return application.applicant_id == caller.user_id or caller.role in self._meaning.reviewers

    async def _own(self, caller: Caller, application_id: str) -> Application:
        kept = await self._store.get(application_id)
        if kept is None or kept.applicant_id != caller.user_id:
            raise NotFound("Application not found")
        return kept

    async def _own_pending(self, caller: Caller, application_id: str) -> Application:
        kept = await self._own(caller, application_id)
        if kept.state is not ApplicationState.PENDING:
            raise InvalidMove(f"An application that is {kept.state} cannot be changed.", state=kept.state)
        return kept

    async def _check(self, values: Mapping[str, Any]) -> None:
        """Raise for services and pincodes that do not exist."""
        for service_id in values.get("service_ids", ()):
            await self._catalogue.get(service_id)
        for pincode in (values.get("base_pincode"), *values.get("area_pincodes", ())):
            if pincode is not None:
                self._places.get(pincode)

    async def _write(self, caller: Caller, before: Application, after: Application) -> Application:
        after = replace(after, updated_at=clock.now(), revision=before.revision + 1)
        await self._store.rewrite(after, before.revision)
        await self._audit.record(caller, before, after)
        return after
