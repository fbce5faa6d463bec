"""Images made harmless: decoded, turned upright, and encoded anew without whatever else the file held."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from server.services.files.image_parts import is_bearable

# Pillow warns of each broken tag of a file's metadata, and Python keeps every warning for ever.
warnings.filterwarnings("ignore", module="PIL")

MAX_PIXELS = 25_000_000
"""A file of 100 kB can claim a thousand times that; at this size decoding takes up to 500 MB for a moment."""

MAX_SIDE, THUMBNAIL_SIDE = 4096, 320
FORMATS = ("JPEG", "PNG", "WEBP")

_TURNS: Mapping[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what turns it upright. Pillow's exif_transpose does the same, and fails on the odd
metadata that cameras write, because it writes all of it anew."""


class NotAnImage(ValueError):
    """The file cannot be taken as an image; the text says why, and may be shown."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JPEG and its thumbnail."""

    image: bytes
    thumbnail: bytes


def reencode(path: Path) -> Encoded:
    """Give an image file as JPEGs without metadata, at most MAX_SIDE and THUMBNAIL_SIDE wide and high.

    raises : NotAnImage for what is no JPEG, PNG or WebP, is broken, or has too many pixels or parts
    """
    try:
        if not is_bearable(path.read_bytes()):
            raise NotAnImage("The image is made of too many parts.")
        with Image.open(path, formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise NotAnImage(f"More than {MAX_PIXELS // 1_000_000} million pixels.")
            opened.thumbnail((MAX_SIDE, MAX_SIDE))  # before anything else, which then costs less memory
            upright = _flat(_turned(opened))
    except NotAnImage:
        raise
    except Exception as wrong:  # decoders fail on hostile bytes in many ways: struct.error, SyntaxError, …
        raise NotAnImage("Not a readable JPEG, PNG or WebP image.") from wrong
    upright.info.clear()  # an encoder would write the comment that a decoder found
    return encode(upright)


def encode(image: Image.Image) -> Encoded:
    """Give an image in RGB as JPEGs; it is shrunk to its thumbnail."""
    whole = _jpeg(image)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Encoded(whole, _jpeg(image))


def _turned(image: Image.Image) -> Image.Image:
    """Give an image as the camera's holder saw it."""
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    return image if turn is None else image.transpose(turn)


def _flat(image: Image.Image) -> Image.Image:
    """Give an image without transparency, on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        flat = Image.new("RGB", seen.size, "white")
        flat.paste(seen, mask=seen.getchannel("A"))
        return flat
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
