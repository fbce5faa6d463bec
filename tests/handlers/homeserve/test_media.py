"""Uploaded files as they are served, and as they go: to those who may see them, and without a trace."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from limits import RateLimitItemPerMinute

from handlers.homeserve.face import HOMESERVE_FACE
from server import clock
from server.embedded import Endpoints
from server.errors import Busy
from server.gateways.files import Files
from server.services.files import uploads
from server.services.files.uploads import DOCUMENT_BYTES
from server.settings import Settings
from tests.buckets import KEYS, bucket
from tests.handlers.client import Api
from tests.handlers.conftest import serving
from tests.handlers.homeserve.forms import BOUNDARY, PDF, form, picture, post_form
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.test_photos import fetch, upload


@pytest.fixture
def media(settings: Settings) -> Path:
    """The folder that files lie in."""
    return Path(settings.data_dir, "media")


def kept_in(folder: Path) -> list[str]:
    """Name the files of a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def make_due(scene: Scene) -> None:
    """Have every file that is waiting for an owner looked at by the next sweep."""
    leftovers = scene.api.market.stores.leftovers
    for one in await leftovers.find({}):
        await leftovers.change(one.id, {"due_at": clock.now() - timedelta(seconds=1)})


async def apply(scene: Scene, content: bytes, name: str = "../../proof.pdf") -> Any:
    """Give the answer to a document of an application by somebody new."""
    mine = "/api/vendor-applications/"
    await scene.api.post(mine, json={}, token=scene.other.token)
    (made,) = (await scene.api.get(mine, token=scene.other.token)).json["results"]
    path = f"{mine}{made['id']}/documents/"
    told = {"document_type": "identity"}
    return await post_form(scene.api, path, scene.other, told, file=(name, content))


async def test_a_document_is_saved_not_shown(scene: Scene) -> None:
    """A PDF comes back byte by byte, as an attachment under a name of ours, and is never guessed at."""
    sent = await apply(scene, PDF)
    assert sent.status == 201, sent.json
    answer = await fetch(sent.json["file"], scene.onboarder)
    assert (answer.code, answer.body) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "proof" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")


async def test_a_document_is_its_applicants_and_reviewers(scene: Scene) -> None:
    """Who neither applied nor reviews is told that there is no such file."""
    sent = await apply(scene, picture(kind="PNG"))
    for account, status in (
        (scene.other, 200),
        (scene.onboarder, 200),
        (scene.admin, 200),
        (scene.ops, 404),
        (scene.customer, 404),
        (scene.vendor, 404),
        (None, 401),
    ):
        assert (await fetch(sent.json["file"], account)).code == status


@pytest.mark.parametrize(
    "content", [b"", b"%PD", b"<html>", b"PK\x03\x04" + b"x" * 99, b"GIF89a" + b"x" * 99]
)
async def test_what_is_no_document_names_its_field(scene: Scene, content: bytes) -> None:
    """Content that is neither a PDF nor an image is a 400 that names the field of this form."""
    sent = await apply(scene, content)
    assert (sent.status, list(sent.json["details"])) == (400, ["file"])


async def test_a_broken_image_names_its_field(scene: Scene) -> None:
    """An image that cannot be read is refused under the name its form gives it."""
    sent = await apply(scene, picture()[:200])
    assert (sent.status, list(sent.json["details"])) == (400, ["file"])


async def test_a_document_may_have_twenty_megabytes(scene: Scene) -> None:
    """A PDF of just that size is taken whole; one byte more is a 413."""
    large = PDF.ljust(DOCUMENT_BYTES, b" ")
    sent = await apply(scene, large)
    assert sent.status == 201
    assert (await fetch(sent.json["file"], scene.other)).body == large
    assert (await apply(scene, large + b" ")).status == 413


async def test_uploads_are_limited(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends more files a minute than anybody takes pictures waits; others do not."""
    monkeypatch.setattr(uploads, "UPLOADS_USER", RateLimitItemPerMinute(2, namespace="test-uploads"))
    booking = await scene.confirmed()
    answers = [await upload(scene, booking, content=b"no image") for _ in range(3)]
    assert [answer.status for answer in answers] == [400, 400, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert (await upload(scene, booking, scene.customer)).status == 201


async def test_a_deleted_photo_is_gone_from_the_disk(scene: Scene, media: Path) -> None:
    """After the 204 neither the image nor its thumbnail lies in the folder, nor a note of them."""
    before = kept_in(media)
    made = (await upload(scene, await scene.confirmed())).json
    assert len(kept_in(media)) == len(before) + 2
    answer = await scene.api.delete(f"/api/photos/{made['id']}/", token=scene.vendor.token)
    assert answer.status == 204
    assert kept_in(media) == before
    assert await scene.api.market.stores.leftovers.find({}) == []


async def test_a_removed_document_is_gone_from_the_disk(scene: Scene, media: Path) -> None:
    """A document that the applicant takes back is removed with its row."""
    before = kept_in(media)
    sent = await apply(scene, PDF)
    listed = await scene.api.get("/api/vendor-applications/", token=scene.other.token)
    path = f"/api/vendor-applications/{listed.json['results'][0]['id']}/documents/{sent.json['id']}/"
    assert (await scene.api.delete(path, token=scene.other.token)).status == 204
    assert kept_in(media) == before


async def test_a_file_that_could_not_be_removed_is_removed_later(
    scene: Scene, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the store is away a deleted photo is served to nobody, and the job removes it afterwards."""
    before = kept_in(media)
    made = (await upload(scene, await scene.confirmed())).json

    async def away(files: Files, key: str) -> None:
        raise Busy()

    with monkeypatch.context() as patched:
        patched.setattr(Files, "delete", away)
        deleted = await scene.api.delete(f"/api/photos/{made['id']}/", token=scene.vendor.token)
        assert deleted.status == 204
        assert (await fetch(made["image"], scene.vendor)).code == 404
        assert await scene.api.market.media.sweep_due() == 0
    assert len(kept_in(media)) == len(before) + 2
    assert await scene.api.market.media.sweep_due() == 1
    assert kept_in(media) == before


async def test_a_file_whose_row_was_never_written_is_swept(
    scene: Scene, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that dies between the file and its row leaves a file that the job finds and removes."""
    before = kept_in(media)
    booking = await scene.confirmed()

    async def dies(photo: Any) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(scene.api.market.stores.photos, "insert", dies)
        assert (await upload(scene, booking)).status == 500
    assert len(kept_in(media)) == len(before) + 2
    assert await scene.api.market.media.sweep_due() == 0, "it may still get its row"
    await make_due(scene)
    assert await scene.api.market.media.sweep_due() == 1
    assert kept_in(media) == before


async def test_what_has_an_owner_is_never_swept(scene: Scene) -> None:
    """However late the job looks, a photo and a document that rows name are still there."""
    photo = (await upload(scene, await scene.confirmed())).json
    document = (await apply(scene, PDF)).json
    await make_due(scene)
    assert await scene.api.market.media.sweep_due() == 0
    for url in (photo["image"], photo["thumbnail"]):
        assert (await fetch(url, scene.vendor)).code == 200
    assert (await fetch(document["file"], scene.other)).code == 200
    assert await scene.api.market.stores.leftovers.find({}) == []


async def test_a_retry_with_its_key_keeps_one_photo(scene: Scene) -> None:
    """The same form sent again under its key is the same photo."""
    booking = await scene.confirmed()
    body = form({"booking": booking["id"], "image_type": "after"}, {"image": ("a.jpg", picture())})
    headers = {"Idempotency-Key": "one", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    first, again = [
        await scene.api.post("/api/photos/", raw=body, token=scene.vendor.token, headers=headers)
        for _ in range(2)
    ]
    assert (first.status, again.json) == (201, first.json)
    assert (await scene.api.get("/api/photos/", token=scene.vendor.token)).json["count"] == 1


@pytest_asyncio.fixture
async def in_bucket(
    settings: Settings, services: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Api]:
    """HomeServe with its files in a bucket."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with bucket() as url:
        elsewhere = settings.model_copy(update={"files_url": url})
        async with serving(elsewhere, services, [HOMESERVE_FACE]) as served:
            yield served["homeserve"]


async def test_a_bucket_serves_as_well_as_a_folder(in_bucket: Api, media: Path) -> None:
    """With FILES_URL nothing changes for clients, and nothing lies on this disk."""
    scene, before = await Scene.build(in_bucket), kept_in(media)
    made = (await upload(scene, await scene.confirmed())).json
    assert kept_in(media) == before
    assert (await fetch(made["thumbnail"], scene.customer)).code == 200
    key = made["image"].partition("/media/")[2]
    path = f"/api/photos/{made['id']}/"
    assert (await scene.api.delete(path, token=scene.vendor.token)).status == 204
    assert await scene.api.market.stores.leftovers.get(key) is None
