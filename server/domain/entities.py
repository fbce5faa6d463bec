"""What is kept: one dataclass a collection. Times are aware UTC, money is integer minor units."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.parties import Party


@dataclass(frozen=True, slots=True)
class User:
    """An account. The fields from `skills` on concern providers only."""

    id: int
    username: str
    email: str
    role: str
    created_at: datetime
    password_hash: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None
    """Proves who somebody is: nobody else has it."""
    contact_phone: str | None = None
    """A number to call; several users may share it."""
    pincode: str | None = None
    is_available: bool = False
    is_verified: bool = False
    is_active: bool = True
    skills: tuple[int, ...] = ()
    """Ids of the services the provider performs."""
    rating_sum: int = 0
    rating_count: int = 0
    completed_jobs: int = 0
    seen_at: datetime | None = None
    """When the user last connected or left."""
    met_at: datetime | None = None
    """When a booking or a room last gave the user somebody new to deal with."""
    applied_at: datetime | None = None
    """When the user last began an application to become a provider."""
    trade_name: str = ""
    """What a provider's business is called."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username

    @property
    def public_name(self) -> str:
        """What others read as the provider's name."""
        return self.trade_name or self.name

    @property
    def rating(self) -> float:
        """Mean of the ratings, 0..5, to one decimal; 0 without any."""
        return round(self.rating_sum / self.rating_count, 1) if self.rating_count else 0.0


@dataclass(frozen=True, slots=True)
class Service:
    """Something a customer can book."""

    id: int
    name: str
    description: str
    base_price_minor: int
    category: str
    duration_minutes: int
    created_at: datetime
    updated_at: datetime
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Address:
    """A user's address; `lat` and `lng` are kept as the decimal text the user sent.

    pincode : the postal code, whatever a country calls it
    """

    id: str
    user_id: int
    label: str
    address_line: str
    pincode: str
    lat: str | None
    lng: str | None
    is_default: bool
    created_at: datetime
    updated_at: datetime
    city: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """A provider's working hours on one weekday, and where they work. One a provider and weekday.

    weekday      : 1 is Monday … 7 is Sunday
    start_minute : minutes from local midnight, as end_minute
    """

    id: int
    provider_id: int
    provider_name: str
    weekday: int
    start_minute: int
    end_minute: int
    base_pincode: str
    area_pincodes: tuple[str, ...]
    buffer_minutes: int
    created_at: datetime
    updated_at: datetime
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """Time of a provider that one booking holds: the service itself, with its buffers and its place."""

    booking_id: str
    starts_at: datetime
    ends_at: datetime
    before_minutes: int
    after_minutes: int
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Day:
    """One provider's held time on one local day: its revision decides every race for a slot."""

    id: str
    provider_id: int
    date: str
    revision: int
    holds: tuple[Hold, ...] = ()


def day_id(provider_id: int, date: str) -> str:
    """Give the id of a provider's local day (YYYY-MM-DD)."""
    return f"{provider_id}:{date}"


@dataclass(frozen=True, slots=True)
class Booking:
    """One visit.

    state          : a name of the marketplace's lifecycle
    starts_at      : when the service begins; ends_at = starts_at + duration
    window_start,
    window_end     : the customer lets the service begin within these
    date, hour     : local date of the start and the moment its local hour began, for day and demand look-ups
    travel_*       : legs from the previous and to the next place when the time was taken, whole minutes
    """

    id: str
    customer_id: int
    customer_name: str
    service_id: int
    service_name: str
    state: str
    price_minor: int
    base_price_minor: int
    surge_multiplier: float
    demand_level: str
    pincode: str
    lat: float
    lng: float
    starts_at: datetime
    ends_at: datetime
    window_start: datetime
    window_end: datetime
    date: str
    hour: datetime
    duration_minutes: int
    before_minutes: int
    after_minutes: int
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    provider_id: int | None = None
    provider_name: str | None = None
    travel_to_minutes: int = 0
    travel_from_minutes: int = 0
    customer_notes: str = ""
    provider_notes: str = ""
    address_id: str | None = None
    address_line: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: int | None = None
    fault: Party | None = None
    """Whose fault it was that the booking was called off."""
    cancel_reason: str = ""
    fee_minor: int = 0
    """What whoever is at fault pays for calling it off."""
    moved_count: int = 0
    """How often it was moved to another time."""
    moved_by: Party | None = None
    """The side that moved it last."""
    proposed_count: int = 0
    """How often another time was proposed for it."""
    warned_at: datetime | None = None
    """When it was told that nobody takes it."""


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in: every token of it names it, and revoking it ends them all."""

    id: str
    user_id: int
    created_at: datetime
    expires_at: datetime
    refresh_id: str
    """`jti` of the refresh token that is good now; an older one is refused where refresh rotates."""
    revoked_at: datetime | None = None
