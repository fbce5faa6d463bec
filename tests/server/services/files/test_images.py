"""Images made harmless: whatever a file holds besides the picture is gone, and no file breaks the decoder."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from random import Random
from struct import pack
from typing import Any
from zlib import crc32

import pytest
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from server.services.files.image_parts import MOST_CHUNKS, MOST_SCANS, MOST_SEGMENTS
from server.services.files.images import MAX_PIXELS, MAX_SIDE, THUMBNAIL_SIDE, NotAnImage, reencode

SECRET = "48.2082 N 16.3738 E"
ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def exif(orientation: int = 1) -> Image.Exif:
    """Give EXIF that says where and by which camera."""
    told = Image.Exif()
    told[ORIENTATION], told[MAKER] = orientation, SECRET
    told.get_ifd(GPS)[1] = "N"
    return told


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def reencoded(tmp_path: Path, content: bytes) -> tuple[bytes, bytes]:
    """Give the image and the thumbnail that come of a file."""
    path = tmp_path / "file"
    path.write_bytes(content)
    encoded = reencode(path)
    return encoded.image, encoded.thumbnail


def png_texts() -> PngInfo:
    texts = PngInfo()
    texts.add_text("comment", SECRET)
    texts.add_itxt("XML:com.adobe.xmp", SECRET)
    return texts


PLAIN = Image.new("RGB", (640, 480), (200, 120, 40))
TALKATIVE = {
    "JPEG": {"comment": SECRET, "exif": exif(), "xmp": SECRET.encode(), "icc_profile": SECRET.encode() * 9},
    "PNG": {"pnginfo": png_texts(), "exif": exif(), "icc_profile": SECRET.encode() * 9},
    "WEBP": {"exif": exif(), "xmp": SECRET.encode(), "icc_profile": SECRET.encode() * 9},
}


@pytest.mark.parametrize("kind", TALKATIVE)
def test_nothing_but_the_picture_survives(tmp_path: Path, kind: str) -> None:
    """Comments, EXIF, XMP, profiles and what hangs on behind the picture are in neither file."""
    content = written(PLAIN, kind, **TALKATIVE[kind])
    for file in reencoded(tmp_path, content + SECRET.encode()):
        shown = Image.open(BytesIO(file))
        assert SECRET.encode() not in file
        assert not shown.getexif()
        assert not {"comment", "xmp", "icc_profile"} & shown.info.keys()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    """Whichever way the camera was held, the pixels come out as the picture is meant to be seen."""
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste((255, 0, 0), (0, 0, 20, 10))
    turned = Image.open(BytesIO(written(picture, "PNG", exif=exif(orientation))))
    content = written(turned, "PNG", exif=exif(orientation))
    image, _ = reencoded(tmp_path, content)
    corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    shown = Image.open(BytesIO(image)).convert("RGB")
    right, below = corner[orientation]
    assert shown.size == ((60, 40) if orientation < 5 else (40, 60))
    red, green, _ = shown.getpixel((right * (shown.width - 1), below * (shown.height - 1)))
    assert red > 200 > 100 > green


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("L", "CMYK", "YCbCr")),
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGBA", "I;16")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_every_mode_becomes_a_jpeg(tmp_path: Path, kind: str, mode: str) -> None:
    """Grey, palette, transparent and print colours can be taken."""
    content = written(Image.new(mode, (30, 20)), kind)
    shown = Image.open(BytesIO(reencoded(tmp_path, content)[0]))
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (30, 20))


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    """A picture without a ground is shown on white."""
    image, _ = reencoded(tmp_path, written(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    shown = Image.open(BytesIO(image))
    assert ImageChops.difference(shown, Image.new("RGB", shown.size, "white")).getbbox() is None


@pytest.mark.parametrize("size", [(5000, 3000), (1, 9000), (9000, 1), (1, 1)])
def test_sizes_are_bounded(tmp_path: Path, size: tuple[int, int]) -> None:
    """However long a side, the image and the thumbnail keep within theirs."""
    image, thumbnail = reencoded(tmp_path, written(Image.new("RGB", size), "PNG"))
    assert max(Image.open(BytesIO(image)).size) == min(max(size), MAX_SIDE)
    assert max(Image.open(BytesIO(thumbnail)).size) == min(max(size), THUMBNAIL_SIDE)


@pytest.mark.parametrize("size", [(30_000, 30_000), (5001, 5000), (MAX_PIXELS + 1, 1)])
def test_too_many_pixels_are_not_decoded(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that claims a huge picture is refused by its head."""
    content = written(Image.new("1", size), "PNG")
    monkeypatch.setattr(Image.Image, "thumbnail", None)
    with pytest.raises(NotAnImage):
        reencoded(tmp_path, content)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_formats_are_refused(tmp_path: Path, kind: str) -> None:
    """Only three decoders meet what strangers send."""
    with pytest.raises(NotAnImage):
        reencoded(tmp_path, written(PLAIN, kind))


def test_damaged_files_are_refused_or_shown(tmp_path: Path) -> None:
    """Whatever bytes are wrong, a file becomes an image or is no image; nothing else is raised."""
    random = Random(1)
    files = [written(PLAIN.resize((64, 48)), kind, exif=exif(6)) for kind in TALKATIVE]
    outcomes = set()
    for _ in range(600):
        damaged = bytearray(random.choice(files))
        for _ in range(random.choice((1, 2, 10))):
            damaged[random.randrange(min(len(damaged), 250))] = random.randrange(256)
        try:
            reencoded(tmp_path, bytes(damaged))
            outcomes.add("image")
        except NotAnImage:
            outcomes.add("none")
    assert outcomes == {"image", "none"}


def test_odd_metadata_costs_no_picture(tmp_path: Path) -> None:
    """A value of another type than its tag allows, as some cameras write it, is no reason to refuse."""
    content = written(PLAIN, "JPEG", exif=exif(6))
    maker = MAKER.to_bytes(2, "big")
    at = content.index(maker + b"\x00\x02")
    odd = content[:at] + (0x0100).to_bytes(2, "big") + content[at + 2 :]  # text where a width belongs
    assert Image.open(BytesIO(reencoded(tmp_path, odd)[0])).size == PLAIN.size[::-1]


def progressive(scans: int) -> bytes:
    """Give a JPEG whose last scan comes so many times more."""
    whole = written(PLAIN, "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * scans + whole[-2:]


COMMENT = b"\xff\xfe\x00\x04ok"
CHUNK = pack(">I4sI", 0, b"prVt", crc32(b"prVt"))


def with_parts(kind: str, part: bytes, times: int) -> bytes:
    """Give an image with so many of one part before all others that may come in any order."""
    whole = written(PLAIN, kind)
    start = {"JPEG": 2, "PNG": 33}[kind]
    return whole[:start] + part * times + whole[start:]


@pytest.mark.parametrize(
    "content",
    [
        progressive(MOST_SCANS),
        with_parts("JPEG", COMMENT, MOST_SEGMENTS),
        with_parts("JPEG", b"\xff", 1000),
        with_parts("JPEG", b"\xff\x00", 1000),
        with_parts("PNG", CHUNK, MOST_CHUNKS),
    ],
    ids=["scans", "segments", "padding", "escapes", "chunks"],
)
def test_too_many_parts_are_not_decoded(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that would keep a decoder busy for minutes or hours is refused before one sees it."""
    monkeypatch.setattr(Image, "open", lambda *args, **options: pytest.fail("it was opened"))
    with pytest.raises(NotAnImage, match="too many parts"):
        reencoded(tmp_path, content)


def test_a_file_that_is_gone_is_no_image(tmp_path: Path) -> None:
    """Whoever breaks an upload off takes the file away from under its reader."""
    with pytest.raises(NotAnImage):
        reencode(tmp_path / "gone")


@pytest.mark.parametrize(
    "content",
    [
        progressive(50),
        with_parts("JPEG", COMMENT, 500),
        with_parts("PNG", CHUNK, 5000),
        written(PLAIN, "JPEG") + b"\xff\xda\xff\xe1" * 50_000,  # a film that a phone hangs on a photo
        written(Image.effect_noise((900, 900), 90), "JPEG", quality=95, restart_marker_blocks=1),
    ],
    ids=["scans", "segments", "chunks", "behind the end", "restarts"],
)
def test_many_parts_are_decoded(tmp_path: Path, content: bytes) -> None:
    """What encoders write, and what cameras hang on behind a picture, is far below the limits."""
    assert all(reencoded(tmp_path, content))


BROKEN_TAGS = """
import sys
from pathlib import Path
from PIL import TiffImagePlugin
from server.services.files.image_parts import MOST_CHUNKS, MOST_SCANS, MOST_SEGMENTS
from server.services.files.images import reencode
reencode(Path(sys.argv[1]))
print(len(getattr(TiffImagePlugin, "__warningregistry__", {}).keys() - {"version"}))
"""


def test_broken_metadata_leaves_nothing_behind(tmp_path: Path) -> None:
    """Warnings that a file provokes are neither logged nor kept: each file may bring new ones."""
    tags = b"".join(pack("<HHLL", number, 1, 9_000_000, 8) for number in range(1, 300))
    told = b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + pack("<H", 299) + tags + b"\x00" * 4
    (tmp_path / "file").write_bytes(written(PLAIN, "JPEG", exif=told))
    command = [sys.executable, "-c", BROKEN_TAGS, str(tmp_path / "file")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("0", "")
