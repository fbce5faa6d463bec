"""Profiles for tests, made over the API as their owners make them."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.handlers.alist.documented import documented
from tests.handlers.alist.people import People
from tests.handlers.client import Account, Api, Reply
from tests.handlers.homeserve.forms import BOUNDARY, form

PROFILES = "/api/alistpros/profiles/"
PORTFOLIO = "/api/alistpros/portfolio/"
SERVICES = "/api/alistpros/services/"


def reviews_of(owner: Account) -> str:
    return f"{PROFILES}{owner.id}/reviews/"


async def open_shop(people: People, owner: Account | None = None, **changes: Any) -> Reply:
    """Make the documented profile for a professional."""
    body = {**documented("create_profile").request, "service_categories": [people.category_id], **changes}
    token = (owner or people.pro).token
    return await people.api.post(f"{PROFILES}create/", json=body, token=token)


async def send_form(
    api: Api, method: str, path: str, who: Account, fields: dict[str, str], **files: tuple[str, bytes]
) -> Reply:
    """Send a form with any method."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await api.call(method, path, raw=form(fields, files), token=who.token, headers=headers)


def query_of(link: str) -> dict[str, str]:
    """Give the parameters of a page link."""
    return dict(parse_qsl(urlsplit(link).query))
