"""An SMS service of a test's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


class Service:
    """Takes messages and answers with one status.

    may_answer : cleared, it lets its clients wait
    failures   : how many of the next messages are answered with 503
    keys       : the Idempotency-Key of every message, also of those it did not take
    """

    def __init__(self) -> None:
        self.status = 202
        self.received: list[tuple[str, object]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.failures = 0
        self.keys: list[str | None] = []
        self.url = ""


class Take(RequestHandler):
    async def post(self) -> None:
        service: Service = self.settings["service"]
        await service.may_answer.wait()
        service.keys.append(self.request.headers.get("Idempotency-Key"))
        if service.failures:
            service.failures -= 1
            self.set_status(503)
            return
        service.received.append((self.request.headers["Content-Type"], orjson.loads(self.request.body)))
        self.set_status(service.status)


@asynccontextmanager
async def serving_sms() -> AsyncIterator[Service]:
    """Run an SMS service on a free port."""
    opened = Service()
    application = Application([("/sms", Take)], service=opened, log_function=lambda handler: None)
    server = HTTPServer(application)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    opened.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/sms"
    yield opened
    server.stop()
    await server.close_all_connections()
