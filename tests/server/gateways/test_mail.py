"""Mail over real SMTP, and into files."""

import asyncio
import socket
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path

import pytest
import pytest_asyncio
from aiosmtpd.smtp import LoginPassword
from structlog.testing import capture_logs

from server.gateways.deliveries import Undelivered
from server.gateways.mail import SENDER, Mail
from tests.server.gateways.postbox import Postbox, serving_mail


@pytest_asyncio.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with serving_mail() as box:
        yield box


def kept(folder: Path) -> list[Message]:
    paths = sorted(folder.glob("mail-*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]


async def test_a_mail_arrives_as_it_was_written(postbox: Postbox, tmp_path: Path) -> None:
    """Sender, receiver, subject and text reach the server; no file is left."""
    mail = Mail(f"smtp://127.0.0.1:{postbox.port}", tmp_path)
    await mail.send("carla@example.com", "Café", "Your code is 123456 – good for ten minutes.")
    envelope = await asyncio.wait_for(postbox.received.get(), 10)
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["carla@example.com"])
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    assert (message["To"], message["Subject"]) == ("carla@example.com", "Café")
    assert message.get_content().strip() == "Your code is 123456 – good for ten minutes."
    assert kept(tmp_path) == []
    await mail.close()


async def test_the_url_carries_the_credentials(postbox: Postbox, tmp_path: Path) -> None:
    """Name and password of the URL are unquoted and used."""
    mail = Mail(f"smtp://post%40office:p%3Aw@127.0.0.1:{postbox.port}", tmp_path)
    await mail.send("carla@example.com", "Hello", "text")
    await asyncio.wait_for(postbox.received.get(), 10)
    assert postbox.logins == [LoginPassword(b"post@office", b"p:w")]
    await mail.close()


async def test_nobody_waits_for_a_slow_server(postbox: Postbox, tmp_path: Path) -> None:
    """Sending returns while the server still thinks; closing waits for what is under way."""
    mail = Mail(f"smtp://127.0.0.1:{postbox.port}", tmp_path)
    postbox.may_answer.clear()
    await mail.send("carla@example.com", "Hello", "text")
    assert postbox.received.empty()
    postbox.may_answer.set()
    await mail.close()
    assert postbox.received.qsize() == 1


@pytest.mark.parametrize("fault", ["refused", "away"])
async def test_a_mail_that_fails_is_logged_without_its_secrets(
    postbox: Postbox, tmp_path: Path, fault: str
) -> None:
    """A refusal or an absent server is one log line, which holds neither the receiver nor the text."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = postbox.port if fault == "refused" else closed.getsockname()[1]
        mail = Mail(f"smtp://127.0.0.1:{port}", tmp_path)
        with capture_logs() as lines:
            await mail.send("nobody@example.com", "Hello", "Your code is 123456.")
            await mail.close()
    assert [line["event"] for line in lines] == ["mail was not sent"]
    assert "123456" not in str(lines) and "nobody" not in str(lines)


async def test_without_a_server_every_mail_is_a_file(tmp_path: Path) -> None:
    """Files are readable by their owner alone, whole, and in the order of sending."""
    folder = tmp_path / "outbox"
    mail = Mail(None, folder)
    for n in range(3):
        await mail.send("carla@example.com", f"number {n}", "text")
    assert [message["Subject"] for message in kept(folder)] == ["number 0", "number 1", "number 2"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 3


async def test_a_header_cannot_be_injected(tmp_path: Path) -> None:
    """A line break in an address or a subject makes no mail."""
    mail = Mail(None, tmp_path)
    for to, subject in (("a@b.co\r\nBcc: x@y.co", "Hello"), ("a@b.co", "Hello\nBcc: x@y.co")):
        await mail.send(to, subject, "text")
    assert kept(tmp_path) == []


async def test_the_same_message_is_known_by_its_id(postbox: Postbox, tmp_path: Path) -> None:
    """A mail sent again under its key has the same Message-ID, another one a different; both are dated."""
    mail = Mail(postbox.url, tmp_path)
    for key in ("one", "one", "two"):
        await mail.deliver("carla@example.com", "Hello", "text", key)
    sent = [
        message_from_bytes(postbox.received.get_nowait().content or b"", policy=default) for _ in range(3)
    ]
    first, again, other = (message["Message-ID"] for message in sent)
    assert first == again != other
    assert all(message["Date"] for message in sent)
    await mail.close()


async def test_who_waits_is_told_of_a_refusal(postbox: Postbox, tmp_path: Path) -> None:
    """`deliver` raises when the server refuses, is away, or when no mail can be made of it."""
    mail = Mail(postbox.url, tmp_path)
    for to in ("nobody@example.com", "a@b.co\r\nBcc: x@y.co"):
        with pytest.raises(Undelivered):
            await mail.deliver(to, "Hello", "text", "key")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = Mail(f"smtp://127.0.0.1:{closed.getsockname()[1]}", tmp_path)
        with pytest.raises(Undelivered):
            await away.deliver("carla@example.com", "Hello", "text", "key")
    assert postbox.received.empty()


ELSEWHERE = ("x<carla@example.com", "x,carla@example.com", "=?utf-8?q?carla?=@example.com")


@pytest.mark.parametrize("to", ELSEWHERE)
async def test_a_mail_goes_to_one_address_as_it_is_written(tmp_path: Path, to: str) -> None:
    """What a mail's head would read as another address, or several, gets no mail."""
    mail = Mail(None, tmp_path)
    with capture_logs() as logs:
        await mail.send(to, "Hello", "Text")
    assert [line["event"] for line in logs] == ["mail was not sent"]
    with pytest.raises(Undelivered):
        await mail.deliver(to, "Hello", "Text", "key")
    assert kept(tmp_path) == []
