"""Providers' performance: measured from bookings, ratings and disputes; by job and on demand."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from server import clock
from server.domain.entities import Booking, User
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.paging import MAX_PAGE_SIZE, Listed, Paging
from server.domain.parties import Party
from server.domain.performance import (
    Bonus,
    Figures,
    Performance,
    bonus_of,
    next_tier,
    shortfalls,
    tier_of,
)
from server.domain.tasks import Progress
from server.errors import Invalid, NotFound
from server.services.talk.notifications import Notifications
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.disputes import Disputes
from server.store.performance import PerformanceStore
from server.store.users import UserFilter, Users


@dataclass(frozen=True, slots=True)
class BonusAnalysis:
    """What a provider may expect, and what would bring more."""

    figures: Figures
    bonus: Bonus
    suggestions: Sequence[str]


class PerformanceService:
    """Figures are kept as calculated; whoever asks first has them calculated."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: PerformanceStore,
        users: Users,
        bookings: BookingStore,
        disputes: Disputes,
        notifications: Notifications,
    ) -> None:
        self._meaning, self._database, self._store, self._users = meaning, database, store, users
        self._bookings, self._disputes, self._notifications = bookings, disputes, notifications

    async def summary(self, provider_id: int) -> Performance:
        """Give a provider's figures; raises NotFound for somebody who is none."""
        kept = await self._store.of_provider(provider_id)
        return kept or await self.recalculate(provider_id)

    async def recalculate(self, provider_id: int) -> Performance:
        """Measure a provider afresh, keep it and give it; raises NotFound."""
        provider = await self._provider(provider_id)
        figures = await self.measure(provider, self._meaning.performance_days)
        performance = Performance(
            id=str(uuid5(NAMESPACE_URL, f"{self._meaning.name}:performance:{provider.id}")),
            provider_id=provider.id,
            provider_name=provider.public_name,
            avg_rating=figures.rating,
            completion_rate=figures.completion_rate,
            on_time_rate=figures.on_time_rate,
            dispute_rate=figures.dispute_rate,
            tier=tier_of(figures, self._meaning.tiers).name,
            bonus_points=figures.points,
            calculated_at=clock.now(),
        )
        await self._store.put(performance)
        return performance

    async def list(self, tier: str | None, paging: Paging) -> Listed[Performance]:
        """Give one page of all providers' figures, most points first; raises Invalid (tier)."""
        if tier is not None and tier not in {one.name for one in self._meaning.tiers}:
            raise Invalid({"tier": [f'"{tier}" is not a valid choice.']})
        return await self._store.listed(tier, paging)

    async def analyse_bonus(self, provider_id: int, days: int) -> BonusAnalysis:
        """Give what the last days are worth and what would bring more; raises NotFound."""
        figures = await self.measure(await self._provider(provider_id), days)
        above = next_tier(figures, self._meaning.tiers)
        suggestions = shortfalls(figures, above) if above else []
        return BonusAnalysis(figures, bonus_of(figures, self._meaning.bonus_shares), suggestions)

    async def measure(self, provider: User, days: int) -> Figures:
        """Give a provider's figures of the last days, today included."""
        now = clock.now()
        last = clock.local_date(now, self._meaning.timezone)
        first = last - timedelta(days=days - 1)
        bookings = await self._bookings.of_provider_dates(provider.id, first.isoformat(), last.isoformat())
        disputes = await self._disputes.of_provider(provider.id, first.isoformat(), now.date().isoformat())
        done = [one for one in bookings if self._phase(one) is Phase.DONE]
        begun = [one for one in done if one.started_at is not None]
        return Figures(
            done=len(done),
            lost=sum(self._is_lost(one) for one in bookings),
            judged=len(begun),
            on_time=sum(one.started_at is not None and one.started_at <= one.window_end for one in begun),
            disputes=len(disputes),
            rating=provider.rating,
            revenue_minor=sum(one.price_minor for one in done),
        )

    async def recalculate_all(self, progress: Progress) -> str:
        """Measure every provider; the job's work."""
        count = 0
        async for provider, total in self._everybody():
            await self.recalculate(provider.id)
            count += 1
            await progress(count, total)
        return f"{count} providers"

    async def alert_bonuses(self, progress: Progress) -> str:
        """Tell every provider, once a day, what bonus the last month is worth; the job's work."""
        count = told = 0
        today = clock.local_date(clock.now(), self._meaning.timezone).isoformat()
        async for provider, total in self._everybody():
            bonus = bonus_of(await self.measure(provider, 30), self._meaning.bonus_shares)
            if bonus.total_minor:
                told += await self._alert(provider.id, bonus, today)
            count += 1
            await progress(count, total)
        return f"{told} providers told"

    async def _alert(self, provider_id: int, bonus: Bonus, today: str) -> int:
        message = f"Your bonus of the last 30 days: {bonus.total_minor / 100:.2f}"
        facts = {"amount_minor": bonus.total_minor}
        return await self._database.together(
            lambda: self._notifications.notify([provider_id], "bonus_alert", message, facts, once=today)
        )

    async def _everybody(self) -> AsyncIterator[tuple[User, int]]:
        """Give every provider with how many there are."""
        number = 1
        while True:
            narrowed = UserFilter(role=self._meaning.provider_role)
            page = await self._users.listed(narrowed, Paging(number, MAX_PAGE_SIZE))
            for provider in page.items:
                yield provider, page.total
            if not page.has_next:
                return
            number += 1

    def _phase(self, booking: Booking) -> Phase:
        return self._meaning.lifecycle.phases[booking.state]

    def _is_lost(self, booking: Booking) -> bool:
        """Say whether the provider called it off, or never began."""
        phase = self._phase(booking)
        if phase is Phase.ENDED:
            return booking.fault is Party.PROVIDER
        return phase is Phase.AGREED and booking.window_end < clock.now()

    async def _provider(self, provider_id: int) -> User:
        user = await self._users.get(provider_id)
        if user is None or self._meaning.roles.get(user.role) is not Party.PROVIDER:
            raise NotFound("Vendor not found")
        return user
