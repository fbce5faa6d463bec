"""Payments, what the gateway is still to do for them, and the gateway's events that were heard."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain.paging import Listed, Paging
from server.domain.payments import GatewayOrder, Payment
from server.store.collection import Collection
from server.store.database import Index


class Payments(Collection[Payment]):
    """Money asked of customers: one a booking and reason, and any number without a booking."""

    NAME = "payments"
    ENTITY = Payment
    INDEXES = (
        Index("booking", (("booking_id", 1),), unique=True, sparse=True),
        Index("customer", (("customer_id", 1), ("created_at", -1))),
        Index("provider", (("provider_id", 1), ("created_at", -1))),
        Index("customer_status", (("customer_id", 1), ("status", 1), ("created_at", -1))),
        Index("provider_status", (("provider_id", 1), ("status", 1), ("created_at", -1))),
        Index("intent", (("intent_id", 1),)),
        Index("status", (("status", 1),)),
    )

    def dump(self, entity: Payment) -> dict[str, Any]:
        """Give the document; a sparse index knows absent values, not nulls."""
        document = super().dump(entity)
        if entity.booking_id is None:
            del document["booking_id"]
        return document

    async def of_booking(self, booking_id: str) -> Payment | None:
        return await self.find_one({"booking_id": booking_id})

    async def of_intent(self, intent_id: str) -> Payment | None:
        return await self.find_one({"intent_id": intent_id})

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Payment]:
        """Give one page, newest first; `where` names keys of one index."""
        return await self.page(where, paging, (("created_at", -1), ("_id", 1)))


class GatewayOrders(Collection[GatewayOrder]):
    """What the gateway is asked to do; done ones stay as its record."""

    NAME = "gateway_orders"
    ENTITY = GatewayOrder
    INDEXES = (Index("due", (("due_at", 1),)),)

    async def due(self, since: datetime, now: datetime, most: int) -> list[GatewayOrder]:
        """Give orders whose time has come, longest waiting first."""
        return await self.find({"due_at": {"$gte": since, "$lte": now}}, sort=(("due_at", 1),), limit=most)

    async def claim(self, order: GatewayOrder, until: datetime) -> bool:
        """Take an order for a while; of several processes one succeeds."""
        return await self.change(order.id, {"due_at": until}, where={"due_at": order.due_at})


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """An event of the gateway that has had its effect."""

    id: str
    at: datetime


class HeardEvents(Collection[HeardEvent]):
    """Kept for longer than any gateway repeats itself."""

    NAME = "heard_events"
    ENTITY = HeardEvent
    INDEXES = (Index("at", (("at", 1),), expire_seconds=90 * 24 * 3600),)
