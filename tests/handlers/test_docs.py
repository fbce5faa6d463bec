"""The documentation pages: every row described, valid, served offline, and drawn by a real browser."""

import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from openapi_spec_validator import validate
from playwright.async_api import async_playwright
from tornado.httpclient import AsyncHTTPClient

from handlers.alist.face import ALIST_FACE
from handlers.faces import FACES
from handlers.homeserve.face import HOMESERVE_FACE
from handlers.openapi import document
from handlers.route import Face
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.tiny import TINY_FACE
from tests.handlers.conftest import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def name_of(face: Face) -> str:
    """Give the marketplace's name."""
    return face.marketplace.name


each = pytest.mark.parametrize("face", FACES, ids=name_of)


@pytest_asyncio.fixture(scope="module")
async def port(settings: Settings, services: Endpoints) -> AsyncIterator[int]:
    """Where all marketplaces are served."""
    async with serving(settings, services, FACES) as served:
        yield next(iter(served.values())).port


@pytest.mark.parametrize("face", [*FACES, TINY_FACE], ids=name_of)
def test_the_document_is_valid_openapi(face: Face) -> None:
    """Every face's document is OpenAPI 3.1."""
    validate(document(face))


@each
def test_every_row_is_described(face: Face) -> None:
    """Each row has an operation with a name of its own, its summary, roles, success and failures."""
    described = document(face)
    names = []
    for route in face.routes:
        path = re.sub(r"\{(\w+)(?::\w+)?\}", r"{\1}", route.path)
        operation = described["paths"][path][route.method.lower()]
        names.append(operation["operationId"])
        assert operation["summary"]
        assert operation["x-roles"] == sorted(route.roles)
        assert {str(route.status), "400", "429"} <= set(operation["responses"])
        assert ("401" in operation["responses"]) or route.public
    assert len(set(names)) == len(names)
    assert not [name for name in described["components"]["schemas"] if "__" in name]


@each
def test_every_socket_is_described(face: Face) -> None:
    """Each socket has its roles and messages, and is told of where the pages show it."""
    described = document(face)
    sockets = {one["path"]: one for one in described["x-websockets"]}
    assert len(sockets) == len(face.sockets)
    for path, socket in sockets.items():
        assert socket["roles"] and all(socket["messages"].values())
        assert f"`{path}`" in described["info"]["description"]


@pytest.mark.parametrize(
    ("face", "path", "way", "kind"),
    [
        (HOMESERVE_FACE, "/ws/bookings/{id}/", "sends", "booking_status_change"),
        (HOMESERVE_FACE, "/ws/chat/{user_id}/{role}/", "receives", "chat_response"),
        (ALIST_FACE, "/ws/notifications/", "sends", "appointment.updated"),
        (ALIST_FACE, "/ws/", "sends", "notification.new"),
    ],
)
def test_a_socket_s_messages_are_named(face: Face, path: str, way: str, kind: str) -> None:
    """What a socket says and answers is found where it is described."""
    sockets = {one["path"]: one for one in document(face)["x-websockets"]}
    assert kind in sockets[path]["messages"][way]


@each
def test_every_refusal_is_described(face: Face) -> None:
    """Each status that a row names has a schema, and every example of it the parts that it requires."""
    described = document(face)
    parts = described["components"]
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    named = {status for one in operations for status in one["responses"] if status >= "400"}
    for status in named:
        required = parts["schemas"][f"Error{status}"]["required"]
        shown = parts["responses"][f"Error{status}"]["content"]["application/json"]["examples"]
        assert all(set(required) <= example["value"].keys() for example in shown.values())
    if face is ALIST_FACE:
        forms = [parts["schemas"][f"Error{status}"]["required"] for status in named]
        assert all(form == ["details", "error", "status_code"] for form in forms)


def times(schema: object) -> Iterator[dict[str, Any]]:
    """Give every schema of a time of day within another."""
    if isinstance(schema, dict):
        if schema.get("format") == "time":
            yield schema
        yield from (one for part in schema.values() for one in times(part))
    elif isinstance(schema, list):
        yield from (one for part in schema for one in times(part))


@each
def test_a_time_of_day_has_an_example(face: Face) -> None:
    """Without one Swagger UI offers the present millisecond, which no row takes."""
    found = list(times(document(face)))
    assert found
    assert all("examples" in one for one in found), found


def test_errors_are_described_as_the_face_words_them() -> None:
    """A status' schema has the parts of its bodies, and its response an example of each reason."""
    parts = document(HOMESERVE_FACE)["components"]
    taken = parts["responses"]["Error409"]["content"]["application/json"]["examples"]["SlotTaken"]["value"]
    assert taken["alternatives"][0].keys() == {"start_time", "end_time", "score"}
    conflict, invalid = parts["schemas"]["Error409"], parts["schemas"]["Error400"]
    assert conflict["required"] == ["error"]
    assert conflict["properties"]["alternatives"]["items"]["properties"]["score"] == {"type": "number"}
    reasons = {"type": "array", "items": {"type": "string"}}
    assert invalid["properties"]["details"] == {"type": "object", "additionalProperties": reasons}
    assert "Retry-After" in parts["responses"]["Error429"]["headers"]


def test_an_envelope_is_described() -> None:
    """A face that wraps its answers has them described as they are sent."""
    answer = document(TINY_FACE)["paths"]["/cats/jobs"]["put"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {"ok": {"const": True}, "cat": {"$ref": "#/components/schemas/JobOut"}},
        "required": ["ok", "cat"],
    }


def test_bodies_are_described() -> None:
    """Files are fields of a form, a form without one may be JSON, a body may be optional."""
    paths = document(HOMESERVE_FACE)["paths"]
    photo = paths["/api/photos/"]["post"]["requestBody"]["content"]
    assert photo.keys() == {"multipart/form-data"}
    assert photo["multipart/form-data"]["schema"]["properties"]["image"]["format"] == "binary"
    message = paths["/api/disputes/{id}/send_message/"]["post"]["requestBody"]["content"]
    assert message.keys() == {"multipart/form-data", "application/json"}
    assert "attachment" not in message["application/json"]["schema"]["properties"]
    assert paths["/api/bookings/{id}/cancel/"]["post"]["requestBody"]["required"] is False
    assert paths["/api/bookings/"]["post"]["requestBody"]["required"] is True


@each
async def test_pages_and_assets(face: Face, port: int) -> None:
    """Pages are HTML under a strict policy, assets have types and tags, and other names are a 404."""
    http = AsyncHTTPClient()
    base = f"http://localhost:{port}/{name_of(face)}"
    for path, kind in (
        ("/docs/", "text/html"),
        ("/redoc/", "text/html"),
        ("/openapi.json", "application/json"),
        ("/docs/assets/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/assets/swagger-ui.css", "text/css"),
        *((f"{alias}/", "application/json" if "json" in alias else "text/html") for alias in face.aliases),
    ):
        answer = await http.fetch(base + path)
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/openapi.json", "/docs/assets/docs.js"):
        first = await http.fetch(base + path)
        known = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
        again = await http.fetch(base + path, headers=known, raise_error=False)
        assert (again.code, again.body) == (304, b"")
    page = await http.fetch(f"{base}/redoc/")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert f'data-spec="/{name_of(face)}/openapi.json"'.encode() in page.body
    for name in ("README.md", "../docs.py", "swagger-ui.LICENSE"):
        answer = await http.fetch(f"{base}/docs/assets/{name}", raise_error=False)
        assert answer.code == 404


async def test_a_host_s_own_pages_have_no_mount(port: int) -> None:
    """At a marketplace's host, and at the root for the default one, pages refer to the root."""
    http = AsyncHTTPClient()
    for host, path in ((f"alist.localhost:{port}", "/api/swagger/"), (f"localhost:{port}", "/docs/")):
        page = await http.fetch(f"http://localhost:{port}{path}", headers={"Host": host})
        assert b'data-spec="/openapi.json"' in page.body
        told = await http.fetch(f"http://localhost:{port}/openapi.json", headers={"Host": host})
        title = json.loads(told.body)["info"]["title"]
        assert (title == ALIST_FACE.title) == host.startswith("alist.")
        assert title.encode() in page.body


@pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="needs chromium")
@pytest.mark.parametrize(
    ("host", "path", "text"),
    [
        ("localhost", "/docs/", "/api/bookings/"),
        ("localhost", "/redoc/", "Idempotency-Key"),
        ("localhost", "/alist/api/swagger/", "/api/scheduling/appointments/"),
        ("localhost", "/alist/api/redoc/", "appointment.updated"),
        ("alist.localhost", "/api/swagger/", "/api/scheduling/appointments/"),
        ("alist.localhost", "/api/redoc/", "appointment.updated"),
    ],
)
async def test_a_browser_draws_the_page(port: int, host: str, path: str, text: str, tmp_path: Path) -> None:
    """Chromium shows the calls, reports no error, and asks no other host for anything."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1200, "height": 900})
        errors: list[str] = []
        hosts: set[str] = set()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: errors.append(str(fault)))
        page.on("request", lambda asked: hosts.add(asked.url.split("/")[2] if "://" in asked.url else ""))
        await page.goto(f"http://{host}:{port}{path}")
        await page.get_by_text(text).first.wait_for(timeout=60_000, state="attached")
        await page.screenshot(path=os.environ.get("SCREENSHOT", str(tmp_path / "page.png")))
        await browser.close()
    assert errors == []
    assert hosts <= {f"{host}:{port}", ""}
