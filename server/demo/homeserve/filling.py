"""HomeServe's demo as entities."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from engine.pricing import Quote, quote
from server import clock
from server.demo.filling import Filling, days_of
from server.demo.homeserve.aftermath import aftermath_of
from server.demo.homeserve.catalogue import SERVICES
from server.demo.homeserve.history import history
from server.demo.homeserve.model import Customer, DemoBooking, People, Person, Vendor
from server.demo.homeserve.money import money_of
from server.demo.homeserve.people import people
from server.domain.entities import Address, Booking, Service, Shift, User
from server.domain.marketplace import Marketplace
from server.places.table import Places
from server.services.time.diary import leg_minutes

SEED = 2026
ACCOUNTS = """customer1 ... customer120   customers
vendor1 ... vendor60        vendors
ops1, onboard1, admin1      ops manager, onboard manager, super admin"""


def homeserve(
    meaning: Marketplace, places: Places, now: datetime, password_hash: str, fee_fraction: float
) -> Filling:
    """Give the marketplace as it stands at `now`; its people all have one password."""
    today = clock.local_date(now, meaning.timezone)
    who = people(SEED, places)
    visits = history(SEED, today, who, places)
    return _Demo(meaning, places, now, who, visits, password_hash, fee_fraction).filling()


class _Demo:
    """The demo's values as entities."""

    def __init__(
        self,
        meaning: Marketplace,
        places: Places,
        now: datetime,
        who: People,
        visits: Sequence[DemoBooking],
        password_hash: str,
        fee_fraction: float,
    ) -> None:
        self._meaning, self._places, self._visits = meaning, places, visits
        self._fee, self._now = fee_fraction, now
        self._who, self._password_hash = who, password_hash
        self._opened_at = now - timedelta(days=60)
        self._vendors: dict[str, Vendor] = {one.person.username: one for one in who.vendors}
        self._customers: dict[str, Customer] = {one.person.username: one for one in who.customers}
        persons = [*(one.person for one in who.customers), *(one.person for one in who.vendors), *who.staff]
        self._persons: dict[str, Person] = {person.username: person for person in persons}
        self._ids = {username: number for number, username in enumerate(self._persons, 1)}
        self._services = {service.id: service for service in SERVICES}
        self._booked = Counter(
            (visit.pincode, clock.hour_start(visit.starts_at, meaning.timezone)) for visit in visits
        )

    def filling(self) -> Filling:
        """Give everything, with what followed the visits, and the money that moved because of all of it."""
        meaning, shifts = self._meaning, self._shifts()
        bookings = [self._booking(visit) for visit in self._visits]
        mediator = next(person for person in self._who.staff if person.role in meaning.mediators)
        ratings = [(visit.rating, visit.comment) for visit in self._visits]
        after = aftermath_of(SEED, bookings, ratings, self._user(mediator), meaning.severity, self._now)
        disputes = {dispute.booking_id: dispute for dispute in after.disputes}
        days = meaning.earning_hold_days
        money = money_of(bookings, disputes, self._now, meaning.currency, self._fee, days)
        last_shift = max(shift.id for shift in shifts)
        return Filling(
            services=self._service_entities(),
            users=[self._user(person) for person in self._persons.values()],
            bookings=bookings,
            days=days_of(bookings, meaning.lifecycle),
            shifts=shifts,
            addresses=[self._address(customer) for customer in self._who.customers],
            signatures=after.signatures,
            disputes=after.disputes,
            dispute_messages=after.messages,
            payments=money.payments,
            orders=money.orders,
            earnings=money.earnings,
            ledger=money.entries,
            last_ids={"users": len(self._ids), "services": len(SERVICES), "shifts": last_shift},
        )

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
        meaning, zone = self._meaning, self._meaning.timezone
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
        meaning = self._meaning
        hour = clock.hour_of_week(visit.starts_at, meaning.timezone)
        return leg_minutes((base.lat, base.lng), (place.lat, place.lng), meaning.travel, hour)

    def _price(self, visit: DemoBooking) -> Quote:
        """Give the price by the marketplace's policy, from the demo's own demand and vendors."""
        meaning = self._meaning
        hour = clock.hour_start(visit.starts_at, meaning.timezone)
        weekday = clock.local_date(hour, meaning.timezone).isoweekday()
        on_duty = sum(
            visit.pincode in vendor.area_pincodes
            and visit.service_id in vendor.skills
            and vendor.shift_on(weekday) is not None
            for vendor in self._who.vendors
        )
        near = self._places.nearby(visit.pincode, meaning.demand_radius_km)
        booked = sum(self._booked[pincode, hour] for pincode in near)
        return quote(
            meaning.surge,
            self._services[visit.service_id].base_price_minor,
            clock.hour_of_week(hour, meaning.timezone),
            booked=booked,
            capacity=on_duty,
            free=max(0, on_duty - booked),
            on_duty=on_duty,
        )
