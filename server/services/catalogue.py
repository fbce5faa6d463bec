"""What can be booked."""

from server.domain.entities import Service
from server.domain.paging import Listed, Paging
from server.errors import NotFound
from server.store.services import Services


class Catalogue:
    """Reads services; single ones are remembered, because every quote asks for one."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[int, Service] = {}

    async def get(self, service_id: int) -> Service:
        """Give an active service; raises NotFound."""
        service = self._known.get(service_id)
        if service is None:
            service = await self._services.get(service_id)
            if service is None or not service.is_active:
                raise NotFound("Service not found")
            self._known[service_id] = service
        return service

    async def list(self, category: str | None, paging: Paging) -> Listed[Service]:
        """Give one page of the active services, of one category when it is named."""
        return await self._services.listed(category, paging)
