"""Photos of bookings."""

from server.domain.paging import Listed, Paging
from server.domain.photos import Photo
from server.store.collection import Collection
from server.store.database import Index


class Photos(Collection[Photo]):
    """Rows of files; without its row a file is not served."""

    NAME = "photos"
    ENTITY = Photo
    INDEXES = (
        Index("booking", (("booking_id", 1),)),
        Index("customer", (("customer_id", 1), ("uploaded_at", -1))),
        Index("provider", (("provider_id", 1), ("uploaded_at", -1))),
        Index("oldest", (("uploaded_at", 1),)),
        Index("key", (("key", 1),), unique=True),
    )

    async def with_key(self, key: str) -> Photo | None:
        return await self.find_one({"key": key})

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Photo]:
        """Give one page, oldest first; `where` names keys of one index."""
        return await self.page(where, paging, (("uploaded_at", 1), ("_id", 1)))

    async def assign(self, booking_id: str, provider_id: int | None) -> list[Photo]:
        """Give a booking's photos to its new provider, and tell which, as they were."""
        # One by one: an update of many that finds none reads the whole collection on the embedded database.
        photos = await self.find({"booking_id": booking_id})
        for photo in photos:
            await self.change(photo.id, {"provider_id": provider_id})
        return photos
