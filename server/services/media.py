"""Uploaded files, to those who may see what they belong to."""

from dataclasses import dataclass

from server.domain.parties import Caller
from server.errors import NotFound
from server.services.applications import Applications
from server.services.disputes import Disputes
from server.services.photos import may_see
from server.services.uploads import PDF, Uploads, original_of
from server.store.disputes import DisputeMessages
from server.store.photos import Photos


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file's bytes. A document is saved by browsers, an image shown."""

    content: bytes
    content_type: str
    is_document: bool
    name: str


class Media:
    """A key's first folder says what it belongs to; that row says whose it is."""

    def __init__(
        self,
        photos: Photos,
        messages: DisputeMessages,
        disputes: Disputes,
        applications: Applications,
        uploads: Uploads,
    ) -> None:
        self._photos, self._messages, self._disputes = photos, messages, disputes
        self._applications, self._uploads = applications, uploads

    async def read(self, caller: Caller, key: str) -> MediaFile:
        """Give a file the caller may see; raises NotFound for any other."""
        if not await self._may_see(caller, original_of(key)):
            raise NotFound("File not found")
        is_document = key.endswith(".pdf")
        kind = PDF if is_document else "image/jpeg"
        return MediaFile(await self._uploads.read(key), kind, is_document, key.rpartition("/")[2])

    async def _may_see(self, caller: Caller, key: str) -> bool:
        match key.partition("/")[0]:
            case "photos":
                photo = await self._photos.with_key(key)
                return photo is not None and may_see(caller, photo)
            case "disputes":
                message = await self._messages.with_attachment(key)
                if message is None:
                    return False
                await self._disputes.get(caller, message.dispute_id)
                return True
            case "applications":
                return await self._applications.may_read(caller, key)
        return False
