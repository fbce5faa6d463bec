"""Uploaded files, to those who may see them. The token comes in the header, as for every call."""

from handlers.call import Call
from handlers.homeserve.roles import EVERYONE
from handlers.operation import Answer
from handlers.route import Route

CACHED = "private, max-age=3600"
"""A file never changes; shared caches must not keep what is private."""


def media_url(call: Call, key: str) -> str:
    """Give a file's address, on the host that the client called."""
    return f"{call.origin.base_url}/media/{key}"


async def read_media(call: Call) -> Answer:
    """Give an uploaded file: images to show, documents to save."""
    file = await call.market.media.read(call.caller, call.path["key"])
    headers = {"Content-Type": file.content_type, "Cache-Control": CACHED}
    if file.is_document:
        headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return Answer(200, file.content, headers)


ROUTES = (Route("GET", "/media/{key:key}", read_media, roles=EVERYONE),)
