"""Events leave with the transaction that made them.

`add` writes a row beside the state change. After the commit one task a process announces the rows in the
order of their commits and removes them, so that no request waits for Redis. Rows that a crash or an outage
left behind are announced by a sweep, oldest first and before anything newer, each under a lease.

A row is removed only after its announcement, and announcing twice is announcing once (`numbering.py`): an
event is heard exactly once, also when the announcer dies in between. Redis knows so for a day: an older row
is not announced; whoever hears of its topics is told to fetch afresh.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog

from server import clock, metrics
from server.domain.events import Event, from_bytes, to_bytes
from server.realtime.bus import Bus
from server.realtime.history import Missed
from server.realtime.hub import Hub
from server.realtime.numbering import KEPT_SECONDS, Mark
from server.store.database import Database
from server.store.outbox import OutboxRow, OutboxRows

log = structlog.get_logger("outbox")

LEASE = timedelta(seconds=5)
"""How long whoever wrote or took a row is believed to be about to announce it."""
MARGIN = timedelta(seconds=1)
"""A lease that ends sooner is renewed first: another process may be about to take the row."""
KNOWN = timedelta(seconds=KEPT_SECONDS) - timedelta(hours=1)
"""An older row may have been announced before; an hour less, for clocks that differ."""
SWEEP_SECONDS = 2.0
RETRY_SECONDS = 0.2
BATCH = 200


class Outbox:
    """One marketplace's announcements."""

    def __init__(self, database: Database, rows: OutboxRows, bus: Bus, hub: Hub, name: str) -> None:
        self._database, self._rows, self._bus, self._hub = database, rows, bus, hub
        self._channel = f"events:{name}"
        self._left_behind = metrics.outbox_waiting(name)
        self._committed: deque[OutboxRow] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._announcing: asyncio.Task[None] | None = None
        bus.follow(self._channel, self._deliver, self._resync)
        bus.subscribe(self._channel, lambda payload: hub.deliver(from_bytes(payload)))

    async def add(self, event: Event) -> None:
        """Write an event into the open transaction; it is announced after the commit, never without it.

        raises : RuntimeError outside of a transaction
        """
        if event.topics:
            once = replace(event, topics=tuple(dict.fromkeys(event.topics)))  # a number a topic
            self._database.before_commit(self._write, once, goes_last=True)

    def added(self) -> list[Event]:
        """Give the open transaction's events, which may be replaced in place until its end."""
        return self._database.before_commit(self._write, goes_last=True)

    async def _write(self, events: Sequence[Event]) -> None:
        """Keep a transaction's events in their order; they are announced in it."""
        now = clock.now()
        # The sweep orders rows by time, to the millisecond that the database keeps.
        times = [now + timedelta(milliseconds=index) for index in range(len(events))]
        rows = [
            OutboxRow(event.id, at, now + LEASE, to_bytes(event))
            for event, at in zip(events, times, strict=True)
        ]

        async def committed() -> None:
            self._committed.extend(rows)
            self._wake.set()

        # What else waits for the commit may lead to further events.
        self._database.after_commit(committed, goes_first=True)
        await self._rows.insert_all(rows)

    async def tell(self, event: Event) -> None:
        """Send what is worth nothing later: not numbered, not kept, lost while Redis is away."""
        await self._bus.tell(self._channel, to_bytes(event))

    async def start(self) -> None:
        """Announce what was left behind, then whatever is committed."""
        self._announcing = asyncio.create_task(self._announce_for_ever())

    async def stop(self) -> None:
        """Announce what has been committed and end; what Redis does not take stays in the database."""
        if self._announcing is not None:
            self._stopping = True
            self._wake.set()
            await self._announcing

    async def missed(self, topic: str, since: Mark) -> Missed | None:
        """Give what was announced on a topic after a mark; None when Redis is away."""
        return await self._bus.missed(self._channel, topic, since)

    async def sweep(self) -> bool:
        """Announce the rows whose writer did not; false when Redis did not take them all."""
        while self._bus.hears:
            rows = await self._rows.left_behind(clock.now(), BATCH)
            self._left_behind.set(len(rows))
            for row in rows:
                held = await self._take(row)
                if held is None:
                    # Another process is sweeping; going on beside it would mix up the order.
                    return True
                if not await self._announce(row):
                    await self._rows.lease(held, row.lease_until)
                    return False
                await self._rows.delete(row.id)
            if len(rows) < BATCH:
                return True
        return False

    async def _announce(self, row: OutboxRow) -> bool:
        """Have an event numbered, kept and heard; false when Redis does not take it."""
        topics, is_late = from_bytes(row.payload).topics, clock.now() - row.written_at > KNOWN
        return await self._bus.announce(self._channel, row.payload, row.id, topics, is_late)

    def _deliver(self, payload: bytes, marks: Sequence[Mark]) -> None:
        event = from_bytes(payload)
        by_topic = dict(zip(event.topics, marks, strict=True))
        if all(mark.seq for mark in marks):
            self._hub.deliver(event, by_topic)
            return
        for topic, mark in by_topic.items():
            self._hub.resync(topic, mark)

    async def _resync(self) -> None:
        """Have every client of this process, which has missed events, fetch afresh."""
        topics = self._hub.topics
        for first in range(0, len(topics), BATCH):
            some = topics[first : first + BATCH]
            # What the clients fetch holds at least the events up to these marks.
            for topic, mark in zip(some, await self._bus.places(self._channel, some), strict=True):
                self._hub.resync(topic, mark)

    async def _announce_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        is_behind, sweep_at = True, loop.time()
        while True:
            is_last = self._stopping
            try:
                if is_behind or loop.time() >= sweep_at:
                    is_behind, sweep_at = not await self.sweep(), loop.time() + SWEEP_SECONDS
                if not is_behind:
                    is_behind = not await self._announce_committed()
            except Exception:
                log.exception("events could not be announced")
                await asyncio.sleep(SWEEP_SECONDS)
                is_behind = True
            if is_last:
                return
            await self._pause(is_behind, sweep_at - loop.time())

    async def _pause(self, is_behind: bool, until_sweep_seconds: float) -> None:
        if is_behind:
            self._forget_expired()
            await asyncio.sleep(RETRY_SECONDS)
            return
        if not self._committed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(until_sweep_seconds, 0))
        self._wake.clear()

    async def _announce_committed(self) -> bool:
        """Announce a batch in the order of the commits; false when Redis refuses."""
        announced: list[str] = []
        is_taken = True
        while self._committed and len(announced) < BATCH:
            row = self._committed[0]
            if clock.now() > row.lease_until - MARGIN:
                held = await self._take(row)
                if held is None:
                    self._committed.popleft()
                    continue
                self._committed[0] = row = held
            is_taken = await self._announce(row)
            if not is_taken:
                break
            self._committed.popleft()
            announced.append(row.id)
        await self._rows.delete_all(announced)
        return is_taken

    async def _take(self, row: OutboxRow) -> OutboxRow | None:
        """Give the row under a lease of ours, None when another process has it."""
        held = replace(row, lease_until=clock.now() + LEASE)
        return held if await self._rows.lease(row, held.lease_until) else None

    def _forget_expired(self) -> None:
        """Leave to the sweep what is its own by now, so that an outage does not fill the memory."""
        now = clock.now()
        while self._committed and self._committed[0].lease_until < now:
            self._committed.popleft()
