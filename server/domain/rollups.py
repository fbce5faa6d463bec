"""Counts of bookings by pincode, day and service, and what they say about a place."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.lifecycle import Phase

LOW, HIGH = 1.0, 8.0
"""Bookings per provider below and from which a place is not served as it should be."""

WAIT_HOURS_A_BOOKING = 1.0
"""What each booking that waits costs the next one, shared by the providers of the place."""


class ZoneStatus(StrEnum):
    UNDERSERVED = "underserved"
    HIGH_DEMAND = "high_demand"
    OPTIMAL = "optimal"
    LOW_DEMAND = "low_demand"


@dataclass(frozen=True, slots=True)
class Rollup:
    """One pincode, local day and service: how many bookings are in each phase."""

    id: str
    pincode: str
    date: str
    service_id: int
    offered: int = 0
    agreed: int = 0
    underway: int = 0
    done: int = 0
    ended: int = 0

    @property
    def total(self) -> int:
        return self.offered + self.agreed + self.underway + self.done + self.ended


COLUMNS = {phase: phase.value for phase in Phase}
"""A phase's column."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A pincode over some days, and who serves it."""

    pincode: str
    total: int
    completed: int
    pending: int
    cancelled: int
    providers: int

    @property
    def completion_rate(self) -> float:
        """Percentage of bookings that were completed."""
        return _percent(self.completed, self.total)

    @property
    def cancellation_rate(self) -> float:
        """Percentage of bookings that were called off."""
        return _percent(self.cancelled, self.total)

    @property
    def intensity(self) -> float:
        """Bookings per available provider; with none, as if there were one."""
        return round(self.total / max(self.providers, 1), 2)

    @property
    def wait_hours(self) -> float:
        """How long a new booking waits for its provider, from those that wait already."""
        return round(WAIT_HOURS_A_BOOKING * self.pending / max(self.providers, 1), 1)

    @property
    def heat(self) -> float:
        """0..100 for a map: ten for each booking per provider."""
        return round(min(100.0, 10 * self.intensity), 1)

    @property
    def status(self) -> ZoneStatus:
        if self.total and not self.providers:
            return ZoneStatus.UNDERSERVED
        if self.intensity >= HIGH:
            return ZoneStatus.HIGH_DEMAND
        return ZoneStatus.LOW_DEMAND if self.intensity < LOW else ZoneStatus.OPTIMAL


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
