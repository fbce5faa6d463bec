"""What a marketplace means, as one value. How it is spelled lives in its face."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from engine.pricing import SurgePolicy
from engine.travel import TravelModel
from server.domain.applications import DocumentKind
from server.domain.asking import AskingLimits
from server.domain.cancellation import FREE, CancellationPolicy
from server.domain.disputes import PLAIN_SEVERITY, SeverityPolicy
from server.domain.lifecycle import Lifecycle
from server.domain.parties import Party
from server.domain.performance import FULL_SHARES, BonusShares, Tier
from server.errors import WrongTable


@dataclass(frozen=True)
class Marketplace:
    """Facts a service needs of the marketplace it serves; nothing here is a path or a field name."""

    name: str
    roles: Mapping[str, Party]
    """Every role and the party it belongs to."""
    customer_role: str
    """The role of somebody who signs up by themselves."""
    provider_role: str
    lifecycle: Lifecycle
    timezone: ZoneInfo
    """Working hours and days are in this zone."""
    currency: str
    surge: SurgePolicy
    travel: TravelModel
    user_managers: frozenset[str]
    """Staff roles that may list every user."""
    staff_makers: frozenset[str]
    """Staff roles that may make accounts of any role."""
    open_roles: frozenset[str] = frozenset()
    """Further roles that somebody who signs up may choose."""
    signs_in_by_email: bool = False
    """True: people sign in with their mail address; False: with a name."""
    numbers_ids: bool = False
    """True: bookings and payments are numbered, "17"; False: their ids are UUIDs."""
    mediators: frozenset[str] = frozenset()
    """Staff roles that see, mediate and settle every dispute."""
    supervisors: frozenset[str] = frozenset()
    """Staff roles that hear of disputes which drag on."""
    severity: SeverityPolicy = PLAIN_SEVERITY
    """How grave a dispute is."""
    dispute_days: int = 30
    """How long after a visit it may be disputed."""
    reviewers: frozenset[str] = frozenset()
    """Staff roles that decide on applications."""
    application_documents: frozenset[DocumentKind] = frozenset({DocumentKind.IDENTITY, DocumentKind.ADDRESS})
    """What an applicant has to show."""
    rotates_refresh: bool = False
    """True: a refresh token works once and its successor travels with the new access token."""
    access_token_minutes: int = 60
    """How long an access token is valid where the settings do not say."""
    performance_days: int = 90
    """The period that a provider's figures cover."""
    tiers: tuple[Tier, ...] = (Tier("standard"),)
    """From the lowest, which demands nothing, up."""
    bonus_shares: BonusShares = FULL_SHARES
    cancellation: CancellationPolicy = FREE
    """What calling a booking off costs."""
    consent_hours: int = 24
    """Nearer to its start than this, a booking that has a provider moves only when the other side agrees."""
    earning_hold_days: int = 5
    """From a payment to the release of what the provider earned: time for a dispute."""
    placeless: bool = False
    """True: places are text and working hours advice. Visits of a provider must not overlap, that is all."""
    shared_details: frozenset[str] = frozenset()
    """Fields of a booking that either side may change."""
    asking: AskingLimits | None = None
    """What a customer's bookings with providers they name may come to; None: anything."""
    booking_horizon_days: int = 60
    quote_minutes: int = 10
    buffer_minutes: int = 15
    """Before and after a visit, for providers who set none."""
    arrival_window_minutes: int = 60
    """A booking without a window may be moved within this much after its booked start."""
    slot_step_minutes: int = 30
    demand_radius_km: float = 5.0
    """Bookings and providers within this distance of a pincode make its demand and its capacity."""

    def __post_init__(self) -> None:
        staff = self.user_managers | self.staff_makers | self.mediators | self.reviewers | self.supervisors
        for role in (self.customer_role, self.provider_role, *staff, *self.open_roles):
            if role not in self.roles:
                raise WrongTable(f"marketplace {self.name}: unknown role {role!r}")
        self.cancellation.check()
        self.severity.check()
        missing = set(Party) - set(self.roles.values())
        if missing:
            raise WrongTable(f"marketplace {self.name}: no role for {', '.join(sorted(missing))}")

    def may_register(self, role: str) -> bool:
        """Say whether somebody may give themselves a role."""
        return role == self.customer_role or role in self.open_roles
