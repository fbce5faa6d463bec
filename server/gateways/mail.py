"""Mail by SMTP, or into files."""

from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from server.gateways.outbox_files import drop

log = structlog.get_logger("mail")

SENDER = "no-reply@doorstep.example"
TIMEOUT_SECONDS = 10


class Mail:
    """Sends one text at a time. A mail server that refuses is logged; whoever asked is not told."""

    def __init__(self, smtp_url: str | None, folder: Path) -> None:
        self._server = urlsplit(smtp_url) if smtp_url else None
        self._folder = folder

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a text; header injection is refused by the message class."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = SENDER, to, subject
        message.set_content(text)
        if self._server is None:
            drop(self._folder, "mail", ".eml", bytes(message))
            return
        try:
            await aiosmtplib.send(
                message,
                hostname=self._server.hostname,
                port=self._server.port,
                username=unquote(self._server.username) if self._server.username else None,
                password=unquote(self._server.password) if self._server.password else None,
                use_tls=self._server.scheme == "smtps",
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as refused:
            log.error("mail was not sent", reason=type(refused).__name__)
