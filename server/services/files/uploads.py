"""Keeping what clients upload: the type is what the content says, the name is ours."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import filetype
import structlog

from server import clock
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Busy, Invalid
from server.gateways.files import Files
from server.pools import Pools
from server.services.accounts.throttle import UPLOADS_USER, Throttle
from server.services.files.images import Encoded, NotAnImage, reencode
from server.store.database import Database
from server.store.leftovers import Leftovers

log = structlog.get_logger("uploads")

IMAGE_BYTES, DOCUMENT_BYTES = 5 * 1024 * 1024, 20 * 1024 * 1024
"""Limits of one file."""

IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
PDF = "application/pdf"
THUMBNAIL = "_thumbnail"
CLAIMED_WITHIN = timedelta(hours=1)
"""A file that nothing names by then never will be: far longer than a transaction takes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored file. Images have a thumbnail beside them."""

    key: str
    content_type: str
    size_bytes: int

    @property
    def thumbnail_key(self) -> str:
        return thumbnail_of(self.key)


def thumbnail_of(key: str) -> str:
    """Give the key of an image's thumbnail."""
    stem, dot, ending = key.rpartition(".")
    return f"{stem}{THUMBNAIL}{dot}{ending}"


def original_of(key: str) -> str:
    """Give the key of the image that a thumbnail's key, or its own, stands for."""
    return key.replace(f"{THUMBNAIL}.", ".", 1)


class Uploads:
    """Stores files by content; what it refuses is not kept.

    A file is noted before it is written and when its owner goes, so that a crash leaves nothing behind that
    nobody knows of: `Media.sweep_due` removes what has no owner.
    """

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        files: Files,
        leftovers: Leftovers,
        throttle: Throttle,
        pools: Pools,
    ) -> None:
        self._meaning, self._database, self._files, self._leftovers = meaning, database, files, leftovers
        self._throttle, self._pools = throttle, pools
        # One at a time: a picture may take hundreds of megabytes, and the threads are shared with the engine.
        self._decoding = asyncio.Semaphore(1)

    async def image(self, caller: Caller, folder: str, path: Path, field: str = "image") -> Kept:
        """Keep an image re-encoded, with its thumbnail; raises Invalid naming `field`, TooMany, Busy."""
        await self._throttle.hit(UPLOADS_USER, self._meaning.name, str(caller.user_id))
        if _type_of(path) not in IMAGES:
            raise Invalid({field: ["Not a JPEG, PNG or WebP image."]})
        encoded = await self._encoded(path, field)
        key = await self._new_key(folder, "jpg")
        await self._files.keep(key, encoded.image)
        await self._files.keep(thumbnail_of(key), encoded.thumbnail)
        return Kept(key, "image/jpeg", len(encoded.image))

    async def document(self, caller: Caller, folder: str, path: Path, field: str = "file") -> Kept:
        """Keep a PDF as it is or an image re-encoded; raises Invalid naming `field`, TooMany, Busy."""
        kind = _type_of(path)
        if kind in IMAGES:
            return await self.image(caller, folder, path, field)
        await self._throttle.hit(UPLOADS_USER, self._meaning.name, str(caller.user_id))
        if kind != PDF:
            raise Invalid({field: ["Not a PDF, JPEG, PNG or WebP file."]})
        key = await self._new_key(folder, "pdf")
        await self._files.keep(key, path)
        return Kept(key, PDF, _size_of(path))

    async def read(self, key: str) -> bytes:
        """Give a stored file's bytes; raises NotFound, Busy."""
        return await self._files.read(key)

    async def forget(self, key: str) -> None:
        """Remove a file once the open transaction, in which its owner goes, has committed."""
        await self._leftovers.put(key, clock.now())

        async def committed() -> None:
            await self.remove(key)

        self._database.after_commit(committed)

    async def remove(self, key: str) -> bool:
        """Remove a file without an owner, and its thumbnail; false when the store is away, for now."""
        try:
            for each in (key, thumbnail_of(key)):
                await self._files.delete(each)
        except Busy:
            log.warning("a file could not be removed yet", key=key)
            return False
        return await self._leftovers.delete(key)

    async def _encoded(self, path: Path, field: str) -> Encoded:
        try:
            async with self._decoding:
                return await self._pools.thread(reencode, path)
        except NotAnImage as wrong:
            raise Invalid({field: [str(wrong)]}) from wrong

    async def _new_key(self, folder: str, ending: str) -> str:
        now = clock.now()
        key = f"{folder}/{now:%Y/%m/%d}/{uuid4().hex}.{ending}"
        await self._leftovers.expect(key, now + CLAIMED_WITHIN)
        return key


def _size_of(path: Path) -> int:
    return path.stat().st_size


def _type_of(path: Path) -> str | None:
    """Give the content's type, None for what is on no list."""
    found: str | None = filetype.guess_mime(str(path)) if _size_of(path) else None
    return found
