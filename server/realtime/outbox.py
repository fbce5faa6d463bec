"""Events leave with the transaction that made them.

`add` writes a row beside the state change; after the commit the writer announces it and removes the row. Rows
that a crash or a Redis outage left behind are announced by a sweep, under a lease, oldest first.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from server import clock, metrics
from server.domain.events import Event, from_bytes, to_bytes
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.store.database import Database
from server.store.outbox import OutboxRow, OutboxRows

log = structlog.get_logger("outbox")

LEASE = timedelta(seconds=5)
"""How long a writer is believed to be about to announce its own event."""
KEPT = timedelta(days=1)
"""Older rows are no news; it also bounds the sweep's query on both sides."""
SWEEP_SECONDS = 2.0
BATCH = 200


class Outbox:
    """One marketplace's announcements."""

    def __init__(self, database: Database, rows: OutboxRows, bus: Bus, hub: Hub, name: str) -> None:
        self._database, self._rows, self._bus, self._hub = database, rows, bus, hub
        self._channel = f"events:{name}"
        self._sweeping: asyncio.Task[None] | None = None
        bus.subscribe(self._channel, lambda payload: hub.deliver(from_bytes(payload)))

    async def add(self, event: Event) -> None:
        """Write an event into the open transaction; it is announced after the commit, never without it."""
        if not event.topics:
            return
        now = clock.now()
        row = OutboxRow(event.id, now, now + LEASE, to_bytes(event))
        await self._rows.insert(row)

        async def announce() -> None:
            await self._announce(row)

        self._database.after_commit(announce)

    async def start(self) -> None:
        """Announce what was left behind, now and every few seconds."""
        self._sweeping = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeping

    async def sweep(self) -> int:
        """Announce rows whose writer did not; gives how many there were."""
        now = clock.now()
        rows = await self._rows.left_behind(now, now - KEPT, BATCH)
        metrics.OUTBOX_WAITING.set(len(rows))
        for row in rows:
            if await self._rows.lease(row, clock.now() + LEASE):
                await self._announce(row)
        return len(rows)

    async def _announce(self, row: OutboxRow) -> None:
        if await self._bus.publish(self._channel, row.payload):
            await self._rows.delete(row.id)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("sweep failed")
            await asyncio.sleep(SWEEP_SECONDS)
