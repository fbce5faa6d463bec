"""A mail server of a test's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Postbox:
    """An SMTP server that keeps what it takes, and refuses what is for "nobody".

    may_answer : cleared, it lets its clients wait
    """

    def __init__(self) -> None:
        self.received: asyncio.Queue[Envelope] = asyncio.Queue()
        self.logins: list[LoginPassword] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.failures = 0
        """How many of the next mails are refused for now."""
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self.may_answer.wait()
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.failures:
            self.failures -= 1
            return "451 try again later"
        self.received.put_nowait(envelope)
        return "250 OK"

    def login(self, server: SMTP, session: Session, envelope: Envelope, how: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data)
        return AuthResult(success=True)

    def protocol(self) -> SMTP:
        return SMTP(self, hostname="localhost", authenticator=self.login, auth_require_tls=False)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving_mail() -> AsyncIterator[Postbox]:
    """Run a mail server on a free port."""
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(box.protocol, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
