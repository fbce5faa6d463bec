"""The peers of the fan-out: each sends what it is told to, `{"fire": n}`, to everybody who is connected.

python -m benchmarks.load.fan_peers tornado|fastapi|websockets PORT. Each with uvloop, as ours.
"""

import asyncio
import sys
from collections.abc import Iterator

import orjson
import uvicorn
import uvloop
import websockets
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from benchmarks.load.message import message


def due(command: str | bytes) -> Iterator[str]:
    """Give the messages that a command asks for, each encoded when its turn comes."""
    for number in range(orjson.loads(command)["fire"]):
        yield orjson.dumps(message(number)).decode()


async def serve_tornado(port: int) -> None:
    """Serve with `write_message` for each client."""
    everybody: set[WebSocketHandler] = set()

    class Client(WebSocketHandler):
        def open(self, *args: str, **kwargs: str) -> None:
            everybody.add(self)

        def on_message(self, command: str | bytes) -> None:
            for text in due(command):
                for client in everybody:
                    client.write_message(text)

        def on_close(self) -> None:
            everybody.discard(self)

    Application([("/", Client)]).listen(port, "127.0.0.1", backlog=4096)
    await asyncio.Event().wait()


async def serve_fastapi(port: int) -> None:
    """Serve with `send_text` for each client, in turn."""
    everybody: set[WebSocket] = set()
    app = FastAPI()

    @app.websocket("/")
    async def client(socket: WebSocket) -> None:
        await socket.accept()
        everybody.add(socket)
        try:
            while True:
                for text in due(await socket.receive_text()):
                    for one in tuple(everybody):
                        await one.send_text(text)
        except WebSocketDisconnect:
            everybody.discard(socket)

    config = uvicorn.Config(
        app,
        port=port,
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        backlog=4096,
    )
    await uvicorn.Server(config).serve()


async def serve_websockets(port: int) -> None:
    """Serve with `broadcast`, which encodes a message once."""
    everybody: set[websockets.ServerConnection] = set()

    async def client(connection: websockets.ServerConnection) -> None:
        everybody.add(connection)
        try:
            async for command in connection:
                for text in due(command):
                    websockets.broadcast(everybody, text)
        finally:
            everybody.discard(connection)

    async with websockets.serve(
        client, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096
    ):
        await asyncio.Event().wait()


SERVERS = {"tornado": serve_tornado, "fastapi": serve_fastapi, "websockets": serve_websockets}

if __name__ == "__main__":
    uvloop.run(SERVERS[sys.argv[1]](int(sys.argv[2])))
