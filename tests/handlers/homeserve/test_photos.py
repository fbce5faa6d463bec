"""Photos: harmless whatever is sent, private to the booking's parties and staff, gone when deleted."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tornado.httpclient import AsyncHTTPClient

from server.services.bookings import photos
from server.services.files.uploads import IMAGE_BYTES, Kept
from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.documented import documented, fits
from tests.handlers.homeserve.forms import picture, post_form
from tests.handlers.homeserve.scene import Scene

GIF_SCRIPT = b"GIF89a/*<script>alert(1)</script>*/"


async def upload(
    scene: Scene,
    booking: Any,
    account: Account | None = None,
    content: bytes | None = None,
    fields: dict[str, str] | None = None,
) -> Reply:
    """Send a photo of a booking, as the vendor unless said otherwise."""
    told = {"booking": booking["id"], "image_type": "before", "description": "Before work"}
    told |= fields or {}
    image = ("../../etc/passwd.jpg", picture() if content is None else content)
    return await post_form(scene.api, "/api/photos/", account or scene.vendor, told, image=image)


async def fetch(url: str, account: Account | None) -> Any:
    headers = {"Authorization": f"Bearer {account.token}"} if account else {}
    return await AsyncHTTPClient().fetch(url, headers=headers, raise_error=False)


async def test_a_photo_and_its_thumbnail(scene: Scene) -> None:
    """An uploaded photo is a JPEG at its address, beside a small one, and both parties list it."""
    booking = await scene.confirmed()
    made = await upload(scene, booking, content=picture(1200, 900))
    assert made.status == 201, made.json
    fits(documented("upload_photo").response, made.json)
    for account in (scene.customer, scene.vendor, scene.ops):
        image = await fetch(made.json["image"], account)
        assert (image.code, image.headers["Content-Type"]) == (200, "image/jpeg")
        assert Image.open(BytesIO(image.body)).size == (1200, 900)
        small = Image.open(BytesIO((await fetch(made.json["thumbnail"], account)).body))
        assert max(small.size) == 320
        listed = await scene.api.get("/api/photos/", token=account.token, booking=booking["id"])
        fits(documented("list_photos").response, listed.json)
        assert [one["id"] for one in listed.json["results"]] == [made.json["id"]]


async def test_photos_are_private(scene: Scene) -> None:
    """Nobody else sees a photo, its file, or that it exists; without a token it is a 401."""
    booking = await scene.confirmed()
    made = (await upload(scene, booking)).json
    rival = await scene.make_vendor("vendor2")
    for account in (scene.other, rival):
        assert (await fetch(made["image"], account)).code == 404
        assert (await fetch(made["thumbnail"], account)).code == 404
        assert (await scene.api.get(f"/api/photos/{made['id']}/", token=account.token)).status == 404
        assert (await scene.api.delete(f"/api/photos/{made['id']}/", token=account.token)).status == 404
        assert (await scene.api.get("/api/photos/", token=account.token)).json["count"] == 0
        assert (await upload(scene, booking, account)).status == 404
        narrowed = await scene.api.get("/api/photos/", token=account.token, booking=booking["id"])
        assert narrowed.status == 404
    assert (await fetch(made["image"], None)).code == 401
    for path in ("/api/photos/", f"/api/photos/{made['id']}/"):
        assert (await scene.api.get(path, token=scene.onboarder.token)).status == 403
    assert (await fetch(made["image"], scene.onboarder)).code == 404


async def test_no_metadata_survives(scene: Scene) -> None:
    """Where a photo was taken, and by which camera, is not in what is served; it is turned upright."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera maker"
    exif.get_ifd(0x8825)[1] = "N"
    made = await upload(scene, await scene.confirmed(), content=picture(800, 600, exif=exif))
    served = Image.open(BytesIO((await fetch(made.json["image"], scene.vendor)).body))
    assert not served.getexif()
    assert served.size == (600, 800)


@pytest.mark.parametrize(
    "content",
    [b"", b"no image", GIF_SCRIPT, b"<svg onload=alert(1)>", picture()[:200], b"\xff\xd8\xff" + b"x" * 500],
)
async def test_what_is_no_image_is_refused(scene: Scene, content: bytes) -> None:
    """Whatever its name says, content that is no whole JPEG, PNG or WebP is a 400 naming the field."""
    answer = await upload(scene, await scene.confirmed(), content=content)
    assert answer.status == 400
    assert "image" in answer.json["details"]


async def test_a_script_behind_a_picture_is_gone(scene: Scene) -> None:
    """What is a picture and something else at once is served as the picture alone."""
    script = b"<script>alert(1)</script>"
    made = await upload(scene, await scene.confirmed(), content=picture(comment=script) + script)
    assert made.status == 201, made.json
    answer = await fetch(made.json["image"], scene.vendor)
    assert script not in answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")


async def test_only_a_form_brings_a_file(scene: Scene, tmp_path: Path) -> None:
    """A JSON body that names a file of the server as if it had been uploaded is a 400 naming the field."""
    private = tmp_path / "private.jpg"
    private.write_bytes(picture())
    booking = await scene.confirmed()
    named = {"path": str(private), "filename": "a.jpg", "size": 1, "sha256": ""}
    body = {"booking": booking["id"], "image_type": "before", "image": named}
    answer = await scene.api.post("/api/photos/", json=body, token=scene.vendor.token)
    assert (answer.status, list(answer.json["details"])) == (400, ["image"])
    assert (await scene.api.get("/api/photos/", token=scene.vendor.token)).json["count"] == 0


@pytest.mark.parametrize("size", [(30_000, 30_000), (5001, 5000)])
async def test_a_decompression_bomb_is_refused(scene: Scene, size: tuple[int, int]) -> None:
    """A small file that claims a huge picture is refused before it is decoded."""
    out = BytesIO()
    Image.new("1", size).save(out, "PNG")
    assert len(out.getvalue()) < IMAGE_BYTES
    assert (await upload(scene, await scene.confirmed(), content=out.getvalue())).status == 400


async def test_a_large_file_is_refused(scene: Scene) -> None:
    """More than five megabytes is a 413."""
    answer = await upload(scene, await scene.confirmed(), content=b"\xff\xd8\xff" + b"x" * IMAGE_BYTES)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("fields", "named"), [({"image_type": "selfie"}, "image_type"), ({"booking": "7"}, "booking")]
)
async def test_wrong_fields_are_named(scene: Scene, fields: dict[str, str], named: str) -> None:
    """A field that is wrong is a 400 that names it."""
    answer = await upload(scene, await scene.confirmed(), fields=fields)
    assert answer.status == 400
    assert named in answer.json["details"]


async def test_deleting_removes_the_file(scene: Scene) -> None:
    """Who uploaded a photo, or an admin, deletes it, and nothing is served any more."""
    booking = await scene.confirmed()
    made = (await upload(scene, booking)).json
    path = f"/api/photos/{made['id']}/"
    assert (await scene.api.delete(path, token=scene.customer.token)).status == 403
    assert (await scene.api.delete(path, token=scene.vendor.token)).status == 204
    for url in (made["image"], made["thumbnail"]):
        assert (await fetch(url, scene.vendor)).code == 404
    mine = (await upload(scene, booking, scene.customer)).json
    assert (await scene.api.delete(f"/api/photos/{mine['id']}/", token=scene.ops.token)).status == 204


async def test_a_booking_takes_so_many(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many photos at once only so many are taken as the limit allows; the others are conflicts."""
    monkeypatch.setattr(photos, "MOST_PHOTOS", 2)
    booking = await scene.confirmed()
    meet_before_the_row(scene, monkeypatch, 6)
    answers = await asyncio.gather(*(upload(scene, booking) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [201] * 2 + [409] * 4
    assert (await scene.api.get("/api/photos/", token=scene.vendor.token)).json["count"] == 2
    assert (await upload(scene, booking)).status == 409


def meet_before_the_row(scene: Scene, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """Have this many uploads keep their files before any of them writes its row."""
    uploads, meeting = scene.api.market.photos._uploads, asyncio.Barrier(many)
    keep = uploads.image

    async def image(*given: Any) -> Kept:
        kept = await keep(*given)
        await meeting.wait()
        return kept

    monkeypatch.setattr(uploads, "image", image)


async def test_a_cancelled_booking_takes_no_photo(scene: Scene) -> None:
    """What was called off has nothing to show, and what was shown before stays visible."""
    booking = await scene.confirmed()
    assert (await upload(scene, booking)).status == 201
    cancel = f"/api/bookings/{booking['id']}/cancel/"
    assert (await scene.api.post(cancel, json={}, token=scene.customer.token)).status == 200
    assert (await upload(scene, booking)).status == 409
    assert (await scene.api.get("/api/photos/", token=scene.customer.token)).json["count"] == 1


async def test_a_new_vendor_sees_earlier_photos(scene: Scene) -> None:
    """What the customer showed before anybody accepted is there for the vendor who does."""
    booking = (await scene.book()).json
    assert (await upload(scene, booking, scene.customer)).status == 201
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    assert (await scene.api.get("/api/photos/", token=scene.vendor.token)).json["count"] == 1


async def test_a_vendor_who_accepts_amid_an_upload_sees_the_photo(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo belongs to whoever is the provider when it is written, not when its upload began."""
    booking = (await scene.book()).json
    uploads = scene.api.market.photos._uploads
    keep = uploads.image

    async def image(*given: Any) -> Kept:
        kept = await keep(*given)
        await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
        return kept

    monkeypatch.setattr(uploads, "image", image)
    made = await upload(scene, booking, scene.customer)
    assert (await fetch(made.json["image"], scene.vendor)).code == 200
    assert (await scene.api.get("/api/photos/", token=scene.vendor.token)).json["count"] == 1


async def test_pages_and_filter(scene: Scene) -> None:
    """Photos come in pages, oldest first, and of one booking alone when one is named."""
    first, second = await scene.confirmed(), await scene.confirmed(when=scene.at(15))
    ids = [(await upload(scene, booking)).json["id"] for booking in (first, first, first, second)]
    page = await scene.api.get("/api/photos/", token=scene.customer.token, page=2, page_size=3)
    assert (page.json["count"], [one["id"] for one in page.json["results"]]) == (4, ids[3:])
    narrowed = await scene.api.get("/api/photos/", token=scene.ops.token, booking=first["id"], page_size=2)
    assert (narrowed.json["count"], [one["id"] for one in narrowed.json["results"]]) == (3, ids[:2])
    assert f"booking={first['id']}" in narrowed.json["next"]


@pytest.mark.parametrize(
    "key", ["photos/../secret_key", "photos/%2e%2e/secret_key", "secret_key", "photos/x.jpg"]
)
async def test_keys_are_no_paths(scene: Scene, key: str) -> None:
    """An address that is no known file is a 404, however it is written."""
    answer = await fetch(f"{scene.api.base_url}/media/{key}", scene.admin)
    assert answer.code == 404
