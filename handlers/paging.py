"""Page numbers in, page links out: `?page=2&page_size=20`, `next` and `previous` keep every other filter."""

from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from handlers.call import Call, Origin
from handlers.reading import Query
from server.domain.paging import MAX_PAGE_SIZE, Listed, Paging
from server.errors import NotFound

R = TypeVar("R")


class Page(BaseModel, Generic[R]):
    """The list envelope of faces that count."""

    count: int
    next: str | None
    previous: str | None
    results: list[R]


class PageQuery(Query):
    """Base of every list's query string."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=10**9)] | None = None

    def paging(self, default_size: int = 20) -> Paging:
        """Give the page that is wanted; sizes beyond the limit mean the limit."""
        return Paging(self.page, min(self.page_size or default_size, MAX_PAGE_SIZE))


def page(call: Call, listed: Listed[Any]) -> dict[str, Any]:
    """Give the envelope of a page."""
    following, previous = links(call.origin, listed)
    return {"count": listed.total, "next": following, "previous": previous, "results": list(listed.items)}


def links(origin: Origin, listed: Listed[object]) -> tuple[str | None, str | None]:
    """Give the next and the previous page's addresses; raises NotFound for a page beyond the last."""
    number = listed.paging.number
    if number > 1 and not listed.items:
        raise NotFound("Invalid page.")
    following = _link(origin, number + 1) if listed.has_next else None
    return following, (_link(origin, number - 1) if number > 1 else None)


def _link(origin: Origin, number: int) -> str:
    return f"{origin.base_url}{origin.path}?{urlencode({**origin.arguments, 'page': number})}"
