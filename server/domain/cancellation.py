"""What calling a booking off costs: by how late it is, and whose fault it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from server.domain.parties import Party
from server.errors import WrongTable

Tiers = tuple[tuple[timedelta, float], ...]
"""(at least this long before the start, share of the price), the longest notice first; what is later than the
last pays its share."""

AFTER_THE_START = timedelta.min
"""The notice of the tier for who calls off once the booked start has passed."""


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """`grace` counts from the booking being made: a mistake noticed at once costs nothing."""

    tiers: Mapping[Party, Tiers]
    grace: timedelta = timedelta(minutes=5)

    def check(self) -> None:
        """Raise WrongTable when more notice would cost more, or a share lies outside 0..1."""
        for party, tiers in self.tiers.items():
            notices, shares = [notice for notice, _ in tiers], [share for _, share in tiers]
            ordered = notices == sorted(notices, reverse=True) and shares == sorted(shares)
            if not ordered or any(not 0 <= share <= 1 for share in shares):
                raise WrongTable(f"cancellation: the tiers of {party} are in disorder")

    def fee_minor(
        self,
        price_minor: int,
        fault: Party | None,
        *,
        booked_at: datetime,
        starts_at: datetime,
        now: datetime,
    ) -> int:
        """Give what the party at fault pays, 0..price, half up; nobody at fault pays nothing."""
        tiers = self.tiers.get(fault) if fault is not None else None
        if not tiers or now - booked_at <= self.grace:
            return 0
        notice = starts_at - now
        share = next((share for at_least, share in tiers if notice >= at_least), tiers[-1][1])
        return int((price_minor * Decimal(str(share))).quantize(Decimal(1), ROUND_HALF_UP))


FREE = CancellationPolicy({})
