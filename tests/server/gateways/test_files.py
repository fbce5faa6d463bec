"""Files in a folder and in a bucket behave alike."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from server.errors import Busy, NotFound
from server.gateways.files import Files


@pytest.fixture(scope="module")
def bucket_url() -> Iterator[str]:
    """A real S3 protocol on a port, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="doorstep")
    yield f"s3://doorstep?endpoint={endpoint}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def files(
    request: pytest.FixtureRequest, tmp_path: Path, bucket_url: str, monkeypatch: pytest.MonkeyPatch
) -> Files:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return Files(bucket_url if request.param == "bucket" else None, tmp_path / "media")


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


async def test_a_bucket_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket nobody serves is refused as worth another try, within seconds."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(Busy):
        await Files("s3://doorstep?endpoint=http://127.0.0.1:9", Path("unused")).keep("photos/x.jpg", b"x")
