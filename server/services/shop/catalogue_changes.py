"""What staff change in the catalogue."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from server import clock
from server.domain.entities import Service
from server.domain.parties import Caller
from server.errors import Conflict, NotFound
from server.services.audit import Audit
from server.services.shop.catalogue import Catalogue
from server.services.shop.profiles import Profiles
from server.services.shop.showcase import Showcase
from server.store.database import Database
from server.store.ids import Ids
from server.store.marks import Marks
from server.store.services import Services

USUAL_MINUTES = 60


class CatalogueChanges:
    """No two active services have the same name, whatever its case."""

    def __init__(
        self,
        database: Database,
        services: Services,
        ids: Ids,
        marks: Marks,
        catalogue: Catalogue,
        profiles: Profiles,
        showcase: Showcase,
        audit: Audit,
    ) -> None:
        self._database, self._services, self._ids = database, services, ids
        self._marks, self._audit = marks, audit
        self._catalogue, self._profiles, self._showcase = catalogue, profiles, showcase

    async def add(self, caller: Caller, name: str, description: str) -> Service:
        """Add a service whose price each provider agrees on; raises Conflict when the name is taken."""
        now = clock.now()
        service = Service(
            id=await self._ids.next("services"),
            name=name,
            description=description,
            base_price_minor=0,
            category=name,
            duration_minutes=USUAL_MINUTES,
            created_at=now,
            updated_at=now,
        )

        async def write() -> Service:
            await self._take(service)
            await self._services.insert(service)
            await self._audit.record(caller, None, service)
            return service

        return await self._database.together(write)

    async def change(self, caller: Caller, service_id: int, values: Mapping[str, Any]) -> Service:
        """Set name or description of an active service; raises NotFound, Conflict when the name is taken.

        What was booked keeps the name that it was booked under.
        """

        async def write() -> Service:
            before = await self._get(service_id)
            after = replace(before, **values, updated_at=clock.now())
            await self._take(after)
            await self._write(caller, before, after)
            return after

        after = await self._database.together(write)
        await self._profiles.follow_service(caller, service_id)
        return after

    async def remove(self, caller: Caller, service_id: int) -> None:
        """Offer a service no more; what was booked stays. raises : NotFound"""

        async def write() -> None:
            before = await self._get(service_id)
            await self._write(caller, before, replace(before, is_active=False, updated_at=clock.now()))

        await self._database.together(write)
        await self._profiles.follow_service(caller, service_id)

    async def _get(self, service_id: int) -> Service:
        service = await self._services.get(service_id)
        if service is None or not service.is_active:
            raise NotFound("Service not found")
        return service

    async def _take(self, service: Service) -> None:
        """See that no other active service has the name, in the transaction that writes it."""
        key = service.name.casefold()
        if any(one.name.casefold() == key and one.id != service.id for one in await self._services.active()):
            raise Conflict("There is a service of this name.")
        # Two of one name at the same time meet in the mark: the second starts over and sees the first.
        await self._marks.touch(f"service:{key}")

    async def _write(self, caller: Caller, before: Service, after: Service) -> None:
        await self._services.replace(after)
        await self._audit.record(caller, before, after)
        self._database.after_commit(self._catalogue.forget)
        self._showcase.will_change()
