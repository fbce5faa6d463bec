"""The Postman collections: fresh, valid, and keeping the tokens that an answer gives."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from handlers.faces import FACES
from handlers.openapi import document
from handlers.postman import KEEP_TOKENS, SITE, collection, example
from handlers.reading import Reader
from handlers.route import PLACEHOLDER, Face, Route

DOCS = Path(__file__).parents[2] / "docs"
TOKENS = {"access": "a", "refresh": "r"}
SIGNING_IN = {
    "homeserve": [
        "/auth/login/",
        "/auth/refresh/",
        "/auth/verify-otp/",
        "/auth/vendor/verify-otp/",
        "/auth/register/",
    ],
    "alist": ["/api/users/register/", "/api/users/token/", "/api/users/token/refresh/"],
}
"""The calls that answer an access token."""


def name_of(face: Face) -> str:
    """Give the marketplace's name."""
    return face.marketplace.name


each = pytest.mark.parametrize("face", FACES, ids=name_of)


BODIES = [
    pytest.param(face, route, id=f"{name_of(face)} {route.name}")
    for face in FACES
    for route in face.routes
    if route.body
]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """Every marketplace's document, by its name."""
    return {name_of(face): document(face) for face in FACES}


@pytest.mark.parametrize(("face", "route"), BODIES)
def test_the_collection_s_bodies_are_valid(face: Face, route: Route, described: dict[str, Any]) -> None:
    """What the collection sends is what the row reads, so that a click gives no 400 for its form."""
    whole = described[name_of(face)]
    operation = whole["paths"][PLACEHOLDER.sub(r"{\1}", route.path)][route.method.lower()]
    if "application/json" in operation["requestBody"]["content"]:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        sent = json.dumps(example(schema, whole["components"]["schemas"]))
        assert Reader(route.body).json(sent.encode()) is not None


@each
def test_the_postman_collection_is_fresh(face: Face) -> None:
    """The collection in docs/ is what the rows give: `python -m server postman` writes it."""
    kept = json.loads((DOCS / f"{name_of(face)}.postman_collection.json").read_text())
    assert kept == json.loads(json.dumps(collection(face)))


@each
def test_the_collection_keeps_the_tokens(face: Face) -> None:
    """Every call that answers an access token, and no other, hands it to the calls after it."""
    whole = collection(face)
    items = [item for folder in whole["item"] for item in folder["item"]]
    keeping = {item["request"]["url"]["raw"] for item in items if "event" in item}
    assert keeping == {f"{{{{base_url}}}}{path}" for path in SIGNING_IN[name_of(face)]}
    assert {one["key"]: one["value"] for one in whole["variable"]} == {
        "base_url": f"{SITE}/{name_of(face)}",
        "access_token": "",
        "refresh_token": "",
    }
    [refresh] = [item for item in items if "{{refresh_token}}" in str(item["request"].get("body"))]
    assert "refresh/" in refresh["request"]["url"]["raw"]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("answer", [TOKENS, {"tokens": TOKENS}])
def test_tokens_are_kept_wherever_an_answer_has_them(answer: dict[str, Any]) -> None:
    """The script that Postman runs finds both at the top and in `tokens`, and survives a refusal."""
    script = "\n".join(KEEP_TOKENS)
    run = f"""
    const kept = {{}};
    const collectionVariables = {{ set: (name, value) => {{ kept[name] = value; }} }};
    for (const code of [200, 401]) {{
      const pm = {{ collectionVariables, response: {{ code, json: () => ({json.dumps(answer)}) }} }};
      new Function("pm", {json.dumps(script)})(pm);
    }}
    console.log(JSON.stringify(kept));"""
    done = subprocess.run(["node", "-e", run], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"access_token": "a", "refresh_token": "r"}
