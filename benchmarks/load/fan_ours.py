"""Our part of the fan-out: the whole server with one more socket, which hands events to the hub when told to.

python -m benchmarks.load.fan_ours PORT TOKENS, with DATA_DIR set; TOKENS: the file for a token a user.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import uvloop

from benchmarks.load.message import message
from handlers.application import build, listening
from handlers.call import Call
from handlers.homeserve.face import HOMESERVE_FACE
from handlers.route import SocketRoute
from server import clock
from server.__main__ import settle_memory
from server.bootstrap import open_markets, shared_parts
from server.domain.entities import User
from server.domain.events import Event
from server.embedded import embedded_services
from server.market import Market
from server.settings import Settings

USERS = 250
"""Each may hold 50 sockets."""


async def join(call: Call) -> str:
    return "fan"


async def fire(call: Call, command: dict[str, Any]) -> None:
    """Hand so many events to the hub, as the bus does with what it reads in one piece."""
    for number in range(command["fire"]):
        call.market.hub.deliver(Event("fired", ("fan",), {"number": number}, clock.now()))


def spell(event: Event) -> dict[str, Any]:
    return message(event.data["number"])


FACE = replace(
    HOMESERVE_FACE,
    sockets=(SocketRoute("/fan", join, spell, frozenset(HOMESERVE_FACE.marketplace.roles), fire),),
)


async def sign_in(market: Market, count: int) -> Sequence[str]:
    """Give a token each of new users."""
    tokens = []
    for number in range(count):
        user_id = await market.stores.ids.next("users")
        user = User(
            id=user_id, username=f"fan{number}", email=f"fan{number}@example.com", role="customer",
            created_at=clock.now(), is_verified=True,
        )  # fmt: skip
        await market.stores.users.insert(user)
        tokens.append((await market.tokens.issue(user)).access)
    return tokens


async def main(port: int, tokens: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings.from_environment(
        # A socket ends with its token, which has to outlast an hour's soak.
        {"DATA_DIR": str(tokens.parent / "data"), "PORT": str(port), "ACCESS_TOKEN_MINUTES": "1440"}
    )
    async with (
        embedded_services(settings) as endpoints,
        shared_parts(settings, endpoints) as shared,
        open_markets(shared, [FACE.marketplace]) as markets,
    ):
        market = markets[FACE.marketplace.name]
        issued = orjson.dumps(await sign_in(market, USERS))
        async with listening(build([FACE], markets, settings, endpoints.embedded), "127.0.0.1", port):
            settle_memory()
            await asyncio.to_thread(tokens.write_bytes, issued)
            await stop.wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2])))
