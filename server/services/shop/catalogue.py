"""What can be booked."""

import time
from collections.abc import Callable, Collection, Sequence

from server.domain.entities import Service
from server.domain.paging import Listed, Paging
from server.errors import NotFound
from server.services.memory import Memory
from server.store.services import Services

REMEMBERED_SECONDS = 5.0
"""How long a service changed by another process may be seen as it was; every quote reads one."""


REMEMBERED_SERVICES = 10_000


class Catalogue:
    """Reads active services; single ones are remembered for a moment.

    monotonic : gives seconds that only grow
    """

    def __init__(self, services: Services, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._services, self._monotonic = services, monotonic
        self.memory: Memory[int, tuple[Service, float]] = Memory(REMEMBERED_SERVICES)

    async def get(self, service_id: int) -> Service:
        """Give an active service; raises NotFound."""
        known = self.memory.get(service_id)
        if known is not None and self._monotonic() < known[1]:
            return known[0]
        service = await self._services.get(service_id)
        if service is None or not service.is_active:
            raise NotFound("Service not found", field="service_id")
        self.memory.put(service_id, (service, self._monotonic() + REMEMBERED_SECONDS))
        return service

    async def forget(self) -> None:
        """Read afresh what somebody asks for next."""
        self.memory.clear()

    async def list(self, category: str | None, paging: Paging) -> Listed[Service]:
        """Give one page of the active services by id, of one category when it is named."""
        return await self._services.listed(category, paging)

    async def all(self) -> Sequence[Service]:
        """Give all active services, by id."""
        return await self._services.active()

    async def named(self, ids: Collection[int]) -> dict[int, Service]:
        """Give those of these services that are active, by id."""
        return {one.id: one for one in await self._services.with_ids(sorted(ids))}
