"""A picture and the form that carries it, made of nothing but the standard library."""

import struct
import zlib
from uuid import uuid4

from walkthrough.client import Form

SIDE = 8


def png() -> bytes:
    """Give a small orange square."""
    rows = b"".join(b"\0" + bytes((230, 140, 30)) * SIDE for _ in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = (_part(b"IHDR", head), _part(b"IDAT", zlib.compress(rows)), _part(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def form(image: bytes, **fields: str) -> Form:
    """Give a multipart form with these fields and a file called `image`."""
    mark = uuid4().hex
    texts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
    file = head.encode() + b"Content-Type: image/png\r\n\r\n" + image + b"\r\n"
    content = b"".join((*texts, file, f"--{mark}--\r\n".encode()))
    return Form(content, f"multipart/form-data; boundary={mark}")


def _part(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
