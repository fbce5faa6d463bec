"""What any change of a booking entails, in one place, whoever makes it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from server.domain.entities import Booking
from server.domain.events import Event
from server.domain.parties import Caller
from server.realtime.outbox import Outbox
from server.services.audit import Audit
from server.services.bookings.announcements import detailed, is_detailed, moved, offered, reassigned, retimed
from server.services.bookings.eligibility import Eligibility
from server.services.bookings.introductions import Introductions
from server.services.insights.scaling import ScalingService
from server.services.prices.demand import Demand
from server.services.time.whereabouts import Whereabouts
from server.store.database import Database
from server.store.photos import Photos
from server.store.proposals import Proposals


class Consequences:
    """Follows a change inside its transaction: what is announced and counted is true or never happened."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        audit: Audit,
        demand: Demand,
        eligibility: Eligibility,
        photos: Photos,
        proposals: Proposals,
        scaling: ScalingService,
        introductions: Introductions,
        whereabouts: Whereabouts,
    ) -> None:
        self._database, self._outbox, self._audit = database, outbox, audit
        self._demand, self._eligibility, self._photos = demand, eligibility, photos
        self._proposals, self._scaling = proposals, scaling
        self._introductions, self._whereabouts = introductions, whereabouts

    async def follow(self, caller: Caller | None, before: Booking | None, after: Booking) -> None:
        """Announce and record a booking that was written; `before` is None for a new one."""
        for event in await self._events(before, after):
            await self._outbox.add(event)
            self._database.before_commit(self._tell_demand, after.pincode)
        if before is not None and before.provider_id != after.provider_id:
            for photo in await self._photos.assign(after.id, after.provider_id):
                await self._audit.record(caller, photo, replace(photo, provider_id=after.provider_id))
        if before is not None and (before.state, before.starts_at) != (after.state, after.starts_at):
            await self._drop_proposal(caller, after)
        await self._scaling.count(before, after)
        await self._introductions.follow(before, after)
        self._whereabouts.follow(before, after)
        await self._audit.record(caller, before, after)

    async def _tell_demand(self, pincodes: Sequence[str]) -> None:
        """Have demand looked at afresh, once however many bookings a transaction changes."""
        self._database.after_commit(partial(self._demand.changed, *dict.fromkeys(pincodes)))

    async def _drop_proposal(self, caller: Caller | None, booking: Booking) -> None:
        """Forget a proposal to move a booking from where it no longer is."""
        proposal = await self._proposals.get(booking.id) if booking.proposed_count else None
        if proposal is not None:
            await self._proposals.delete(booking.id)
            await self._audit.record(caller, proposal, None)

    async def _events(self, before: Booking | None, after: Booking) -> list[Event]:
        """Give the news of a change, none when it concerns nobody else."""
        if before is None:
            return [await self._offer(after)]
        if before.state != after.state:
            return [moved(before, after)]
        is_reassigned = after.provider_id is not None and before.provider_id != after.provider_id
        given = reassigned(before, after) if is_reassigned else []
        if (before.starts_at, before.ends_at) == (after.starts_at, after.ends_at):
            return given or ([detailed(after)] if is_detailed(before, after) else [])
        # Others may have time then: an open booking is offered anew.
        again = [] if after.provider_id else [await self._offer(after)]
        return [*given, retimed(before, after), *again]

    async def _offer(self, booking: Booking) -> Event:
        chosen = [booking.provider_id] if booking.provider_id else await self._eligibility.able(booking)
        return offered(booking, chosen)
