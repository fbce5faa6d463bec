"""What staff change in the catalogue."""

from server import clock
from server.domain.entities import Service
from server.domain.parties import Caller
from server.errors import Conflict
from server.services.audit import Audit
from server.store.database import Database
from server.store.ids import Ids
from server.store.marks import Marks
from server.store.services import Services

USUAL_MINUTES = 60


class CatalogueChanges:
    """No two active services have the same name, whatever its case."""

    def __init__(self, database: Database, services: Services, ids: Ids, marks: Marks, audit: Audit) -> None:
        self._database, self._services, self._ids = database, services, ids
        self._marks, self._audit = marks, audit

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
        key = name.casefold()

        async def write() -> Service:
            if key in {one.name.casefold() for one in await self._services.active()}:
                raise Conflict("There is a service of this name.")
            # Two of one name at the same time meet in the mark: the second starts over and sees the first.
            await self._marks.touch(f"service:{key}")
            await self._services.insert(service)
            await self._audit.record(caller, None, service)
            return service

        return await self._database.together(write)
