"""Every row of every marketplace, hostile input: a JSON 4xx or a success, never a 500, never a hang."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from handlers.route import PLACEHOLDER, Route
from tests.faces.cast import Cast
from tests.faces.conftest import CASTS, name_of
from tests.handlers.client import Reply

VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    1e308,
    "",
    " ",
    "1",
    "x" * 10_000,
    "a\x00b",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "२०२६",
    "2024-13-45",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    [],
    [[]] * 50,
    {},
    {"$gt": ""},
    {"$where": "sleep(1000)"},
)
RAW = (b"", b"{", b"[]", b"null", b'"x"', b"1e999", b"\xff", b'{"a":NaN}', b"[" * 50_000, b'{"\\ud800":1}')
QUERIES = (
    "page=0",
    "page=-1",
    "page=1e9",
    "page=99999999999999999999",
    "page_size=1000000000",
    "page_size=x",
)
QUERIES += ("a=%00", "a=%ff", "&" * 60 + "b=1" * 3, "=", "page=1&page=2")
IDS = ("0", "-1", "99999999999999", "x", "%00", "550e8400-e29b-41d4-a716-446655440000", "..%2f..", "a" * 300)
AT_ONCE = 10
"""Requests in flight: writers of one object start over when they meet, and more of them mostly meet."""


def ways(route: Route) -> Iterator[dict[str, Any]]:
    """Give hostile requests to one row: bodies, fields one at a time, queries, ids."""
    path = PLACEHOLDER.sub("1", route.path)
    names = list(getattr(route.body, "model_fields", {}))
    if route.body is not None:
        yield from ({"path": path, "raw": raw} for raw in RAW)
        for name in names:
            yield from ({"path": path, "json": {name: value}} for value in VALUES)
        yield from ({"path": path, "json": dict.fromkeys(names, value)} for value in VALUES)
    for name in getattr(route.query, "model_fields", {}):
        given = (str(value) for value in VALUES if not isinstance(value, dict | list))
        yield from ({"path": f"{path}?{name}={quote(value[:500])}"} for value in given)
    if route.method == "GET":
        yield from ({"path": f"{path}?{query}"} for query in QUERIES)
    if PLACEHOLDER.search(route.path):
        yield from ({"path": PLACEHOLDER.sub(value, route.path)} for value in IDS)


ROWS = [
    pytest.param(name_of(kind), route, id=f"{name_of(kind)} {route.name}")
    for kind in CASTS
    for route in kind.face.routes
]


@pytest.mark.parametrize(("name", "route"), ROWS)
async def test_hostile_input_never_breaks_a_row(casts: dict[str, Cast], name: str, route: Route) -> None:
    """No answer is a 500, every one is JSON, and refusals have the face's body."""
    cast = casts[name]
    token = (await cast.person(cast.may(route))).token if route.roles else None
    gate = asyncio.Semaphore(AT_ONCE)

    async def send(way: dict[str, Any]) -> tuple[dict[str, Any], Reply]:
        async with gate:
            given = dict(way)
            return way, await cast.api.call(route.method, given.pop("path"), token=token, **given)

    for way, reply in await asyncio.gather(*(send(way) for way in ways(route))):
        assert reply.status < 500, (way, reply.json)
        if reply.status >= 400:
            assert cast.is_refusal(reply), (way, reply.json)
            assert "Traceback" not in str(reply.json)
