"""HTTP itself: whatever a client sends, the answer is the face's JSON with the usual headers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from json import dumps, loads
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from handlers.call import Call
from handlers.exchange import DISCARD_LIMIT_BYTES
from handlers.route import JSON_LIMIT_BYTES, Route
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.tiny import TINY_FACE
from tests.handlers.client import Api
from tests.handlers.conftest import serving

ALLOWED = "https://app.example"
SECRET = "the cat is on the table"


@dataclass(frozen=True)
class Raw:
    """An answer as its bytes were; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return loads(self.body)


async def send(port: int, request: bytes) -> Raw:
    """Send bytes on a connection of their own and read one answer to the connection's end or its length."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(30):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            rows = (line.partition(":") for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in rows}
            without_body = request.startswith(b"HEAD ")
            length = 0 if without_body else int(headers.get("content-length", "0"))
            return Raw(int(head[0].split()[1]), headers, await reader.readexactly(length))
    finally:
        writer.close()


async def ask(port: int, line: str, *headers: str, body: bytes = b"") -> Raw:
    """Send a request line with headers and a body of declared length."""
    declared = [f"Content-Length: {len(body)}"] if body else []
    rows = [f"{line} HTTP/1.1", f"Host: localhost:{port}", *declared, *headers]
    return await send(port, "\r\n".join([*rows, "", ""]).encode("latin-1") + body)


async def fail(call: Call) -> None:
    """Break as no row should."""
    raise RuntimeError(SECRET)


async def origin(call: Call) -> dict[str, str]:
    """Give where the request came from."""
    return {"address": call.origin.address, "base_url": call.origin.base_url}


FACE = replace(
    TINY_FACE,
    routes=(Route("GET", "/fail", fail, public=True), Route("GET", "/origin", origin, public=True)),
)


@pytest_asyncio.fixture
async def tiny(settings: Settings, services: Endpoints) -> AsyncIterator[Api]:
    """A marketplace with a row that breaks and one that tells the origin; pages of ALLOWED may call."""
    open_to_app = settings.model_copy(update={"cors_origins": (ALLOWED,)})
    async with serving(open_to_app, services, [FACE]) as served:
        yield served["tiny"]


async def test_an_unknown_path_is_a_404_in_json(homeserve: Api) -> None:
    """A path that no row has is the face's 404, whatever the method."""
    for line in ("GET /nowhere/", "POST /nowhere/", "GET /", "GET /api/services/0/", "BREW /nowhere/"):
        answer = await ask(homeserve.port, line)
        assert (answer.status, answer.json) == (404, {"error": "Not found."})
        assert answer.headers["content-type"] == "application/json"


async def test_a_wrong_method_names_the_right_ones(homeserve: Api) -> None:
    """A path that exists under other methods is a 405 whose Allow lists them."""
    for method in ("DELETE", "PUT", "BREW"):
        answer = await ask(homeserve.port, f"{method} /api/addresses/")
        assert answer.status == 405
        assert answer.headers["allow"] == "GET, POST"
        assert answer.json == {"detail": f'Method "{method}" not allowed.'}


@pytest.mark.parametrize("path", ["/api/%ff%fe/", "/api/services/?category=%ff", "/?" + "a=1&" * 60])
async def test_an_unreadable_address_is_a_400(homeserve: Api, path: str) -> None:
    """Bytes that are no UTF-8, or a query string of too many fields, are the client's fault."""
    answer = await ask(homeserve.port, f"GET {path}")
    assert answer.status == 400
    assert "could not be read" in answer.json["error"]


async def test_an_escaped_path_is_the_same_path(homeserve: Api) -> None:
    """Percent signs in a path are taken for what they stand for."""
    assert (await ask(homeserve.port, "GET /api/%73ervices/")).status == 401


@pytest.mark.parametrize("size", [JSON_LIMIT_BYTES + 1, 4 * JSON_LIMIT_BYTES])
async def test_an_oversized_body_is_a_413(homeserve: Api, size: int) -> None:
    """A body beyond the limit is read to its end and refused, so that the client hears it."""
    kind = "Content-Type: application/json"
    answer = await ask(homeserve.port, "POST /auth/login/", kind, body=b" " * size)
    assert answer.status == 413
    assert "error" in answer.json


async def test_a_body_at_the_limit_is_read(homeserve: Api) -> None:
    """The limit itself is allowed."""
    content = dumps({"username": "carl", "password": "no such"}).encode()
    answer = await ask(
        homeserve.port,
        "POST /auth/login/",
        "Content-Type: application/json",
        body=content.ljust(JSON_LIMIT_BYTES),
    )
    assert answer.status == 401


@pytest.mark.parametrize("declared", [str(DISCARD_LIMIT_BYTES + 1), "9" * 18])
@pytest.mark.parametrize(("path", "status"), [("/auth/login/", 413), ("/nowhere/", 404)])
async def test_a_huge_declared_body_is_refused_at_once(
    homeserve: Api, declared: str, path: str, status: int
) -> None:
    """Beyond what is worth reading, the refusal comes without the body, and the connection closes."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {declared}\r\n\r\n"
    answer = await send(homeserve.port, head.encode())
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    assert "error" in answer.json


async def test_chunks_without_end_are_refused(homeserve: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunked body that grows beyond what is worth reading is refused while it is still being sent."""
    monkeypatch.setattr("handlers.exchange.DISCARD_LIMIT_BYTES", 1000)
    head = b"POST /auth/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await send(homeserve.port, head + b"400\r\n" + b" " * 1024 + b"\r\n")
    assert answer.status == 413
    assert answer.headers["connection"] == "close"
    assert "error" in answer.json


async def test_other_content_types_are_refused(homeserve: Api) -> None:
    """A form or a multipart body where JSON is expected is a 400 in JSON."""
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        answer = await ask(homeserve.port, "POST /auth/login/", f"Content-Type: {kind}", body=b"--x\r\n")
        assert answer.status == 400
        assert "error" in answer.json


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b"\xff", b'{"username": NaN}', b"[" * 5000])
async def test_a_broken_json_body_is_a_400(homeserve: Api, content: bytes) -> None:
    """What is no JSON object, however wrong, is the client's fault."""
    answer = await ask(homeserve.port, "POST /auth/login/", "Content-Type: application/json", body=content)
    assert answer.status == 400
    assert "error" in answer.json


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-1\r\n", b"2\r\nabcd\r\n0\r\n\r\n"])
async def test_broken_chunks_are_a_400(homeserve: Api, chunks: bytes) -> None:
    """A chunked body that breaks its own rules is answered with 400, not with silence."""
    head = b"POST /auth/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await send(homeserve.port, head + chunks)
    assert answer.status == 400


async def test_a_chunked_body_is_read(homeserve: Api) -> None:
    """A body of undeclared length counts like any other, and so does its limit."""
    head = b"POST /auth/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await send(homeserve.port, head + b"2\r\n{}\r\n0\r\n\r\n")).status == 400
    size = JSON_LIMIT_BYTES + 1
    too_much = f"{size:x}\r\n".encode() + b" " * size + b"\r\n0\r\n\r\n"
    assert (await send(homeserve.port, head + too_much)).status == 413


async def test_a_connection_outlives_a_refusal(homeserve: Api) -> None:
    """After a refused body, the next request on the connection is answered as if nothing had been."""
    size = JSON_LIMIT_BYTES + 1
    refused = (
        f"POST /auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode() + b" " * size
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", homeserve.port)
    for request, expected in ((refused, 413), (b"GET /health/ HTTP/1.1\r\nHost: x\r\n\r\n", 200)):
        writer.write(request)
        answered = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert int(answered.split()[1]) == expected
        await reader.readexactly(int(answered.lower().partition("content-length: ")[2].split()[0]))
    writer.close()


async def test_head_is_get_without_a_body(homeserve: Api) -> None:
    """HEAD has GET's status and length, and no body."""
    got = await ask(homeserve.port, "GET /api/services/")
    reader, writer = await asyncio.open_connection("127.0.0.1", homeserve.port)
    writer.write(b"HEAD /api/services/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(f"HTTP/1.1 {got.status} ".encode())
    assert f"Content-Length: {len(got.body)}".encode() in head
    assert body == b""


async def test_only_allowed_origins_may_call_from_a_browser(tiny: Api) -> None:
    """Pages of a listed origin get the headers that let them call; no other page does, nor is any invited."""
    wish = "Access-Control-Request-Method: PUT"
    allowed = await ask(tiny.port, "OPTIONS /cats/jobs", f"Origin: {ALLOWED}", wish)
    assert (allowed.status, allowed.body) == (204, b"")
    assert allowed.headers["access-control-allow-origin"] == ALLOWED
    assert allowed.headers["vary"] == "Origin"
    assert "PUT" in allowed.headers["access-control-allow-methods"]
    assert "Authorization" in allowed.headers["access-control-allow-headers"]
    answered = await ask(tiny.port, "GET /origin", f"Origin: {ALLOWED}")
    assert answered.headers["access-control-allow-origin"] == ALLOWED
    for stranger in ("https://evil.example", f"{ALLOWED}.evil.example", "null"):
        for line in ("OPTIONS /origin", "GET /origin"):
            answer = await ask(tiny.port, line, f"Origin: {stranger}", wish)
            assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_what_may_be_kept_is_kept_by_origin(tiny: Api) -> None:
    """A page's script that was fetched without an origin is not shown again to one that may not read it."""
    for headers in ((), (f"Origin: {ALLOWED}",), ("Origin: https://evil.example",)):
        answer = await ask(tiny.port, "GET /docs/assets/docs.js", *headers)
        assert (answer.status, answer.headers["vary"]) == (200, "Origin")


async def test_nobody_may_forward_unless_trusted(tiny: Api) -> None:
    """Without trusted proxies, X-Forwarded-For and -Proto are the client's own words and do not count."""
    lies = ("X-Forwarded-For: 9.9.9.9", "X-Forwarded-Proto: https", "X-Real-Ip: 9.9.9.9")
    answer = await ask(tiny.port, "GET /origin", *lies)
    assert answer.json["cat"] == {"address": "127.0.0.1", "base_url": f"http://localhost:{tiny.port}"}


async def test_a_trusted_proxy_is_believed(settings: Settings, services: Endpoints) -> None:
    """Behind a trusted proxy, the last address it forwards is the client's, not one the client made up."""
    behind = settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    async with serving(behind, services, [FACE]) as served:
        port = served["tiny"].port
        answer = await ask(
            port, "GET /origin", "X-Forwarded-For: 6.6.6.6, 9.9.9.9", "X-Forwarded-Proto: https"
        )
        assert answer.json["cat"] == {"address": "9.9.9.9", "base_url": f"https://localhost:{port}"}


async def test_every_answer_has_its_own_request_id(homeserve: Api) -> None:
    """Successes and refusals carry an X-Request-ID by which a log line is found; no two are the same."""
    lines = ("GET /health/", "GET /nowhere/", "DELETE /auth/login/", "GET /api/users/", "OPTIONS /")
    ids = [(await ask(homeserve.port, line)).headers["x-request-id"] for line in lines]
    assert all(ids)
    assert len(set(ids)) == len(lines)


async def test_health_says_what_it_reaches(homeserve: Api) -> None:
    """With the database there, the answer is 200 and says what is embedded and which versions run."""
    for path in ("/health/", "/health"):
        answer = await ask(homeserve.port, f"GET {path}")
        assert answer.status == 200
        assert (answer.json["status"], answer.json["database"]) == ("ok", "reached")
        assert answer.json["embedded"] == {"database": True, "redis": True}
        assert "tornado" in answer.json["versions"]


async def test_metrics_count_requests_by_row(homeserve: Api) -> None:
    """A request is counted under its market, row and status, never under the path a client made up."""
    await ask(homeserve.port, "GET /api/users/77/")
    text = (await ask(homeserve.port, "GET /metrics")).body.decode()
    counted = [line for line in text.splitlines() if "/api/users/{id:int}/" in line and "401" in line]
    assert counted
    assert "/api/users/77/" not in text


async def test_a_fault_never_shows_a_traceback(tiny: Api) -> None:
    """A row that breaks is a 500 in the face's words; in development they say what broke, not where."""
    with capture_logs() as logs:
        answer = await ask(tiny.port, "GET /fail?token=secret")
    assert (answer.status, answer.json) == (500, {"ok": False, "why": f"RuntimeError: {SECRET}"})
    failed = next(line for line in logs if line["event"] == "request failed")
    assert (failed["route"], "path" in failed) == ("GET /fail", False)


async def test_production_hides_what_broke(settings: Settings, services: Endpoints) -> None:
    """In production a 500 says only under which request id the log has it."""
    production = settings.model_copy(update={"environment": "production"})
    async with serving(production, services, [FACE]) as served:
        answer = await ask(served["tiny"].port, "GET /fail")
        assert answer.json == {"ok": False, "why": answer.headers["x-request-id"]}
        assert (await ask(served["tiny"].port, "GET /origin")).status == 200
