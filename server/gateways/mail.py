"""Mail by SMTP, or into files."""

from email.message import EmailMessage
from email.utils import localtime
from hashlib import sha256
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib
import structlog

from server.gateways.deliveries import Deliveries, Undelivered
from server.gateways.outbox_files import drop

log = structlog.get_logger("mail")

SENDER = "no-reply@doorstep.example"
TIMEOUT_SECONDS = 10


class Mail:
    """Sends one text at a time. A mail server that refuses is logged; whoever asked is not told."""

    def __init__(self, smtp_url: str | None, folder: Path) -> None:
        """smtp_url : smtp://[user:password@]host[:port], smtps:// for TLS at once; None: into `folder`"""
        self._server = urlsplit(smtp_url) if smtp_url else None
        self._folder = folder
        self._deliveries = Deliveries()

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a text without waiting for the server; a refusal is logged."""
        try:
            message = _message(to, subject, text)
        except ValueError as wrong:
            log.error("mail was not sent", reason=type(wrong).__name__)
            return
        if self._server is None:
            drop(self._folder, "mail", ".eml", bytes(message))
        else:
            self._deliveries.start(self._attempt(self._server, message))

    async def deliver(self, to: str, subject: str, text: str, key: str) -> None:
        """Send a text and wait until the server has it; raises Undelivered.

        key : the same whenever the same message is sent, which shows in its Message-ID
        """
        try:
            message = _message(to, subject, text)
        except ValueError as wrong:  # an address that no header can hold
            raise Undelivered(type(wrong).__name__) from wrong
        message["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:32]}@{SENDER.partition('@')[2]}>"
        if self._server is None:
            drop(self._folder, "mail", ".eml", bytes(message))
        else:
            await self._deliver(self._server, message)

    async def close(self) -> None:
        """Wait for what is under way."""
        await self._deliveries.finish()

    async def _attempt(self, server: SplitResult, message: EmailMessage) -> None:
        try:
            await self._deliver(server, message)
        except Undelivered as refused:
            log.error("mail was not sent", reason=str(refused))

    async def _deliver(self, server: SplitResult, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=server.hostname,
                port=server.port,
                username=unquote(server.username) if server.username else None,
                password=unquote(server.password) if server.password else None,
                use_tls=server.scheme == "smtps",
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as refused:
            raise Undelivered(type(refused).__name__) from refused


def _message(to: str, subject: str, text: str) -> EmailMessage:
    """Give a mail; raises ValueError for an address or a subject that would be more than that.

    The message class refuses line breaks, but finds addresses in "x <a@b.c>, d@e.f" and encoded words.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, to, subject
    if [one.addr_spec for one in message["To"].addresses] != [to]:
        raise ValueError("Not one address.")
    message["Date"] = localtime()
    message.set_content(text)
    return message
