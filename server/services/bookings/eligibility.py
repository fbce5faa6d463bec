"""Which provider may take which booking: the skill, the pincode, and a shift on that day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date as Date

from server.domain.entities import Booking, User
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Party
from server.errors import Invalid, NotFound
from server.store.bookings import Offers
from server.store.database import Database
from server.store.shifts import Shifts
from server.store.users import Users


@dataclass(frozen=True, slots=True)
class _Taker:
    """A provider who performs a service at a pincode, on which weekdays, and whether they take bookings."""

    provider_id: int
    is_available: bool
    weekdays: Collection[int]


class Eligibility:
    """Answers from skills and shifts."""

    def __init__(self, meaning: Marketplace, database: Database, users: Users, shifts: Shifts) -> None:
        self._meaning, self._database = meaning, database
        self._users, self._shifts = users, shifts

    async def provider(self, provider_id: int) -> User:
        """Give an active provider; raises NotFound."""
        user = await self._users.get(provider_id)
        if user is None or not user.is_active or self._party(user) is not Party.PROVIDER:
            raise NotFound("Provider not found", field="provider_id")
        return user

    async def offering(self, provider_id: int, booking: Booking) -> User:
        """Give a provider who offers the booking's service at its pincode; raises NotFound or Invalid."""
        provider = await self.provider(provider_id)
        if booking.service_id not in provider.skills:
            raise Invalid({"provider_id": ["This provider does not offer the service."]})
        areas = await self._shifts.areas(provider_id)
        if booking.pincode not in areas:
            raise Invalid({"provider_id": ["This provider does not serve the pincode."]})
        return provider

    async def able(self, booking: Booking) -> list[int]:
        """Give the providers to be asked: available, and working there on that day."""
        weekday = Date.fromisoformat(booking.date).isoweekday()
        takers = await self._takers(booking)
        return [one.provider_id for one in takers if one.is_available and weekday in one.weekdays]

    async def seeing(self, booking: Booking) -> list[int]:
        """Give the providers to whom an open booking is open; nobody when it is not."""
        if not self._is_open(booking):
            return []
        return [one.provider_id for one in await self._takers(booking)]

    async def may_take(self, provider: User, booking: Booking) -> bool:
        """Say whether an open booking is open to this provider."""
        return self._is_open(booking) and (
            booking.service_id in provider.skills and booking.pincode in await self._shifts.areas(provider.id)
        )

    async def offers(self, provider: User) -> Offers:
        """Give what open bookings must have to be open to a provider."""
        states = self._meaning.lifecycle.states_in(Phase.OFFERED)
        return Offers(states, sorted(await self._shifts.areas(provider.id)), provider.skills)

    async def _takers(self, booking: Booking) -> Sequence[_Taker]:
        """Give who performs the booking's service at its pincode; who is to hear of it all want to know."""
        pincode, service_id = booking.pincode, booking.service_id

        async def ask() -> list[_Taker]:
            weekdays = await self._shifts.working_at(pincode)
            people = await self._users.performing(sorted(weekdays), service_id)
            return [_Taker(id, is_available, weekdays[id]) for id, is_available in people.items()]

        return await self._database.once(("takers", pincode, service_id), ask)

    def _party(self, user: User) -> Party:
        return self._meaning.roles[user.role]

    def _is_open(self, booking: Booking) -> bool:
        return booking.provider_id is None and self._meaning.lifecycle.phases[booking.state] is Phase.OFFERED
