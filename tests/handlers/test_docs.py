"""The documentation pages: every row described, valid, served offline, and drawn by a real browser."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from playwright.async_api import async_playwright
from tornado.httpclient import AsyncHTTPClient

from handlers.homeserve.face import HOMESERVE_FACE
from handlers.openapi import document
from handlers.postman import collection, example
from handlers.reading import Reader
from handlers.route import PLACEHOLDER, Route
from tests.faces.tiny import TINY_FACE
from tests.handlers.client import Api

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.parametrize("face", [HOMESERVE_FACE, TINY_FACE], ids=["homeserve", "tiny"])
def test_the_document_is_valid_openapi(face: object) -> None:
    """Every face's document is OpenAPI 3.1."""
    validate(document(face))


def test_every_row_is_described() -> None:
    """Each row has an operation with a name of its own, its summary, roles, success and failures."""
    described = document(HOMESERVE_FACE)
    names = []
    for route in HOMESERVE_FACE.routes:
        path = re.sub(r"\{(\w+)(?::\w+)?\}", r"{\1}", route.path)
        operation = described["paths"][path][route.method.lower()]
        names.append(operation["operationId"])
        assert operation["summary"]
        assert operation["x-roles"] == sorted(route.roles)
        assert {str(route.status), "400", "429"} <= set(operation["responses"])
        assert ("401" in operation["responses"]) or route.public
    assert len(set(names)) == len(names)
    assert not [name for name in described["components"]["schemas"] if "__" in name]


def test_every_socket_is_described() -> None:
    """Each socket has its roles and messages, and is told of where the pages show it."""
    described = document(HOMESERVE_FACE)
    sockets = {one["path"]: one for one in described["x-websockets"]}
    assert len(sockets) == len(HOMESERVE_FACE.sockets)
    assert "booking_status_change" in sockets["/ws/bookings/{id}/"]["messages"]["sends"]
    assert "chat_response" in sockets["/ws/chat/{user_id}/{role}/"]["messages"]["receives"]
    for path, socket in sockets.items():
        assert socket["roles"] and all(socket["messages"].values())
        assert f"`{path}`" in described["info"]["description"]


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


@pytest.mark.parametrize(
    "route", [route for route in HOMESERVE_FACE.routes if route.body], ids=lambda one: one.name
)
def test_the_collection_s_bodies_are_valid(route: Route) -> None:
    """What the collection sends is what the row reads, so that a click gives no 400 for its form."""
    described = document(HOMESERVE_FACE)
    operation = described["paths"][PLACEHOLDER.sub(r"{\1}", route.path)][route.method.lower()]
    if "application/json" in operation["requestBody"]["content"]:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        sent = json.dumps(example(schema, described["components"]["schemas"]))
        assert Reader(route.body).json(sent.encode()) is not None


def test_the_postman_collection_is_fresh() -> None:
    """The collection in docs/ is what the rows give: `python -m server postman` writes it."""
    kept = json.loads((ROOT / "docs" / "homeserve.postman_collection.json").read_text())
    assert kept == json.loads(json.dumps(collection(HOMESERVE_FACE)))


def test_the_collection_keeps_the_token() -> None:
    """Every call that answers an access token, and no other, hands it to the calls after it."""
    items = [item for folder in collection(HOMESERVE_FACE)["item"] for item in folder["item"]]
    keeping = {item["request"]["url"]["raw"] for item in items if "event" in item}
    signing_in = {"login", "refresh", "verify-otp", "vendor/verify-otp", "register"}
    assert keeping == {f"{{{{base}}}}/auth/{name}/" for name in signing_in}


async def test_pages_and_assets(homeserve: Api) -> None:
    """Pages are HTML under a strict policy, assets have types and tags, and other names are a 404."""
    http = AsyncHTTPClient()
    for path, kind in (
        ("/docs/", "text/html"),
        ("/redoc/", "text/html"),
        ("/openapi.json", "application/json"),
        ("/docs/assets/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/assets/swagger-ui.css", "text/css"),
        ("/homeserve/docs/", "text/html"),
    ):
        answer = await http.fetch(homeserve.base_url + path)
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/openapi.json", "/docs/assets/docs.js"):
        first = await http.fetch(homeserve.base_url + path)
        known = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
        again = await http.fetch(homeserve.base_url + path, headers=known, raise_error=False)
        assert (again.code, again.body) == (304, b"")
    page = await http.fetch(f"{homeserve.base_url}/homeserve/redoc/")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert b'data-spec="/homeserve/openapi.json"' in page.body
    for name in ("README.md", "../docs.py", "swagger-ui.LICENSE"):
        answer = await http.fetch(f"{homeserve.base_url}/docs/assets/{name}", raise_error=False)
        assert answer.code == 404


@pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="needs chromium")
@pytest.mark.parametrize(("path", "text"), [("/docs/", "/api/bookings/"), ("/redoc/", "Idempotency-Key")])
async def test_a_browser_draws_the_page(homeserve: Api, path: str, text: str, tmp_path: Path) -> None:
    """Chromium shows the calls, reports no error, and asks no other host for anything."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1200, "height": 900})
        errors: list[str] = []
        hosts: set[str] = set()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: errors.append(str(fault)))
        page.on("request", lambda asked: hosts.add(asked.url.split("/")[2] if "://" in asked.url else ""))
        await page.goto(homeserve.base_url + path)
        await page.get_by_text(text).first.wait_for(timeout=60_000, state="attached")
        await page.screenshot(path=os.environ.get("SCREENSHOT", str(tmp_path / "page.png")))
        await browser.close()
    assert errors == []
    assert hosts <= {f"localhost:{homeserve.port}", ""}
