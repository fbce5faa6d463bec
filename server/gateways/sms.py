"""SMS by an HTTP service, or into files."""

from collections.abc import Mapping
from pathlib import Path

import aiohttp
import orjson
import structlog

from server.gateways.deliveries import Deliveries, Undelivered
from server.gateways.outbox_files import drop

log = structlog.get_logger("sms")

TIMEOUT = aiohttp.ClientTimeout(total=10)


class Sms:
    """Sends one text at a time. A service that refuses is logged; whoever asked is not told."""

    def __init__(self, url: str | None, folder: Path) -> None:
        """url : takes POST {"to", "text"}; None: into `folder`"""
        self._url, self._folder = url, folder
        self._deliveries = Deliveries()

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a text, without waiting for the service; a subject has no place in an SMS."""
        content = orjson.dumps({"to": to, "text": text})
        if self._url is None:
            drop(self._folder, "sms", ".json", content)
        else:
            self._deliveries.start(self._attempt(self._url, content))

    async def deliver(self, to: str, subject: str, text: str, key: str) -> None:
        """Send a text and wait until the service has it; raises Undelivered.

        key : the same whenever the same message is sent; a service may take it for a sign to send it once
        """
        content = orjson.dumps({"to": to, "text": text})
        if self._url is None:
            drop(self._folder, "sms", ".json", content)
        else:
            await self._deliver(self._url, content, {"Idempotency-Key": key})

    async def close(self) -> None:
        """Wait for what is under way."""
        await self._deliveries.finish()

    async def _attempt(self, url: str, content: bytes) -> None:
        try:
            await self._deliver(url, content, {})
        except Undelivered as refused:
            log.error("sms was not sent", reason=str(refused))

    async def _deliver(self, url: str, content: bytes, headers: Mapping[str, str]) -> None:
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as http,
                http.post(url, data=content, headers=sent) as answer,
            ):
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as refused:
            raise Undelivered(type(refused).__name__) from refused
