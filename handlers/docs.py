"""The documentation pages of a face: its OpenAPI document, Swagger UI and ReDoc; all served from here."""

import gzip
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import orjson

from handlers.openapi import document
from handlers.operation import Answer
from handlers.route import Face

ASSETS = Path(__file__).parent / "assets"
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js", "docs.js")
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>body {{ margin: 0 }}</style>
{style}
</head>
<body>
<div id="{element}"></div>
<script src="{mounted}/docs/assets/{script}"></script>
<script src="{mounted}/docs/assets/docs.js" data-spec="{mounted}/openapi.json"></script>
</body>
</html>
"""


class Docs:
    """Pages by path; a face's document is made when it is first asked for."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], tuple[bytes, Mapping[str, str]]] = {}

    def answer(self, face: Face, mounted: str, path: str) -> Answer | None:
        """Give the page at a path behind the face's mount, None when there is none."""
        page = path.rstrip("/")
        match face.aliases.get(page, page):
            case "/openapi.json":
                return Answer(200, *self._document(face, mounted))
            case "/docs":
                style = f'<link rel="stylesheet" href="{mounted}/docs/assets/swagger-ui.css">'
                return _page(face, mounted, "swagger", "swagger-ui-bundle.js", style)
            case "/redoc":
                return _page(face, mounted, "redoc", "redoc.standalone.js", "")
        folder, _, name = path.rpartition("/")
        return _asset(name) if folder == "/docs/assets" and name in FILES else None

    def _document(self, face: Face, mounted: str) -> tuple[bytes, Mapping[str, str]]:
        key = (face.marketplace.name, mounted)
        if key not in self._documents:
            content = orjson.dumps(document(face, mounted or "/"))
            headers = {"Content-Type": "application/json", "Cache-Control": "no-cache", "ETag": _tag(content)}
            self._documents[key] = content, headers
        return self._documents[key]


def _page(face: Face, mounted: str, element: str, script: str, style: str) -> Answer:
    html = PAGE.format(
        title=f"{face.title}: API", element=element, script=script, style=style, mounted=mounted
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
    return Answer(200, html.encode(), headers)


def _asset(name: str) -> Answer:
    content, tag = _read(name)
    headers = {
        "Content-Type": KINDS[Path(name).suffix],
        "Cache-Control": "public, max-age=3600",
        "ETag": tag,
    }
    return Answer(200, content, headers)


@cache
def _read(name: str) -> tuple[bytes, str]:
    packed = ASSETS / f"{name}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else (ASSETS / name).read_bytes()
    return content, _tag(content)


def _tag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:16]}"'
