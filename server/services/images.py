"""Images made harmless: decoded, turned upright, and encoded anew without whatever else the file held."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from server.errors import Invalid

MAX_PIXELS = 40_000_000
"""More than any phone takes; a file of 100 kB can claim a thousand times that."""

MAX_SIDE, THUMBNAIL_SIDE = 4096, 320
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JPEG and its thumbnail."""

    image: bytes
    thumbnail: bytes


def reencode(path: Path) -> Encoded:
    """Give an image file as JPEGs without metadata, at most MAX_SIDE and THUMBNAIL_SIDE wide and high.

    raises : Invalid for what is no JPEG, PNG or WebP, is broken, or has too many pixels
    """
    try:
        with Image.open(path, formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Invalid({"image": [f"More than {MAX_PIXELS // 1_000_000} million pixels."]})
            opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
            upright = _flat(ImageOps.exif_transpose(opened))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as wrong:
        raise Invalid({"image": ["Not a readable JPEG, PNG or WebP image."]}) from wrong
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    whole = _jpeg(upright)
    upright.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Encoded(whole, _jpeg(upright))


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
    image.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
