"""SMS to a real HTTP service, and into files."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest_asyncio
from structlog.testing import capture_logs
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from server.gateways.sms import Sms

TO, TEXT = "+919876543210", "Your code is 123456."


class Service:
    """Takes messages and answers with one status."""

    def __init__(self) -> None:
        self.status = 202
        self.received: list[tuple[str, object]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.url = ""


class Take(RequestHandler):
    async def post(self) -> None:
        service: Service = self.settings["service"]
        await service.may_answer.wait()
        service.received.append((self.request.headers["Content-Type"], orjson.loads(self.request.body)))
        self.set_status(service.status)


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    opened = Service()
    application = Application([("/sms", Take)], service=opened, log_function=lambda handler: None)
    server = HTTPServer(application)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    opened.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/sms"
    yield opened
    server.stop()
    await server.close_all_connections()


async def test_a_message_is_posted_as_documented(service: Service, tmp_path: Path) -> None:
    """The service gets JSON of the number and the text, and nothing else."""
    sms = Sms(service.url, tmp_path)
    await sms.send(TO, "Your sign-in code", TEXT)
    await sms.close()
    assert service.received == [("application/json", {"to": TO, "text": TEXT})]
    assert list(tmp_path.iterdir()) == []


async def test_nobody_waits_for_a_slow_service(service: Service, tmp_path: Path) -> None:
    """Sending returns while the service still thinks; closing waits for what is under way."""
    sms = Sms(service.url, tmp_path)
    service.may_answer.clear()
    await sms.send(TO, "", TEXT)
    assert service.received == []
    service.may_answer.set()
    await sms.close()
    assert len(service.received) == 1


async def test_a_message_that_fails_is_logged_without_its_secrets(service: Service, tmp_path: Path) -> None:
    """A refusal is one log line, which holds neither the number nor the code."""
    service.status = 500
    sms = Sms(service.url, tmp_path)
    with capture_logs() as lines:
        await sms.send(TO, "", TEXT)
        await sms.close()
    assert [line["event"] for line in lines] == ["sms was not sent"]
    assert "123456" not in str(lines) and TO not in str(lines)


async def test_without_a_service_every_message_is_a_file(tmp_path: Path) -> None:
    """A file holds what would have been posted, for its owner's eyes alone."""
    folder = tmp_path / "outbox"
    sms = Sms(None, folder)
    await sms.send(TO, "", TEXT)
    (path,) = folder.iterdir()
    assert path.match("sms-*.json")
    assert orjson.loads(path.read_bytes()) == {"to": TO, "text": TEXT}
    assert path.stat().st_mode & 0o777 == 0o600
