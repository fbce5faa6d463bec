"""Uploaded files, to those who may see what they belong to."""

from dataclasses import dataclass
from datetime import timedelta

from server import clock
from server.domain.applications import Application
from server.domain.disputes import DisputeMessage
from server.domain.parties import Caller
from server.domain.photos import Photo
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.errors import NotFound
from server.services.applications.applications import Applications
from server.services.bookings.photos import Photos
from server.services.disputes.dispute_cases import DisputeCases
from server.services.files.uploads import PDF, Uploads, original_of
from server.store.applications import Applications as ApplicationStore
from server.store.disputes import DisputeMessages, Disputes
from server.store.leftovers import Leftovers
from server.store.photos import Photos as PhotoStore
from server.store.portfolio import PortfolioItems
from server.store.profiles import Profiles

Owner = Photo | DisputeMessage | Application | Profile | PortfolioItem
BATCH = 100
OLDEST = timedelta(days=60)
"""A store that is away for longer keeps what it has."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file's bytes. A document is saved by browsers, an image shown."""

    content: bytes
    content_type: str
    is_document: bool
    name: str


class Media:
    """A key's first folder says what it belongs to; the row that names the key says whose it is.

    What no row names is served to nobody, and swept away.
    """

    def __init__(
        self,
        rows: PhotoStore,
        photos: Photos,
        messages: DisputeMessages,
        disputes: Disputes,
        cases: DisputeCases,
        forms: ApplicationStore,
        applications: Applications,
        profiles: Profiles,
        items: PortfolioItems,
        leftovers: Leftovers,
        uploads: Uploads,
    ) -> None:
        self._rows, self._photos = rows, photos
        self._messages, self._disputes, self._cases = messages, disputes, cases
        self._forms, self._applications = forms, applications
        self._profiles, self._items = profiles, items
        self._leftovers, self._uploads = leftovers, uploads

    async def read(self, caller: Caller | None, key: str) -> MediaFile:
        """Give a file the caller may see, None being anybody; raises NotFound for any other."""
        owner = await self._owner(original_of(key))
        if owner is None or not await self._may_see(caller, owner):
            raise NotFound("File not found")
        is_document = key.endswith(".pdf")
        kind = PDF if is_document else "image/jpeg"
        return MediaFile(await self._uploads.read(key), kind, is_document, key.rpartition("/")[2])

    async def sweep_due(self) -> int:
        """Remove files that nothing names, after a crash or while the store was away; gives how many."""
        now, removed = clock.now(), 0
        for leftover in await self._leftovers.due(now - OLDEST, now, BATCH):
            if await self._owner(leftover.id) is None:
                removed += await self._uploads.remove(leftover.id)
            else:
                await self._leftovers.delete(leftover.id)
        return removed

    async def _owner(self, key: str) -> Owner | None:
        match key.partition("/")[0]:
            case "photos":
                return await self._rows.with_key(key)
            case "disputes":
                return await self._messages.with_attachment(key)
            case "applications":
                return await self._forms.with_document(key)
            case "profiles":
                return await self._profiles.with_image(key)
            case "portfolio":
                return await self._items.with_image(key)
        return None

    async def _may_see(self, caller: Caller | None, owner: Owner) -> bool:
        if isinstance(owner, Profile | PortfolioItem):  # what a provider shows is for everybody
            return True
        if caller is None:
            return False
        match owner:
            case Photo():
                return self._photos.may_see(caller, owner)
            case DisputeMessage():
                dispute = await self._disputes.get(owner.dispute_id)
                return dispute is not None and self._cases.may_see(caller, dispute)
            case Application():
                return self._applications.may_see(caller, owner)
