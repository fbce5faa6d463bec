"""One price at a time; multipliers leave as hundredths."""

from dataclasses import dataclass
from math import floor
from typing import Any

DUST = 1e-9
"""What floats lose: 1.005 x 100 is 100.49999999999999, and means 100.5."""


@dataclass(frozen=True)
class Prepared:
    """A policy's tables."""

    hours: Any
    demand_x: Any
    demand_y: Any
    free_x: Any
    free_y: Any
    floor_hundredths: int
    cap_hundredths: int


def _hundredths(value: float) -> int:
    return floor(value * 100 + 0.5 + DUST)


def _on_curve(xs: Any, ys: Any, x: float) -> float:
    if x <= xs[0]:
        return float(ys[0])
    for left in range(len(xs) - 1):
        if x < xs[left + 1]:
            share = (x - xs[left]) / (xs[left + 1] - xs[left])
            return float(ys[left] + share * (ys[left + 1] - ys[left]))
    return float(ys[-1])


def price(
    tables: Prepared,
    base_minor: int,
    hour_of_week: int,
    booked: float,
    capacity: float,
    free: float,
    on_duty: float,
) -> tuple[int, int, int, int, int]:
    """Give hour, demand, availability and surge in hundredths, and the final price in minor units."""
    ratio = booked / capacity if capacity > 0 else booked + 1.0
    share = min(1.0, max(0.0, free / on_duty)) if on_duty > 0 else 0.0
    hour = _hundredths(tables.hours[hour_of_week])
    demand = _hundredths(_on_curve(tables.demand_x, tables.demand_y, ratio))
    scarcity = _hundredths(_on_curve(tables.free_x, tables.free_y, share))
    product = (hour * demand * scarcity + 5000) // 10000
    surge = min(max(product, tables.floor_hundredths), tables.cap_hundredths)
    return hour, demand, scarcity, surge, (base_minor * surge + 50) // 100


def prices(
    tables: Prepared,
    base: Any,
    hours: Any,
    booked: Any,
    capacity: Any,
    free: Any,
    on_duty: Any,
    surge: Any,
    final: Any,
) -> None:
    """Write each price's surge (hundredths) and final minor units."""
    for i in range(len(base)):
        _, _, _, surge[i], final[i] = price(
            tables, int(base[i]), int(hours[i]), booked[i], capacity[i], free[i], on_duty[i]
        )
