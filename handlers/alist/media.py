"""Pictures of profiles and of shown work, for everybody."""

from handlers.call import Call
from handlers.media import file_answer
from handlers.operation import Answer
from handlers.route import Route

CACHED = "public, max-age=3600"
"""A file never changes; what its owner removed may be seen for so long."""


async def read_media(call: Call) -> Answer:
    """Give a picture that a profile or a piece of work shows."""
    return file_answer(await call.market.media.read(call.visitor, call.path["key"]), CACHED)


ROUTES = (Route("GET", "/media/{key:key}", read_media, public=True),)
