"""Photos of a visit."""

from typing import Any

from pydantic import BaseModel

from handlers.call import Call, Viewer
from handlers.fields import Line, Uuid, WireTime
from handlers.homeserve.roles import BOOKING_ROLES
from handlers.media import media_url
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from handlers.uploads import UploadedFile
from server.domain.photos import Photo, PhotoKind
from server.services.files.uploads import IMAGE_BYTES, thumbnail_of


class PhotoQuery(PageQuery):
    booking: Uuid | None = None


class NewPhoto(Body):
    booking: Uuid
    image_type: PhotoKind
    image: UploadedFile
    description: Line = ""


class PhotoOut(BaseModel):
    """A photo; its file is private to the booking's parties and staff."""

    id: int
    booking: str
    image: str
    thumbnail: str
    image_type: str
    description: str
    uploaded_by: int
    uploaded_at: WireTime


def photo_out(viewer: Viewer, photo: Photo) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": photo.id,
        "booking": photo.booking_id,
        "image": media_url(viewer, photo.key),
        "thumbnail": media_url(viewer, thumbnail_of(photo.key)),
        "image_type": photo.kind,
        "description": photo.description,
        "uploaded_by": photo.uploaded_by,
        "uploaded_at": photo.uploaded_at,
    }


async def list_photos(call: Call) -> dict[str, Any]:
    """Give the photos the caller may see, oldest first."""
    query: PhotoQuery = call.query
    listed = await call.market.photos.list(call.caller, query.booking, query.paging())
    return page(call, listed.map(lambda photo: photo_out(call.viewer, photo)))


async def upload_photo(call: Call) -> dict[str, Any]:
    """Add a photo to a booking."""
    body: NewPhoto = call.body
    photo = await call.market.photos.add(
        call.caller, body.booking, body.image_type, body.description, body.image.path
    )
    return photo_out(call.viewer, photo)


async def get_photo(call: Call) -> dict[str, Any]:
    """Give one photo."""
    return photo_out(call.viewer, await call.market.photos.get(call.caller, call.path["id"]))


async def delete_photo(call: Call) -> None:
    """Remove a photo and its file; only who added it, or an admin."""
    await call.market.photos.delete(call.caller, call.path["id"])


ROUTES = (
    Route("GET", "/api/photos/", list_photos, roles=BOOKING_ROLES, query=PhotoQuery, reply=Page[PhotoOut]),
    Route(
        "POST",
        "/api/photos/",
        upload_photo,
        roles=BOOKING_ROLES,
        body=NewPhoto,
        uploads={"image": IMAGE_BYTES},
        reply=PhotoOut,
        status=201,
    ),
    Route("GET", "/api/photos/{id:int}/", get_photo, roles=BOOKING_ROLES, reply=PhotoOut),
    Route("DELETE", "/api/photos/{id:int}/", delete_photo, roles=BOOKING_ROLES, status=204),
)
