"""Writes the demo marketplace into an empty database, once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from engine.pricing import Quote, quote
from server import clock
from server.demo.aftermath import aftermath_of
from server.demo.catalogue import SERVICES
from server.demo.history import history
from server.demo.model import Customer, DemoBooking, People, Person, Vendor
from server.demo.money import money_of
from server.demo.people import people
from server.domain.entities import Address, Booking, Day, Hold, Service, Shift, User, day_id
from server.domain.lifecycle import LIVE, Phase
from server.market import Market
from server.places.table import Places
from server.services.diary import leg_minutes
from server.services.passwords import Passwords

SEED = 2026
PASSWORD = "password123"  # noqa: S105 - published, and refused in production with the demo itself
MARK = "demo"

ACCOUNTS = f"""Demo accounts, password {PASSWORD}:
  customer1 ... customer120   customers
  vendor1 ... vendor60        vendors
  ops1, onboard1, admin1      ops manager, onboard manager, super admin"""


async def seed(market: Market, passwords: Passwords, places: Places, fee_fraction: float) -> bool:
    """Fill the marketplace unless that was done before; says whether it did.

    The same ids come out every time, so that a start that was interrupted is completed by the next.
    """
    if await market.stores.marks.known(MARK):
        return False
    today = clock.local_date(clock.now(), market.meaning.timezone)
    who = people(SEED, places)
    visits = history(SEED, today, who, places)
    demo = _Demo(market, places, who, visits, await passwords.hash(PASSWORD), fee_fraction)
    await demo.write()
    await market.scaling.recount()
    await market.stores.marks.set(MARK)
    return True


class _Demo:
    """The demo's values as entities."""

    def __init__(
        self,
        market: Market,
        places: Places,
        who: People,
        visits: Sequence[DemoBooking],
        password_hash: str,
        fee_fraction: float,
    ) -> None:
        self._market, self._places, self._visits = market, places, visits
        self._fee = fee_fraction
        self._who, self._password_hash = who, password_hash
        self._opened_at = clock.now() - timedelta(days=60)
        self._vendors: dict[str, Vendor] = {one.person.username: one for one in who.vendors}
        self._customers: dict[str, Customer] = {one.person.username: one for one in who.customers}
        persons = [*(one.person for one in who.customers), *(one.person for one in who.vendors), *who.staff]
        self._persons: dict[str, Person] = {person.username: person for person in persons}
        self._ids = {username: number for number, username in enumerate(self._persons, 1)}
        self._services = {service.id: service for service in SERVICES}

    async def write(self) -> None:
        """Write everything; what is there already stays as it is."""
        stores = self._market.stores
        shifts = self._shifts()
        bookings = [self._booking(visit) for visit in self._visits]
        await stores.services.fill(self._service_entities())
        await stores.users.fill([self._user(person) for person in self._persons.values()])
        await stores.shifts.fill(shifts)
        await stores.addresses.fill([self._address(customer) for customer in self._who.customers])
        await stores.bookings.fill(bookings)
        await stores.days.fill(self._days(bookings))
        await self._write_aftermath(bookings)
        last_shift = max(shift.id for shift in shifts)
        for name, last in (("users", len(self._ids)), ("services", len(SERVICES)), ("shifts", last_shift)):
            await stores.ids.reserve(name, last)

    async def _write_aftermath(self, bookings: Sequence[Booking]) -> None:
        """Write signatures, disputes, and the money that moved because of all of it."""
        stores, meaning, now = self._market.stores, self._market.meaning, clock.now()
        mediator = next(person for person in self._who.staff if person.role in meaning.mediators)
        ratings = [(visit.rating, visit.comment) for visit in self._visits]
        after = aftermath_of(SEED, bookings, ratings, self._user(mediator), meaning.severity, now)
        await stores.signatures.fill(after.signatures)
        await stores.disputes.fill(after.disputes)
        await stores.dispute_messages.fill(after.messages)
        disputes = {dispute.booking_id: dispute for dispute in after.disputes}
        days = meaning.earning_hold_days
        money = money_of(bookings, disputes, now, meaning.currency, self._fee, days)
        await stores.payments.fill(money.payments)
        await stores.orders.fill(money.orders)
        await stores.earnings.fill(money.earnings)
        await stores.ledger.fill(money.entries)

    def _service_entities(self) -> list[Service]:
        return [
            Service(
                one.id,
                one.name,
                one.description,
                one.base_price_minor,
                one.category,
                one.duration_minutes,
                self._opened_at,
                self._opened_at,
            )
            for one in SERVICES
        ]

    def _user(self, person: Person) -> User:
        vendor = self._vendors.get(person.username)
        done = [
            visit
            for visit in self._visits
            if vendor and visit.vendor == person.username and visit.completed_at is not None
        ]
        ratings = [visit.rating for visit in done if visit.rating is not None]
        return User(
            id=self._ids[person.username],
            username=person.username,
            email=person.email,
            role=person.role,
            created_at=self._opened_at,
            password_hash=self._password_hash,
            first_name=person.first_name,
            last_name=person.last_name,
            phone=person.phone,
            pincode=person.pincode,
            is_available=vendor is not None,
            is_verified=True,
            skills=vendor.skills if vendor else (),
            rating_sum=sum(ratings),
            rating_count=len(ratings),
            completed_jobs=len(done),
        )

    def _shifts(self) -> list[Shift]:
        return [
            Shift(
                id=self._ids[vendor.person.username] * 7 + shift.weekday,
                provider_id=self._ids[vendor.person.username],
                provider_name=f"{vendor.person.first_name} {vendor.person.last_name}",
                weekday=shift.weekday,
                start_minute=shift.start_minute,
                end_minute=shift.end_minute,
                base_pincode=vendor.base_pincode,
                area_pincodes=vendor.area_pincodes,
                buffer_minutes=vendor.buffer_minutes,
                created_at=self._opened_at,
                updated_at=self._opened_at,
            )
            for vendor in self._who.vendors
            for shift in vendor.shifts
        ]

    def _address(self, customer: Customer) -> Address:
        place = self._places.get(customer.person.pincode)
        return Address(
            id=self._address_id(customer.person.username),
            user_id=self._ids[customer.person.username],
            label="Home",
            address_line=customer.address_line,
            pincode=place.pincode,
            lat=f"{place.lat:.4f}",
            lng=f"{place.lng:.4f}",
            is_default=True,
            created_at=self._opened_at,
            updated_at=self._opened_at,
        )

    def _address_id(self, username: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"doorstep:address:{username}"))

    def _booking(self, visit: DemoBooking) -> Booking:
        meaning, zone = self._market.meaning, self._market.meaning.timezone
        place, service = self._places.get(visit.pincode), self._services[visit.service_id]
        vendor = self._vendors.get(visit.vendor or "")
        priced = self._price(visit)
        customer = self._customers[visit.customer].person
        buffer_minutes = vendor.buffer_minutes if vendor else meaning.buffer_minutes
        leg = self._leg(vendor, visit) if vendor else 0
        return Booking(
            id=visit.id,
            customer_id=self._ids[visit.customer],
            customer_name=f"{customer.first_name} {customer.last_name}",
            service_id=service.id,
            service_name=service.name,
            state=visit.state,
            price_minor=priced.final_minor,
            base_price_minor=priced.base_minor,
            surge_multiplier=priced.surge_multiplier,
            demand_level=priced.demand_level,
            pincode=visit.pincode,
            lat=place.lat,
            lng=place.lng,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            window_start=visit.starts_at,
            window_end=visit.starts_at + timedelta(minutes=visit.window_minutes),
            date=clock.local_date(visit.starts_at, zone).isoformat(),
            hour=clock.hour_start(visit.starts_at, zone),
            duration_minutes=visit.duration_minutes,
            before_minutes=buffer_minutes,
            after_minutes=buffer_minutes,
            created_at=visit.created_at,
            updated_at=visit.completed_at or visit.created_at,
            provider_id=self._ids[visit.vendor] if visit.vendor else None,
            provider_name=f"{vendor.person.first_name} {vendor.person.last_name}" if vendor else None,
            travel_to_minutes=leg,
            travel_from_minutes=leg,
            customer_notes=visit.customer_notes,
            address_line=visit.address_line,
            started_at=visit.started_at,
            completed_at=visit.completed_at,
        )

    def _leg(self, vendor: Vendor, visit: DemoBooking) -> int:
        """Give the way from the vendor's base."""
        base, place = self._places.get(vendor.base_pincode), self._places.get(visit.pincode)
        meaning = self._market.meaning
        hour = clock.hour_of_week(visit.starts_at, meaning.timezone)
        return leg_minutes((base.lat, base.lng), (place.lat, place.lng), meaning.travel, hour)

    def _price(self, visit: DemoBooking) -> Quote:
        """Give the price by the marketplace's policy, from the demo's own demand and vendors."""
        meaning = self._market.meaning
        hour = clock.hour_start(visit.starts_at, meaning.timezone)
        weekday = clock.local_date(hour, meaning.timezone).isoweekday()
        on_duty = sum(
            visit.pincode in vendor.area_pincodes
            and visit.service_id in vendor.skills
            and vendor.shift_on(weekday) is not None
            for vendor in self._who.vendors
        )
        near = set(self._places.nearby(visit.pincode, meaning.demand_radius_km))
        booked = sum(
            other.pincode in near and clock.hour_start(other.starts_at, meaning.timezone) == hour
            for other in self._visits
        )
        return quote(
            meaning.surge,
            self._services[visit.service_id].base_price_minor,
            clock.hour_of_week(hour, meaning.timezone),
            booked=booked,
            capacity=on_duty,
            free=max(0, on_duty - booked),
            on_duty=on_duty,
        )

    def _days(self, bookings: Sequence[Booking]) -> list[Day]:
        """Give the days that these bookings fill; what was called off holds nothing."""
        holds: dict[tuple[int, str], list[Hold]] = {}
        holding = set(self._market.meaning.lifecycle.states_in(*LIVE, Phase.DONE))
        for one in sorted(bookings, key=lambda booking: booking.starts_at):
            if one.provider_id is not None and one.state in holding:
                hold = Hold(
                    one.id,
                    one.starts_at,
                    one.ends_at,
                    one.before_minutes,
                    one.after_minutes,
                    one.lat,
                    one.lng,
                )
                holds.setdefault((one.provider_id, one.date), []).append(hold)
        return [
            Day(day_id(provider_id, date), provider_id, date, 1, tuple(held))
            for (provider_id, date), held in holds.items()
        ]
