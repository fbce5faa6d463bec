"""Photos of visits, private to the booking's parties and staff."""

from dataclasses import replace
from pathlib import Path

from server import clock
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.domain.photos import Photo, PhotoKind
from server.errors import Conflict, Forbidden, InvalidMove, NotFound
from server.services.audit import Audit
from server.services.bookings.visibility import Visibility
from server.services.files.uploads import Uploads
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.ids import Ids
from server.store.photos import Photos as PhotoStore

MOST_PHOTOS = 40
"""A booking's; more than any visit needs, and an end to filling the disk."""


class Photos:
    """The row is the truth: a file without one is served to nobody."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: PhotoStore,
        bookings: BookingStore,
        ids: Ids,
        visibility: Visibility,
        uploads: Uploads,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._ids = meaning, database, store, ids
        self._bookings = bookings
        self._visibility, self._uploads, self._audit = visibility, uploads, audit

    async def add(
        self, caller: Caller, booking_id: str, kind: PhotoKind, description: str, image: Path
    ) -> Photo:
        """Keep a photo of a visit the caller is party to.

        raises : NotFound, InvalidMove when the booking was called off, Conflict when there are too many,
                 Invalid for what is no image, Busy
        """
        await self._with_room(caller, booking_id)
        kept = await self._uploads.image(caller, "photos", image)
        photo_id = await self._ids.next("photos")

        async def write() -> Photo:
            booking = await self._with_room(caller, booking_id)
            # Photos, and who becomes the provider, meet in the booking's revision: none misses the other.
            await self._bookings.rewrite(replace(booking, revision=booking.revision + 1), booking.revision)
            photo = Photo(
                id=photo_id,
                booking_id=booking.id,
                customer_id=booking.customer_id,
                provider_id=booking.provider_id,
                key=kept.key,
                kind=kind,
                description=description,
                uploaded_by=caller.user_id,
                uploaded_at=clock.now(),
            )
            await self._store.insert(photo)
            await self._audit.record(caller, None, photo)
            return photo

        return await self._database.together(write, [self._bookings.turn(booking_id)])

    async def list(self, caller: Caller, booking_id: str | None, paging: Paging) -> Listed[Photo]:
        """Give one page of the photos the caller may see, oldest first; raises NotFound (booking)."""
        if booking_id is not None:
            await self._visibility.get_as_party(caller, booking_id)
            return await self._store.listed({"booking_id": booking_id}, paging)
        if caller.is_staff:
            return await self._store.listed({}, paging)
        side = "customer_id" if caller.party is Party.CUSTOMER else "provider_id"
        return await self._store.listed({side: caller.user_id}, paging)

    async def get(self, caller: Caller, photo_id: int) -> Photo:
        """Give a photo the caller may see; raises NotFound."""
        photo = await self._store.get(photo_id)
        if photo is None or not self.may_see(caller, photo):
            raise NotFound("Photo not found")
        return photo

    def may_see(self, caller: Caller, photo: Photo) -> bool:
        """Say whether a photo is the caller's to see; staff who only review applications see none."""
        is_party = caller.user_id in (photo.customer_id, photo.provider_id)
        return is_party or caller.role in self._meaning.user_managers

    async def delete(self, caller: Caller, photo_id: int) -> None:
        """Remove a photo and its file; raises NotFound, Forbidden for the other side's photo."""

        async def write() -> None:
            photo = await self.get(caller, photo_id)
            if not caller.is_staff and photo.uploaded_by != caller.user_id:
                raise Forbidden()
            await self._store.delete(photo.id)
            await self._audit.record(caller, photo, None)
            await self._uploads.forget(photo.key)

        await self._database.together(write)

    async def _with_room(self, caller: Caller, booking_id: str) -> Booking:
        """Give a booking that takes one more photo of the caller; raises as `add` does."""
        booking = await self._visibility.get_as_party(caller, booking_id)
        if self._meaning.lifecycle.phases[booking.state] is Phase.ENDED:
            raise InvalidMove(f"A {booking.state} booking takes no photos.", state=booking.state)
        if await self._store.count({"booking_id": booking.id}) >= MOST_PHOTOS:
            raise Conflict(f"A booking has at most {MOST_PHOTOS} photos.")
        return booking
