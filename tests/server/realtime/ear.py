"""Somebody who listens to a hub: a Connection that keeps what it is sent."""

import asyncio
from typing import Any

import orjson

from server.domain.events import Event
from server.realtime.history import Mark

SHORT_HEADER, LONG_HEADER = 2, 4


def spell(event: Event) -> dict[str, Any] | None:
    """Give the event as a message with its facts."""
    return {"id": event.id, "kind": event.kind, **event.data}


class Ear:
    """Hears messages of less than 64 KiB; `codes` says how it was closed."""

    def __init__(self, session_id: str = "", speller: Any = spell, room: int = 1_000_000) -> None:
        """room : how many frames it takes before it is full"""
        self.session_id, self.speller = session_id, speller
        self._room = room
        self.frames: list[bytes] = []
        self.codes: list[int] = []
        self._messages: asyncio.Queue[Any] = asyncio.Queue()

    def offer(self, frame: bytes, mark: Mark | None = None) -> bool:
        if len(self.frames) >= self._room:
            return False
        self.frames.append(frame)
        self._messages.put_nowait(orjson.loads(frame[SHORT_HEADER if frame[1] < 126 else LONG_HEADER :]))
        return True

    def shut(self, code: int, reason: str) -> None:
        self.codes.append(code)

    async def hear(self) -> Any:
        """Give the next message; fails the test when none comes."""
        return await asyncio.wait_for(self._messages.get(), 15)
