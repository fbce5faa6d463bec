"""One price at a time; factors leave as hundredths."""

from dataclasses import dataclass
from math import floor
from typing import Any

DUST = 1e-9
"""What floats lose: 1.005 x 100 is 100.49999999999999, and means 100.5."""

BLOCK_LENGTH = 1
LARGEST_BASE_MINOR = 100_000_000_000


@dataclass(frozen=True)
class Prepared:
    """A policy's tables; a curve's rows are its knots' x and y, and the slope after each."""

    hour_hundredths: Any
    demand: Any
    availability: Any
    floor_hundredths: float
    cap_hundredths: float


def _on_curve(curve: Any, at: float) -> float:
    """Give hundredths: the first y, and of every piece the part that lies before `at` x its slope."""
    xs, ys, slopes = curve
    y = float(ys[0])
    for left, right, slope in zip(xs[:-1], xs[1:], slopes, strict=False):
        y += slope * (min(max(at, left), right) - left)
    return floor(y * 100.0 + (0.5 + DUST))


def price(
    policy: Prepared,
    base_minor: int,
    hour_of_week: int,
    booked: float,
    capacity: float,
    free: float,
    on_duty: float,
) -> tuple[float, float, float, float, int] | None:
    """Give hour, demand and availability in hundredths, surge, final minor units; None out of range."""
    if not (0 <= hour_of_week < len(policy.hour_hundredths) and 0 <= base_minor <= LARGEST_BASE_MINOR):
        return None
    hour = policy.hour_hundredths[hour_of_week]
    demand = _on_curve(policy.demand, booked / capacity if capacity > 0 else booked + 1.0)
    scarcity = _on_curve(policy.availability, free / on_duty if on_duty > 0 else 0.0)
    product = (int(hour * demand * scarcity) + 5000) // 10_000
    surge = int(min(max(product, policy.floor_hundredths), policy.cap_hundredths))
    return hour, demand, scarcity, surge / 100, (base_minor * surge + 50) // 100


def prices(
    policy: Prepared,
    base: Any,
    hours: Any,
    booked: Any,
    capacity: Any,
    free: Any,
    on_duty: Any,
    surge: Any,
    final: Any,
) -> bool:
    """Write each price's surge and final minor units; a column of one value serves every price."""
    columns = base, hours, booked, capacity, free, on_duty
    for i in range(len(surge)):
        row = [column[i if len(column) == len(surge) else 0] for column in columns]
        found = price(policy, int(row[0]), int(row[1]), *row[2:])
        if found is None:
            return False
        _, _, _, surge[i], final[i] = found
    return True
