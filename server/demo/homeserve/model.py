"""What the demo marketplace consists of. Times are aware UTC, money is integer paise."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")
"""Working hours and dates of the demo are in this zone."""


@dataclass(frozen=True, slots=True)
class DemoService:
    """Something to book. `popularity` is its weight in the demand, any scale."""

    id: int
    name: str
    description: str
    base_price_minor: int
    category: str
    duration_minutes: int
    popularity: float


@dataclass(frozen=True, slots=True)
class Locality:
    """A pincode of a city with the name people use, and its weight in the city's demand."""

    pincode: str
    name: str
    demand: float


@dataclass(frozen=True, slots=True)
class City:
    name: str
    localities: tuple[Locality, ...]
    vendors: int
    customers: int
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An account; `role` is HomeServe's word for it."""

    username: str
    email: str
    first_name: str
    last_name: str
    phone: str
    pincode: str
    role: str


@dataclass(frozen=True, slots=True)
class WorkShift:
    """Working hours on a weekday (1 is Monday … 7 is Sunday), minutes from local midnight."""

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class Vendor:
    """`skills` are service ids; `quality` 0..1 shapes the ratings drawn; `busyness` is a weight."""

    person: Person
    city: str
    skills: tuple[int, ...]
    base_pincode: str
    area_pincodes: tuple[str, ...]
    shifts: tuple[WorkShift, ...]
    buffer_minutes: int
    quality: float
    busyness: float

    def shift_on(self, weekday: int) -> WorkShift | None:
        return next((shift for shift in self.shifts if shift.weekday == weekday), None)


@dataclass(frozen=True, slots=True)
class Customer:
    person: Person
    city: str
    address_line: str


@dataclass(frozen=True, slots=True)
class People:
    vendors: tuple[Vendor, ...]
    customers: tuple[Customer, ...]
    staff: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class DemoBooking:
    """One visit; people are named by user name.

    state          : of HomeServe's lifecycle
    vendor         : None while nobody has taken an open booking
    window_minutes : the service may begin this much after `starts_at`
    rating         : 1..5, only of some completed bookings, with `comment`
    """

    id: str
    customer: str
    vendor: str | None
    service_id: int
    pincode: str
    address_line: str
    starts_at: datetime
    duration_minutes: int
    window_minutes: int
    state: str
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    rating: int | None = None
    comment: str = ""
    customer_notes: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration_minutes)
