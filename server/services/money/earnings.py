"""What providers earn: the price less the platform's fee, released some days after it was paid."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from server import clock
from server.domain.entities import Booking
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.domain.payments import (
    CASH,
    FEES,
    GATEWAY,
    PAYOUTS,
    PENALTIES,
    Earning,
    EarningState,
    Payment,
    PaymentKind,
    provider_account,
)
from server.errors import InvalidMove, NotFound
from server.services.audit import Audit
from server.services.money.ledger import Ledger
from server.services.talk.notifications import Notifications
from server.settings import Settings
from server.store.database import Database
from server.store.disputes import Disputes
from server.store.earnings import Earnings as EarningStore

BATCH = 100
RECENT = 5


@dataclass(frozen=True, slots=True)
class _Work:
    """What an earning is for."""

    provider_id: int
    provider_name: str
    customer_name: str
    name: str
    booking_id: str | None


class Earnings:
    """Every change of an earning that moves money also writes the ledger, in the same transaction."""

    def __init__(
        self,
        meaning: Marketplace,
        settings: Settings,
        database: Database,
        store: EarningStore,
        disputes: Disputes,
        ledger: Ledger,
        notifications: Notifications,
        audit: Audit,
    ) -> None:
        self._meaning, self._fee = meaning, settings.platform_fee_percentage
        self._database, self._store, self._disputes = database, store, disputes
        self._ledger, self._notifications, self._audit = ledger, notifications, audit

    async def open(self, caller: Caller | None, payment: Payment, booking: Booking | None) -> None:
        """Share a completed payment between provider and platform; on hold while a dispute is open.

        What the gateway has passed on to the provider's own account is released already.
        """
        fee = payment.share_of_platform(self._fee)
        source = CASH if payment.kind is PaymentKind.MANUAL else GATEWAY
        net, provider = payment.amount_minor - fee, provider_account(payment.provider_id)
        legs = {source: payment.amount_minor, provider: -net, FEES: -fee}
        if not await self._ledger.post(f"capture:{payment.id}", payment.booking_id, legs):
            return
        state = EarningState.PENDING
        if payment.account_id is not None:
            await self._ledger.post(f"transfer:{payment.id}", None, {provider: net, PAYOUTS: -net})
            state = EarningState.RELEASED
        elif booking is not None and await self._disputes.open_of(booking.id) is not None:
            state = EarningState.ON_HOLD
        await self._add(caller, _work(payment, booking), net, f"capture:{payment.id}", state)

    async def penalise(self, caller: Caller | None, booking: Booking, amount_minor: int, key: str) -> None:
        """Take a penalty from the booking's provider, once for a key."""
        if booking.provider_id is None or amount_minor <= 0:
            return
        legs = {provider_account(booking.provider_id): amount_minor, PENALTIES: -amount_minor}
        if await self._ledger.post(f"penalty:{key}", booking.id, legs):
            await self._add(caller, _booked(booking), -amount_minor, f"penalty:{key}")

    async def give_back(
        self, caller: Caller | None, payment: Payment, booking: Booking | None, amount_minor: int, key: str
    ) -> None:
        """Take the provider's and the platform's share of a refund back, once for a key.

        Both give in proportion to what they got. A released earning stays; the provider owes the share.
        """
        fee = payment.share_of_platform(self._fee)
        # Reckoned from the sums, so that parts which make up the whole give back exactly what was taken.
        given = (payment.refunded_minor, payment.refunded_minor + amount_minor)
        fee_part = fee * given[1] // payment.amount_minor - fee * given[0] // payment.amount_minor
        share = amount_minor - fee_part
        source = CASH if payment.kind is PaymentKind.MANUAL else GATEWAY
        legs = {source: -amount_minor, provider_account(payment.provider_id): share, FEES: fee_part}
        if not await self._ledger.post(f"refund:{key}", payment.booking_id, legs):
            return
        open_ones = [one for one in await self._of(payment) if one.amount_minor >= share]
        kept = next((one for one in open_ones if one.status is not EarningState.RELEASED), None)
        if kept is None:
            await self._add(caller, _work(payment, booking), -share, f"refund:{key}")
        else:
            await self._write(caller, kept, replace(kept, amount_minor=kept.amount_minor - share))

    async def hold(self, caller: Caller | None, booking_id: str) -> None:
        """Keep a booking's pending earnings from being released."""
        await self._switch(caller, booking_id, EarningState.PENDING, EarningState.ON_HOLD)

    async def resume(self, caller: Caller | None, booking_id: str) -> None:
        """Let a booking's held earnings be released again."""
        await self._switch(caller, booking_id, EarningState.ON_HOLD, EarningState.PENDING)

    async def release(self, caller: Caller | None, earning_id: str) -> Earning:
        """Pay an earning out; raises NotFound, InvalidMove when it is on hold or was released before."""

        async def write() -> Earning:
            earning = await self._store.get(earning_id)
            if earning is None:
                raise NotFound("Earning not found")
            earning.check_move(EarningState.RELEASED)
            after = replace(
                earning,
                status=EarningState.RELEASED,
                processed_by=caller.user_id if caller else None,
                processed_at=clock.now(),
            )
            await self._write(caller, earning, after)
            account, amount = provider_account(earning.provider_id), earning.amount_minor
            await self._ledger.post(
                f"release:{earning.id}", earning.booking_id, {account: amount, PAYOUTS: -amount}
            )
            await self._notifications.notify(
                [earning.provider_id],
                "earning_released",
                f"Your earning for {earning.service_name} was released",
                {**earning.about(), "amount_minor": amount},
            )
            return after

        return await self._database.together(write)

    async def release_due(self) -> int:
        """Release what is ripe and give how many; safe to run anywhere, twice."""
        released = 0
        for earning in await self._store.due(clock.now(), BATCH):
            with suppress(InvalidMove):  # released by somebody else, or put on hold, since it was read
                await self.release(None, earning.id)
                released += 1
        return released

    async def list(
        self, caller: Caller, status: EarningState | None, provider_id: int | None, paging: Paging
    ) -> Listed[Earning]:
        """Give one page of a provider's own earnings, or for staff of anybody's, newest first."""
        if not caller.is_staff:
            provider_id = caller.user_id
        narrowed = {"provider_id": provider_id, "status": status}
        return await self._store.listed({name: v for name, v in narrowed.items() if v is not None}, paging)

    async def summary(self, provider_id: int) -> tuple[dict[EarningState, int], Sequence[Earning]]:
        """Give a provider's sums by state and their newest earnings."""
        recent = await self._store.listed({"provider_id": provider_id}, Paging(1, RECENT))
        return await self._store.totals(provider_id), recent.items

    async def _switch(
        self, caller: Caller | None, booking_id: str, origin: EarningState, to: EarningState
    ) -> None:
        for earning in await self._store.of_booking(booking_id):
            if earning.status is origin:
                await self._write(caller, earning, replace(earning, status=to))
                if to is EarningState.ON_HOLD:
                    await self._notifications.notify(
                        [earning.provider_id],
                        "payment_hold",
                        f"Your earning for {earning.service_name} is on hold",
                        earning.about(),
                    )

    async def _of(self, payment: Payment) -> Sequence[Earning]:
        """Give what was earned by a payment's booking, or by a direct payment itself."""
        if payment.booking_id is not None:
            return await self._store.of_booking(payment.booking_id)
        earning = await self._store.get(self._id(f"capture:{payment.id}"))
        return [earning] if earning else []

    def _id(self, key: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self._meaning.name}:{key}"))

    async def _add(
        self,
        caller: Caller | None,
        work: _Work,
        amount_minor: int,
        key: str,
        state: EarningState = EarningState.PENDING,
    ) -> None:
        now = clock.now()
        earning = Earning(
            id=self._id(key),
            provider_id=work.provider_id,
            provider_name=work.provider_name,
            booking_id=work.booking_id,
            service_name=work.name,
            customer_name=work.customer_name,
            amount_minor=amount_minor,
            status=state,
            release_at=now + timedelta(days=self._meaning.earning_hold_days),
            created_at=now,
            processed_at=now if state is EarningState.RELEASED else None,
        )
        await self._store.insert(earning)
        await self._audit.record(caller, None, earning)

    async def _write(self, caller: Caller | None, before: Earning, after: Earning) -> None:
        await self._store.rewrite(replace(after, revision=before.revision + 1), before.revision)
        await self._audit.record(caller, before, after)


def _work(payment: Payment, booking: Booking | None) -> _Work:
    if booking is not None:
        return _booked(booking)
    return _Work(payment.provider_id, payment.provider_name, payment.customer_name, payment.description, None)


def _booked(booking: Booking) -> _Work:
    if booking.provider_id is None:
        raise NotFound("Provider not found")
    return _Work(
        booking.provider_id,
        booking.provider_name or "",
        booking.customer_name,
        booking.service_name,
        booking.id,
    )
