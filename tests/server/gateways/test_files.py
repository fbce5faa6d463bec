"""Files in a folder and in a bucket behave alike."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.errors import Busy, NotFound
from server.gateways import files as gateway
from server.gateways.files import Files
from tests.buckets import KEYS, bucket


@pytest.fixture(scope="module")
def bucket_url() -> Iterator[str]:
    with bucket() as url:
        yield url


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bucket wants to be shown."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["folder", "bucket", "part of a bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path, bucket_url: str) -> Files:
    urls = {"folder": None, "bucket": bucket_url, "part of a bucket": bucket_url.replace("?", "/a/part?")}
    return Files(urls[request.param], tmp_path / "media")


async def test_kept_read_deleted(files: Files, tmp_path: Path) -> None:
    """What is kept reads back byte by byte, from memory or a path, until it is deleted; twice is fine."""
    source = tmp_path / "source.pdf"
    source.write_bytes(b"a document")
    await files.keep("photos/2024/01/15/one.jpg", b"an image")
    await files.keep("disputes/2024/01/15/two.pdf", source)
    assert await files.read("photos/2024/01/15/one.jpg") == b"an image"
    assert await files.read("disputes/2024/01/15/two.pdf") == b"a document"
    await files.delete("photos/2024/01/15/one.jpg")
    await files.delete("photos/2024/01/15/one.jpg")
    with pytest.raises(NotFound):
        await files.read("photos/2024/01/15/one.jpg")


async def test_parts_of_a_bucket_are_apart(bucket_url: str, tmp_path: Path) -> None:
    """The address may name a folder of the bucket, and files elsewhere in it are none of ours."""
    whole, part = (Files(bucket_url.replace("?", f"{path}?"), tmp_path) for path in ("", "/ours/"))
    await part.keep("photos/one.jpg", b"an image")
    assert await whole.read("ours/photos/one.jpg") == b"an image"
    with pytest.raises(NotFound):
        await whole.read("photos/one.jpg")


async def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else on the machine looks into the folder."""
    await Files(None, tmp_path / "media").keep("photos/one.jpg", b"an image")
    assert (tmp_path / "media").stat().st_mode & 0o077 == 0


async def test_a_bucket_that_is_away(tmp_path: Path) -> None:
    """A bucket nobody serves is refused as worth another try."""
    away = Files("s3://doorstep?endpoint=http://127.0.0.1:9", tmp_path)
    for call in (away.keep("photos/x.jpg", b"x"), away.read("photos/x.jpg"), away.delete("photos/x.jpg")):
        with pytest.raises(Busy):
            await call


async def test_a_bucket_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who accepts a connection and says nothing holds nobody for longer than our patience."""
    monkeypatch.setattr(gateway, "PATIENCE", timedelta(seconds=0.3))
    accepted: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: accepted.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    silent = Files(f"s3://doorstep?endpoint=http://127.0.0.1:{port}", tmp_path)
    async with server, asyncio.timeout(30):
        with pytest.raises(Busy):
            await silent.read("photos/x.jpg")
        for writer in accepted:
            writer.close()
            await writer.wait_closed()
    assert accepted


async def test_a_bucket_that_does_not_exist(bucket_url: str, tmp_path: Path) -> None:
    """Nothing counts as kept that no bucket took."""
    with pytest.raises(Busy):
        await Files(bucket_url.replace("doorstep", "nobody"), tmp_path).keep("photos/x.jpg", b"x")
