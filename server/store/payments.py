"""Payments: at most one a booking."""

from server.domain.entities import Payment
from server.store.collection import Collection
from server.store.database import Index


class Payments(Collection[Payment]):
    """Money asked of customers."""

    NAME = "payments"
    ENTITY = Payment
    INDEXES = (
        Index("booking", (("booking_id", 1),), unique=True),
        Index("customer", (("customer_id", 1), ("created_at", -1))),
    )

    async def of_booking(self, booking_id: str) -> Payment | None:
        return await self.find_one({"booking_id": booking_id})
