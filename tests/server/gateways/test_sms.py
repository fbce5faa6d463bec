"""SMS to a real HTTP service, and into files."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from server.gateways.deliveries import Undelivered
from server.gateways.sms import Sms
from tests.server.gateways.sms_service import Service, serving_sms

TO, TEXT = "+919876543210", "Your code is 123456."


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    async with serving_sms() as opened:
        yield opened


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


async def test_a_service_that_is_down_is_told_the_key_again(service: Service, tmp_path: Path) -> None:
    """`deliver` raises until the service takes a message, and names the same key each time."""
    service.failures = 2
    sms = Sms(service.url, tmp_path)
    for _ in range(2):
        with pytest.raises(Undelivered):
            await sms.deliver(TO, "", TEXT, "key")
    await sms.deliver(TO, "", TEXT, "key")
    assert (len(service.received), service.keys) == (1, ["key"] * 3)
