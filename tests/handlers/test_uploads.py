"""Multipart bodies: streamed to disk within limits, refused early, gone when the request ends."""

import asyncio
import os
import tempfile
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from handlers import exchange, uploads
from handlers.call import Call
from handlers.homeserve import wire
from handlers.reading import Body
from handlers.route import Route
from handlers.uploads import MAX_FIELD_BYTES, MAX_PARTS, Upload, UploadedFile
from server.embedded import Endpoints
from server.errors import Invalid, Malformed, TooLarge
from server.settings import Settings
from tests.faces.tiny import OWNER, TINY_FACE
from tests.handlers.client import Account, Api, Reply
from tests.handlers.conftest import serving

FILE_LIMIT_BYTES = 5_000_000
BOUNDARY = "a-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
CHUNK_BYTES = 64 * 1024
PHOTO = Random(4).randbytes(4_000_000)


class Picture(Body):
    title: str
    file: UploadedFile


async def keep(call: Call) -> dict[str, Any]:
    """Say what arrived and where it lies meanwhile."""
    picture: Picture = call.body
    on_disk = sha256(picture.file.path.read_bytes()).hexdigest()
    return {
        "title": picture.title,
        "filename": picture.file.filename,
        "size": picture.file.size,
        "is_whole": on_disk == picture.file.sha256,
        "path": str(picture.file.path),
    }


FACE = replace(
    TINY_FACE,
    errors=wire.ERRORS,
    wrap=None,
    routes=(Route("POST", "/pictures", keep, roles=OWNER, body=Picture, uploads={"file": FILE_LIMIT_BYTES}),),
)


def part(name: str, content: bytes, filename: str | None = None) -> tuple[str, bytes]:
    """Give a part's disposition and content."""
    file = "" if filename is None else f'; filename="{filename}"'
    return f'Content-Disposition: form-data; name="{name}"{file}', content


def form(*parts: tuple[str, bytes], boundary: str = BOUNDARY) -> bytes:
    """Give a multipart body."""
    rows = [f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts]
    return b"".join([*rows, f"--{boundary}--\r\n".encode()])


def received(body: bytes, content_type: str = FORM) -> Upload:
    """Give the upload of a whole body, fed in chunks."""
    upload = Upload(content_type, {"file": FILE_LIMIT_BYTES})
    try:
        for start in range(0, len(body), CHUNK_BYTES):
            upload.feed(body[start : start + CHUNK_BYTES])
        upload.close()
    except Exception:
        upload.discard()
        raise
    return upload


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that uploads lie in meanwhile, empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest_asyncio.fixture
async def tiny(settings: Settings, services: Endpoints, temporary: Path) -> AsyncIterator[Api]:
    """A marketplace that takes pictures."""
    async with serving(settings, services, [FACE]) as served:
        yield served["tiny"]


@pytest_asyncio.fixture
async def owner(tiny: Api) -> Account:
    return await tiny.account("olga", "owner")


async def post(api: Api, token: str, body: bytes, content_type: str = FORM, **headers: str) -> Reply:
    """Send a body to the row that takes pictures."""
    sent = {"Authorization": token, "Content-Type": content_type, **headers}
    return await api.post("/pictures", raw=body, headers=sent)


PICTURE = form(part("title", b"Tom"), part("file", PHOTO, "../tom.png"))


async def test_a_file_arrives_whole_and_is_gone_afterwards(
    tiny: Api, owner: Account, temporary: Path
) -> None:
    """The row finds the file on disk as it was sent, beside the fields; after the answer it is removed."""
    reply = await post(tiny, owner.token, PICTURE)
    assert reply.status == 200, reply.json
    kept = reply.json
    assert (kept["title"], kept["filename"], kept["size"]) == ("Tom", "../tom.png", len(PHOTO))
    assert kept["is_whole"]
    assert Path(kept["path"]).is_relative_to(temporary)
    assert os.listdir(temporary) == []


async def test_a_file_beyond_its_limit_is_a_413(tiny: Api, owner: Account, temporary: Path) -> None:
    """One byte more than the row takes is refused in the face's words, and nothing is left on disk."""
    body = form(part("title", b"Tom"), part("file", bytes(FILE_LIMIT_BYTES + 1), "tom.png"))
    reply = await post(tiny, owner.token, body)
    assert (reply.status, reply.json) == (413, {"error": f"file is larger than {FILE_LIMIT_BYTES} bytes."})
    assert os.listdir(temporary) == []


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=", "", ";;;"])
async def test_without_a_boundary_it_is_a_400(tiny: Api, owner: Account, content_type: str) -> None:
    """A body that is no form, or does not say where its parts end, is refused in JSON."""
    reply = await post(tiny, owner.token, PICTURE, content_type)
    assert (reply.status, "error" in reply.json) == (400, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"nothing like a form", PICTURE[:-10], PICTURE[:2000], form(part("title", b"Tom"))],
    ids=["empty", "no form", "cut at the end", "cut in the file", "without the file"],
)
async def test_a_broken_form_is_a_400(tiny: Api, owner: Account, temporary: Path, body: bytes) -> None:
    """What cannot be read, ends early or lacks the file is the client's fault; nothing is left on disk."""
    reply = await post(tiny, owner.token, body)
    assert (reply.status, "error" in reply.json) == (400, True)
    assert os.listdir(temporary) == []


async def test_a_stranger_is_refused_before_a_byte_is_kept(
    tiny: Api, owner: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a token, with a wrong one or with another role, no upload is ever begun."""
    keeper = await tiny.account("kim", "keeper")
    begun: list[str] = []
    monkeypatch.setattr(exchange, "Upload", lambda *given: begun.append(given[0]))
    for token, status in (("", 401), ("nonsense", 401), (keeper.token, 403)):
        assert (await post(tiny, token, PICTURE)).status == status
    assert begun == []


async def test_a_client_that_leaves_leaves_nothing(
    tiny: Api, owner: Account, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the connection ends amid a file, what had arrived is removed."""
    monkeypatch.setattr(exchange, "Upload", WatchedUpload)
    writer = await begin(tiny, owner, PICTURE[: len(PICTURE) // 2])
    async with asyncio.timeout(30):
        await WatchedUpload.fed.wait()
        assert os.listdir(temporary)
        writer.close()
        await WatchedUpload.discarded.wait()
    assert os.listdir(temporary) == []


async def test_a_user_sends_so_many_files_at_once(
    tiny: Api, owner: Account, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends slowly takes disk for long: one too many is a 429, until another has ended."""
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(exchange, "Upload", WatchedUpload)
    slow = []
    for _ in range(2):
        WatchedUpload.fed.clear()
        slow.append(await begin(tiny, owner, PICTURE[: len(PICTURE) // 2]))
        async with asyncio.timeout(30):
            await WatchedUpload.fed.wait()
    refused = await post(tiny, owner.token, PICTURE)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    other = await tiny.account("otto", "owner")
    assert (await post(tiny, other.token, PICTURE)).status == 200
    WatchedUpload.discarded.clear()
    slow[0].close()
    async with asyncio.timeout(30):
        await WatchedUpload.discarded.wait()
    assert (await post(tiny, owner.token, PICTURE)).status == 200
    slow[1].close()


async def begin(api: Api, account: Account, sent: bytes) -> asyncio.StreamWriter:
    """Send the head of a picture's request and these bytes of its body."""
    _, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = [
        "POST /pictures HTTP/1.1",
        f"Host: localhost:{api.port}",
        f"Authorization: {account.token}",
        f"Content-Type: {FORM}",
        f"Content-Length: {len(PICTURE)}",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + sent)
    return writer


class WatchedUpload(Upload):
    """An upload that tells when it has received something and when it was discarded."""

    fed, discarded = asyncio.Event(), asyncio.Event()

    def feed(self, chunk: bytes) -> None:
        super().feed(chunk)
        self.fed.set()

    def discard(self) -> None:
        super().discard()
        self.discarded.set()


@pytest.mark.parametrize("file", ["tom.png", None, {"path": "x", "filename": "x", "size": 1, "sha256": "x"}])
async def test_json_brings_no_file(tiny: Api, owner: Account, file: Any) -> None:
    """A JSON body cannot name what lies on the server's disk: a file comes in a form or not at all."""
    headers = {"Authorization": owner.token}
    reply = await tiny.post("/pictures", json={"title": "Tom", "file": file}, headers=headers)
    assert (reply.status, list(reply.json["details"])) == (400, ["file"])


@pytest.mark.parametrize("filename", [None, ""], ids=["text", "nothing chosen"])
async def test_a_form_without_a_file_names_it(tiny: Api, owner: Account, filename: str | None) -> None:
    """Text in a file's place, or the empty part that a page sends for a file not chosen, is no file."""
    reply = await post(tiny, owner.token, form(part("title", b"Tom"), part("file", b"", filename)))
    assert (reply.status, list(reply.json["details"])) == (400, ["file"])


async def test_the_key_of_an_equal_form_gives_the_first_answer(tiny: Api, owner: Account) -> None:
    """A retry with a new boundary is the same request; with other content it is a conflict."""
    first = await post(tiny, owner.token, PICTURE, **{"Idempotency-Key": "k"})
    again = form(part("title", b"Tom"), part("file", PHOTO, "../tom.png"), boundary="another")
    retried = await post(
        tiny, owner.token, again, "multipart/form-data; boundary=another", **{"Idempotency-Key": "k"}
    )
    assert (first.status, retried.status) == (200, 200)
    assert retried.json == first.json
    other = form(part("title", b"Tim"), part("file", PHOTO, "../tom.png"))
    assert (await post(tiny, owner.token, other, **{"Idempotency-Key": "k"})).status == 409


def test_a_file_is_never_held_in_memory(temporary: Path) -> None:
    """However large the file, receiving it takes memory for a few chunks."""
    upload = Upload(FORM, {"file": FILE_LIMIT_BYTES})
    tracemalloc.start()
    try:
        for start in range(0, len(PICTURE), CHUNK_BYTES):
            upload.feed(PICTURE[start : start + CHUNK_BYTES])
        upload.close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        upload.discard()
    assert peak < 8 * CHUNK_BYTES


def test_files_are_for_their_owner_alone(temporary: Path) -> None:
    """Nobody else on the machine can read a file while it lies there, nor does its name choose its place."""
    upload = received(PICTURE)
    file: UploadedFile = upload.values()["file"]
    assert file.path.stat().st_mode & 0o077 == 0
    assert file.path.parent.stat().st_mode & 0o077 == 0
    assert file.path.parent.parent == temporary
    upload.discard()
    assert not file.path.exists()


def test_a_repeated_field_is_a_list(temporary: Path) -> None:
    """A field that comes several times has all its texts, in their order; others are text."""
    upload = received(form(part("id", b"2"), part("title", b"Tom"), part("id", b"1")))
    assert upload.values() == {"id": ["2", "1"], "title": "Tom"}
    upload.discard()


def test_equal_forms_have_equal_digests(temporary: Path) -> None:
    """The digest depends on fields and files, on neither boundary nor order; no two forms share one."""
    title, file = part("title", b"Tom"), part("file", b"abc", "tom.png")
    other = "multipart/form-data; boundary=another"
    same = [
        received(form(title, file)),
        received(form(file, title)),
        received(form(title, file, boundary="another"), other),
    ]
    different = [
        received(form(title, part("file", b"abd", "tom.png"))),
        received(form(title, part("file", b"abc", "tim.png"))),
        received(form(part("title", b"Tim"), file)),
        received(form(part("titl", b"e=Tom"), file)),
        received(form(part("title", b"Tom\nx=y"), file)),
        received(form(title, part("x", b"y"), file)),
        received(form(title, title, file)),
    ]
    assert len({upload.digest() for upload in same}) == 1
    assert len({upload.digest() for upload in [same[0], *different]}) == 1 + len(different)
    for upload in [*same, *different]:
        upload.discard()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (form(part("title", b"x" * (MAX_FIELD_BYTES + 1))), TooLarge),
        (form(part("title", b"\xff")), Invalid),
        (form(part("virus", b"x", "x.exe")), Invalid),
        (form(part("file", b"x", "x.png"), part("file", b"y", "y.png")), Invalid),
        (form(*[part(f"f{number}", b"") for number in range(MAX_PARTS + 1)]), Malformed),
        (b"--a-boundary\rX", Malformed),
    ],
    ids=["long field", "no UTF-8", "unexpected file", "two files", "many parts", "no form"],
)
def test_a_form_is_refused_for_its_reason(temporary: Path, body: bytes, reason: type[Exception]) -> None:
    """Each thing a form may get wrong has its own error, and leaves nothing on disk."""
    with pytest.raises(reason):
        received(body)
    assert os.listdir(temporary) == []


def test_a_body_may_come_byte_by_byte(temporary: Path) -> None:
    """Wherever the network cuts a body, the same form comes out."""
    body = form(part("title", b"Tom"), part("file", b"a\r\n--b", "tom.png"))
    upload = Upload(FORM, {"file": FILE_LIMIT_BYTES})
    for byte in body:
        upload.feed(bytes([byte]))
    upload.close()
    values = upload.values()
    assert (values["title"], values["file"].path.read_bytes()) == ("Tom", b"a\r\n--b")
    upload.discard()
