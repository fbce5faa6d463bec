"""Uploaded files, to those who may see them. The token comes in the header, as for every call."""

from handlers.call import Call
from handlers.homeserve.roles import EVERYONE
from handlers.media import file_answer
from handlers.operation import Answer
from handlers.route import Route

CACHED = "private, max-age=3600"
"""A file never changes; shared caches must not keep what is private."""


async def read_media(call: Call) -> Answer:
    """Give an uploaded file: images to show, documents to save."""
    return file_answer(await call.market.media.read(call.caller, call.path["key"]), CACHED)


ROUTES = (Route("GET", "/media/{key:key}", read_media, roles=EVERYONE),)
