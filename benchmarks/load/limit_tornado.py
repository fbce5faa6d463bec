"""The limit: Tornado's connection interface answering a fixed body, with nothing behind it.

python -m benchmarks.load.limit_tornado PORT
"""

import asyncio
import sys

import uvloop
from tornado import httputil
from tornado.httpserver import HTTPServer

BODY = b'{"fixed": "' + b"x" * 700 + b'"}'
"""As long as the price answer."""


class Fixed(httputil.HTTPMessageDelegate):
    """One request, answered as soon as it has been read."""

    def __init__(self, connection: httputil.HTTPConnection) -> None:
        self._connection = connection

    def finish(self) -> None:
        headers = httputil.HTTPHeaders({"Content-Type": "application/json", "Content-Length": str(len(BODY))})
        self._connection.write_headers(httputil.ResponseStartLine("HTTP/1.1", 200, "OK"), headers, BODY)
        self._connection.finish()


class Server(httputil.HTTPServerConnectionDelegate):
    def start_request(
        self, server_conn: object, request_conn: httputil.HTTPConnection
    ) -> httputil.HTTPMessageDelegate:
        return Fixed(request_conn)


async def main(port: int) -> None:
    HTTPServer(Server()).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
