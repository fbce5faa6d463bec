"""Multipart forms and images for tests."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.handlers.client import Account, Api, Reply

BOUNDARY = "a-boundary"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture(width: int = 640, height: int = 480, kind: str = "JPEG", **saved: Any) -> bytes:
    """Give an image file."""
    out = BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(out, kind, **saved)
    return out.getvalue()


def form(fields: dict[str, str], files: dict[str, tuple[str, bytes]]) -> bytes:
    """Give the body of a form; a file is (name, content)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (filename, content) in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def post_form(
    api: Api, path: str, account: Account, fields: dict[str, str], **files: tuple[str, bytes]
) -> Reply:
    """Send a form."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await api.post(path, raw=form(fields, files), token=account.token, headers=headers)
